/** A line with its place in time. */
export interface Arriving {
  readonly arrivedAtMs: number;
}

/**
 * Lines that may be out of order are put right within so many of their file. A wrong clock, a typing error in a year or a file sorted by
 * `time` where `received` counts then cost nothing: a line from the future is held back until its time comes or the file ends.
 */
const WINDOW_LINES = 1_024;

/**
 * The same lines by arrival; equal times keep their order. Holds `windowLines` of them in a heap. `onDisorder` is called for every line that
 * stands behind a later one.
 */
export function* inArrivalOrder<T extends Arriving>(
  lines: Iterable<T>,
  onDisorder: () => void,
  windowLines = WINDOW_LINES,
): Generator<T, void, undefined> {
  const heap: Held<T>[] = [];
  let sequence = 0;
  let previousMs = Number.NEGATIVE_INFINITY;
  for (const line of lines) {
    if (line.arrivedAtMs < previousMs) onDisorder();
    previousMs = line.arrivedAtMs;
    push(heap, { line, atMs: line.arrivedAtMs, sequence });
    sequence += 1;
    if (heap.length > windowLines) yield pop(heap);
  }
  while (heap.length > 0) yield pop(heap);
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
