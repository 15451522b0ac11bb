import { describe, expect, it } from 'vitest';
import { derivePlatform } from '../src/domain/model/platform-model.ts';
import { emptyPlatformStatistics } from '../src/domain/model/platform-statistics.ts';
import { foldLog, newest } from './support/fold-harness.ts';
import {
  click,
  contactChange,
  correction,
  DAY,
  edit,
  epoch,
  HOUR,
  log,
  MINUTE,
  message,
  model,
  SECOND,
  source,
  T0,
  tick,
  type Unplaced,
} from './support/log-builder.ts';

const CLICK = click({ id: 'c1', code: 'AAAA', at: T0 });
const CODED = message({ id: 'm1', from: 'ann', at: T0 + 14 * SECOND, codes: ['AAAA'] });

async function revisionsOf(...touchpoints: readonly Unplaced[]) {
  return (await foldLog(log(...touchpoints))).leads;
}

describe('states', () => {
  it('is provisional at receipt and final an hour of event time later, with the same answer', async () => {
    const early = await revisionsOf(CLICK, CODED, tick(T0 + HOUR + 13 * SECOND));
    expect(early.map(({ state }) => state)).toEqual(['provisional']);
    const [first, second, ...more] = await revisionsOf(CLICK, CODED, tick(T0 + HOUR + 14 * SECOND));
    expect(more).toEqual([]);
    expect(second).toEqual({ ...first, revision: 2, state: 'final', decidedAtMs: T0 + HOUR + 14 * SECOND, offset: 2 });
  });

  it('becomes final by any record of the partition, before that record is folded, in the order of becoming due', async () => {
    const leads = await revisionsOf(
      message({ id: 'm1', from: 'ann', at: T0 + MINUTE }),
      message({ id: 'm2', from: 'bob', at: T0 }),
      message({ id: 'm3', from: 'eve', at: T0 + 2 * HOUR }),
    );
    expect(leads.slice(2).map(({ contact, state, offset }) => [contact, state, offset])).toEqual([
      ['bob', 'final', 2],
      ['ann', 'final', 2],
      ['eve', 'provisional', 2],
    ]);
  });

  it('is final at once when the webhook comes after the hour, and late after a day', async () => {
    const [late] = await revisionsOf(message({ id: 'm1', from: 'ann', at: T0, observed: T0 + DAY + SECOND }));
    expect(late).toMatchObject({ state: 'final', revision: 1, late: true, startedAtMs: T0 });
    const [inTime] = await revisionsOf(message({ id: 'm1', from: 'ann', at: T0, observed: T0 + 2 * HOUR }));
    expect(inTime).toMatchObject({ state: 'final', late: false });
  });

  it('is not said to be of no click when it comes so late that the clicks of its time are no longer there', async () => {
    const writers = Array.from({ length: 40 }, (_, index) => [
      click({ id: `c${index}`, code: `A${index}`, at: T0 + index * HOUR }),
      message({ id: `m${index}`, from: `u${index}`, at: T0 + index * HOUR + MINUTE, codes: [`A${index}`] }),
    ]).flat();
    const plain = (observed: number) => message({ id: 'late', from: 'ann', at: T0 + 30 * HOUR, observed });
    const lead = async (observed: number) => (await revisionsOf(...writers, plain(observed))).find(({ contact }) => contact === 'ann')!;
    const soon = await lead(T0 + 42 * HOUR);
    const late = await lead(T0 + 8 * DAY);
    expect(late).toMatchObject({ late: true, state: 'final' });
    expect(late.method).not.toBe('none');
    expect(late.pNone).toBeLessThan(0.65);
    expect(late.pOther).toBeGreaterThan(0.2);
    expect(soon.pOther).toBeLessThan(0.2);
  });

  it('corrects a final lead for 30 days, and not after', async () => {
    const plain = message({ id: 'm1', from: 'ann', at: T0 + MINUTE });
    const brings = (at: number) => edit({ id: 'm1', of: 'm1', from: 'ann', at, codes: ['AAAA'] });
    const within = await revisionsOf(CLICK, plain, brings(T0 + 29 * DAY));
    expect(within.at(-1)).toMatchObject({ state: 'corrected', revision: 3, method: 'exact_id', clickId: 'c1' });
    const after = await revisionsOf(CLICK, plain, brings(T0 + 31 * DAY));
    expect(after.at(-1)).toMatchObject({ state: 'final', revision: 2, method: 'probabilistic', clickId: 'c1' });
  });
});

