import { COS, type DayShape, normalisedDay, SIN, spreads, WAVES } from './day-shape.ts';

/**
 * What accounts say about days, by wave: of leads and of messages of no click both parts of their waves, real and imaginary part of what they share, the power of each; and how much stands behind all
 * of it. Sums over accounts.
 */
export type DayPairs = Float64Array;

const PARTS = 8;
const WEIGHT = PARTS * WAVES;

export function noDayPairs(): DayPairs {
  return new Float64Array(WEIGHT + 1);
}

/** Of an account with ever more messages its own distance from the others is what is left, and a large one must not speak for all. */
const MOST_WEIGHT = 50;

/** Counts by hour of an account whose hours have been watched for the same time. */
export function addDayPairs(into: DayPairs, leads: Float64Array, others: Float64Array): void {
  const [n, m] = [sum(leads), sum(others)];
  if (!(n > 1 && m > 0)) return;
  const weight = m / (1 + m / MOST_WEIGHT);
  into[WEIGHT]! += weight;
  for (let wave = 0; wave < WAVES; wave += 1) {
    const [a, b] = [waveOf(leads, wave, COS) / n, waveOf(leads, wave, SIN) / n];
    const [c, d] = [waveOf(others, wave, COS) / m, waveOf(others, wave, SIN) / m];
    // Powers less what so few counts show by chance.
    const parts = [a, b, c, d, a * c + b * d, b * c - a * d, a * a + b * b - 4 / n, c * c + d * d - 4 / m];
    parts.forEach((part, at) => {
      into[wave * PARTS + at]! += weight * part;
    });
  }
}

/** What is known of days before an account has shown its own. */
export interface Days {
  /** By wave: how far leads go from a flat day, and messages of no click from what is expected of them. Standard deviations of cosine and sine. */
  readonly leads: Float64Array;
  readonly others: Float64Array;
  /** By wave: real and imaginary part of what a wave of leads is multiplied with to be expected of messages of no click, and cosine and sine of what comes on top. */
  readonly link: Float64Array;
  /** How likely the hours of an account's messages of no click are to have nothing to do with those of its leads. */
  readonly apart: number;
}

/** Messages of no click behind what is expected before any account is known. */
const FIRST_MESSAGES = 30;
const LEADS_SPREAD = spreads(0.5);
const OTHERS_SPREAD = spreads(0.2);
const APART = 0.2;
/** Behind the first guess of a slope, as power of leads' waves times messages. */
const FIRST_LINK = 15;
/** Power that the mean of waves shows by chance, times messages: 4 of a count's own, half as much of how accounts differ. */
const CHANCE = 6;
const LINK = 4;

/**
 * People who follow no click are expected to write when those who follow one do, moved on and deepened as far as the accounts of the platform show it, or else when such people write in all its accounts: a line through the
 * waves of both, its slope the complex number that turns and deepens a wave, its intercept a day that accounts have in common. By the account's own counts alone the day of a handful of messages of no click was either that
 * of its leads or unknown.
 */
export function daysOf(pairs: DayPairs): Days {
  const weight = pairs[WEIGHT]!;
  const [leads, others, link] = [new Float64Array(WAVES), new Float64Array(WAVES), new Float64Array(LINK * WAVES)];
  const together = 1 / (FIRST_MESSAGES + weight);
  const apart = (APART * FIRST_MESSAGES) / (FIRST_MESSAGES + weight);
  let [turnedCos, turnedSin] = [1, 0];
  let [cos, sin] = [1, 0];
  for (let wave = 0; wave < WAVES; wave += 1) {
    const at = wave * PARTS;
    const [a, b, c, d] = [pairs[at]!, pairs[at + 1]!, pairs[at + 2]!, pairs[at + 3]!];
    const [real, imaginary, own, theirs] = [pairs[at + 4]!, pairs[at + 5]!, pairs[at + 6]!, pairs[at + 7]!];
    // What accounts have in common says nothing of how one follows from the other; of a single account all is in common, and the first guess holds.
    const shared = [real - (a * c + b * d) * together, imaginary - (b * c - a * d) * together] as const;
    const apartOwn = own - (a * a + b * b) * together;
    const apartTheirs = theirs - (c * c + d * d) * together;
    // A day that is moved as a whole turns its second wave twice as far as its first.
    [cos, sin] = [cos * turnedCos - sin * turnedSin, cos * turnedSin + sin * turnedCos];
    const behind = FIRST_LINK + Math.max(0, apartOwn);
    const [x, y] = [(FIRST_LINK * cos + shared[0]) / behind, (FIRST_LINK * sin + shared[1]) / behind];
    if (wave === 0) {
      const size = Math.hypot(x, y);
      if (size > 0) [turnedCos, turnedSin] = [x / size, y / size];
      [cos, sin] = [turnedCos, turnedSin];
    }
    leads[wave] = Math.sqrt((FIRST_MESSAGES * 2 * LEADS_SPREAD[wave]! ** 2 + Math.max(0, own)) * together * 0.5);
    const unexplained = apartTheirs - 2 * (x * shared[0] + y * shared[1]) + (x * x + y * y) * apartOwn;
    const left = FIRST_MESSAGES * 2 * OTHERS_SPREAD[wave]! ** 2 + Math.max(0, unexplained);
    others[wave] = Math.sqrt(left * together * 0.5);
    const [even, odd] = [(c - x * a - y * b) * together, (d - x * b + y * a) * together];
    const chance = (CHANCE * together) / (even * even + odd * odd);
    const kept = chance < 1 ? 1 - chance : 0;
    link.set([x, y, even * kept, odd * kept], LINK * wave);
  }
  return { leads, others, link, apart };
}

/** What is expected of messages of no click where leads have this day. */
export function linkedDay(link: Float64Array, leads: DayShape): DayShape {
  const shape = leads.slice();
  for (let wave = 0; wave < WAVES; wave += 1) {
    const [a, b] = [waveOf(leads, wave, COS) / 24, waveOf(leads, wave, SIN) / 24];
    const [real, imaginary] = [link[LINK * wave]! - 1, link[LINK * wave + 1]!];
    // a cos + b sin is the real part of (a − ib) e^(iθ).
    const even = a * real + b * imaginary + link[LINK * wave + 2]!;
    const odd = b * real - a * imaginary + link[LINK * wave + 3]!;
    for (let hour = 0; hour < 24; hour += 1) shape[hour]! += even * COS[wave * 24 + hour]! + odd * SIN[wave * 24 + hour]!;
  }
  return normalisedDay(shape);
}

/** Of a shape 24 times, of counts as many times as there are counts, the wave's amplitude. */
function waveOf(counts: Float64Array, wave: number, of: Float64Array): number {
  let found = 0;
  for (let hour = 0; hour < 24; hour += 1) found += 2 * counts[hour]! * of[wave * 24 + hour]!;
  return found;
}

function sum(values: Float64Array): number {
  let all = 0;
  for (const value of values) all += value;
  return all;
}
