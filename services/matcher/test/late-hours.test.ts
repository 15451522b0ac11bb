import { describe, expect, it } from 'vitest';
import { decodeState } from '../src/adapters/state-codec.ts';
import { currentModel } from '../src/domain/account-matching.ts';
import { evidenceTerms } from '../src/domain/evidence-terms.ts';
import { learnIdentified } from '../src/domain/learning.ts';
import { evidenceOf } from '../src/domain/matching.ts';
import { deriveAccount } from '../src/domain/model/account-model.ts';
import { copyAccount, emptyAccountStatistics, fadeAccount } from '../src/domain/model/account-statistics.ts';
import { FLAT_DAY, hoursCovered, spreadOf, spreads } from '../src/domain/model/day-shape.ts';
import { LATE_S, lateFactors } from '../src/domain/model/late-hours.ts';
import { RATE_HALF_LIFE_MS } from '../src/domain/model/platform-statistics.ts';
import { UNKNOWN_DEVICE } from '../src/domain/model/strata.ts';
import { posterior } from '../src/domain/posterior.ts';
import { accountWith, asking, PLAIN, PRIORS, WINDOW_MS } from './support/asked-account.ts';
import { foldLog, stateBytes } from './support/fold-harness.ts';
import { DAY, HOUR, MINUTE, T0 } from './support/log-builder.ts';
import { HALF_A_DAY, toyTraffic } from './support/toy-traffic.ts';

const MIDNIGHT = Math.floor(T0 / DAY) * DAY;
const EVENLY = new Float64Array(24).fill(1 / 24);
const CURVE = deriveAccount(PRIORS.platform, emptyAccountStatistics()).keep(UNKNOWN_DEVICE);
const SPREAD = spreads(0.5);
const at = (hour: number, leads: number) => Float64Array.from(FLAT_DAY, (_, each) => (each === hour ? leads : 0));

/** An account watched for ten days: leads that came soon and leads that came late, by hour. */
function accountOf(soon: Float64Array, late: Float64Array) {
  const basis = { ...emptyAccountStatistics(), fadedAtMs: MIDNIGHT, observedS: 10 * 86_400 };
  basis.identifiedHours.set(soon.map((each, hour) => each + late[hour]!));
  basis.lateHours.set(late);
  return basis;
}

describe('the spread that counts show', () => {
  it('is none of counts as expected, and the true one of many', () => {
    expect(spreadOf(new Float64Array(24), EVENLY, FLAT_DAY)).toBe(0);
    expect(spreadOf(new Float64Array(24).fill(40), EVENLY, FLAT_DAY)).toBe(0);
    const wave = Float64Array.from(FLAT_DAY, (_, hour) => 4_000 * (1 + 0.6 * Math.cos(((hour - 20) * Math.PI) / 12)));
    // One amplitude of .6 where a spread expects two of each wave, falling with its number.
    expect(spreadOf(wave, EVENLY, FLAT_DAY)).toBeCloseTo(
      0.6 / Math.sqrt(2 * (1 + 1 / 4 + 1 / 9 + 1 / 16 + 1 / 25 + 1 / 36 + 1 / 49 + 1 / 64)),
      2,
    );
    // What so few do by chance is nothing.
    const few = Float64Array.from(FLAT_DAY, (_, hour) => (hour % 3 === 0 ? 2 : 1));
    expect(spreadOf(few, EVENLY, FLAT_DAY)).toBe(0);
  });
});

