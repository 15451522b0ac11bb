import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { at, click, match, message, SECOND } from './match-support/history.ts';

const COUNTRIES = ['DE', 'KZ', 'US'];
const codes = fc.constantFrom(undefined, 'aaa1', 'bbb2', 'AAA1', 'aaa2', 'b2');
const anyClick = fc.record({
  id: fc.integer({ min: 0, max: 30 }).map((n) => `c${n}`),
  afterS: fc.integer({ min: 0, max: 4 * 86_400 }),
  fields: fc.record(
    {
      code: codes,
      account: fc.constantFrom('a', 'b/c'),
      campaign: fc.constantFrom('x', 'y', ''),
      greeting: fc.constantFrom(0, 1, null),
      place: fc.constantFrom(null, { country: 'DE', region: 'a|b' }, { country: 'KZ' }),
      network: fc.constantFrom('vpn', 'mobile', null),
      device: fc.constantFrom('ios', 'desktop', null),
      languages: fc.constantFrom([], ['de-DE'], ['*', 'kk']),
      bot_score: fc.constantFrom(0, 1, 0.5, null),
    },
    { requiredKeys: ['account'] },
  ),
});
const anyMessage = fc.record({
  id: fc.integer({ min: 0, max: 20 }).map((n) => `m${n}`),
  afterS: fc.integer({ min: 0, max: 4 * 86_400 }),
  lateS: fc.constantFrom(0, 0, -3, 60, 90_000, 400_000),
  fields: fc.record(
    {
      code: codes,
      account: fc.constantFrom('a', 'b/c'),
      contact: fc.integer({ min: 0, max: 12 }).map((n) => `u${n}`),
      place: fc.constantFrom(null, ...COUNTRIES.map((country) => ({ country }))),
      language: fc.constantFrom('de', 'kk', null),
      greeting: fc.constantFrom(0, 1, null),
      device: fc.constantFrom('ios', null),
      forwarded: fc.boolean(),
    },
    { requiredKeys: ['account', 'contact'] },
  ),
});

type History = [
  clicks: { id: string; afterS: number; fields: object }[],
  messages: { id: string; afterS: number; lateS: number; fields: object }[],
];

/** Found by this test: what comes days late holds the one click that others hold already, under every order of arrival. */
const OUT_OF_TIME = [
  [said('m0', 'u0', 86_401, 0), said('m0', 'u1', 0, 0), said('m0', 'u2', 0, 400_000)],
  [said('m0', 'u0', 3_072, 0), said('m0', 'u1', 0, 400_000)],
  [said('m0', 'u0', 133_142, 60), said('m0', 'u1', 46_801, 0), said('m0', 'u2', 0, 400_000)],
  [said('m0', 'u8', 1, 90_000), said('m1', 'u8', 0, 0), said('m0', 'u0', 0, 400_000)],
  [said('m0', 'u12', 86_401, 0), said('m1', 'u12', 0, 0), said('m0', 'u0', 1, 400_000)],
];

/** Found by this test: the late one pushes u0 from one click to the other, which u3 was said to have. */
const PUSHED_ON: History = [
  [
    { id: 'c0', afterS: 0, fields: { account: 'a', code: 'aaa1' } },
    { id: 'c1', afterS: 0, fields: { account: 'a' } },
  ],
  [
    said('m0', 'u0', 17_999, 0),
    { id: 'm0', afterS: 0, lateS: 0, fields: { account: 'a', contact: 'u2', code: 'AAA1', place: { country: 'US' } } },
    { id: 'm0', afterS: 21_601, lateS: -3, fields: { account: 'a', contact: 'u3', device: 'ios' } },
    said('m0', 'u1', 21_601, 400_000),
  ],
];

function said(id: string, contact: string, afterS: number, lateS: number) {
  return { id, afterS, lateS, fields: { account: 'a', contact } };
}

describe('any history', () => {
  const histories = fc.tuple(fc.array(anyClick, { maxLength: 40 }), fc.array(anyMessage, { maxLength: 30 }));

  function lines([clicks, messages]: History) {
    return [
      clicks.map(({ id, afterS, fields }) => click(id, afterS * SECOND, { ...{ campaign: '' }, ...fields })),
      messages.map(({ id, afterS, lateS, fields }) => message(id, afterS * SECOND, { received: at((afterS + lateS) * SECOND), ...fields })),
    ] as const;
  }

  const oneClick = [{ id: 'c0', afterS: 0, fields: { account: 'a' } }];
  const examples = [...OUT_OF_TIME.map((messages): History => [oneClick, messages]), PUSHED_ON].map((each): [History] => [each]);

  it('gives numbers that are numbers and sums that are 1, and no click above one half to two leads', async () => {
    await fc.assert(
      fc.asyncProperty(histories, async (history) => {
        const [clicks, messages] = lines(history);
        const { leads } = await match(clicks, messages);
        const holders = new Map<string, number>();
        for (const lead of leads) {
          const text = JSON.stringify(lead);
          expect(text).not.toMatch(/NaN|Infinity|undefined/);
          const probabilities = [lead.none, lead.other, ...lead.candidates.map(({ probability }) => probability)];
          expect(Math.round(probabilities.reduce((sum, each) => sum + each * 10_000, 0))).toBe(10_000);
          expect(Math.round(lead.shares.reduce((sum, { share }) => sum + share * 10_000, 0))).toBe(10_000);
          for (const value of [lead.probability, ...probabilities, ...lead.shares.map(({ share }) => share)]) {
            expect(value).toBeGreaterThanOrEqual(0);
            expect(value).toBeLessThanOrEqual(1);
            // Null for a number that is none would be lost in the text.
            expect(Number.isFinite(value)).toBe(true);
          }
          for (const { winner, runner_up: runnerUp } of Object.values(lead.evidence_bits)) {
            expect(Number.isFinite(winner) && Number.isFinite(runnerUp)).toBe(true);
          }
          expect(lead.state).not.toBe('provisional');
          expect(lead.candidates.length).toBeLessThanOrEqual(16);
          if (lead.method === 'probabilistic' && lead.resolved_to === 'click' && lead.probability > 0.5) {
            const key = `${lead.account} ${lead.click}`;
            holders.set(key, (holders.get(key) ?? 0) + 1);
          }
        }
        expect([...holders.values()].every((count) => count === 1)).toBe(true);
        expect(new Set(leads.map(({ lead_id: id }) => id)).size).toBe(leads.length);
      }),
      { numRuns: 60, examples },
    );
  });

  it('gives the same leads however its bytes are cut', async () => {
    await fc.assert(
      fc.asyncProperty(histories, fc.integer({ min: 1, max: 300 }), async (history, chunkBytes) => {
        const [clicks, messages] = lines(history);
        const whole = await match(clicks, messages);
        const cut = await match(clicks, messages, { chunkBytes });
        expect(cut.leads).toEqual(whole.leads);
        expect(cut.lines).toEqual(whole.lines);
      }),
      { numRuns: 30 },
    );
  });
});
