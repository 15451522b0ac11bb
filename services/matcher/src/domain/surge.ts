import { type ClickStore, CODELESS, profileAt, REACH_MS, slotOf } from './click-store.ts';
import { CohortNames } from './cohort-names.ts';
import type { Profile } from './profiles.ts';

/**
 * A flood of clicks that nobody writes after: a script, an accidental loop, a fraudulent placement. Clicks of one campaign, device, network and
 * country within ten minutes are a cohort; when a cohort brings far fewer identified leads than its clicks promise, what is left of its
 * promise is a fraction. Rates learned over days cannot see that. Only buckets of `TRACKED_FROM` clicks are followed: in fewer, chance explains
 * the silence, and a quiet account should pay nothing for this.
 */
export interface Surges {
  bucket: number;
  clicksInBucket: number;
  /** By bucket, and then by what `names` calls them. */
  readonly tracked: Map<number, Cohorts>;
  /** Held once for every bucket that a cohort is followed in. */
  readonly names: CohortNames;
}

export interface Cohort {
  clicks: number;
  /** Leads with identifier so far. */
  responses: number;
}

/**
 * The cohorts of a bucket, by number. A message asks for thousands of them: by a map alone that took a fifth of the time of a flooded account, so
 * they stand in a row beside it.
 */
export class Cohorts extends Map<number, Cohort> {
  /** Goes up with whatever is counted: what was worked out before is no longer true. */
  changes = 0;
  private readonly row: (Cohort | undefined)[] = [];

  override set(number: number, cohort: Cohort): this {
    this.changes += 1;
    while (this.row.length <= number) this.row.push(undefined);
    this.row[number] = cohort;
    return super.set(number, cohort);
  }

  /** One more than the highest number. */
  get end(): number {
    return this.row.length;
  }

  /** As `get`, without a look at the map. */
  at(number: number): Cohort | undefined {
    return number < this.row.length ? this.row[number] : undefined;
  }

  countClick(cohort: Cohort): void {
    cohort.clicks += 1;
    this.changes += 1;
  }

  countResponse(cohort: Cohort): void {
    cohort.responses += 1;
    this.changes += 1;
  }
}

const BUCKET_MS = 600_000;
const TRACKED_FROM = 20;

export function emptySurges(): Surges {
  return { bucket: -1, clicksInBucket: 0, tracked: new Map(), names: new CohortNames() };
}

export function bucketOf(timeMs: number): number {
  return Math.floor(timeMs / BUCKET_MS);
}

export function bucketMiddleMs(bucket: number): number {
  return (bucket + 0.5) * BUCKET_MS;
}

/** The first moment after a bucket. */
export function bucketEndMs(bucket: number): number {
  return (bucket + 1) * BUCKET_MS;
}

/** What the profiles of a cohort share; names it within a bucket. */
export function cohortName(profile: Profile): string {
  // Asked for by every click of a flooded account and every message: joined anew each time, it took as long as all the rest of an answer.
  if (profile.cohort === '') profile.cohort = `${profile.campaign}\u001f${profile.kind}\u001f${profile.country}`;
  return profile.cohort;
}

export function cohortOf(surges: Surges, bucket: number, profile: Profile): Cohort | undefined {
  const cohorts = surges.tracked.get(bucket);
  return cohorts?.get(cohortNumber(surges, profile));
}

/** What `names` calls the cohort of a profile; −1 when it is followed in no bucket. */
export function cohortNumber({ names }: Surges, profile: Profile): number {
  return names.remembered(profile.index, profile.number) ?? names.find(profile, cohortName(profile));
}

/** Puts a cohort into a bucket that does not have it. */
export function follow({ names }: Surges, cohorts: Cohorts, name: string, cohort: Cohort): void {
  cohorts.set(names.hold(name), cohort);
}

/** Counts a click that was just admitted as number `number`. */
export function countClick(surges: Surges, store: ClickStore, number: number): void {
  const c = store.columns;
  const slot = slotOf(store, number);
  const bucket = bucketOf(c.clickedAtMs[slot]!);
  const known = surges.tracked.get(bucket);
  if (known !== undefined) {
    join(surges, known, profileAt(store, slot));
    return;
  }
  if (bucket < surges.bucket) return;
  if (bucket > surges.bucket) {
    surges.bucket = bucket;
    surges.clicksInBucket = 0;
  }
  surges.clicksInBucket += 1;
  if (surges.clicksInBucket < TRACKED_FROM) return;
  const cohorts = new Cohorts();
  surges.tracked.set(bucket, cohorts);
  for (let each = store.next - 1; each >= store.first && store.next - each <= 4 * TRACKED_FROM; each -= 1) {
    const at = slotOf(store, each);
    if (bucketOf(c.clickedAtMs[at]!) !== bucket || (c.flags[at]! & CODELESS) !== 0) continue;
    const cohort = join(surges, cohorts, profileAt(store, at));
    if (store.claims.has(each)) cohorts.countResponse(cohort);
  }
}

function join(surges: Surges, cohorts: Cohorts, profile: Profile): Cohort {
  const known = cohorts.get(cohortNumber(surges, profile));
  if (known !== undefined) {
    cohorts.countClick(known);
    return known;
  }
  const cohort = { clicks: 1, responses: 0 };
  follow(surges, cohorts, cohortName(profile), cohort);
  return cohort;
}

export function countResponse(surges: Surges, clickedAtMs: number, profile: Profile): void {
  const cohorts = surges.tracked.get(bucketOf(clickedAtMs));
  const cohort = cohorts?.get(cohortNumber(surges, profile));
  if (cohort !== undefined) cohorts!.countResponse(cohort);
}

export function expireSurges(surges: Surges, clockMs: number): void {
  const oldest = bucketOf(clockMs - REACH_MS);
  for (const [bucket, cohorts] of surges.tracked) {
    // Buckets come to be followed in their order, and every click of a busy account asks: those of three days were a thirtieth of all its time.
    if (bucket >= oldest) return;
    surges.tracked.delete(bucket);
    for (const number of cohorts.keys()) surges.names.letGo(number);
  }
}

/** Shares of a cohort's promise that may be left, and how often each is so before anything is seen. */
const LEVELS: readonly (readonly [share: number, prior: number])[] = [
  [1, 0.97],
  [1 / 4, 0.012],
  [1 / 16, 0.009],
  [1 / 64, 0.006],
  [1 / 512, 0.003],
];
const SHARES = Float64Array.from(LEVELS, ([share]) => share);
const LOG_SHARES = SHARES.map(Math.log);
const LOG_PRIORS = Float64Array.from(LEVELS, ([, prior]) => Math.log(prior));
/** Scratch, reused: one for every click of a flood and every message. */
const logs = new Float64Array(LEVELS.length);

/** With fewer leads due, chance explains the silence. */
export const DUE_FROM = 2;

/** What is left of a cohort's promise: the posterior mean over the levels, given how many leads were due by now. */
export function promiseLeft(cohort: Cohort, due: number): number {
  if (due < DUE_FROM) return 1;
  let best = Number.NEGATIVE_INFINITY;
  for (let level = 0; level < logs.length; level += 1) {
    const log = LOG_PRIORS[level]! + cohort.responses * LOG_SHARES[level]! - SHARES[level]! * due;
    logs[level] = log;
    if (log > best) best = log;
  }
  let sum = 0;
  let mean = 0;
  for (let level = 0; level < logs.length; level += 1) {
    const weight = Math.exp(logs[level]! - best);
    sum += weight;
    mean += weight * SHARES[level]!;
  }
  return mean / sum;
}
