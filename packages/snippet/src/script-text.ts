/** JSON that is a JavaScript expression wherever it stands: in an inline tag too, and in scripts read as an older Unicode line by line. */
export function asScript(value: unknown): string {
  return JSON.stringify(value).replace(/[<\u2028\u2029]/g, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`);
}
