import { stratumRate } from './click-odds.ts';
import type { ClickStore } from './click-store.ts';
import { beginRates, tellRate } from './cohort-lefts.ts';
import { likelihoods } from './likelihood.ts';
import type { Marks } from './marks.ts';
import type { AccountModel } from './model/account-model.ts';
import { BOT_BINS, deviceOf, kindOfStratum } from './model/strata.ts';
import { CAMPAIGN, CLICKS, type ProfileTable, profileOf, SOURCE, STRATUM, WIDTH } from './profiles.ts';
import { cohortNumber, type Surges } from './surge.ts';

/**
 * What a question says of all clicks of a profile, in rows by the profile's index: a small account has nearly as many profiles as clicks and a new
 * model for nearly every question, so that an object for each would be most of the work. A row is half a line of the processor's memory: clicks name
 * profiles in no order, and a column for each number was a line for each.
 */
export interface ProfileRows {
  numbers: Float64Array;
  /** The same memory as whole numbers: what counts or indexes is not turned from a double for each click. */
  wholes: Int32Array;
}

/** Messages with identifier per click. */
export const RATE = 0;
export const LOSS_ODDS = 1;
/** Odds against "no click" per unit of rate and of density, before the greeting. */
export const WORTH = 2;
export const ROW = 4;
/**
 * Of `wholes`. What its cohort and its bot bin are called together among floods of clicks: what is left of a promise is the same for all profiles of
 * a cell. −1 where none is followed.
 */
export const CELL = 6;
/** Its device, whether the message's greeting is one that this profile's clicks may have shown, its kind and the number of its source. */
export const META = 7;
export const WHOLE_ROW = 2 * ROW;
export const DEVICE = 3;
export const COMPARABLE = 4;
export const KIND_SHIFT = 3;
export const KIND = 31;
export const SOURCE_SHIFT = 8;

/** Scratch, reused. Grows, never shrinks, is good until the next call. */
export const profileRows: ProfileRows = ofSize(256);

function ofSize(size: number): ProfileRows {
  const numbers = new Float64Array(size * ROW);
  return { numbers, wholes: new Int32Array(numbers.buffer) };
}

const NO_CELL = -1;

/** By campaign. */
let campaignRates = new Float64Array(16);

/**
 * What the rows were filled for. A final answer is held against its decoys, which have its model, marks and rate and only another time: filled for each of the three, the
 * rows were a tenth of all time. A profile that has gone leaves a row that nobody reads; one that came is told by `entered`.
 */
interface FilledFor extends Pick<Marks, 'country' | 'region' | 'language' | 'device' | 'greetingPlacement'> {
  readonly profiles: ProfileTable;
  readonly entered: number;
  readonly model: AccountModel;
  readonly perS: number;
  readonly devices: number;
}

let filledFor: FilledFor | undefined;

/** Fills the rows of all profiles, unless they are; returns which devices are among them, a bit each. */
export function lookAtProfiles({ profiles }: ClickStore, model: AccountModel, marks: Marks, perS: number): number {
  if (filledFor !== undefined && isFilledFor(filledFor, profiles, model, marks, perS)) return filledFor.devices;
  // What fails halfway has filled them for nobody.
  filledFor = undefined;
  const devices = fill(profiles, model, marks, perS);
  const { country, region, language, device, greetingPlacement } = marks;
  filledFor = { profiles, entered: profiles.entered, model, perS, devices, country, region, language, device, greetingPlacement };
  return devices;
}

function isFilledFor(known: FilledFor, profiles: ProfileTable, model: AccountModel, marks: Marks, perS: number): boolean {
  return (
    known.profiles === profiles &&
    known.entered === profiles.entered &&
    known.model === model &&
    known.perS === perS &&
    known.country === marks.country &&
    known.region === marks.region &&
    known.language === marks.language &&
    known.device === marks.device &&
    known.greetingPlacement === marks.greetingPlacement
  );
}

