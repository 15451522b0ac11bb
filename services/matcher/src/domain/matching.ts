import { type AccountMatching, currentModel, dropModel, type PlatformLearning, type PlatformMatching } from './account-matching.ts';
import { audienceOf } from './audience.ts';
import { identifiedSince } from './burst.ts';
import { CANDIDATE, CODELESS, expire, liveClicks, slotOf } from './click-store.ts';
import type { Evidence } from './evidence.ts';
import { type Expected, expectation } from './expectation.ts';
import { addExpected, withExpected } from './expected.ts';
import { mature, matureLeaving } from './learning.ts';
import { type AccountModel, expectedLosers } from './model/account-model.ts';
import { addSpread } from './model/account-spread.ts';
import { type AccountStatistics, fadeAccount } from './model/account-statistics.ts';
import { capped } from './model/audience.ts';
import { addDayPairs } from './model/day-link.ts';
import { isWatchedEvenly } from './model/day-shape.ts';
import { LOSS_SPREAD, ORGANIC_SPREAD, type PlatformModel } from './model/platform-model.ts';
import { emptyPlatformStatistics, fadePlatform, mergePlatform, type PlatformStatistics, scale } from './model/platform-statistics.ts';
import { addAll } from './model/tally.ts';
import { countClick, expireSurges } from './surge.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const MINUTE_MS = 60_000;
/** A model is made again when its evidence has grown by so much: often at first, then about daily. */
const GROWTH = 1.05;

/** The model of an account as of now: made again when an hour has passed and there is something to be learned from it. */
export function modelOf(account: AccountMatching, platform: PlatformMatching, nowMs: number): AccountModel {
  const { learned, basis } = account;
  const passedMs = nowMs - learned.fadedAtMs;
  const isGrown = learned.seen > basis.seen * GROWTH + 1;
  // A new account learns its own pace within minutes, not within an hour: a tenth of the time it has been watched.
  const pauseMs = Math.min(HOUR_MS, Math.max(MINUTE_MS, (learned.observedS * 1_000) / 10));
  if (passedMs >= DAY_MS || (passedMs >= pauseMs && isGrown)) {
    const model = currentModel(account, platform);
    mature(account, platform, model, nowMs);
    const expected = expectation(account.concluded, model, nowMs);
    fadeAccount(learned, nowMs);
    account.basis = withExpected(learned, expected);
    account.basis.audience = audienceOf(account.clicks.profiles, platform.platform.worth);
    keepOnFooting(account.basis, learned.identified, identifiedSince(account.recent, nowMs - HOUR_MS));
    dropModel(account);
  }
  return currentModel(account, platform);
}

/**
 * Once an hour of the log: what was due of every account's clicks is counted, so that leads and the clicks they came from are never weighed
 * at different times, and what is old fades.
 */
export function takeStock(platform: PlatformMatching, accounts: Iterable<AccountMatching>, nowMs: number): void {
  const { statistics } = platform;
  for (const account of accounts) mature(account, platform, currentModel(account, platform), nowMs);
  fadePlatform(statistics, nowMs);
}

export function isStockDue({ statistics }: PlatformLearning, nowMs: number): boolean {
  return Math.floor(nowMs / HOUR_MS) > Math.floor(statistics.fadedAtMs / HOUR_MS);
}

/** What the accounts of a partition have taught until now, messages without identifier as the model in force explains them. */
export function sumStatistics(platform: PlatformMatching, accounts: Iterable<AccountMatching>): PlatformStatistics {
  const all = emptyPlatformStatistics();
  mergePlatform(all, platform.statistics);
  all.fadedAtMs = platform.statistics.fadedAtMs;
  let open = 0;
  for (const account of accounts) {
    open += identifiedSince(account.recent, all.fadedAtMs - HOUR_MS);
    if (liveClicks(account.clicks) > 0) addAll(all.audience, audienceOf(account.clicks.profiles, platform.platform.worth).browser);
    if (account.concluded.length > 0) {
      const expected = expectation(account.concluded, currentModel(account, platform), all.fadedAtMs);
      addExpected(all, expected);
      addSpreads(all, account.learned, expected, platform.platform);
      if (isWatchedEvenly(account.learned.observedS))
        addDayPairs(all.dayPairs, account.learned.identifiedHours, hoursOf(account.learned, expected));
    }
  }
  keepOnFooting(all, all.scalars.identified, open);
  return { ...all, audience: capped(all.audience) };
}

/** How the account differs from what the model in force expects of it: an account without codes has nothing that could be lost, and no label tells its leads. */
function addSpreads(all: PlatformStatistics, learned: AccountStatistics, expected: Expected, { loss, organicRatio }: PlatformModel): void {
  const losers = expected.losers.reduce((sum, each) => sum + each, expected.losersElsewhere + learned.losers);
  addSpread(all.lossSpread, losers, expectedLosers(loss, learned), LOSS_SPREAD);
  if (learned.identified > 0)
    addSpread(
      all.organicSpread,
      learned.organic + expected.organic,
      organicRatio * (learned.identified + learned.keepersElsewhere + losers),
      ORGANIC_SPREAD,
    );
}

function hoursOf({ organicHours }: AccountStatistics, expected: Expected): Float64Array {
  return organicHours.map((hour, index) => hour + expected.organicHours[index]!);
}

/** Messages without identifier are counted an hour later than those with one: a busy hour must not look like one in which nobody loses it. */
function keepOnFooting(counts: Pick<PlatformStatistics, 'keepers' | 'keepersElsewhere'>, identified: number, open: number): void {
  if (identified === 0) return;
  const settled = Math.max(0, 1 - open / identified);
  scale(counts.keepers, settled);
  counts.keepersElsewhere *= settled;
}

export function evidenceOf(account: AccountMatching, model: AccountModel, clickWindowMs: number): Evidence {
  const { clicks, surges, recent, variants } = account;
  return { clicks, surges, recent, model, variants, clickWindowMs };
}

/** A number beyond it is none of a greeting: among so many, an equal one would decide everything. */
const MOST_GREETINGS = 4_096;

/** A click that was just admitted as number `click`. */
export function registerClick(account: AccountMatching, click: number, variant: number): void {
  if (variant >= account.variants && variant < MOST_GREETINGS) account.variants = variant + 1;
  if (account.learned.fadedAtMs === 0) fadeAccount(account.learned, account.clicks.columns.observedAtMs[0]!);
  // A program's clicks say nothing of what the others in their cohort promise.
  // Nor do those without a code, of which nobody will ever see a response.
  const flags = account.clicks.columns.flags[slotOf(account.clicks, click)]!;
  if ((flags & CANDIDATE) !== 0 && (flags & CODELESS) === 0) countClick(account.surges, account.clicks, click);
}

/** Lets go of old clicks; what they were worth is counted before. */
export function expireClicks(account: AccountMatching, platform: PlatformMatching, nowMs: number): void {
  const { clicks, surges } = account;
  if (liveClicks(clicks) === 0 && clicks.cells.size === 0) return;
  expire(clicks, nowMs, {
    // Of the one that leaves alone: the rest is counted when the next model is made or stock is taken, an hour's at a time and not click by click from memory
    // that nobody else has touched.
    beforeLeaving: (click) => matureLeaving(account, platform, currentModel(account, platform), nowMs, click),
    lossOdds: ({ kind, stratum }, isCodeless) => {
      const odds = currentModel(account, platform).lossOdds()[kind]!;
      return platform.platform.worth[stratum]! * (isCodeless ? 1 + odds : odds);
    },
  });
  if (surges.tracked.size > 0) expireSurges(surges, nowMs);
}
