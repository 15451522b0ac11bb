import {
  CODELESS_COUNTS,
  emptyPlatformStatistics,
  type PlatformStatistics,
  rateArrays,
  scalarNames,
  shapeArrays,
  tallyNames,
} from '../domain/model/platform-statistics.ts';
import { PackReader } from './pack-reader.ts';
import { PackWriter } from './pack-writer.ts';
import { readNumbers, readTally, writeNumbers, writeTally } from './state/numbers.ts';

/** Raised with every change of what statistics hold; a model of another format is passed over. */
export const STATISTICS_FORMAT = 1;

/** Platform statistics as snapshots and model.v1 carry them. */
export function writePlatformStatistics(to: PackWriter, statistics: PlatformStatistics): void {
  to.int(statistics.fadedAtMs);
  for (const numbers of [...rateArrays(statistics), ...shapeArrays(statistics)]) writeNumbers(to, numbers);
  for (const name of scalarNames(statistics.scalars)) to.double(statistics.scalars[name]);
  for (const name of tallyNames(statistics.tallies)) writeTally(to, statistics.tallies[name]);
  for (const name of CODELESS_COUNTS) to.double(statistics.codeless[name]);
  writeNumbers(to, statistics.codeless.edits);
}

export function readPlatformStatistics(from: PackReader, into: PlatformStatistics, hasCodeless = true): void {
  into.fadedAtMs = from.int();
  for (const numbers of [...rateArrays(into), ...shapeArrays(into)]) readNumbers(from, numbers);
  for (const name of scalarNames(into.scalars)) into.scalars[name] = from.double();
  for (const name of tallyNames(into.tallies)) readTally(from, into.tallies[name]);
  if (hasCodeless) readCodeless(from, into);
}

function readCodeless(from: PackReader, { codeless }: PlatformStatistics): void {
  for (const name of CODELESS_COUNTS) codeless[name] = from.double();
  readNumbers(from, codeless.edits);
}

export function encodeStatistics(statistics: PlatformStatistics): Uint8Array {
  const to = new PackWriter();
  writePlatformStatistics(to, statistics);
  return to.takeFirst(to.length);
}

/** Throws a RangeError on bytes that `encodeStatistics` did not write. */
export function decodeStatistics(bytes: Uint8Array): PlatformStatistics {
  const from = new PackReader();
  from.open(bytes);
  const statistics = emptyPlatformStatistics();
  readPlatformStatistics(from, statistics, false);
  // A model from before clicks without a code were told apart ends here: it has learned nothing of them.
  if (from.hasMore()) readCodeless(from, statistics);
  return statistics;
}
