import * as fc from 'fast-check';
import { type AccountModel, deriveAccount } from '../../src/domain/model/account-model.ts';
import { emptyAccountStatistics } from '../../src/domain/model/account-statistics.ts';
import { noAudience } from '../../src/domain/model/audience.ts';
import { DELAY_BINS } from '../../src/domain/model/delay-grid.ts';
import { ANCHOR_COUNTS, REACHES } from '../../src/domain/model/mixing-share.ts';
import { behindHidden } from '../../src/domain/model/places.ts';
import { derivePlatform } from '../../src/domain/model/platform-model.ts';
import {
  emptyPlatformStatistics,
  type PlatformStatistics,
  rateArrays,
  scalarNames,
  shapeArrays,
} from '../../src/domain/model/platform-statistics.ts';
import { DEVICES, KINDS, NETWORKS } from '../../src/domain/model/strata.ts';
import { add, name, type Tally } from '../../src/domain/model/tally.ts';

export const COUNTRIES = ['US', 'DE', 'BR', 'IN', 'NG'];
export const LANGUAGES = ['en', 'de', 'pt', 'hi'];
export const REGIONS = ['N', 'S', 'W'];
export const CAMPAIGNS = ['spring', 'autumn', 'ad-7'];

const amount = fc.oneof(
  { weight: 2, arbitrary: fc.constant(0) },
  fc.integer({ min: 1, max: 5_000 }),
  fc.double({ min: 0, max: 50, noNaN: true }),
);

/** Draws of numbers from one seed: thousands of counts as an arbitrary each would take longer to make than to test. */
function draws(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

/** What a model is made from: a counterexample names these, not thousands of counts. */
export interface ModelSeed {
  readonly seed: number;
  /** How many of its counts are not 0. */
  readonly density: number;
  readonly platformScale: number;
  readonly accountScale: number;
  readonly days: number;
}

export const anySeed: fc.Arbitrary<ModelSeed> = fc.record({
  seed: fc.nat(),
  density: fc.double({ min: 0, max: 1, noNaN: true }),
  platformScale: amount,
  accountScale: amount,
  days: fc.double({ min: 0, max: 60, noNaN: true }),
});

/** Statistics such as some accounts may have taught: any counts, any of them absent. */
export function statisticsOf({ seed, density, platformScale: scale }: ModelSeed): PlatformStatistics {
  const draw = draws(seed);
  const some = () => (draw() < density ? draw() ** 3 * scale : 0);
  const statistics = emptyPlatformStatistics();
  statistics.fadedAtMs = 1_790_000_000_000;
  for (const values of [...rateArrays(statistics), ...shapeArrays(statistics)])
    for (let at = 0; at < values.length; at += 1) values[at] = some();
  // Who got old is among those who were there.
  const steps = statistics.reached.length / DEVICES.length;
  for (let at = 1; at < statistics.reached.length; at += 1) {
    if (at % steps !== 0) statistics.reached[at] = Math.min(statistics.reached[at]!, statistics.reached[at - 1]!);
  }
  for (const key of scalarNames(statistics.scalars)) statistics.scalars[key] = some();
  for (const reach of REACHES) for (const key of ANCHOR_COUNTS) statistics.anchor[reach][key] = some();
  fill(statistics, some);
  for (const country of COUNTRIES) for (const language of ['', ...LANGUAGES]) fillOne(statistics.audience, name(country, language), some());
  for (let at = 0; at < statistics.dayPairs.length; at += 1) statistics.dayPairs[at] = some() - some();
  for (const spread of [statistics.lossSpread, statistics.organicSpread]) spread.set([some() - some(), some()]);
  return statistics;
}

function fillOne(tally: Tally, key: string, value: number): void {
  if (value > 0) add(tally, key, value);
}

function fill({ tallies }: PlatformStatistics, some: () => number): void {
  const put = (tally: Tally, first: string, second?: string, third?: string) => {
    const value = some();
    if (value > 0) add(tally, second === undefined ? first : name(first, second, third), value);
  };
  for (const country of COUNTRIES) {
    put(tallies.home, country);
    if (tallies.home.has(country)) put(tallies.organicHome, country);
    for (const network of NETWORKS) {
      put(tallies.abroad, network, country);
      put(tallies.atHome, network, country);
      put(tallies.exit, network, country);
    }
    for (const browser of LANGUAGES) {
      put(tallies.browser, country, browser);
      put(tallies.language, country, browser);
      for (const language of LANGUAGES) put(tallies.spoken, country, browser, language);
    }
    for (const region of REGIONS) {
      put(tallies.region, country, region);
      for (const network of NETWORKS) put(tallies.hub, network, country, region);
    }
  }
  for (const network of NETWORKS) {
    put(tallies.sameRegion, network);
    put(tallies.otherRegion, network);
  }
  for (const click of DEVICES) for (const message of DEVICES) if (message !== 'unknown') put(tallies.hint, click, message);
  // People with hidden numbers, by the country of their address.
  for (const country of ['', ...tallies.home.keys()])
    for (const browser of LANGUAGES) for (const language of LANGUAGES) put(tallies.spoken, behindHidden(0, country), browser, language);
}

/** An account's model over such a platform, with what the account itself may have taught. */
export function modelOf(given: ModelSeed): AccountModel {
  const { seed, accountScale: scale, days } = given;
  const statistics = statisticsOf(given);
  const draw = draws(seed + 1);
  const some = () => (draw() < 0.7 ? draw() ** 3 * scale : 0);
  const basis = { ...emptyAccountStatistics(), audience: noAudience() };
  basis.fadedAtMs = statistics.fadedAtMs;
  basis.identified = some();
  basis.organic = some();
  basis.observedS = days * 86_400;
  for (let hour = 0; hour < 24; hour += 1) {
    basis.organicHours[hour] = some();
    basis.identifiedHours[hour] = some();
    basis.lateHours[hour] = draw() * basis.identifiedHours[hour]!;
  }
  basis.losers = some();
  for (let kind = 0; kind < KINDS; kind += 1) basis.keepers[kind] = some();
  for (let at = 0; at < DEVICES.length * DELAY_BINS; at += 1) basis.delays[at] = some();
  for (const campaign of CAMPAIGNS) {
    add(basis.exposure, campaign, some());
    add(basis.responses, campaign, some());
    const home: Tally = new Map();
    for (const country of statistics.tallies.home.keys()) add(home, country, some());
    if (draw() < 0.7) basis.campaignHome.set(campaign, home);
  }
  for (const country of statistics.tallies.home.keys()) {
    add(basis.home, country, some());
    add(basis.organicHome, country, some());
    for (const language of LANGUAGES) if (draw() < 0.5) add(basis.language, name(country, language), some());
    for (const region of REGIONS) if (draw() < 0.5) add(basis.region, name(country, region), some());
  }
  for (const campaign of CAMPAIGNS) {
    const region: Tally = new Map();
    for (const country of statistics.tallies.home.keys())
      for (const each of REGIONS) if (draw() < 0.5) add(region, name(country, each), some());
    if (draw() < 0.7) basis.campaignRegion.set(campaign, region);
    const clicks: Tally = new Map();
    for (const country of COUNTRIES) {
      const value = some();
      fillOne(clicks, country, value);
      fillOne(basis.audience.browser, name(country, LANGUAGES[0]!), value);
    }
    if (draw() < 0.7) basis.audience.campaignHome.set(campaign, clicks);
  }
  return deriveAccount(derivePlatform(statistics, 1), basis);
}
