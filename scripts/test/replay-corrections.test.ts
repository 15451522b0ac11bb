import { noClickAnswer } from '@messtrack/matcher/domain/answer.ts';
import type { Lead } from '@messtrack/matcher/domain/lead.ts';
import { EMPTY_SOURCE } from '@messtrack/matcher/domain/source.ts';
import { Touchpoint } from '@messtrack/proto/gen/messtrack/v1/touchpoint.ts';
import { decodeHeaders } from '@messtrack/proto/headers.ts';
import { describe, expect, it } from 'vitest';
import { planCorrections } from '../replay/corrections.ts';
import { createDifferenceTally } from '../replay/differences.ts';
import type { ChangedLead, ReplayResult } from '../replay/replay-log.ts';
import { reportObject, reportText } from '../replay/report.ts';

const NOW = Date.UTC(2026, 10, 24);
const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const SPRING = { ...EMPTY_SOURCE, utmSource: 'google', utmCampaign: 'spring', placement: 'site' };

function lead(id: string, part: Partial<Lead> = {}): Lead {
  return {
    ...noClickAnswer(),
    leadId: id.padEnd(26, '0'),
    revision: 2,
    state: 'final',
    workspace: 'acme',
    account: 'wa',
    channel: 'whatsapp',
    contact: 'ann',
    platformUserId: '',
    phone: '',
    firstMessageId: `m-${id}`,
    startedAtMs: NOW - DAY,
    modelVersion: 3,
    decidedAtMs: NOW - DAY + HOUR,
    partition: 4,
    offset: 17,
    late: false,
    workspaceRevision: '',
    warming: false,
    ...part,
  };
}

/** Of a click with this probability; the rest is nobody's. */
function from(clickId: string, probability: number): Partial<Lead> {
  return {
    method: 'probabilistic',
    resolvedTo: 'click',
    clickId,
    clickedAtMs: NOW - DAY - HOUR,
    source: SPRING,
    probability,
    pNone: (10_000 - probability * 10_000) / 10_000,
    candidates: [{ clickId, probability, source: SPRING, clickedAtMs: NOW - DAY - HOUR }],
    sourceShares: [
      { source: SPRING, share: probability },
      { source: undefined, share: (10_000 - probability * 10_000) / 10_000 },
    ],
  };
}

function resultOf(changed: readonly ChangedLead[], part: Partial<ReplayResult> = {}): ReplayResult {
  const tally = createDifferenceTally();
  for (const pair of changed) tally.add(pair);
  return {
    differences: tally.result(),
    partitions: [{ partition: 4, first: 0, end: 100 }],
    beginsAtMs: 0,
    records: 100,
    folded: 0,
    unreadable: 0,
    replayedCorrections: 0,
    unknownModels: [],
    before_log: 0,
    compacted: 0,
    corrected_outside: 0,
    changed,
    holdersOf: () => new Map(),
    ...part,
  };
}

function plan(changed: readonly ChangedLead[], part: Partial<ReplayResult> = {}, atLeast = 0, written: ReadonlySet<string> = new Set()) {
  return planCorrections({ result: resultOf(changed, part), choice: { kind: 'named', version: 3 }, atLeast, nowMs: NOW, written });
}

const GAINS: ChangedLead = { before: lead('a'), after: lead('a', from('c1', 0.75)) };

