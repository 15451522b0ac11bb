/** How many words must be inserted, deleted or replaced to make one list of words the other (Levenshtein over words). */
export function wordDistance(a: readonly string[], b: readonly string[]): number {
  let previous = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (const [i, word] of a.entries()) {
    const current = [i + 1];
    for (const [j, other] of b.entries()) {
      current.push(word === other ? previous[j]! : 1 + Math.min(previous[j]!, previous[j + 1]!, current[j]!));
    }
    previous = current;
  }
  return previous[b.length]!;
}
