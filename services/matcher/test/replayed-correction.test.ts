import { Correction, Touchpoint } from '@messtrack/proto/gen/messtrack/v1/touchpoint.ts';
import { describe, expect, it } from 'vitest';
import { fromReplayedAnswer, toReplayedAnswer } from '../src/adapters/replayed-answer-codec.ts';
import { decodeTouchpoint } from '../src/adapters/touchpoint-codec.ts';
import type { ReplayedAnswer } from '../src/domain/lead.ts';
import { foldLog, newest } from './support/fold-harness.ts';
import { click, correction, DAY, HOUR, log, MINUTE, message, SECOND, source, T0, tick, type Unplaced } from './support/log-builder.ts';

const SPRING = source({ placement: 'site-button', utmCampaign: 'spring' });
const AUTUMN = source({ placement: 'site-button', utmCampaign: 'autumn' });

const ANSWER: ReplayedAnswer = {
  method: 'probabilistic',
  resolvedTo: 'click',
  clickId: 'c2',
  clickedAtMs: T0 + SECOND,
  source: AUTUMN,
  probability: 0.6543,
  pNone: 0.2,
  pOther: 0.0457,
  candidates: [
    { clickId: 'c2', probability: 0.6543, source: AUTUMN, clickedAtMs: T0 + SECOND },
    { clickId: 'c1', probability: 0.1, source: SPRING, clickedAtMs: T0 },
  ],
  sourceShares: [
    { source: undefined, share: 0.2 },
    { source: AUTUMN, share: 0.7 },
    { source: SPRING, share: 0.1 },
  ],
  evidence: [{ term: 'delay', winnerBits: 2.5, runnerUpBits: 1, words: 'wrote 20 s after the click; +2.5' }],
  candidatesScanned: 2,
  modelVersion: 7,
};

const CLICKS = [
  click({ id: 'c1', code: 'AAAA', at: T0, source: SPRING }),
  click({ id: 'c2', code: 'BBBB', at: T0 + SECOND, source: AUTUMN }),
];
const PLAIN = message({ id: 'm1', from: 'ann', at: T0 + 20 * SECOND });
const FINAL = tick(T0 + 2 * HOUR);

async function leadIdOfPlain(): Promise<string> {
  return (await foldLog(log(...CLICKS, PLAIN))).leads[0]!.leadId;
}

async function corrected(atMs: number, before: readonly Unplaced[] = [], after: readonly Unplaced[] = [], answer = ANSWER) {
  const record = correction(atMs, await leadIdOfPlain(), { clickId: answer.clickId, source: answer.source, replayed: answer });
  const folded = await foldLog(log(...CLICKS, PLAIN, ...before, { ...record, correctedBy: 'replay model 7' }, ...after));
  return { ...folded, outcome: folded.outcomes[CLICKS.length + 1 + before.length] };
}

