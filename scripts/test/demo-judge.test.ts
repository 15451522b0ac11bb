import { describe, expect, it } from 'vitest';
import { judge, type LeadRow, lostCount } from '../demo/judge.ts';
import { BEHAVIOURS, people } from '../demo/people.ts';
import type { Ledger } from '../demo/player.ts';

function ledgerOf(codes: Record<string, string>, messages: string[]): Ledger {
  return {
    codes: new Map(Object.entries(codes)),
    acknowledgedClicks: new Set(Object.values(codes)),
    acknowledgedMessages: new Set(messages),
    requests: 0,
    repeats: 0,
  };
}

const someone = {
  behaviour: 'keeps_code',
  steps: [],
  leads: [{ firstMessageId: 'wamid.1', account: 'sales-wa', truth: { kind: 'click', click: 'c1' } }],
} as const;
const row: LeadRow = {
  lead_id: 'l1',
  account: 'sales-wa',
  first_message_id: 'wamid.1',
  method: 'exact_id',
  resolved_to: 'click',
  click_id: 'k1',
  placement: 'site-button',
  ad_id: '',
  probability: 1,
};
const arrived = { clickIds: new Map([['CODE1', 'k1']]), messageIds: new Set(['wamid.1']) };

describe('the demo as a judge', () => {
  const ledger = ledgerOf({ c1: 'CODE1' }, ['wamid.1']);

  it('calls the click that was really clicked right', () => {
    const report = judge([someone], ledger, { leads: [row], ...arrived });
    expect(report.byMethod).toEqual({ exact_id: { right: 1, wrong: 0, unresolved: 0 } });
    expect(lostCount(report)).toBe(0);
    expect(report.doubled).toEqual([]);
  });

  it('calls another click wrong, and "no click" for a person who clicked', () => {
    expect(judge([someone], ledger, { leads: [{ ...row, click_id: 'k2' }], ...arrived }).byMethod['exact_id']?.wrong).toBe(1);
    expect(judge([someone], ledger, { leads: [{ ...row, method: 'none', click_id: '' }], ...arrived }).byMethod['none']?.wrong).toBe(1);
  });

  it('counts a lead, a click and a message that did not arrive as lost', () => {
    const report = judge([someone], ledger, { leads: [], clickIds: new Map(), messageIds: new Set() });
    expect(report.lost).toEqual({ leads: ['wamid.1'], clicks: ['CODE1'], messages: ['wamid.1'] });
  });

  it('counts two rows for one message and rows nobody started as doubled', () => {
    const report = judge([someone], ledger, {
      leads: [row, { ...row, lead_id: 'l2' }, { ...row, first_message_id: 'wamid.9' }],
      ...arrived,
    });
    expect(report.doubled).toEqual(['wamid.1', 'wamid.9']);
  });
});

describe('the demo people', () => {
  it('are the same for the same seed and differ for another', () => {
    const shape = (seed: number): string =>
      people(seed, 50, 'r')
        .map(({ behaviour }) => behaviour)
        .join();
    expect(shape(1)).toBe(shape(1));
    expect(shape(1)).not.toBe(shape(2));
  });

  it('show every behaviour in a crowd of a thousand, and no message id twice', () => {
    const crowd = people(3, 1000, 'r');
    expect(new Set(crowd.map(({ behaviour }) => behaviour))).toEqual(new Set(Object.keys(BEHAVIOURS)));
    const ids = crowd.flatMap(({ steps }) => steps.flatMap((step) => ('messageId' in step ? [step.messageId] : [])));
    expect(new Set(ids).size).toBe(ids.length);
  });
});
