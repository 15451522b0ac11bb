/**
 * The words of a protobuf enum as analysts read them: `METHOD_EXACT_ID` → `exact_id`. Unspecified is empty; a number this version does not know is
 * `unknown_17`, so that it can be found and counted instead of passing for "not set".
 */
export function enumWords(values: Readonly<Record<string, number>>, prefix: string): (value: number) => string {
  const words = new Map<number, string>();
  for (const [name, value] of Object.entries(values)) {
    if (name.startsWith(prefix)) words.set(value, value === 0 ? '' : name.slice(prefix.length).toLowerCase());
  }
  return (value) => words.get(value) ?? `unknown_${value}`;
}
