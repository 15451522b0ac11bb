import { describe, expect, it } from 'vitest';
import { decodeState } from '../src/adapters/state-codec.ts';
import type { Lead } from '../src/domain/lead.ts';
import { partitionStatistics, skewsOf } from '../src/domain/state.ts';
import type { ClickFacts, MessageTouchpoint } from '../src/domain/touchpoint.ts';
import { foldLog, newest, stateBytes } from './support/fold-harness.ts';
import { click, DAY, HOUR, log, MINUTE, message, SECOND, source, T0, tick, type Unplaced } from './support/log-builder.ts';
import { notNumbersIn } from './support/numbers.ts';

function of(leads: readonly Lead[], contact: string): Lead {
  return newest(leads).find((lead) => lead.contact === contact)!;
}

describe('clocks that differ', () => {
  it('do not part a message from the click it seems to come up to five seconds before, before anything is learned', async () => {
    for (const beforeMs of [1, 500, 1_000, 3_000, 5_000]) {
      const touchpoints = log(
        click({ id: 'c1', at: T0 + beforeMs, observed: T0 + beforeMs }),
        message({ id: 'm1', from: 'ann', at: T0, observed: T0 + 6 * SECOND, language: '' }),
      );
      const ann = of((await foldLog(touchpoints)).leads, 'ann');
      expect(['c1', '']).toContain(ann.clickId);
      expect(ann.method).not.toBe('none');
      expect(ann.candidates[0]).toMatchObject({ clickId: 'c1' });
    }
    const tooEarly = log(click({ id: 'c1', at: T0 + 5_001 }), message({ id: 'm1', from: 'ann', at: T0, observed: T0 + 6 * SECOND }));
    expect(of((await foldLog(tooEarly)).leads, 'ann')).toMatchObject({ method: 'none' });
  });

  /** People who click and write with their code, one a minute, over a provider whose clock is `aheadMs` ahead. */
  function coded(name: string, count: number, aheadMs: number, startMs: number, hasReceipts = true): readonly Unplaced[] {
    return Array.from({ length: count }, (_, index) => {
      const at = startMs + index * 3 * MINUTE;
      const id = `${name}${index}`;
      const written = at + 20 * SECOND + aheadMs;
      return [
        click({ id, code: `CODE-${id}`, at }),
        message({ id, from: `p${id}`, at: written, observed: hasReceipts ? at + 22 * SECOND : written, codes: [`CODE-${id}`] }),
      ];
    }).flat();
  }

  it.each([
    ['behind', -HOUR, true],
    ['ahead', HOUR, true],
    ['behind, in a file without times of receipt', -HOUR, false],
  ] as const)(
    'by an hour, %s: are told once and made good, and the lead is dated as the messenger says',
    async (_, aheadMs, hasReceipts) => {
      const at = T0 + 100 * MINUTE;
      const written = at + 20 * SECOND + aheadMs;
      const touchpoints = log(
        ...coded('a', 15, aheadMs, T0, hasReceipts),
        click({ id: 'far', at: at - 40 * MINUTE, greetingVariant: 6 }),
        click({ id: 'c-ann', at, greetingVariant: 7 }),
        message({
          id: 'm-ann',
          from: 'ann',
          at: written,
          observed: hasReceipts ? at + 22 * SECOND : written,
          wording: 'greeting',
          greetingVariant: 7,
        }),
        tick(at + 4 * HOUR),
      );
      const { leads, state, skews } = await foldLog(touchpoints);
      expect(skews).toEqual([{ workspace: 'acme', account: 'wa', atMs: expect.any(Number), offsetMs: aheadMs }]);
      expect(skewsOf(state)).toMatchObject([{ account: 'wa', offsetMs: aheadMs }]);
      const ann = of(leads, 'ann');
      expect(ann).toMatchObject({ method: 'probabilistic', clickId: 'c-ann', startedAtMs: written, state: 'final' });
      expect(ann.evidence.find(({ term }) => term === 'clock')?.words).toBe(
        `the messenger's clock is 60 min ${aheadMs > 0 ? 'ahead' : 'behind'}: its times are corrected by that`,
      );
      for (let index = 0; index < 15; index += 1)
        expect(of(leads, `pa${index}`)).toMatchObject({ method: 'exact_id', clickId: `a${index}` });
      expect(state.accounts.get('acme/wa')?.matching.questions.size).toBe(0);
      expect(state.accounts.get('acme/wa')?.open.size).toBe(0);
    },
  );

  it('are remembered by a snapshot', async () => {
    const { state } = await foldLog(log(...coded('a', 15, -HOUR, T0)));
    const restored = decodeState(0, stateBytes(state), () => undefined)!;
    expect(restored.accounts.get('acme/wa')?.matching.clock).toEqual(state.accounts.get('acme/wa')?.matching.clock);
    expect(skewsOf(restored)).toEqual(skewsOf(state));
  });

  it('are forgotten when the clock is right again', async () => {
    const { skews, state } = await foldLog(log(...coded('a', 15, -HOUR, T0), ...coded('b', 40, 0, T0 + DAY)));
    expect(skews.map(({ offsetMs }) => offsetMs)[0]).toBe(-HOUR);
    expect(skews.at(-1)?.offsetMs).toBe(0);
    expect(skewsOf(state)).toEqual([]);
  });
});

