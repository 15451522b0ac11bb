import { ANCHOR_COUNTS, REACHES } from '../domain/model/mixing-share.ts';
import {
  CODELESS_COUNTS,
  emptyPlatformStatistics,
  PASSED_ON_COUNTS,
  type PlatformStatistics,
  rateArrays,
  scalarNames,
  shapeArrays,
  standing,
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
  for (const name of PASSED_ON_COUNTS) to.double(statistics.passedOn[name]);
  for (const reach of REACHES) for (const name of ANCHOR_COUNTS) to.double(statistics.anchor[reach][name]);
  writeTally(to, statistics.audience);
  for (const numbers of standing(statistics)) writeNumbers(to, numbers);
  to.double(statistics.keepersElsewhere);
}

export function readPlatformStatistics(from: PackReader, into: PlatformStatistics): void {
  readFirst(from, into);
  readCodeless(from, into);
  readPassedOn(from, into);
  readAnchor(from, into);
  readTally(from, into.audience);
  for (const numbers of standing(into)) readNumbers(from, numbers);
  into.keepersElsewhere = from.double();
}

/** What the first models held. */
function readFirst(from: PackReader, into: PlatformStatistics): void {
  into.fadedAtMs = from.int();
  for (const numbers of [...rateArrays(into), ...shapeArrays(into)]) readNumbers(from, numbers);
  for (const name of scalarNames(into.scalars)) into.scalars[name] = from.double();
  for (const name of tallyNames(into.tallies)) readTally(from, into.tallies[name]);
}

function readCodeless(from: PackReader, { codeless }: PlatformStatistics): void {
  for (const name of CODELESS_COUNTS) codeless[name] = from.double();
  readNumbers(from, codeless.edits);
}

function readPassedOn(from: PackReader, { passedOn }: PlatformStatistics): void {
  for (const name of PASSED_ON_COUNTS) passedOn[name] = from.double();
}

function readAnchor(from: PackReader, { anchor }: PlatformStatistics): void {
  for (const reach of REACHES) for (const name of ANCHOR_COUNTS) anchor[reach][name] = from.double();
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
  readFirst(from, statistics);
  // A model from before clicks without a code, messages sent on without theirs or decoys taught anything ends here or further down: it has learned nothing of them.
  if (from.hasMore()) readCodeless(from, statistics);
  if (from.hasMore()) readPassedOn(from, statistics);
  if (from.hasMore()) readAnchor(from, statistics);
  if (from.hasMore()) readTally(from, statistics.audience);
  for (const numbers of standing(statistics)) if (from.hasMore()) readNumbers(from, numbers);
  if (from.hasMore()) statistics.keepersElsewhere = from.double();
  return statistics;
}
