import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeState } from '../src/adapters/state-codec.ts';
import { type AccountMatching, currentModel, dropModel } from '../src/domain/account-matching.ts';
import { keptRate, leftOf } from '../src/domain/click-odds.ts';
import { type ClickStore, liveClicks, profileAt, slotOf, stand } from '../src/domain/click-store.ts';
import { cohortLefts, turnTo } from '../src/domain/cohort-lefts.ts';
import type { Asked } from '../src/domain/evidence.ts';
import { evidenceOf } from '../src/domain/matching.ts';
import { copyAccount } from '../src/domain/model/account-statistics.ts';
import { DELAY_BINS } from '../src/domain/model/delay-grid.ts';
import { DEVICES } from '../src/domain/model/strata.ts';
import type { PartitionState } from '../src/domain/state.ts';
import { countResponse } from '../src/domain/surge.ts';
import type { Device } from '../src/domain/touchpoint.ts';
import { weigh, weighed } from '../src/domain/weighing.ts';
import { accountWith, asking, type Given, PLAIN, PRIORS, register, WINDOW_MS } from './support/asked-account.ts';
import { foldLog, type ModelShelf, stateBytes } from './support/fold-harness.ts';
import { DAY, HOUR, MINUTE, source, T0 } from './support/log-builder.ts';
import { toyTraffic } from './support/toy-traffic.ts';

const SECOND = 1_000;

/** A busy account: a day of clicks, forty an hour, with messages that keep and lose their code, and of nobody. */
const folded = (async () => {
  const shelf: ModelShelf = new Map();
  const { touchpoints } = toyTraffic({
    seed: 11,
    days: 1,
    clicksPerHour: 60,
    writes: 0.3,
    loses: { ios: 0.1 },
    medianDelayS: 40,
    spread: 1.6,
    editS: 0,
    organicPerHour: 2,
    modelEveryHours: 6,
  });
  return { shelf, ...(await foldLog(touchpoints, { shelf })) };
})();

function accountIn(state: PartitionState) {
  return state.accounts.get('acme/wa')!.matching;
}

function seen(state: PartitionState, marks: Partial<typeof PLAIN>, agoS: number, closelyUpTo: number, as: Partial<Asked> = {}) {
  const account = accountIn(state);
  const asked = { ...asking({ ...PLAIN, timeMs: state.clockMs - agoS * SECOND, ...marks }), knownAtMs: state.clockMs, isLast: true, ...as };
  weigh(evidenceOf(account, currentModel(account, state), WINDOW_MS), asked, 1_800, closelyUpTo);
  return {
    found: weighed.found,
    sum: weighed.sum,
    clicks: [...weighed.clicks.subarray(0, weighed.listed)],
    odds: [...weighed.odds.subarray(0, weighed.listed)],
    bySource: [...weighed.bySource],
    byDelay: [...weighed.byDelay],
  };
}