describe('missing and absurd evidence', () => {
  const facts: readonly Partial<ClickFacts>[] = [
    {},
    { country: '' },
    { region: '' },
    { languages: [] },
    { device: 'unknown' },
    { network: 'hosting' },
    { botScore: 0 },
    { greetingVariant: -1 },
    { visitorId: 'v' },
    { source: source({}) },
    { country: '💥', region: '|', languages: ['|'], source: source({ utmCampaign: '__proto__', placement: 'constructor' }) },
    { greetingVariant: 32_768, botScore: Number.NaN },
    { greetingVariant: 2 ** 31, botScore: 1e9 },
    { botScore: -1e9 },
  ];
  const marks: readonly Partial<
    Pick<MessageTouchpoint, 'country' | 'region' | 'language' | 'device' | 'wording' | 'greetingVariant' | 'greetingPlacement'>
  >[] = [
    {},
    { country: 'US', region: 'CA', language: 'en', device: 'ios', wording: 'greeting', greetingVariant: 0 },
    { country: 'US' },
    { region: 'CA' },
    { language: '' },
    { wording: 'other' },
    { wording: 'greeting', greetingVariant: -1 },
    { wording: 'greeting', greetingVariant: 2 ** 31, greetingPlacement: 'nowhere' },
    { country: '💥', region: '|', language: '|' },
    { country: 'constructor', region: '__proto__', language: '__proto__' },
  ];

  it('leave an answer that sums to one, and is right or unresolved', async () => {
    for (const fact of facts) {
      for (const mark of marks) {
        const { leads, state } = await foldLog(
          log(
            click({ id: 'c1', at: T0, ...fact }),
            message({ id: 'm1', from: 'ann', at: T0 + 20 * SECOND, ...mark }),
            click({ id: 'c2', code: 'QWXYZT', at: T0 + MINUTE, ...fact }),
            message({ id: 'm2', from: 'bob', at: T0 + 2 * MINUTE, codes: ['QWXYZT'], ...mark }),
            tick(T0 + 30 * HOUR),
            message({ id: 'm3', from: 'eve', at: T0 + 30 * HOUR, ...mark }),
          ),
        );
        for (const lead of leads) {
          const units = [lead.pNone, lead.pOther, ...lead.candidates.map(({ probability }) => probability)].map((share) =>
            Math.round(share * 10_000),
          );
          expect(units.reduce((sum, unit) => sum + unit, 0)).toBe(10_000);
          expect(notNumbersIn(lead)).toEqual([]);
        }
        expect(['c1', '']).toContain(of(leads, 'ann').clickId);
        expect(of(leads, 'bob')).toMatchObject({ method: 'exact_id', clickId: 'c2' });
        expect(notNumbersIn(state)).toEqual([]);
        expect(notNumbersIn(partitionStatistics(state))).toEqual([]);
      }
    }
  });

  it('say little where they are silent: the click is found by its time alone', async () => {
    const silent: Partial<ClickFacts> = {
      country: '',
      region: '',
      languages: [],
      device: 'unknown',
      network: 'unknown',
      botScore: -1,
      greetingVariant: -1,
      source: source({}),
    };
    const { leads } = await foldLog(
      log(click({ id: 'c1', at: T0, ...silent }), message({ id: 'm1', from: 'ann', at: T0 + 20 * SECOND, language: '' })),
    );
    expect(of(leads, 'ann')).toMatchObject({ method: 'probabilistic', resolvedTo: 'click', clickId: 'c1' });
    expect(of(leads, 'ann').evidence.map(({ term }) => term)).toEqual(['prior', 'delay', 'silence']);
  });

  it('do not let a greeting with a number like a telephone’s decide everything', async () => {
    const { leads } = await foldLog(
      log(
        click({ id: 'wild', at: T0 - HOUR, greetingVariant: 2 ** 31 }),
        ...[0, 1, 2].map((index) => click({ id: `c${index}`, at: T0 + index, greetingVariant: index })),
        message({ id: 'm1', from: 'ann', at: T0 + 20 * SECOND, wording: 'greeting', greetingVariant: 1 }),
      ),
    );
    const wording = of(leads, 'ann').evidence.find(({ term }) => term === 'wording');
    expect(wording?.winnerBits).toBeLessThan(15);
  });
});