describe('late and out of order', () => {
  it('revises when the click comes after its message', async () => {
    const click1 = click({ id: 'c1', code: 'AAAA', at: T0, observed: T0 + 5 * MINUTE });
    const leads = await revisionsOf(CODED, click1);
    expect(leads).toMatchObject([
      { method: 'none', revision: 1, state: 'provisional' },
      { method: 'exact_id', clickId: 'c1', revision: 2, state: 'provisional' },
    ]);
  });

  it('corrects when the click comes days after its message, and no more after a week', async () => {
    const days = await revisionsOf(CODED, click({ id: 'c1', code: 'AAAA', at: T0, observed: T0 + 6 * DAY }));
    expect(days.at(-1)).toMatchObject({ method: 'exact_id', state: 'corrected', revision: 3 });
    const week = await revisionsOf(CODED, tick(T0 + 8 * DAY), click({ id: 'c1', code: 'AAAA', at: T0, observed: T0 + 8 * DAY }));
    expect(week.at(-1)).toMatchObject({ method: 'none', state: 'final' });
  });

  it('gives a pending code to who brought it first, and a forward to the second', async () => {
    const leads = await revisionsOf(
      CODED,
      message({ id: 'm2', from: 'bob', at: T0 + MINUTE, codes: ['AAAA'] }),
      click({ id: 'c1', code: 'AAAA', at: T0, observed: T0 + 2 * MINUTE }),
    );
    expect(newest(leads)).toMatchObject([
      { contact: 'ann', method: 'exact_id' },
      { contact: 'bob', method: 'forward' },
    ]);
  });

  it('takes the very code of a message when its click comes later or an edit sets it right, and frees the click it was read as', async () => {
    const near = click({ id: 'c1', code: 'QWXYZT', at: T0, visitorId: 'v' });
    const read = message({ id: 'm1', from: 'ann', at: T0 + MINUTE, codes: ['QWXYZA'] });
    const very = click({ id: 'c2', code: 'QWXYZA', at: T0 + 30 * SECOND, observed: T0 + 2 * MINUTE });
    const other = click({ id: 'c3', code: 'KLMNOP', at: T0 + 30 * SECOND });
    const fixed = edit({ id: 'm1', of: 'm1', from: 'ann', at: T0 + 3 * MINUTE, codes: ['KLMNOP'] });
    const owner = message({ id: 'm2', from: 'bob', at: T0 + 4 * MINUTE, codes: ['QWXYZT'] });
    for (const [later, clickId] of [
      [[very], 'c2'],
      [[other, fixed], 'c3'],
    ] as const) {
      for (const wait of [[], [tick(T0 + 3 * HOUR)]]) {
        const leads = await revisionsOf(near, read, ...wait, ...later, owner);
        expect(leads[0]).toMatchObject({ contact: 'ann', method: 'damaged_id', clickId: 'c1' });
        expect(newest(leads)).toMatchObject([
          { contact: 'ann', method: 'exact_id', clickId },
          { contact: 'bob', method: 'exact_id', clickId: 'c1' },
        ]);
      }
    }
  });

  it('revises when the second message brings the code', async () => {
    const leads = await revisionsOf(CLICK, message({ id: 'm0', from: 'ann', at: T0 + SECOND }), CODED);
    expect(leads).toMatchObject([
      { method: 'probabilistic', clickId: 'c1', revision: 1 },
      { method: 'exact_id', clickId: 'c1', firstMessageId: 'm0', revision: 2 },
    ]);
  });

  it('moves the start back when an earlier message comes later, under the same id', async () => {
    const [first, second] = await revisionsOf(CLICK, CODED, message({ id: 'm0', from: 'ann', at: T0 + SECOND, observed: T0 + MINUTE }));
    expect(second).toMatchObject({
      leadId: first?.leadId,
      firstMessageId: 'm0',
      startedAtMs: T0 + SECOND,
      method: 'exact_id',
      revision: 2,
    });
  });

  it('gives every click its own lead whatever came first', async () => {
    const m1 = message({ id: 'm1', from: 'ann', at: T0 + MINUTE, codes: ['AAAA'], observed: T0 + 3 * MINUTE });
    const m2 = message({ id: 'm2', from: 'ann', at: T0 + 2 * MINUTE, codes: ['BBBB'], observed: T0 + 3 * MINUTE });
    const c1 = click({ id: 'c1', code: 'AAAA', at: T0, observed: T0 + 3 * MINUTE });
    const c2 = click({ id: 'c2', code: 'BBBB', at: T0 + SECOND, observed: T0 + 3 * MINUTE });
    for (const order of permutations([m1, m2, c1, c2])) {
      const found = newest(await revisionsOf(...order)).map(({ firstMessageId, clickId, method }) => ({ firstMessageId, clickId, method }));
      expect(found).toHaveLength(2);
      expect(found).toContainEqual({ firstMessageId: 'm1', clickId: 'c1', method: 'exact_id' });
      expect(found).toContainEqual({ firstMessageId: 'm2', clickId: 'c2', method: 'exact_id' });
    }
  });
});

