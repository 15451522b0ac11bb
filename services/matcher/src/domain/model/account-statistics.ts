import { type Audience, NO_AUDIENCE } from './audience.ts';
import { DELAY_BINS } from './delay-grid.ts';
import { LATELY_HALF_LIFE_MS, type Lately, noLately } from './lately.ts';
import { RATE_HALF_LIFE_MS, SHAPE_HALF_LIFE_MS, scale } from './platform-statistics.ts';
import { DEVICES, KINDS } from './strata.ts';
import { fade, type Tally } from './tally.ts';

/** What one account has taught beside the platform, decayed; part of the account's state and therefore a function of its log. */
export interface AccountStatistics {
  fadedAtMs: number;
  /** First messages learned from, never faded: tells how much has come since a model was made. */
  seen: number;
  /** Leads with identifier, and messages of no click, since the account was first seen. */
  identified: number;
  organic: number;
  /** Decayed time of observation that `identified` and `organic` were counted in. Seconds. */
  observedS: number;
  readonly organicHours: Float64Array;
  /** Leads with identifier by hour of the day (UTC). */
  readonly identifiedHours: Float64Array;
  /** Of those the ones that came `LATE_S` after their click or later (late-hours.ts). */
  readonly lateHours: Float64Array;
  /** By campaign: clicks, each times its worth and as much as was due of its lead by its age; and leads with identifier. */
  readonly exposure: Tally;
  readonly responses: Tally;
  readonly delays: Float64Array;
  /** Leads that kept their identifier, by device and network of the click. */
  readonly keepers: Float64Array;
  /** The same whose click had left the store: of no known kind. */
  keepersElsewhere: number;
  /** Leads that lost it: shares of posteriors. */
  losers: number;
  /** The last days alone, against what was expected of them. */
  readonly lately: Lately;
  /** Country of the phone: of leads with identifier, the same by campaign, and of messages of no click. */
  readonly home: Tally;
  readonly campaignHome: Map<string, Tally>;
  /** country|region of the phone, by campaign: signs stand somewhere. */
  readonly campaignRegion: Map<string, Tally>;
  readonly organicHome: Tally;
  /** country|region of the phone, country|message language. */
  readonly region: Tally;
  readonly language: Tally;
  /** Of its live clicks as they stood when a model was made; none in what was learned. */
  audience: Audience;
}

export function emptyAccountStatistics(): AccountStatistics {
  return {
    fadedAtMs: 0,
    seen: 0,
    identified: 0,
    organic: 0,
    observedS: 0,
    keepersElsewhere: 0,
    losers: 0,
    lately: noLately(),
    ...countsByTime(),
    exposure: new Map(),
    responses: new Map(),
    home: new Map(),
    campaignHome: new Map(),
    campaignRegion: new Map(),
    organicHome: new Map(),
    region: new Map(),
    language: new Map(),
    audience: NO_AUDIENCE,
  };
}

const DELAYS = DEVICES.length * DELAY_BINS;

/** In one buffer: each of its own costs 180 bytes more, in every account. */
function countsByTime(): Pick<AccountStatistics, 'organicHours' | 'identifiedHours' | 'lateHours' | 'delays' | 'keepers'> {
  const { buffer } = new Float64Array(24 + 24 + 24 + DELAYS + KINDS);
  return {
    organicHours: new Float64Array(buffer, 0, 24),
    identifiedHours: new Float64Array(buffer, 24 * 8, 24),
    lateHours: new Float64Array(buffer, 48 * 8, 24),
    delays: new Float64Array(buffer, 72 * 8, DELAYS),
    keepers: new Float64Array(buffer, (72 + DELAYS) * 8, KINDS),
  };
}

export const LATELY = ['responses', 'due'] as const satisfies readonly (keyof Lately)[];

export function fadeAccount(statistics: AccountStatistics, nowMs: number): void {
  if (statistics.fadedAtMs === 0) {
    statistics.fadedAtMs = nowMs;
    return;
  }
  const elapsedMs = nowMs - statistics.fadedAtMs;
  if (elapsedMs <= 0) return;
  const rates = 2 ** -(elapsedMs / RATE_HALF_LIFE_MS);
  const shapes = 2 ** -(elapsedMs / SHAPE_HALF_LIFE_MS);
  statistics.fadedAtMs = nowMs;
  statistics.identified *= rates;
  statistics.organic *= rates;
  statistics.keepersElsewhere *= rates;
  statistics.losers *= rates;
  const lately = 2 ** -(elapsedMs / LATELY_HALF_LIFE_MS);
  for (const key of LATELY) statistics.lately[key] *= lately;
  scale(statistics.keepers, rates);
  statistics.observedS = statistics.observedS * rates + elapsedMs / 1_000;
  scale(statistics.organicHours, rates);
  scale(statistics.identifiedHours, rates);
  scale(statistics.lateHours, rates);
  scale(statistics.delays, shapes);
  fade(statistics.exposure, rates);
  fade(statistics.responses, rates);
  for (const tally of [statistics.home, statistics.organicHome, statistics.region, statistics.language]) fade(tally, shapes);
  for (const campaigns of [statistics.campaignHome, statistics.campaignRegion]) {
    for (const [campaign, tally] of campaigns) {
      fade(tally, shapes);
      if (tally.size === 0) campaigns.delete(campaign);
    }
  }
}

export function copyAccount(s: AccountStatistics): AccountStatistics {
  return {
    ...s,
    lately: { ...s.lately },
    organicHours: s.organicHours.slice(),
    identifiedHours: s.identifiedHours.slice(),
    lateHours: s.lateHours.slice(),
    exposure: new Map(s.exposure),
    responses: new Map(s.responses),
    delays: s.delays.slice(),
    keepers: s.keepers.slice(),
    home: new Map(s.home),
    campaignHome: new Map([...s.campaignHome].map(([campaign, tally]) => [campaign, new Map(tally)])),
    campaignRegion: new Map([...s.campaignRegion].map(([campaign, tally]) => [campaign, new Map(tally)])),
    organicHome: new Map(s.organicHome),
    region: new Map(s.region),
    language: new Map(s.language),
  };
}
