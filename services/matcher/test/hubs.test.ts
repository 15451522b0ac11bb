import { describe, expect, it } from 'vitest';
import { learnIdentified } from '../src/domain/learning.ts';
import { likelihood } from '../src/domain/likelihood.ts';
import { deriveAccount } from '../src/domain/model/account-model.ts';
import { emptyAccountStatistics } from '../src/domain/model/account-statistics.ts';
import { hubsOf } from '../src/domain/model/hubs.ts';
import { derivePlatform } from '../src/domain/model/platform-model.ts';
import { emptyPlatformStatistics } from '../src/domain/model/platform-statistics.ts';
import { networkIndex } from '../src/domain/model/strata.ts';
import { accountWith, PLAIN, PRIORS } from './support/asked-account.ts';
import { SECOND, T0 } from './support/log-builder.ts';

const [FIXED, MOBILE] = [networkIndex('fixed'), networkIndex('mobile')];
const REGIONS = ['N', 'S', 'W', 'E'];
const evenly = () => 1 / REGIONS.length;

describe('where people surface whose region is wrong', () => {
  it('is told by network: what mobile networks do says little of lines at home', () => {
    const hub = hubsOf(
      new Map([
        ['mobile|US|N', 900],
        ['fixed|US|S', 50],
        ['fixed|US|W', 50],
      ]),
      evenly,
    );
    expect(hub(MOBILE, 'US', 'N')).toBeGreaterThan(0.95);
    expect(hub(FIXED, 'US', 'N')).toBeLessThan(0.4);
    expect(hub(FIXED, 'US', 'S')).toBeGreaterThan(0.3);
    // Each is a distribution.
    for (const network of [FIXED, MOBILE]) expect(REGIONS.reduce((sum, region) => sum + hub(network, 'US', region), 0)).toBeCloseTo(1, 9);
  });

  it('is what all networks do where one has been seen little, and where phones are where nothing has', () => {
    const hub = hubsOf(new Map([['mobile|US|N', 900]]), evenly);
    expect(hub(FIXED, 'US', 'N')).toBeGreaterThan(0.95);
    expect(hub(FIXED, 'DE', 'N')).toBeCloseTo(0.25, 9);
  });

  it('is read from models that named no network as said of all', () => {
    const hub = hubsOf(
      new Map([
        ['US|N', 90],
        ['US|S', 10],
      ]),
      evenly,
    );
    expect(hub(FIXED, 'US', 'N')).toBeCloseTo(hub(MOBILE, 'US', 'N'), 9);
    expect(hub(MOBILE, 'US', 'N')).toBeGreaterThan(0.8);
  });

  it('is learned of the network of the click, and weighs against a click of that network alone', () => {
    const statistics = emptyPlatformStatistics();
    const account = accountWith([{ at: T0, country: 'US', region: 'N', network: 'mobile', languages: [] }]);
    // One agreeing country in four is learned from.
    account.learned.seen = 3;
    learnIdentified(account, { ...PRIORS, statistics }, 0, { ...PLAIN, timeMs: T0 + 20 * SECOND, country: 'US', region: 'S' });
    expect([...statistics.tallies.hub.keys()]).toEqual(['mobile|US|N']);
    statistics.tallies.hub.set('mobile|US|N', 500).set('fixed|US|W', 500);
    const model = deriveAccount(derivePlatform(statistics, 1), emptyAccountStatistics());
    const say = (network: number) =>
      likelihood(
        model,
        { campaign: 'a', device: 0, network, country: 'US', region: 'N', language: '' },
        { ...PLAIN, country: 'US', region: 'S' },
      ).region;
    expect(say(MOBILE)).toBeGreaterThan(1.4 * say(FIXED));
  });
});
