import type { AccountModel } from './model/account-model.ts';
import { belowAt, delayStep } from './model/delay-curve.ts';
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
 * What is left in a bucket is the same for many questions: its clicks have all come, few leads come of it any more, and an age is told in steps of a fiftieth of it. Worked out anew for
 * each question, what is left of a thousand promises was a tenth of a busy account's time.
 */
interface Turned {
  readonly cohorts: Cohorts;
  /** What had been counted of them. */
  readonly changes: number;
  /** Step of the delay curves that the age is in. */
  readonly step: number;
  readonly cells: readonly number[];
  readonly lefts: readonly number[];
}

/** By bucket, of the account whose model the rates are of. */
const turned = new Map<number, Turned>();
let ratesOf: AccountModel | undefined;

/** Before the rates of cells are told. Those of before stay as long as they can be the same: what nobody tells again is of cells that no click asks for. */
export function beginRates({ names }: Surges, model: AccountModel): void {
  const cells = names.size * BOT_BINS;
  const hasRoom = cohortLefts.lefts.length >= cells;
  if (hasRoom && ratesOf === model) return;
  ratesOf = model;
  turned.clear();
  if (hasRoom) {
    cohortLefts.rates.fill(0);
    return;
  }
  cohortLefts.lefts = new Float64Array(2 * cells).fill(1);
  cohortLefts.rates = new Float64Array(2 * cells);
  cohortLefts.devices = new Uint8Array(2 * cells);
  touched.length = 0;
}

/** Messages with identifier per click of a cell, and its device. */
export function tellRate(cell: number, rate: number, device: number): void {
  const { rates, devices } = cohortLefts;
  if (rates[cell] === rate && devices[cell] === device) return;
  rates[cell] = rate;
  devices[cell] = device;
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
  const ageS = (knownAtMs - bucketMiddleMs(bucket)) / 1_000;
  const cohorts = tracked.get(bucket);
  if (cohorts === undefined || ageS < 1) return;
  const { changes } = cohorts;
  const step = delayStep(ageS);
  let known = turned.get(bucket);
  if (known === undefined || known.cohorts !== cohorts || known.changes !== changes || known.step !== step) {
    known = { cohorts, changes, step, ...leftIn(cohorts, ageS, ratesOf!) };
    turned.set(bucket, known);
  }
  const { cells, lefts } = known;
  for (let at = 0; at < cells.length; at += 1) {
    cohortLefts.lefts[cells[at]!] = lefts[at]!;
    touched.push(cells[at]!);
  }
}

/** Of the cells that no click asks for as well: the next question may. */
function leftIn(cohorts: Cohorts, ageS: number, model: AccountModel): Pick<Turned, 'cells' | 'lefts'> {
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
      const left = promiseLeft(cohort, most * belowAt(model.keep(devices[cell]!), ageS));
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
