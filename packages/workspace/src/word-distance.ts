/**
 * How many words must be inserted, deleted or replaced to make one list of words the other (Levenshtein over words). Words are compared by `===`:
 * whoever compares many lists gives numbers instead of words, which is one comparison each however long the words are.
 * Past `atMost` the answer is some number above it: whoever looks for near lists need not know how far the far ones are.
 */
export function wordDistance<Word extends string | number>(
  a: readonly Word[],
  b: readonly Word[],
  atMost = Number.POSITIVE_INFINITY,
): number {
  if (Math.abs(a.length - b.length) > atMost) return atMost + 1;
  // One row of the table, overwritten from left to right; `diagonal` is what stood above and to the left.
  const row = new Uint32Array(b.length + 1);
  for (let j = 0; j <= b.length; j += 1) row[j] = j;
  for (let i = 0; i < a.length; i += 1) {
    let diagonal = i;
    let least = i + 1;
    row[0] = least;
    for (let j = 0; j < b.length; j += 1) {
      const above = row[j + 1]!;
      const here = a[i] === b[j] ? diagonal : 1 + Math.min(diagonal, above, row[j]!);
      row[j + 1] = here;
      if (here < least) least = here;
      diagonal = above;
    }
    // Distances only grow from row to row.
    if (least > atMost) return atMost + 1;
  }
  return row[b.length]!;
}