describe('clicks weighed at a glance', () => {
  const questions = [{}, { wording: 'greeting', greetingVariant: 1 }, { wording: 'other' }, { country: 'US', region: 'NY' }] as const;

  it('sum up to what they are looked at closely, and none is missed that an answer would name', async () => {
    const { state } = await folded;
    expect(liveClicks(accountIn(state).clicks)).toBeGreaterThan(1_000);
    for (const marks of questions) {
      for (const agoS of [0, 30, 3_600, 40_000]) {
        const at = { ...marks, timeMs: T0 + DAY - agoS * SECOND };
        const closely = seen(state, at, 0, Number.POSITIVE_INFINITY, { knownAtMs: T0 + DAY });
        const glanced = seen(state, at, 0, 0, { knownAtMs: T0 + DAY });
        expect(closely.found).toBeGreaterThan(500);
        const total = 1 + closely.sum;
        expect(Math.abs(glanced.sum - closely.sum) / total).toBeLessThan(1e-3);
        closely.bySource.forEach((odds, source) => {
          expect(Math.abs(glanced.bySource[source]! - odds) / total).toBeLessThan(1e-3);
        });
        closely.byDelay.forEach((odds, group) => {
          expect(Math.abs(glanced.byDelay[group]! - odds) / total).toBeLessThan(1e-3);
        });
        closely.clicks.forEach((click, at) => {
          if (closely.odds[at]! / total < 5e-5) return;
          // The very same number: it was looked at closely too.
          expect(glanced.odds[glanced.clicks.indexOf(click)]).toBe(closely.odds[at]);
        });
      }
    }
  });

  it('are as free as they were then, where they were taken since', async () => {
    const { state } = await folded;
    let [free, taken] = [0, 0];
    for (let timeMs = T0 + DAY / 4; timeMs < T0 + DAY; timeMs += DAY / 96) {
      const then = { knownAtMs: timeMs, takenUntilMs: timeMs };
      const closely = seen(state, { timeMs }, 0, Number.POSITIVE_INFINITY, then);
      expect(Math.abs(seen(state, { timeMs }, 0, 0, then).sum - closely.sum) / (1 + closely.sum)).toBeLessThan(1e-3);
      free += closely.sum;
      taken += seen(state, { timeMs }, 0, 0, { knownAtMs: timeMs }).sum;
    }
    expect(free).toBeGreaterThan(1.05 * taken);
  });

  describe('of floods', () => {
    const campaign = source({ placement: 'site', utmCampaign: 'flood' });
    const flood = (clicks: number, fromMs: number) =>
      Array.from({ length: clicks }, (_, index) => ({ at: fromMs + index * SECOND, source: campaign }));
    const sumAt = (account: AccountMatching, hours: number) => {
      const asked = { ...asking({ ...PLAIN, timeMs: T0 + 2 * HOUR }), knownAtMs: T0 + hours * HOUR };
      weigh(evidenceOf(account, currentModel(account, PRIORS), WINDOW_MS), asked, 1_800, 0);
      return weighed.sum;
    };

    it('weigh what is known at the time that is asked for, and not at another that was asked for before', () => {
      const account = accountWith(flood(400, T0));
      const [early, late] = [sumAt(account, 2), sumAt(account, 10)];
      // Eight more hours in which nobody wrote.
      expect(late).toBeLessThan(0.95 * early);
      expect([sumAt(account, 2), sumAt(account, 10)]).toEqual([early, late]);
    });

    it('weigh by their own ten minutes', () => {
      const [large, small] = [flood(400, T0), flood(21, T0 + HOUR)];
      const alone = sumAt(accountWith(large), 10) + sumAt(accountWith(small), 10);
      expect(sumAt(accountWith([...large, ...small]), 10) / alone).toBeCloseTo(1, 2);
    });

    interface Step {
      readonly given: readonly (Given & { readonly isCoded: boolean; readonly times: number })[];
      readonly respondedAtMs: number | undefined;
      readonly slow: number;
    }

    it('weigh what evidence says is left of their promise, under each model', () => {
      const account = accountWith(flood(400, T0));
      const { clicks, surges } = account;
      const profile = profileAt(clicks, 0);
      for (const slow of [0, 500, 5_000]) {
        remake(account, slow);
        sumAt(account, 10);
        turnTo(surges, T0, T0 + 10 * HOUR);
        const model = currentModel(account, PRIORS);
        const about = { rate: keptRate(model, profile), keepCurve: model.keep(profile.device) };
        expect(Math.min(...cohortLefts.lefts)).toBe(leftOf(surges, T0, profile, about, T0 + 10 * HOUR));
      }
    });

    it('weigh a flood by what it is, also of clicks that were too few to be one, or of which there were none, at the last question', () => {
      const few = { at: T0 - HOUR, device: 'desktop', source: campaign } as const;
      const before = [few, ...flood(120, T0)];
      const likeFew = Array.from({ length: 40 }, () => ({ ...few, at: T0 + MINUTE }));
      // No cohort counts it, and of its bot score there was none.
      const uncounted = { at: T0 + MINUTE, source: campaign, code: '', botScore: 0.4 };
      for (const more of [likeFew, [uncounted]]) {
        const account = accountWith(before);
        sumAt(account, 1);
        for (const each of more) register(account, each, account.clicks.next);
        const sum = sumAt(account, 1);
        expect(sum).toBe(sumAt(accountWith([...before, ...more]), 1));
      }
    });

    /** Another model: of so many leads that came days after their click. */
    function remake(account: AccountMatching, leads: number): void {
      account.basis = copyAccount(account.basis);
      account.basis.delays.fill(0);
      for (let device = 0; device < DEVICES.length; device += 1) account.basis.delays[(device + 1) * DELAY_BINS - 2] = leads;
      dropModel(account);
    }

    /** What happens in a flooded account between two questions. */
    const anyStep = fc.record({
      given: fc.array(
        fc.record({
          at: fc.constantFrom(1, 5, 15, 22, 25).map((minutes) => T0 + minutes * MINUTE),
          device: fc.constantFrom<Device>('ios', 'android', 'desktop'),
          botScore: fc.constantFrom(0, 0.9),
          isCoded: fc.constantFrom(true, true, false),
          times: fc.constantFrom(1, 40),
          source: fc.constantFrom(campaign, source({ placement: 'site', utmCampaign: 'autumn' })),
        }),
        { maxLength: 2 },
      ),
      respondedAtMs: fc.option(
        fc.integer({ min: 0, max: 40 }).map((minutes) => T0 + minutes * MINUTE),
        { nil: undefined },
      ),
      /** Leads behind a new model. */
      slow: fc.constantFrom(0, 0, 500),
      passedS: fc.constantFrom(0, 1, 60, 900),
      isOtherAsked: fc.constantFrom(false, false, true),
    });

    it('weigh as they would in an account that nobody has asked before, whatever has come since the last question', () => {
      const other = accountWith(flood(100, T0 + 15 * MINUTE).map((each) => ({ ...each, device: 'desktop' as const })));
      const change = (account: AccountMatching, { given, respondedAtMs, slow }: Step) => {
        for (const { isCoded, times, ...each } of given) {
          for (let nth = 0; nth < times; nth += 1) register(account, isCoded ? each : { ...each, code: '' }, account.clicks.next);
        }
        if (slow > 0) remake(account, slow);
        if (respondedAtMs !== undefined) countResponse(account.surges, respondedAtMs, profileAt(account.clicks, 0));
      };
      fc.assert(
        fc.property(fc.array(anyStep, { minLength: 2, maxLength: 6 }), (steps) => {
          const first = () => accountWith([...flood(120, T0), ...flood(80, T0 + 20 * MINUTE)]);
          const asked = first();
          let hours = 1;
          for (const [at, step] of steps.entries()) {
            change(asked, step);
            hours += step.passedS / 3_600;
            if (step.isOtherAsked) sumAt(other, 2);
            const sum = sumAt(asked, hours);
            const anew = first();
            for (const each of steps.slice(0, at + 1)) change(anew, each);
            expect(sum).toBe(sumAt(anew, hours));
            // The account asked last is the new one: without this every question would follow one of another account.
            sumAt(asked, hours);
          }
        }),
        { numRuns: 60 },
      );
    });
  });

  it('count for more where people come back at this hour', async () => {
    const { state } = await folded;
    const account = accountIn(state);
    const { basis } = account;
    const timeMs = T0 + DAY + 2 * HOUR;
    const sumOf = (closelyUpTo: number) => seen(state, { timeMs }, 0, closelyUpTo, { knownAtMs: timeMs }).sum;
    const plain = sumOf(0);
    account.basis = copyAccount(basis);
    account.basis.lateHours[new Date(timeMs).getUTCHours()] = 500;
    dropModel(account);
    const closely = sumOf(Number.POSITIVE_INFINITY);
    expect(Math.abs(sumOf(0) - closely) / (1 + closely)).toBeLessThan(1e-3);
    expect(closely).toBeGreaterThan(2 * plain);
    account.basis = basis;
    dropModel(account);
  });

  it('stand as the columns say, whatever came of them, and so from a snapshot', async () => {
    const { state, shelf } = await folded;
    const restored = decodeState(0, stateBytes(state), (version) => shelf.get(version))!;
    const standings = ({ clicks }: { readonly clicks: ClickStore }) =>
      Array.from({ length: liveClicks(clicks) }, (_, index) => clicks.columns.standing[slotOf(clicks, clicks.first + index)]!);
    const kept = standings(accountIn(state));
    expect(standings(accountIn(restored))).toEqual(kept);
    expect(new Set(kept.map(Math.sign))).toEqual(new Set([1, -1]));
    expect(kept.some((standing) => standing > 0 && standing < 1)).toBe(true);
    const { clicks } = accountIn(state);
    for (let number = clicks.first; number < clicks.next; number += 1) stand(clicks, slotOf(clicks, number));
    expect(standings(accountIn(state))).toEqual(kept);
  });
});