describe('ids that are used again', () => {
  it('are one click, the first; and one message per contact', async () => {
    const { leads, outcomes } = await foldLog(
      log(
        click({ id: 'c1', code: 'AAAA', at: T0 }),
        click({ id: 'c1', code: 'BBBB', at: T0 + SECOND, country: 'DE' }),
        message({ id: 'm1', from: 'ann', at: T0 + MINUTE, codes: ['AAAA'] }),
        message({ id: 'm1', from: 'ann', at: T0 + 2 * MINUTE }),
        message({ id: 'm1', from: 'bob', at: T0 + 3 * MINUTE }),
        message({ id: 'm2', from: 'eve', at: T0 + 4 * MINUTE, codes: ['BBBB'] }),
      ),
    );
    expect(outcomes).toEqual(['registered', 'duplicate', 'started', 'duplicate', 'started', 'started']);
    expect(newest(leads).map(({ contact, clickId, method }) => [contact, method, clickId])).toEqual([
      ['ann', 'exact_id', 'c1'],
      ['bob', expect.stringMatching(/none|unresolved/), ''],
      ['eve', expect.stringMatching(/none|unresolved/), ''],
    ]);
  });
});

describe('time that goes backwards', () => {
  it('does not turn the partition’s clock back, and every message still finds its click', async () => {
    const pairs = Array.from({ length: 20 }, (_, index) => {
      const at = T0 - index * 7 * HOUR;
      return [
        click({ id: `c${index}`, code: `CODE${index}`, at }),
        message({ id: `m${index}`, from: `p${index}`, at: at + 20 * SECOND, codes: index % 2 === 0 ? [`CODE${index}`] : [], language: '' }),
      ];
    }).flat();
    let clockMs = 0;
    const { leads, state } = await foldLog(log(...pairs), {
      after: (now) => {
        expect(now.clockMs).toBeGreaterThanOrEqual(clockMs);
        clockMs = now.clockMs;
      },
    });
    expect(state.clockMs).toBe(T0 + 20 * SECOND);
    for (let index = 0; index < 20; index += 1) {
      const lead = of(leads, `p${index}`);
      if (index % 2 === 0) expect(lead).toMatchObject({ method: 'exact_id', clickId: `c${index}` });
      // What left the store before its message came is not found by probability; it is not blamed on another click either.
      else expect([`c${index}`, '']).toContain(lead.clickId);
    }
    expect(notNumbersIn(state)).toEqual([]);
  });
});

describe('the workspace’s own people and programs', () => {
  it('teach nothing: neither their clicks nor what comes of them is counted', async () => {
    const clicks = (part: { readonly isInternal?: boolean; readonly isBot?: boolean }) =>
      Array.from({ length: 60 }, (_, index) => [
        click({ id: `c${index}`, code: `CODE${index}`, at: T0 + index * MINUTE, ...part }),
        message({ id: `m${index}`, from: `p${index}`, at: T0 + index * MINUTE + 20 * SECOND, codes: [`CODE${index}`], country: 'US' }),
      ]).flat();
    for (const part of [{ isInternal: true }, { isBot: true }]) {
      const { leads, state } = await foldLog(log(...clicks(part), tick(T0 + 5 * DAY)));
      expect(newest(leads).every(({ method }) => method === 'exact_id')).toBe(true);
      const { scalars, exposure, responses, reached, tallies } = partitionStatistics(state);
      expect(scalars.identified).toBe(0);
      for (const counts of [exposure, responses, reached]) expect(Math.max(...counts)).toBe(0);
      expect([...tallies.home]).toEqual([]);
      expect(state.accounts.get('acme/wa')?.matching.surges.tracked.size).toBe(0);
    }
    const { state } = await foldLog(log(...clicks({}), tick(T0 + 5 * DAY)));
    expect(partitionStatistics(state).scalars.identified).toBeGreaterThan(40);
  });
});
