import type { AccountStatistics } from './account-statistics.ts';
import { linkedDay } from './day-link.ts';
import { dayShape, FLAT_DAY, hoursCovered, isWatchedEvenly, likeliestDay, watched } from './day-shape.ts';
import type { PlatformModel } from './platform-model.ts';
import { total } from './tally.ts';

/** Weight of the first guess at an account's rate. Leads. */
export const FIRST_LEADS = 0.02;

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
  const writers = (FIRST_LEADS + Math.max(basis.identified + basis.keepersElsewhere, due)) * (1 + lossOdds);
  const { observedS, fadedAtMs } = basis;
  const { days } = platform;
  const isEven = isWatchedEvenly(observedS);
  const leadsCovered = watched(observedS, fadedAtMs);
  const fromMs = fadedAtMs - observedS * 1_000;
  const covered = isEven ? leadsCovered : hoursCovered(fromMs, fromMs + seconds * 1_000);
  const leads = dayShape(basis.identifiedHours, leadsCovered, FLAT_DAY, days.leads);
  const shapes: (readonly [shape: Float64Array, prior: number])[] = [
    [linkedDay(days.link, leads), 1 - days.apart],
    [FLAT_DAY, days.apart],
  ];
  // A platform does not know for how long its hours were watched: only those of a settled account are surely comparable.
  if (isEven) shapes.push([platform.organicHours, days.apart]);
  const shape = dayShape(basis.organicHours, covered, likeliestDay(shapes, basis.organicHours, covered), days.others);
  // An account that was watched at night alone gets more by day.
  const expected = (platform.organicRatio * writers) / (FIRST_LEADS * 86_400 + basis.observedS) / average(leads, leadsCovered);
  const level = (platform.organicStrength + basis.organic) / (platform.organicStrength / expected + seconds * average(shape, covered));
  return shape.map((each) => level * each);
}

function average(values: Float64Array, weights: Float64Array): number {
  let sum = 0;
  for (let index = 0; index < values.length; index += 1) sum += values[index]! * weights[index]!;
  return sum;
}
