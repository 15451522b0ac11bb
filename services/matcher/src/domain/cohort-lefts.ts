import { keepCurves } from './curve-tables.ts';
import { belowAt } from './model/delay-curve.ts';
import { BOT_BINS } from './model/strata.ts';
import { bucketEndMs, bucketMiddleMs, bucketOf, type Cohorts, DUE_FROM, promiseLeft, type Surges } from './surge.ts';

/** What is left of the promises of the cohorts of the bucket that a question looks at. */
export interface CohortLefts {
  /** By cell (profile-rows.ts); 1 where nothing is known against it. */
  lefts: Float64Array;
  /** Of the clicks of a cell: messages with identifier per click, and the device. 0 where there are none. */
  rates: Float64Array;
  devices: Uint8Array;
  /** When the bucket begins and ends. */
  fromMs: number;
  toMs: number;
}

/** Scratch, reused. */
export const cohortLefts: CohortLefts = {
  lefts: new Float64Array(0),
  rates: new Float64Array(0),
  devices: new Uint8Array(0),
  fromMs: 0,
  toMs: 0,
};
/** Cells whose `lefts` are not 1. */
const touched: number[] = [];

/**
 * The same cells of each bucket that this question has turned to, with what is left there. Clicks that are looked at closely after a glance turn to all buckets
 * a second time, and what is left of hundreds of promises in each was a twentieth of a busy account's time.
 */
interface Turned {
  readonly cells: readonly number[];
  readonly lefts: readonly number[];
}
const turned = new Map<number, Turned>();
const NOTHING: Turned = { cells: [], lefts: [] };

/** Before the rates of a question's cells are told, once for each question: all are 0. */
export function beginRates({ names }: Surges): void {
  const cells = names.size * BOT_BINS;
  if (cohortLefts.lefts.length < cells) {
    cohortLefts.lefts = new Float64Array(2 * cells).fill(1);
    cohortLefts.rates = new Float64Array(2 * cells);
    cohortLefts.devices = new Uint8Array(2 * cells);
    touched.length = 0;
  }
  cohortLefts.rates.fill(0, 0, cells);
  turned.clear();
}

/** Before the first click: no bucket is looked at. */
export function beginLefts(): void {
  forgetLefts();
  cohortLefts.fromMs = Number.POSITIVE_INFINITY;
  cohortLefts.toMs = Number.NEGATIVE_INFINITY;
}

/**
 * Turns to the bucket of a click. Of all its cohorts at once, because nearly all are too small for their silence to say anything: asked for click by click,
 * what is left took as long as everything else that was asked of the clicks of a flooded account.
 */
export function turnTo({ tracked }: Surges, clickedAtMs: number, knownAtMs: number): void {
  const bucket = bucketOf(clickedAtMs);
  forgetLefts();
  cohortLefts.fromMs = bucketEndMs(bucket - 1);
  cohortLefts.toMs = bucketEndMs(bucket);
  // Beyond what a double counts in milliseconds a time may lie in no bucket: nobody shall look for it twice.
  if (!(clickedAtMs >= cohortLefts.fromMs && clickedAtMs < cohortLefts.toMs)) {
    cohortLefts.fromMs = Number.NEGATIVE_INFINITY;
    cohortLefts.toMs = Number.POSITIVE_INFINITY;
  }
  let known = turned.get(bucket);
  if (known === undefined) {
    const ageS = (knownAtMs - bucketMiddleMs(bucket)) / 1_000;
    const cohorts = tracked.get(bucket);
    known = cohorts === undefined || ageS < 1 ? NOTHING : leftIn(cohorts, ageS);
    turned.set(bucket, known);
  }
  const { cells, lefts } = known;
  for (let at = 0; at < cells.length; at += 1) {
    cohortLefts.lefts[cells[at]!] = lefts[at]!;
    touched.push(cells[at]!);
  }
}

function leftIn(cohorts: Cohorts, ageS: number): Turned {
  const { rates, devices } = cohortLefts;
  const cells: number[] = [];
  const lefts: number[] = [];
  for (let number = 0; number < cohorts.end; number += 1) {
    const cohort = cohorts.at(number);
    // No rate is above 1.
    if (cohort === undefined || cohort.clicks < DUE_FROM) continue;
    for (let cell = number * BOT_BINS; cell < (number + 1) * BOT_BINS; cell += 1) {
      const most = cohort.clicks * rates[cell]!;
      if (most < DUE_FROM) continue;
      const left = promiseLeft(cohort, most * belowAt(keepCurves[devices[cell]!]!, ageS));
      if (left === 1) continue;
      cells.push(cell);
      lefts.push(left);
    }
  }
  return { cells, lefts };
}

function forgetLefts(): void {
  for (const cell of touched) cohortLefts.lefts[cell] = 1;
  touched.length = 0;
}
