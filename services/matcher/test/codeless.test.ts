import { describe, expect, it } from 'vitest';
import { decodeState } from '../src/adapters/state-codec.ts';
import { decodeStatistics, encodeStatistics } from '../src/adapters/statistics-codec.ts';
import { currentModel } from '../src/domain/account-matching.ts';
import type { Lead } from '../src/domain/lead.ts';
import { evidenceOf } from '../src/domain/matching.ts';
import { deriveAccount } from '../src/domain/model/account-model.ts';
import { emptyAccountStatistics } from '../src/domain/model/account-statistics.ts';
import { derivePlatform } from '../src/domain/model/platform-model.ts';
import { emptyPlatformStatistics } from '../src/domain/model/platform-statistics.ts';
import { posterior } from '../src/domain/posterior.ts';
import { accountWith, asking, PLAIN, PRIORS, WINDOW_MS } from './support/asked-account.ts';
import { foldLog, type ModelShelf, newest, stateBytes } from './support/fold-harness.ts';
import { click, DAY, log, MINUTE, message, SECOND, source, T0 } from './support/log-builder.ts';
import { SINCE_PASSED_ON } from './support/model-bytes.ts';
import { toyTraffic } from './support/toy-traffic.ts';

describe('a placement that shows no code, beside one that does', () => {
  const traffic = toyTraffic({
    seed: 5,
    days: 8,
    clicksPerHour: 16,
    writes: 0.4,
    loses: { ios: 0.05 },
    medianDelayS: 30,
    spread: 1.1,
    editS: 0,
    organicPerHour: 0.6,
    hasPoster: true,
    modelEveryHours: 3,
  });
  const folded = (async () => {
    const shelf: ModelShelf = new Map();
    return { shelf, ...(await foldLog(traffic.touchpoints, { shelf })) };
  })();

  const late = (leads: readonly Lead[]) => newest(leads).filter(({ startedAtMs }) => startedAtMs > T0 + 3 * DAY);

  it('learns how often they are written after from the messages alone', async () => {
    const { state, shelf } = await folded;
    const account = currentModel(state.accounts.get('acme/wa')!.matching, state);
    // The truth is .4; a campaign whose codes never come back would have fallen below a hundredth.
    const { rate } = account.campaign('poster');
    const written = rate / (1 - state.platform.loss[0]!);
    expect(written).toBeGreaterThan(0.3);
    expect(written).toBeLessThan(0.5);
    const perHour = account.organicPerS().reduce((sum, each) => sum + each, 0) * 150;
    expect(perHour).toBeGreaterThan(0.6 * 0.5);
    expect(perHour).toBeLessThan(0.6 * 1.6);
    const model = shelf.get(traffic.versions)!;
    expect(model.codeless.keptGreeting).toBeGreaterThan(0.24);
    expect(model.codeless.keptGreeting).toBeLessThan(0.4);
    // Its people have lost nothing: the share of those who do is that of the other placement.
    expect(model.loss[0]).toBeLessThan(0.09);
  });

  it('is right as often as it says, of clicks and of nobody', async () => {
    const answers = late((await folded).leads);
    expect(answers.length).toBeGreaterThan(400);
    let right = 0;
    let expected = 0;
    let none = 0;
    let expectedNone = 0;
    for (const { firstMessageId, candidates, pNone } of answers) {
      const from = traffic.clickOf.get(firstMessageId);
      if (candidates[0] !== undefined && candidates[0].clickId === from) right += 1;
      expected += candidates[0]?.probability ?? 0;
      if (from === undefined) none += 1;
      expectedNone += pNone;
    }
    expect(right).toBeGreaterThan(answers.length / 2);
    expect(Math.abs(right - expected)).toBeLessThan(3 * Math.sqrt(answers.length * 0.2));
    expect(Math.abs(none - expectedNone)).toBeLessThan(3 * Math.sqrt(answers.length * 0.2));
  });

  it('is folded to the same state from a snapshot', async () => {
    const half = Math.floor(traffic.touchpoints.length / 2);
    const shelf: ModelShelf = new Map();
    const whole = await foldLog(traffic.touchpoints, { shelf });
    const again: ModelShelf = new Map();
    const first = await foldLog(traffic.touchpoints.slice(0, half), { shelf: again });
    const state = decodeState(0, stateBytes(first.state), (version) => again.get(version))!;
    const second = await foldLog(traffic.touchpoints.slice(half), { shelf: again, state, joins: first.joins });
    expect(stateBytes(second.state)).toEqual(stateBytes(whole.state));
  });
});

describe('a click without a code', () => {
  it('is not spoken against by the absence of one: it explains what it brings better than a click whose code was lost', () => {
    const at = T0 - 20 * SECOND;
    const given = (code: string) => {
      const account = accountWith([{ at, code }]);
      const model = currentModel(account, PRIORS);
      return posterior(evidenceOf(account, model, WINDOW_MS), asking(PLAIN)).options[0]!.odds;
    };
    expect(given('')).toBeGreaterThan(5 * given('KODE'));
  });

  it('says so in the evidence', async () => {
    const { leads } = await foldLog(
      log(
        click({ id: 'c1', code: '', at: T0, source: source({ placement: 'site' }) }),
        message({ id: 'm1', from: 'ann', at: T0 + MINUTE }),
      ),
    );
    const words = new Map(leads[0]!.evidence.map((term) => [term.term, term.words]));
    expect(leads[0]!.clickId).toBe('c1');
    expect(words.get('prior')).toMatch(/^20 % of such clicks lead to a message, this click carried no code; /);
    expect(words.get('silence')).not.toContain('brought the code');
  });
});

describe('models from before clicks without a code were told apart', () => {
  it('are read as having learned nothing of them', () => {
    const statistics = emptyPlatformStatistics();
    statistics.scalars.identified = 12.5;
    statistics.codeless.leads = 3.25;
    statistics.codeless.edits[2] = 1.5;
    const bytes = encodeStatistics(statistics);
    expect(decodeStatistics(bytes)).toEqual(statistics);
    const empty = encodeStatistics(emptyPlatformStatistics());
    const old = decodeStatistics(empty.subarray(0, empty.length - SINCE_PASSED_ON - bytesOfCodeless()));
    expect(old).toEqual(emptyPlatformStatistics());
    expect(deriveAccount(derivePlatform(old, 1), emptyAccountStatistics()).codeless(0).shares).toHaveLength(66);
  });

  /** Three counts of eight bytes each, and ten empty shares of one. */
  function bytesOfCodeless(): number {
    return 3 * 8 + emptyPlatformStatistics().codeless.edits.length;
  }
});
