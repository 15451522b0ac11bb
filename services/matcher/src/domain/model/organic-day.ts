import type { AccountStatistics } from './account-statistics.ts';
import { dayShape, FLAT_DAY, hoursCovered, isWatchedEvenly, LEADS_SPREAD, likeliestDay, watched } from './day-shape.ts';
import type { PlatformModel } from './platform-model.ts';
import { total } from './tally.ts';

const ORGANIC_SHAPE = 3;
/** Weight of the first guess at an account's rate. Leads. */
export const FIRST_LEADS = 0.02;

/** How likely people who follow no click are to write when those who follow one do, before their own hours are seen. */
const AS_LEADS = 0.8;
/** How far the first wave of the day of messages of no click goes from the likeliest of the shapes. */
const ORGANIC_SPREAD = 0.2;

/**
 * Messages of no click per second by hour of the day (UTC): the level of the account (Gamma prior of shape 3 around the platform's ratio to its leads)
 * times the shape of its day. People of one account live by one clock, so that the hours of its leads are what is expected of its other messages; where those
 * come at other hours, a flat day or the platform's explains them better and takes its place. A shape is there from the first hours on: with flat days
 * until the third one, messages of no click of the busy hours were taken for those of people who deleted their code, twice as many as there were.
 */
export function organicRates(platform: PlatformModel, basis: AccountStatistics, lossOdds: number): Float64Array {
  // A message without identifier is counted when its answer is final, an hour after it came.
  const seconds = Math.max(0, basis.observedS - 3_600);
  // Clicks tell how many will write before anybody has; a new account is taken for one that gets a lead a day, until it shows otherwise.
  const due = platform.rate * total(basis.exposure);
  const writers = (FIRST_LEADS + Math.max(basis.identified, due)) * (1 + lossOdds);
  const { observedS, fadedAtMs } = basis;
  const isEven = isWatchedEvenly(observedS);
  const leadsCovered = watched(observedS, fadedAtMs);
  const fromMs = fadedAtMs - observedS * 1_000;
  const covered = isEven ? leadsCovered : hoursCovered(fromMs, fromMs + seconds * 1_000);
  const leads = dayShape(basis.identifiedHours, leadsCovered, FLAT_DAY, LEADS_SPREAD);
  const shapes: (readonly [shape: Float64Array, prior: number])[] = [
    [leads, AS_LEADS],
    [FLAT_DAY, 1 - AS_LEADS],
  ];
  // A platform does not know for how long its hours were watched: only those of a settled account are surely comparable.
  if (isEven) shapes.push([platform.organicHours, 1 - AS_LEADS]);
  const shape = dayShape(basis.organicHours, covered, likeliestDay(shapes, basis.organicHours, covered), ORGANIC_SPREAD);
  // An account that was watched at night alone gets more by day.
  const expected = (platform.organicRatio * writers) / (FIRST_LEADS * 86_400 + basis.observedS) / average(leads, leadsCovered);
  const level = (ORGANIC_SHAPE + basis.organic) / (ORGANIC_SHAPE / expected + seconds * average(shape, covered));
  return shape.map((each) => level * each);
}

function average(values: Float64Array, weights: Float64Array): number {
  let sum = 0;
  for (let index = 0; index < values.length; index += 1) sum += values[index]! * weights[index]!;
  return sum;
}
