/** JSON that is a JavaScript expression wherever it stands: in an inline tag too, and in scripts read as an older Unicode line by line. */
export function asScript(value: unknown): string {
  return JSON.stringify(value).replace(/[<\u2028\u2029]/g, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

/** The same in fewer bytes, for values whose keys are ours: names need no quotes, and no text of JSON has an unescaped quote in it to be taken for one of a name's. */
export function asShortScript(value: unknown): string {
  return asScript(value).replace(/"([a-z_]+)":/g, '$1:');
}
