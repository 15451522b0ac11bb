/** A line with its place in time. */
export interface Arriving {
  readonly arrivedAtMs: number;
}

/**
 * Lines that may be out of order are put right within so many of their file. A wrong clock, a typing error in a year or a file sorted by
 * `time` where `received` counts then cost nothing: a line from the future is held back until its time comes or the file ends.
 */
export const WINDOW_LINES = 1_024;

/** A line so far behind both its neighbours did not arrive then, whatever it says. */
const ISOLATED_MS = 86_400_000;

/**
 * The same lines by arrival; equal times keep their order. Holds `windowLines` of them in a heap. `onDisorder` is called for every line that
 * stands behind a later one, `onLeft` for every one that stands too far behind to be put right. A single line from long ago among lines of today stays where it stands: it would set the clock back to its time,
 * and years without a message would pass for knowledge.
 */
export function* inArrivalOrder<T extends Arriving>(
  lines: Iterable<T>,
  onDisorder: () => void,
  windowLines = WINDOW_LINES,
  onLeft: () => void = () => undefined,
): Generator<T, void, undefined> {
  const heap: Held<T>[] = [];
  let sequence = 0;
  let given = Number.NEGATIVE_INFINITY;
  for (const { line, atMs } of inPlace(lines, onDisorder)) {
    if (atMs < given) onLeft();
    push(heap, { line, atMs, sequence });
    sequence += 1;
    if (heap.length <= windowLines) continue;
    given = Math.max(given, heap[0]!.atMs);
    yield pop(heap);
  }
  while (heap.length > 0) yield pop(heap);
}

interface Placed<T> {
  readonly line: T;
  readonly atMs: number;
}

/** One line behind, because what comes after a line tells whether it stands alone. */
function* inPlace<T extends Arriving>(lines: Iterable<T>, onDisorder: () => void): Generator<Placed<T>, void, undefined> {
  /** Where the two lines before stand; a line from the future is one of them at most. */
  let before = Number.NEGATIVE_INFINITY;
  let justBefore = Number.NEGATIVE_INFINITY;
  let held: T | undefined;
  for (const line of lines) {
    if (held !== undefined) {
      const { arrivedAtMs } = held;
      if (line.arrivedAtMs < arrivedAtMs) onDisorder();
      const neighbours = Math.min(before, justBefore);
      const isIsolated = arrivedAtMs < neighbours - ISOLATED_MS && line.arrivedAtMs > arrivedAtMs + ISOLATED_MS;
      const atMs = isIsolated ? neighbours : arrivedAtMs;
      yield { line: held, atMs };
      before = justBefore === Number.NEGATIVE_INFINITY ? atMs : justBefore;
      justBefore = atMs;
    }
    held = line;
  }
  if (held !== undefined) yield { line: held, atMs: held.arrivedAtMs };
}

interface Held<T> {
  readonly line: T;
  readonly atMs: number;
  readonly sequence: number;
}

function push<T>(heap: Held<T>[], item: Held<T>): void {
  heap.push(item);
  let index = heap.length - 1;
  while (index > 0) {
    const parent = (index - 1) >> 1;
    if (!isBefore(item, heap[parent]!)) break;
    heap[index] = heap[parent]!;
    index = parent;
  }
  heap[index] = item;
}

function pop<T>(heap: Held<T>[]): T {
  const first = heap[0]!;
  const last = heap.pop()!;
  if (heap.length > 0) sink(heap, last);
  return first.line;
}

function sink<T>(heap: Held<T>[], item: Held<T>): void {
  let index = 0;
  for (;;) {
    let child = 2 * index + 1;
    if (child >= heap.length) break;
    if (child + 1 < heap.length && isBefore(heap[child + 1]!, heap[child]!)) child += 1;
    if (!isBefore(heap[child]!, item)) break;
    heap[index] = heap[child]!;
    index = child;
  }
  heap[index] = item;
}

function isBefore<T>(a: Held<T>, b: Held<T>): boolean {
  return a.atMs === b.atMs ? a.sequence < b.sequence : a.atMs < b.atMs;
}

/** Two ordered files as one; at equal times the first goes first: a click is never later than the message it led to. */
export function* mergeByArrival<A extends Arriving, B extends Arriving>(
  first: Iterable<A>,
  second: Iterable<B>,
): Generator<A | B, void, undefined> {
  const left = first[Symbol.iterator]();
  const right = second[Symbol.iterator]();
  let a = left.next();
  let b = right.next();
  while (a.done !== true || b.done !== true) {
    if (b.done === true || (a.done !== true && a.value.arrivedAtMs <= b.value.arrivedAtMs)) {
      if (a.done !== true) yield a.value;
      a = left.next();
    } else {
      yield b.value;
      b = right.next();
    }
  }
}
