import type { AccountStatistics } from './account-statistics.ts';
import { dayShape, FLAT_DAY, hoursCovered, likeliestDay } from './day-shape.ts';
import type { PlatformModel } from './platform-model.ts';
import { total } from './tally.ts';

const ORGANIC_SHAPE = 3;
/** Weight of the first guess at an account's rate. Leads. */
export const FIRST_LEADS = 0.02;

/** From then on all hours of the day have been watched for nearly the same time. */
const EVEN_FROM_S = 3 * 86_400;
const EVENLY = new Float64Array(24).fill(1 / 24);
/** How likely people who follow no click are to write when those who follow one do, before their own hours are seen. */
const AS_LEADS = 0.8;
/** How far the first wave of a day goes from what is expected: of leads from a flat day, and of messages of no click from the likeliest of the shapes. */
const LEADS_SPREAD = 0.5;
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
  const isEven = basis.observedS >= EVEN_FROM_S;
  const fromMs = basis.fadedAtMs - basis.observedS * 1_000;
  const leadsCovered = isEven ? EVENLY : hoursCovered(fromMs, basis.fadedAtMs);
  const covered = isEven ? EVENLY : hoursCovered(fromMs, fromMs + seconds * 1_000);
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