describe('row 0, duplicates', () => {
  it('drops the same click and the same message, at once and days later', async () => {
    const again = { ...CODED, observedAtMs: T0 + 6 * DAY };
    const { leads, outcomes } = await foldLog(log(CLICK, CLICK, CODED, CODED, again));
    expect(outcomes).toEqual(['registered', 'duplicate', 'started', 'duplicate', 'duplicate']);
    expect(leads.map(({ state }) => state)).toEqual(['provisional', 'final']);
  });

  it('knows a late repetition beyond a returning window that is shorter', async () => {
    const leads = await revisionsOf(epoch(T0, { returningWindowMs: HOUR }), CLICK, CODED, { ...CODED, observedAtMs: T0 + 6 * DAY });
    expect(newest(leads)).toHaveLength(1);
  });

  it('takes an edit before its original, and the original as known', async () => {
    const edited = edit({ id: 'm1', of: 'm1', from: 'ann', at: T0 + MINUTE, codes: ['AAAA'] });
    const original = message({ id: 'm1', from: 'ann', at: T0 + SECOND, observed: T0 + 2 * MINUTE });
    const leads = newest(await revisionsOf(CLICK, edited, original));
    expect(leads).toMatchObject([{ firstMessageId: 'm1', startedAtMs: T0 + SECOND, clickId: 'c1', method: 'exact_id' }]);
  });
});

describe('contacts', () => {
  it('is one person under each of their keys', async () => {
    const leads = await revisionsOf(
      CLICK,
      message({ id: 'm1', from: ['bsuid', 'phone'], at: T0, codes: ['AAAA'] }),
      message({ id: 'm2', from: 'phone', at: T0 + DAY }),
      message({ id: 'm3', from: 'bsuid', at: T0 + 2 * DAY }),
    );
    expect(newest(leads)).toMatchObject([{ contact: 'bsuid', firstMessageId: 'm1' }]);
  });

  it('keeps the lead when the keys change, before and after it is final', async () => {
    for (const days of [0.01, 5]) {
      const leads = await revisionsOf(
        CLICK,
        CODED,
        contactChange(T0 + days * DAY, ['ann'], ['anna']),
        message({ id: 'm2', from: 'anna', at: T0 + (days + 1) * DAY }),
        message({ id: 'm3', from: 'ann', at: T0 + (days + 2) * DAY }),
      );
      expect(newest(leads)).toMatchObject([{ contact: 'ann', firstMessageId: 'm1' }]);
    }
  });

  it('keeps the leads of both when two persons turn out to be one, under the older', async () => {
    const { leads, state } = await foldLog(
      log(
        message({ id: 'm1', from: 'new', at: T0 + MINUTE }),
        message({ id: 'm2', from: 'old', at: T0 }),
        message({ id: 'm3', from: ['new', 'old'], at: T0 + 2 * MINUTE }),
      ),
    );
    expect(newest(leads)).toHaveLength(2);
    const contact = state.accounts.get('acme/wa')?.contacts.get('new');
    expect(contact).toBe(state.accounts.get('acme/wa')?.contacts.get('old'));
    expect(contact).toMatchObject({ key: 'old', aliases: ['old', 'new'] });
    expect(contact?.leads.map(({ startedAtMs }) => startedAtMs)).toEqual([T0, T0 + MINUTE]);
  });

  it('knows a message under the old key that comes after the change', async () => {
    const leads = await revisionsOf(
      contactChange(T0, ['ann'], ['anna']),
      message({ id: 'm1', from: 'anna', at: T0 + MINUTE }),
      message({ id: 'm2', from: 'ann', at: T0 + 2 * MINUTE }),
    );
    expect(newest(leads)).toHaveLength(1);
  });
});