function fill(profiles: ProfileTable, model: AccountModel, marks: Marks, perS: number): number {
  const { size, rows } = profiles;
  if (profileRows.numbers.length < size * ROW) Object.assign(profileRows, ofSize(size * 2));
  const { numbers, wholes } = profileRows;
  const likely = likelihoods(model, profiles, marks);
  const odds = model.lossOdds();
  const isAnyPlacement = marks.greetingPlacement === '';
  if (campaignRates.length < profiles.campaigns.size) campaignRates = new Float64Array(profiles.campaigns.size * 2);
  campaignRates.fill(Number.NaN, 0, profiles.campaigns.size);
  let devices = 0;
  for (let index = 0, from = 0, to = 0, whole = 0; index < size; index += 1, from += WIDTH, to += ROW, whole += WHOLE_ROW) {
    if (rows[from + CLICKS] === 0) continue;
    const stratum = rows[from + STRATUM]!;
    const kind = kindOfStratum(stratum);
    const device = deviceOf(kind);
    devices |= 1 << device;
    const source = rows[from + SOURCE]!;
    const isComparable = isAnyPlacement || marks.greetingPlacement === profiles.sources.at(source).placement;
    wholes[whole + META] = (source << SOURCE_SHIFT) | (kind << KIND_SHIFT) | (isComparable ? device | COMPARABLE : device);
    const campaign = rows[from + CAMPAIGN]!;
    if (Number.isNaN(campaignRates[campaign]!)) campaignRates[campaign] = model.campaign(profiles.campaign(campaign)).rate;
    const lossOdds = odds[kind]!;
    numbers[to + RATE] = stratumRate(model, campaignRates[campaign]!, stratum);
    numbers[to + LOSS_ODDS] = lossOdds;
    numbers[to + WORTH] = lossOdds * likely[index]! * perS;
  }
  return devices;
}

/** What the cells were filled for: nothing in them is of a single message. */
interface CellsFilledFor {
  readonly wholes: Int32Array;
  readonly profiles: ProfileTable;
  readonly entered: number;
  readonly model: AccountModel;
  /** Of the cohorts' names. */
  readonly changes: number;
}

let cellsFilledFor: CellsFilledFor | undefined;

/** Fills the cells of all profiles, unless they are. After `lookAtProfiles`. */
export function lookAtCohorts({ profiles }: ClickStore, model: AccountModel, surges: Surges): void {
  const { names } = surges;
  if (cellsFilledFor !== undefined && areCellsFilledFor(cellsFilledFor, profiles, model, names.changes)) return;
  cellsFilledFor = undefined;
  fillCells(profiles, model, surges);
  cellsFilledFor = { wholes: profileRows.wholes, profiles, entered: profiles.entered, model, changes: names.changes };
}

function areCellsFilledFor(known: CellsFilledFor, profiles: ProfileTable, model: AccountModel, changes: number): boolean {
  return (
    known.wholes === profileRows.wholes &&
    known.profiles === profiles &&
    known.entered === profiles.entered &&
    known.model === model &&
    known.changes === changes
  );
}

function fillCells(profiles: ProfileTable, model: AccountModel, surges: Surges): void {
  const { size, rows } = profiles;
  const { names } = surges;
  const { wholes, numbers } = profileRows;
  beginRates(surges, model);
  for (let index = 0, from = 0, to = CELL; index < size; index += 1, from += WIDTH, to += WHOLE_ROW) {
    if (rows[from + CLICKS] === 0) continue;
    const cohort = names.remembered(index, profiles.number(index)) ?? cohortNumber(surges, profileOf(model, profiles, index));
    if (cohort < 0) {
      wholes[to] = NO_CELL;
      continue;
    }
    const stratum = rows[from + STRATUM]!;
    const cell = cohort * BOT_BINS + (stratum % BOT_BINS);
    wholes[to] = cell;
    tellRate(cell, numbers[index * ROW + RATE]!, deviceOf(kindOfStratum(stratum)));
  }
}
