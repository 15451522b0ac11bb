import type { Trial } from '../domain/model-trial.ts';
import { PackReader } from './pack-reader.ts';
import { PackWriter } from './pack-writer.ts';

/** Messages of the hidden test set as snapshots and model.v1 carry them; their format is that of the statistics beside them. */
export function writeTrials(to: PackWriter, trials: readonly Trial[]): void {
  to.uint(trials.length);
  for (const { variants, truth, others, rest } of trials) {
    to.uint(variants);
    to.double(truth[0]);
    to.uint(truth[1]);
    to.uint(others.length / 2);
    for (let at = 0; at < others.length; at += 2) {
      to.double(others[at]!);
      to.uint(others[at + 1]!);
    }
    to.double(rest);
  }
}

export function readTrials(from: PackReader): readonly Trial[] {
  return Array.from({ length: from.uint() }, (): Trial => {
    const variants = from.uint();
    const truth = [from.double(), from.uint()] as const;
    const others = Array.from({ length: from.uint() }, () => [from.double(), from.uint()]).flat();
    return { variants, truth, others, rest: from.double() };
  });
}

export function encodeTrials(trials: readonly Trial[]): Uint8Array {
  const to = new PackWriter();
  writeTrials(to, trials);
  return to.takeFirst(to.length);
}

/** Throws a RangeError on bytes that `encodeTrials` did not write. */
export function decodeTrials(bytes: Uint8Array): readonly Trial[] {
  if (bytes.length === 0) return [];
  const from = new PackReader();
  from.open(bytes);
  return readTrials(from);
}