describe('the answer of a replay', () => {
  it('becomes the answer of a final lead, with its probabilities, its model and its method', async () => {
    const { leads, outcome } = await corrected(T0 + 3 * HOUR, [FINAL]);
    expect(outcome).toBe('revised');
    const { method, candidates, sourceShares, probability, pNone, pOther, ...lead } = leads.at(-1)!;
    expect({ method, candidates, sourceShares, probability, pNone, pOther }).toEqual({
      method: ANSWER.method,
      candidates: ANSWER.candidates,
      sourceShares: ANSWER.sourceShares,
      probability: ANSWER.probability,
      pNone: ANSWER.pNone,
      pOther: ANSWER.pOther,
    });
    expect(lead).toMatchObject({ state: 'corrected', modelVersion: 7, clickId: 'c2', source: AUTUMN });
    expect(lead.evidence.map(({ term }) => term)).toEqual(['delay', 'replay']);
    expect(lead.evidence.at(-1)?.words).toBe('folded again: replay model 7');
  });

  it('changes nothing the second time', async () => {
    const again = correction(T0 + 4 * HOUR, await leadIdOfPlain(), { clickId: 'c2', source: AUTUMN, replayed: ANSWER });
    const { leads, outcomes } = await corrected(T0 + 3 * HOUR, [FINAL], [again]);
    expect(outcomes.at(-1)).toBe('duplicate');
    expect(leads.at(-1)?.revision).toBe(3);
  });

  it('is ignored while the lead is open, after an identifier, and after somebody outside has corrected it', async () => {
    expect((await corrected(T0 + MINUTE)).outcome).toBe('ignored');
    const coded = message({ id: 'm2', from: 'ann', at: T0 + 40 * SECOND, codes: ['AAAA'] });
    expect((await corrected(T0 + 3 * HOUR, [coded, FINAL])).outcome).toBe('ignored');
    const said = correction(T0 + 2.5 * HOUR, await leadIdOfPlain(), { source: SPRING });
    const { outcome, leads } = await corrected(T0 + 3 * HOUR, [FINAL, said]);
    expect(outcome).toBe('ignored');
    expect(leads.at(-1)).toMatchObject({ method: 'correction', source: SPRING });
  });

  it('does not take a click whose code somebody has brought meanwhile', async () => {
    const owner = message({ id: 'm9', from: 'bob', at: T0 + 2.5 * HOUR, codes: ['BBBB'] });
    expect((await corrected(T0 + 3 * HOUR, [FINAL, owner])).outcome).toBe('ignored');
  });

  it('gives way to a code that arrives later, and to nothing after 30 days', async () => {
    const coded = message({ id: 'm2', from: 'ann', at: T0 + 40 * SECOND, observed: T0 + 4 * HOUR, codes: ['AAAA'] });
    const { leads } = await corrected(T0 + 3 * HOUR, [FINAL], [coded]);
    expect(newest(leads)[0]).toMatchObject({ method: 'exact_id', clickId: 'c1', state: 'corrected' });
    expect((await corrected(T0 + 31 * DAY, [FINAL])).outcome).toBe('too_late');
  });

  it('is the same whatever the batches and when the log is folded from a snapshot', async () => {
    const leadId = await leadIdOfPlain();
    const all = log(
      ...CLICKS,
      PLAIN,
      FINAL,
      correction(T0 + 3 * HOUR, leadId, { clickId: 'c2', source: AUTUMN, replayed: ANSWER }),
      tick(T0 + DAY),
    );
    const whole = await foldLog(all);
    const cut = await foldLog(all, { batchSizes: [1] });
    expect(cut.leads).toEqual(whole.leads);
  });
});

describe('the answer of a replay on the wire', () => {
  const wire = (answer: ReplayedAnswer): Correction => ({ leadId: 'lead', correctedBy: 'replay model 7', ...fromReplayedAnswer(answer) });

  it('is read as it was written', () => {
    const bytes = Correction.encode(wire(ANSWER)).finish();
    expect(toReplayedAnswer(Correction.decode(bytes))).toEqual(ANSWER);
    const none: ReplayedAnswer = {
      ...ANSWER,
      method: 'none',
      resolvedTo: 'none',
      clickId: '',
      clickedAtMs: 0,
      source: undefined,
      probability: 0.9,
      pNone: 0.9,
      pOther: 0.1,
      candidates: [],
      sourceShares: [{ source: undefined, share: 1 }],
    };
    expect(toReplayedAnswer(Correction.decode(Correction.encode(wire(none)).finish()))).toEqual(none);
  });

  it.each([
    ['names a click that is not its likeliest', { clickId: 'c1' }],
    ['names a click without one', { clickId: '' }],
    ['resolves to nothing and names a source', { resolvedTo: 'none' as const }],
    ['is unresolved and names a click', { method: 'unresolved' as const }],
    ['has probabilities that do not sum to one', { pNone: 0.3 }],
    ['has shares that do not sum to one', { sourceShares: [{ source: undefined, share: 0.9 }] }],
    ['has a probability above one', { probability: 1.2 }],
    ['has a probability that is no number', { pOther: Number.NaN }],
  ])('is no answer when it %s: the record is dead-lettered', (_, part: Partial<ReplayedAnswer>) => {
    const correction = wire({ ...ANSWER, ...part });
    expect(toReplayedAnswer(correction)).toBe('contradictory');
    const value = Touchpoint.encode(
      Touchpoint.fromPartial({
        eventId: 'e',
        workspace: 'acme',
        account: 'wa',
        observedAtMs: T0,
        eventTimeMs: T0,
        kind: { $case: 'correction', value: correction },
      }),
    ).finish();
    expect(decodeTouchpoint({ offset: 0, value, timestampMs: T0 })).toMatchObject({ kind: 'dead-letter', reason: 'schema_mismatch' });
  });

  it('is no answer when a method decided that is not row 6', () => {
    const correction = wire(ANSWER);
    expect(toReplayedAnswer({ ...correction, replayed: { ...correction.replayed!, method: 2 } })).toBe('contradictory');
  });
});