describe('corrections', () => {
  it('replaces the answer, and nothing replaces a correction but another', async () => {
    const [started] = await revisionsOf(CLICK, message({ id: 'm1', from: 'ann', at: T0 + SECOND }));
    const leadId = started!.leadId;
    const leads = await revisionsOf(
      CLICK,
      message({ id: 'm1', from: 'ann', at: T0 + SECOND }),
      correction(T0 + MINUTE, leadId, { source: source({ utmCampaign: 'fair' }) }),
      edit({ id: 'm1', of: 'm1', from: 'ann', at: T0 + 2 * MINUTE, codes: ['AAAA'] }),
      correction(T0 + 2 * DAY, leadId, { clickId: 'c1' }),
      correction(T0 + 40 * DAY, leadId, {}),
    );
    expect(leads.map(({ revision, state, method, resolvedTo }) => [revision, state, method, resolvedTo])).toEqual([
      [1, 'provisional', 'probabilistic', 'click'],
      [2, 'provisional', 'correction', 'campaign'],
      [3, 'final', 'correction', 'campaign'],
      [4, 'corrected', 'correction', 'click'],
    ]);
    expect(leads.at(-1)).toMatchObject({ clickId: 'c1', evidence: [{ words: 'said by crm' }] });
  });

  it('says that there is no such lead', async () => {
    expect((await foldLog(log(correction(T0, 'nobody', {})))).outcomes).toEqual(['unknown_lead']);
  });
});

describe('settings', () => {
  it('are those of the log, from their epoch on', async () => {
    const [lead] = await revisionsOf(epoch(T0, { workspaceRevision: 'bbbbbbbbbbbbbbbb' }), CLICK, CODED);
    expect(lead).toMatchObject({ workspaceRevision: 'bbbbbbbbbbbbbbbb' });
    const [before] = await revisionsOf(CLICK, CODED);
    expect(before).toMatchObject({ workspaceRevision: '' });
  });

  it('name the model of the partition that was in force, and keep an old one when nobody has the new one', async () => {
    const seventh = derivePlatform(emptyPlatformStatistics(), 7);
    const touchpoints = log(model(T0, 7), CLICK, CODED, model(T0 + MINUTE, 8), tick(T0 + 2 * HOUR));
    const { leads, outcomes } = await foldLog(touchpoints, { model: (version) => (version === 7 ? seventh : undefined) });
    expect(outcomes.filter((outcome) => outcome.endsWith('model'))).toEqual(['model', 'unknown_model']);
    expect(leads.map(({ modelVersion, state }) => [modelVersion, state])).toEqual([
      [7, 'provisional'],
      [7, 'final'],
    ]);
    expect((await revisionsOf(CLICK, CODED))[0]).toMatchObject({ modelVersion: 0 });
  });
});

function permutations<T>(items: readonly T[]): readonly (readonly T[])[] {
  if (items.length <= 1) return [items];
  return items.flatMap((item, index) => permutations(items.toSpliced(index, 1)).map((rest) => [item, ...rest]));
}
