/**
 * What a live click takes: `node --expose-gc tests/bench/matcher/heap-run.ts '{"accounts":10000,…,"touchpoints":750000}'`. Folds clicks and
 * no message, so that nothing but clicks can grow, and prints the growth of the heap, array buffers included, as one line of JSON.
 */
import type { BatchMemory } from '@messtrack/matcher/domain/batch-memory.ts';
import { sizesOf } from '@messtrack/matcher/domain/snapshot-policy.ts';
import { createOperatorFold } from './operator-fold.ts';
import { createTraffic, type TrafficOptions } from './traffic.ts';

export interface HeapOptions extends Omit<TrafficOptions, 'startMs'> {
  readonly touchpoints: number;
}

export interface HeapRun {
  readonly liveClicks: number;
  /** Growth of heap and array buffers from an empty state, divided by the live clicks. */
  readonly bytesPerLiveClick: number;
}

const BATCH = 2_000;
const options = JSON.parse(process.argv[2] ?? '') as HeapOptions;
const traffic = createTraffic({ ...options, startMs: Date.UTC(2026, 0, 5) });
/** The join store is another process's memory. */
const elsewhere: BatchMemory = { get: () => null, learn: () => undefined, wrote: () => undefined };

// Once for nothing: what code and its caches take is no click's.
foldClicks(20_000);
const before = bytesInUse();
const state = foldClicks(options.touchpoints);
const grown = bytesInUse() - before;
const { windowClicks } = sizesOf(state);
const measured: HeapRun = { liveClicks: windowClicks, bytesPerLiveClick: grown / windowClicks };
console.log(JSON.stringify(measured));

function foldClicks(count: number) {
  const operator = createOperatorFold(elsewhere);
  for (let done = 0; done < count; done += BATCH) operator.batch(traffic.take(BATCH));
  return operator.state;
}

function bytesInUse(): number {
  if (globalThis.gc === undefined) throw new Error('run it with --expose-gc');
  // The first collection lets finalizers run, the second takes what they have let go of.
  globalThis.gc();
  globalThis.gc();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}
