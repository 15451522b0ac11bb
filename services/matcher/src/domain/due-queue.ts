/** What becomes due, by time and then by arrival: a binary heap whose order of removal does not depend on how it was filled. */
export interface Due {
  readonly atMs: number;
  /** Breaks ties; unique. */
  readonly sequence: number;
  readonly workspace: string;
  readonly account: string;
  readonly leadId: string;
}

export type DueQueue = Due[];

export function pushDue(queue: DueQueue, due: Due): void {
  queue.push(due);
  let index = queue.length - 1;
  while (index > 0) {
    const parent = (index - 1) >> 1;
    if (!isBefore(due, queue[parent]!)) break;
    queue[index] = queue[parent]!;
    index = parent;
  }
  queue[index] = due;
}

/** Removes and returns what is due first, when it is due at `clockMs`. */
export function popDue(queue: DueQueue, clockMs: number): Due | undefined {
  const first = queue[0];
  if (first === undefined || first.atMs > clockMs) return undefined;
  const last = queue.pop()!;
  if (queue.length > 0) sink(queue, last);
  return first;
}

function sink(queue: DueQueue, item: Due): void {
  let index = 0;
  for (;;) {
    let child = 2 * index + 1;
    if (child >= queue.length) break;
    if (child + 1 < queue.length && isBefore(queue[child + 1]!, queue[child]!)) child += 1;
    if (!isBefore(queue[child]!, item)) break;
    queue[index] = queue[child]!;
    index = child;
  }
  queue[index] = item;
}

function isBefore(a: Due, b: Due): boolean {
  return a.atMs === b.atMs ? a.sequence < b.sequence : a.atMs < b.atMs;
}
