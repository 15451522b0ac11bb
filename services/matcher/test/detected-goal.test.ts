/** Goals that a platform says it detected: joined to the lead of the ad's click, told once, and no part of any decision. */
import { Goal } from '@messtrack/proto/gen/messtrack/v1/goal.ts';
import { Touchpoint as WireTouchpoint } from '@messtrack/proto/gen/messtrack/v1/touchpoint.ts';
import { describe, expect, it } from 'vitest';
import { goalRecord } from '../src/adapters/goal-record.ts';
import { decodeTouchpoint } from '../src/adapters/touchpoint-codec.ts';
import type { DetectedGoalTouchpoint } from '../src/domain/touchpoint.ts';
import { encodedLeads, foldLog, stateBytes } from './support/fold-harness.ts';
import { contactChange, DAY, HOUR, log, MINUTE, message, T0, type Unplaced } from './support/log-builder.ts';

const CLID = 'ARAkLkA8rmlFeiCktEJQ-QTwRiyYHAFDLMNDBH0CD3qpjd0HR4irJ6LEkR7JwFF4XvnO2E4Nx0-eM-GABDLOPaOdRMv-_zfUQ2a';
const referral = (ctwaClid: string) => ({ ctwaClid, sourceId: '120', sourceType: 'ad' });

function goal(part: Partial<Omit<DetectedGoalTouchpoint, 'kind' | 'offset'>> & { readonly at: number }): Unplaced {
  const { at, ...rest } = part;
  return {
    kind: 'detected_goal',
    workspace: 'acme',
    account: 'wa',
    eventTimeMs: at,
    observedAtMs: at,
    messageId: 'm2',
    name: 'Purchase',
    ctwaClid: CLID,
    valueMinor: 15_050,
    currency: 'USD',
    contactKeys: [],
    ...rest,
  };
}

const first = message({ id: 'm1', from: 'ann', at: T0, referral: referral(CLID) });
const second = message({ id: 'm2', from: 'ann', at: T0 + MINUTE });