describe('the hours at which people come back', () => {
  it('say nothing of few late leads, nor of those that come as the delays say', () => {
    expect([
      ...lateFactors(
        accountOf(
          FLAT_DAY.map((each) => 20 * each),
          at(20, 19),
        ),
        CURVE,
        SPREAD,
      ),
    ]).toEqual([...FLAT_DAY]);
    expect([
      ...lateFactors(
        accountOf(
          FLAT_DAY.map((each) => 20 * each),
          FLAT_DAY.map((each) => 5 * each),
        ),
        CURVE,
        SPREAD,
      ),
    ]).toEqual([...FLAT_DAY]);
  });

  it('are told apart from the hours at which people click: who clicks at noon comes back after it by the delays alone', () => {
    const noon = at(12, 400);
    // As the prior's delays beyond an hour have it: most within some hours.
    const factors = lateFactors(accountOf(noon, at(20, 60)), CURVE, SPREAD);
    expect(factors[20]).toBeGreaterThan(3);
    expect(factors[15]).toBeLessThan(0.7);
    const flat = lateFactors(
      accountOf(
        FLAT_DAY.map((each) => (400 * each) / 24),
        at(20, 60),
      ),
      CURVE,
      SPREAD,
    );
    expect(flat[20]).toBeGreaterThan(3);
    expect(flat[4]).toBeLessThan(0.5);
    // They move late leads about and make none.
    expect(flat.reduce((sum, each) => sum + each, 0) / 24).toBeCloseTo(1, 9);
  });

  it('of a young account are not told by hours that nobody has watched', () => {
    const basis = { ...accountOf(at(12, 60), at(14, 60)), fadedAtMs: MIDNIGHT + 16 * HOUR, observedS: 6 * 3_600 };
    const unwatched = hoursCovered(MIDNIGHT + 10 * HOUR, MIDNIGHT + 16 * HOUR)[2];
    expect(unwatched).toBe(0);
    const factors = lateFactors(basis, CURVE, SPREAD);
    expect(factors[2]! / factors[14]!).toBeLessThan(1);
    expect(factors[2]).toBeGreaterThan(0.3);
  });

  it('count of a lead that comes an hour after its click or later, as far as it is its own', () => {
    const clicks = [{ at: MIDNIGHT + 9 * HOUR }, { at: MIDNIGHT + 9 * HOUR + MINUTE }];
    const account = accountWith(clicks);
    learnIdentified(account, PRIORS, 0, { ...PLAIN, timeMs: MIDNIGHT + 9 * HOUR + LATE_S * 1_000 - 1_000 });
    expect([...account.learned.lateHours]).toEqual([...new Float64Array(24)]);
    learnIdentified(account, PRIORS, 1, { ...PLAIN, timeMs: MIDNIGHT + 20 * HOUR });
    expect(account.learned.lateHours[20]).toBeGreaterThan(0.4);
    expect(account.learned.lateHours[20]).toBeLessThan(1);
    expect(account.learned.identifiedHours[20]).toBe(1);
  });

  it('are part of the state', async () => {
    const { state } = await foldLog(toyTraffic({ ...HALF_A_DAY, medianDelayS: 4_000 }).touchpoints);
    const { matching } = state.accounts.get('acme/wa')!;
    expect(matching.learned.lateHours.some((leads) => leads > 1)).toBe(true);
    const restored = decodeState(0, stateBytes(state), () => undefined)!.accounts.get('acme/wa')!.matching;
    expect(restored.learned.lateHours).toEqual(matching.learned.lateHours);
    expect(restored.basis.lateHours).toEqual(matching.basis.lateHours);
  });

  it('fade as all rates do, and are copied with the rest', () => {
    const basis = accountOf(FLAT_DAY, at(20, 8));
    const copy = copyAccount(basis);
    fadeAccount(basis, basis.fadedAtMs + RATE_HALF_LIFE_MS);
    expect(basis.lateHours[20]).toBeCloseTo(4, 9);
    expect(copy.lateHours[20]).toBe(8);
  });
});

describe('a message that comes late', () => {
  const basis = accountOf(
    FLAT_DAY.map((each) => 20 * each),
    at(20, 60),
  );
  const evening = deriveAccount(PRIORS.platform, basis);
  const plain = deriveAccount(
    PRIORS.platform,
    accountOf(
      FLAT_DAY.map((each) => 20 * each),
      new Float64Array(24),
    ),
  );
  const answer = (model: typeof evening, hour: number, agoMs: number) => {
    const timeMs = MIDNIGHT + hour * HOUR;
    const account = accountWith([{ at: timeMs - agoMs }]);
    const evidence = evidenceOf(account, model, WINDOW_MS);
    const question = { ...asking({ ...PLAIN, timeMs }), knownAtMs: timeMs };
    const found = posterior(evidence, question);
    return { found, terms: evidenceTerms(evidence, question, found) };
  };
  const perOrganic = ({ found }: ReturnType<typeof answer>) => found.options[0]!.odds * found.organicPerS * found.burst;

  it('is likelier from a click when people come back, and one that comes soon is what it was', () => {
    for (const hour of [4, 20]) {
      const factor = evening.lateFactors()[hour]!;
      expect(perOrganic(answer(evening, hour, 5 * HOUR)) / perOrganic(answer(plain, hour, 5 * HOUR))).toBeCloseTo(factor, 2);
      expect(perOrganic(answer(evening, hour, 50 * MINUTE)) / perOrganic(answer(plain, hour, 50 * MINUTE))).toBeCloseTo(1, 2);
    }
  });

  it('of a click that has left the store, too', () => {
    const odds = (model: typeof evening, agoMs: number) => {
      const timeMs = MIDNIGHT + 20 * HOUR;
      const account = accountWith([]);
      account.clicks.cells.set('gone', { campaign: 'spring', fromMs: timeMs - agoMs, mass: 1, clicks: 1 });
      const { total, organicPerS, burst } = posterior(evidenceOf(account, model, WINDOW_MS), {
        ...asking({ ...PLAIN, timeMs }),
        knownAtMs: timeMs,
      });
      return (total - 1) * organicPerS * burst;
    };
    expect(odds(evening, 5 * HOUR) / odds(plain, 5 * HOUR)).toBeCloseTo(evening.lateFactors()[20]!, 2);
    // A quarter of an hour of its half-hour is taken off: three quarters of an hour.
    expect(odds(evening, HOUR) / odds(plain, HOUR)).toBeCloseTo(1, 2);
  });

  it('says so in its evidence', () => {
    const words = (hour: number, agoMs: number) => answer(evening, hour, agoMs).terms.find(({ term }) => term === 'delay')!.words;
    const said = evening.lateFactors()[20]!.toFixed(1);
    expect(words(20, 5 * HOUR)).toContain(
      `wrote 5 h after the click, people come back at this hour ${said} times as often as delays alone say`,
    );
    expect(words(20, 50 * MINUTE)).not.toContain('come back');
  });

  it('of a model without late leads finds every hour alike', () => {
    expect([...currentModel(accountWith([]), PRIORS).lateFactors()]).toEqual([...FLAT_DAY]);
  });
});