describe('corrections of a replay', () => {
  it('carry the answer to the partition of the lead, under an id that is the same each time', () => {
    const { records, leftOut } = plan([GAINS]);
    expect(leftOut).toEqual({});
    const [record] = records;
    expect(record).toMatchObject({ topic: 'touchpoints.v1', partition: 4, key: 'acme/wa' });
    const { kind, workspace, account, observedAtMs, eventId } = Touchpoint.decode(record!.value);
    expect({ workspace, account, observedAtMs }).toEqual({ workspace: 'acme', account: 'wa', observedAtMs: NOW });
    expect(decodeHeaders(record!.headers)).toMatchObject({ eventId, type: 'Touchpoint.correction' });
    if (kind?.$case !== 'correction') throw new Error('no correction');
    expect(kind.value).toMatchObject({ leadId: GAINS.before.leadId, clickId: 'c1', correctedBy: 'replay model 3' });
    expect(kind.value.replayed).toMatchObject({ modelVersion: 3, probability: 0.75, pNone: 0.25 });

    const later = planCorrections({
      result: resultOf([GAINS]),
      choice: { kind: 'named', version: 3 },
      atLeast: 0,
      nowMs: NOW + HOUR,
      written: new Set(),
    });
    expect(later.records[0]?.headers['event-id']).toBe(eventId);
    expect(plan([GAINS], {}, 0, new Set([eventId]))).toEqual({ records: [], leftOut: { already_written: 1 } });
    const other = plan([{ before: lead('a'), after: lead('a', from('c1', 0.76)) }]);
    expect(other.records[0]?.headers['event-id']).not.toBe(eventId);
  });

  it.each([
    ['not_by_probability', { before: lead('a', { method: 'exact_id' }), after: lead('a', from('c1', 0.75)) }],
    ['not_by_probability', { before: lead('a'), after: lead('a', { ...from('c1', 0.75), method: 'exact_id' }) }],
    ['not_by_probability', { before: lead('a', { method: 'returning_contact' }), after: lead('a', from('c1', 0.75)) }],
    ['open', { before: lead('a', { state: 'provisional' }), after: lead('a', from('c1', 0.75)) }],
    ['too_late', { before: lead('a', { startedAtMs: NOW - 31 * DAY }), after: lead('a', from('c1', 0.75)) }],
    ['unsure', { before: lead('a'), after: lead('a', from('c1', 0.6)) }],
  ] as const)('are not written when %s', (reason, changed) => {
    expect(plan([changed], {}, 0.7)).toEqual({ records: [], leftOut: { [reason]: 1 } });
  });

  it('are not written for leads that started soon after what retention has taken', () => {
    expect(plan([GAINS], { beginsAtMs: NOW - 10 * DAY })).toEqual({ records: [], leftOut: { near_lost_beginning: 1 } });
    expect(plan([GAINS], { beginsAtMs: NOW - 40 * DAY }).records).toHaveLength(1);
  });

  it('take no click from a lead that keeps it, and give it on when that lead is corrected too', () => {
    const holdersOf = () => new Map([['c1', [lead('b').leadId]]]);
    expect(plan([GAINS], { holdersOf })).toEqual({ records: [], leftOut: { click_taken: 1 } });
    const loses: ChangedLead = { before: lead('b', from('c1', 0.9)), after: lead('b', from('c2', 0.8)) };
    expect(plan([GAINS, loses], { holdersOf }).records).toHaveLength(2);
    // The one that would have given it up is not corrected after all, because a third keeps what it would get.
    const both = () =>
      new Map([
        ['c1', [lead('b').leadId]],
        ['c2', [lead('z').leadId]],
      ]);
    expect(plan([GAINS, loses], { holdersOf: both })).toEqual({ records: [], leftOut: { click_taken: 2 } });
  });
});

describe('the report of a replay', () => {
  it('adds up what changes, lead by lead and source by source', () => {
    const tally = createDifferenceTally();
    tally.identical(lead('i', from('c9', 1)));
    expect(tally.add({ before: lead('s'), after: lead('s', { evidence: [], revision: 5 }) })).toBe('same_answer');
    expect(tally.add(GAINS)).toBe('changed');
    expect(tally.add({ before: lead('x', from('c3', 0.5)), after: undefined })).toBe('only_standing');
    expect(tally.add({ before: undefined, after: lead('y') })).toBe('only_replayed');
    const result = tally.result();
    expect(result).toMatchObject({ compared: 3, identical: 1, same_answer: 1, changed: 1, only_standing: 1, only_replayed: 1 });
    expect(result.changes).toEqual({
      method: 1,
      resolved_to: 1,
      click: 1,
      source: 1,
      probability: { leads: 1, mean: 0.25, largest: 0.25, sum: -0.25 },
      none: { leads: 1, mean: 0.75, largest: 0.75, sum: -0.75 },
    });
    expect(result.methods).toEqual([{ from: 'none', to: 'probabilistic', leads: 1 }]);
    const spring = result.sources.find(({ source }) => source?.utmCampaign === 'spring');
    expect(spring).toMatchObject({ before: 1.5, after: 1.75, change: 0.25, leads: 2 });
    expect(result.sources.find(({ source }) => source === null)).toMatchObject({ before: 2.5, after: 2.25, change: -0.25, leads: 3 });
  });

  it('is for people and for programs', () => {
    const facts = {
      place: 'kafka:9092',
      model: 3,
      result: resultOf([GAINS], { unknownModels: [9], beginsAtMs: NOW - 40 * DAY, compacted: 2 }),
      corrections: { writable: 1, written: 0, left_out: { unsure: 4 } },
      filled: [],
    };
    const text = reportText(facts);
    expect(text).toContain('1 leads compared: 1 change');
    expect(text).toContain('google · spring · site');
    expect(text).toContain('none → probabilistic');
    expect(text).toContain('--apply --confirm 1');
    expect(text).toContain('left out, unsure: 4');
    expect(text).toContain('the log begins at 2026-10-15');
    expect(text).toContain('models that model.v1 does not hold (9)');
    expect(reportObject(facts)).toMatchObject({
      log: 'kafka:9092',
      model: 3,
      changed: 1,
      compacted: 2,
      unknown_models: [9],
      corrections: { writable: 1 },
    });
  });
});