describe('a detected goal', () => {
  it('is joined to the lead of the ad’s click, though it names nobody', async () => {
    const { goals, leads, outcomes } = await foldLog(log(first, second, goal({ at: T0 + 2 * MINUTE })));
    expect(outcomes.at(-1)).toBe('goal');
    expect(goals).toEqual([
      {
        workspace: 'acme',
        account: 'wa',
        leadId: leads[0]!.leadId,
        messageId: 'm2',
        name: 'Purchase',
        atMs: T0 + 2 * MINUTE,
        valueMinor: 15_050,
        currency: 'USD',
        offset: 2,
      },
    ]);
  });

  it('is joined days later, when the conversation has left memory, and through a change of number', async () => {
    const late = log(
      first,
      contactChange(T0 + HOUR, ['ann'], ['ann-2']),
      message({ id: 'x', from: 'bob', at: T0 + 6 * DAY }),
      goal({ at: T0 + 6 * DAY + HOUR }),
    );
    const { goals, leads } = await foldLog(late, { batchSizes: [1] });
    expect(goals.map(({ leadId }) => leadId)).toEqual([leads[0]!.leadId]);
  });

  it('of a person who is named goes to the conversation they were in', async () => {
    const unnamed = { ctwaClid: '', contactKeys: ['nobody', 'ann'] };
    const { goals, leads } = await foldLog(
      log(
        message({ id: 'm1', from: 'ann', at: T0 }),
        goal({ at: T0 + MINUTE, ...unnamed, messageId: 'm1' }),
        goal({ at: T0 + DAY, ...unnamed, messageId: 'm9' }),
      ),
      { batchSizes: [1] },
    );
    expect(goals.map(({ leadId, messageId }) => [leadId, messageId])).toEqual([
      [leads[0]!.leadId, 'm1'],
      [leads[0]!.leadId, 'm9'],
    ]);
  });

  it('belongs to the first lead of a click that two people bring', async () => {
    const other = message({ id: 'm5', from: 'bob', at: T0 + HOUR, referral: referral(CLID) });
    const { goals, leads } = await foldLog(log(first, other, goal({ at: T0 + 2 * HOUR })), { batchSizes: [1] });
    expect(goals.map(({ leadId }) => leadId)).toEqual([leads.find(({ contact }) => contact === 'ann')!.leadId]);
  });

  it.each<readonly [string, Partial<DetectedGoalTouchpoint>]>([
    ['of another ad', { ctwaClid: 'ARAother' }],
    ['without anything to join by', { ctwaClid: '' }],
    ['of somebody who never wrote', { ctwaClid: '', contactKeys: ['eve'] }],
    ['of another account', { account: 'other' }],
    ['of another workspace', { workspace: 'beta' }],
    ['with a click id that is none', { ctwaClid: `${CLID} ${'x'.repeat(400)}` }],
  ])('%s is no goal, and is counted', async (_, part) => {
    const { goals, outcomes } = await foldLog(log(first, goal({ at: T0 + HOUR, ...part })));
    expect([goals, outcomes.at(-1)]).toEqual([[], 'unknown_lead']);
  });

  it('decides nothing: leads and state are the same without it', async () => {
    const plain = [first, second, message({ id: 'm3', from: 'bob', at: T0 + 3 * MINUTE })];
    const without = await foldLog(log(...plain));
    const offsets = log(...plain);
    const told = [offsets[0]!, { ...log(goal({ at: T0 + MINUTE / 2 }))[0]!, offset: 0.5 }, offsets[1]!, offsets[2]!];
    const withGoal = await foldLog(told);
    expect(withGoal.goals).toHaveLength(1);
    expect(encodedLeads(withGoal.leads)).toEqual(encodedLeads(without.leads));
    expect(stateBytes(withGoal.state)).toEqual(stateBytes(without.state));
  });

  it('is the same wherever batches are cut, and however often it is told', async () => {
    const all = log(
      first,
      goal({ at: T0 + MINUTE }),
      second,
      goal({ at: T0 + MINUTE }),
      goal({ at: T0 + MINUTE, name: 'LeadSubmitted', valueMinor: 0, currency: '' }),
    );
    const ids = async (batchSizes: readonly number[]) =>
      (await foldLog(all, { batchSizes })).goals.map((each) => {
        const { key, value, headers } = goalRecord(each, T0, undefined);
        const { eventId, name } = Goal.decode(value);
        expect(key).toBe(each.leadId);
        expect(Object.values(headers)).toContain(eventId);
        return `${eventId} ${name}`;
      });
    const whole = await ids([10]);
    for (const sizes of [[1], [2], [3, 1]]) expect(await ids(sizes)).toEqual(whole);
    expect(new Set(whole).size).toBe(2);
    expect(whole.map((each) => each.split(' ')[1])).toEqual(['meta.Purchase', 'meta.Purchase', 'meta.LeadSubmitted']);
  });
});

describe('on the wire', () => {
  const read = (value: object) =>
    decodeTouchpoint({
      offset: 7,
      timestampMs: T0,
      value: WireTouchpoint.encode(
        WireTouchpoint.fromPartial({
          eventId: 'e',
          workspace: 'acme',
          account: 'wa',
          eventTimeMs: T0,
          observedAtMs: T0,
          kind: { $case: 'automaticEvent', value },
        }),
      ).finish(),
    });

  it('it is what the gateway wrote', () => {
    const value = {
      messageId: 'wamid.A',
      name: 'Purchase',
      ctwaClid: CLID,
      valueMinor: 1,
      currency: 'EUR',
      contact: { keys: ['ann', ''] },
    };
    expect(read(value)).toMatchObject({
      kind: 'ok',
      value: { kind: 'detected_goal', messageId: 'wamid.A', ctwaClid: CLID, contactKeys: ['ann'], valueMinor: 1 },
    });
  });

  it.each([{ name: 'Purchase' }, { messageId: 'wamid.A' }, { messageId: 'wamid.A', name: 'x'.repeat(33) }])(
    '%j is a dead letter',
    (value) => {
      expect(read(value)).toMatchObject({ kind: 'dead-letter', reason: 'missing_field' });
    },
  );
});
