import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type AccountModel, deriveAccount } from '../src/domain/model/account-model.ts';
import { emptyAccountStatistics } from '../src/domain/model/account-statistics.ts';
import { derivePlatform } from '../src/domain/model/platform-model.ts';
import { emptyPlatformStatistics } from '../src/domain/model/platform-statistics.ts';
import { campaignStrength, otherRegions } from '../src/domain/model/region-spread.ts';
import { add, type Tally } from '../src/domain/model/tally.ts';

const REGIONS = Array.from({ length: 20 }, (_, at) => `US|R${at}`);

function draws(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

/** Leads of each campaign from the same regions, and so many of them from where its sign stands. */
function campaigns(count: number, leads: number, atSign: number, seed = 7): ReadonlyMap<string, Tally> {
  const draw = draws(seed);
  return new Map(
    Array.from({ length: count }, (_, at) => {
      const tally: Tally = new Map([['DE|BE', 1_000 * at]]);
      for (let lead = 0; lead < leads; lead += 1) {
        const region = draw() < atSign ? REGIONS[at % REGIONS.length]! : REGIONS[Math.floor(draw() ** 2 * REGIONS.length)]!;
        tally.set(region, (tally.get(region) ?? 0) + 1);
      }
      return [`campaign ${at}`, tally] as const;
    }),
  );
}

describe('leads of the account behind the regions of a campaign', () => {
  it('are twenty before anything is known, where there is one campaign alone, and of countries nobody comes from', () => {
    expect(campaignStrength(new Map(), 'US')).toBeCloseTo(20, 9);
    expect(campaignStrength(campaigns(1, 500, 0.5), 'US')).toBeCloseTo(20, 9);
    expect(campaignStrength(campaigns(8, 500, 0.5), 'FR')).toBeCloseTo(20, 9);
  });

  it('are many where campaigns find people where the others do', () => {
    for (const seed of [1, 2, 3, 4, 5]) expect(campaignStrength(campaigns(8, 200, 0, seed), 'US')).toBeGreaterThan(100);
  });

  it('are few where each campaign has a place of its own', () => {
    expect(campaignStrength(campaigns(8, 200, 0.7), 'US')).toBeLessThan(3);
    // Dirichlet laws of strength 1 / F − 1: with a fifth of the leads at the sign two of them meet there once in 25 times.
    expect(campaignStrength(campaigns(8, 2_000, 0.2), 'US')).toBeGreaterThan(10);
    expect(campaignStrength(campaigns(8, 2_000, 0.2), 'US')).toBeLessThan(40);
  });

  it('are one at least, where every lead of a campaign is of a region of its own', () => {
    expect(campaignStrength(campaigns(8, 500, 1), 'US')).toBeCloseTo(1, 9);
  });

  it('are a number from one to a thousand whatever is left of old counts', () => {
    const share = fc.double({ min: 0, max: 50, noNaN: true });
    const tally = fc.array(fc.tuple(fc.constantFrom(...REGIONS), share)).map((entries): Tally => new Map(entries));
    fc.assert(
      fc.property(fc.array(tally, { maxLength: 6 }), (tallies) => {
        const strength = campaignStrength(new Map(tallies.map((each, at) => [String(at), each])), 'US');
        expect(strength >= 1 && strength < 1_000).toBe(true);
      }),
    );
  });
});

describe('regions of messages without identifier', () => {
  const signs = campaigns(8, 200, 0.7);
  const allOf = (perRegion: number): Tally => {
    const all: Tally = new Map([['DE|BE', 50_000]]);
    for (const tally of signs.values()) for (const [key, value] of tally) all.set(key, (all.get(key) ?? 0) + value);
    for (const region of REGIONS) all.set(region, (all.get(region) ?? 0) + perRegion);
    return all;
  };

  it('are those of all first messages without the leads', () => {
    const { regions, total } = otherRegions(signs, allOf(30), 'US');
    expect([...regions.keys()].toSorted()).toEqual([...REGIONS].toSorted());
    for (const region of REGIONS) expect(regions.get(region)).toBe(30);
    expect(total).toBe(600);
  });

  it('are shared out with few leads behind them where they differ from those of leads, with two hundred before anything is known', () => {
    expect(otherRegions(signs, allOf(30), 'US').strength).toBeLessThan(60);
    expect(otherRegions(new Map(), new Map(), 'US')).toEqual({ regions: new Map(), total: 0, strength: expect.closeTo(200, 9) });
  });

  it('are shared out with hundreds of leads behind them where they are the same', () => {
    const [leads, others] = [campaigns(1, 2_000, 0, 3).get('campaign 0')!, campaigns(1, 300, 0, 4).get('campaign 0')!];
    const all = new Map([...leads].map(([key, value]) => [key, value + (others.get(key) ?? 0)]));
    expect(otherRegions(new Map([['a', leads]]), all, 'US').strength).toBeGreaterThan(150);
  });

  it('are none below nothing where leads have faded otherwise', () => {
    const { regions } = otherRegions(new Map([['a', new Map([['US|R0', 5]])]]), new Map([['US|R0', 4.9]]), 'US');
    expect(regions.get('US|R0')).toBe(0);
  });
});

describe('regions by an account’s model', () => {
  const accountOf = (of: ReadonlyMap<string, Tally>, others: Tally = new Map()): AccountModel => {
    const basis = emptyAccountStatistics();
    for (const [campaign, tally] of of) {
      basis.campaignRegion.set(campaign, tally);
      for (const [key, value] of tally) add(basis.region, key, value);
    }
    for (const [key, value] of others) add(basis.region, key, value);
    return deriveAccount(derivePlatform(emptyPlatformStatistics(), 0), basis);
  };
  const chances = (of: ReadonlyMap<string, Tally>) => of.get('campaign 3')!.get('US|R15')! / 200;

  it('are the account’s for a campaign that finds people where the others do, and its own for a sign', () => {
    const same = campaigns(8, 200, 0);
    const account = accountOf(same);
    const usual = account.region('US', 'R15');
    expect(Math.abs(account.campaign('campaign 3').region('US', 'R15') - usual)).toBeLessThan(0.6 * Math.abs(chances(same) - usual));
    const sign = accountOf(campaigns(8, 200, 0.7)).campaign('campaign 3');
    expect(sign.region('US', 'R3')).toBeGreaterThan(0.65);
  });

  it('of messages of no click are not those of the leads where the two differ', () => {
    const account = accountOf(campaigns(4, 200, 1), new Map(REGIONS.map((region) => [region, 20])));
    // A quarter of the leads are from there, and one in twenty of the others.
    expect(account.region('US', 'R2')).toBeGreaterThan(0.15);
    expect(account.organicRegion('US', 'R2')).toBeLessThan(0.1);
  });
});
