/** Small numbers for texts that many values share; a number is free again when nobody holds it. No number means anything by its size. */
export interface Interner {
  readonly entries: Map<string, { readonly index: number; holders: number }>;
  readonly free: number[];
  /** One more than the highest number in use so far. */
  size: number;
}

export function emptyInterner(): Interner {
  return { entries: new Map(), free: [], size: 0 };
}

export function hold(interner: Interner, text: string): number {
  const known = interner.entries.get(text);
  if (known !== undefined) {
    known.holders += 1;
    return known.index;
  }
  const index = interner.free.pop() ?? interner.size++;
  interner.entries.set(text, { index, holders: 1 });
  return index;
}

export function letGo(interner: Interner, text: string): void {
  const known = interner.entries.get(text);
  if (known === undefined) return;
  known.holders -= 1;
  if (known.holders > 0) return;
  interner.entries.delete(text);
  interner.free.push(known.index);
}
