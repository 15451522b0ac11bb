/** People whom the business writes to first: the click that made us write comes back with their answer, by whatever it is known. */
import { describe, expect, it } from 'vitest';
import { foldLog, newest } from './support/fold-harness.ts';
import {
  click,
  contactChange,
  DAY,
  epoch,
  HOUR,
  log,
  MINUTE,
  message,
  SECOND,
  sent,
  source,
  T0,
  type Unplaced,
} from './support/log-builder.ts';

async function leadsOf(...touchpoints: readonly Unplaced[]) {
  return newest((await foldLog(log(...touchpoints))).leads);
}

const FROM = source({ utmSource: 'google', placement: 'site-form' });
const CLICK = click({ id: 'c1', at: T0, source: FROM, isSendback: true });
const SENT = sent(T0 + 2 * SECOND, 'wamid.OUT', ['ann-bsuid', 'ann-number'], { clickId: 'c1', clickedAtMs: T0, source: FROM });
const ANSWER = {
  method: 'hidden_id',
  resolvedTo: 'click',
  clickId: 'c1',
  clickedAtMs: T0,
  source: { utmSource: 'google', placement: 'site-form' },
};

describe('whoever was written to first', () => {
  it.each([
    ['replies to the message', message({ id: 'm1', from: 'somebody', at: T0 + MINUTE, replyToMessageId: 'wamid.OUT' })],
    ['writes under the number', message({ id: 'm1', from: 'ann-number', at: T0 + MINUTE })],
    ['writes under the id that the provider returned', message({ id: 'm1', from: ['ann-bsuid'], at: T0 + 3 * DAY })],
    [
      'writes in the same second by a clock that is behind',
      message({ id: 'm1', from: 'ann-number', at: T0 - 20 * SECOND, observed: T0 + 5 * SECOND }),
    ],
  ])('%s: the lead has the click', async (_, answer) => {
    expect(await leadsOf(CLICK, SENT, answer)).toMatchObject([ANSWER]);
  });

  it('is one lead, whichever of their messages replies', async () => {
    const leads = await leadsOf(
      CLICK,
      SENT,
      message({ id: 'm1', from: 'ann-number', at: T0 + MINUTE }),
      message({ id: 'm2', from: 'ann-bsuid', at: T0 + 2 * MINUTE, replyToMessageId: 'wamid.OUT' }),
    );
    expect(leads).toMatchObject([{ ...ANSWER, firstMessageId: 'm1' }]);
  });

  it('is found under a number that changed', async () => {
    const changed = contactChange(T0 + MINUTE, ['ann-number'], ['new-number']);
    expect(await leadsOf(CLICK, SENT, changed, message({ id: 'm1', from: 'new-number', at: T0 + HOUR }))).toMatchObject([ANSWER]);
  });

  it('is read from the join store when the message is delivered again, after its lead has become final', async () => {
    const first = { id: 'm1', from: 'ann-number', at: T0 };
    const again = message({ ...first, observed: T0 + HOUR + 2 * MINUTE });
    const touchpoints = log(message(first), SENT, message({ id: 'm2', from: 'eve', at: T0 + HOUR + MINUTE }), again);
    // One by one: what a batch has read before is still there.
    const { leads } = await foldLog(touchpoints, { batchSizes: [1] });
    expect(newest(leads)).toMatchObject([{ ...ANSWER, firstMessageId: 'm1', state: 'corrected' }, { firstMessageId: 'm2' }]);
  });

  it('opens a new lead when they had one before, and keeps to it', async () => {
    const leads = await leadsOf(
      message({ id: 'old', from: 'ann-number', at: T0 - 10 * DAY }),
      CLICK,
      SENT,
      message({ id: 'm1', from: 'ann-number', at: T0 + MINUTE }),
      message({ id: 'm2', from: 'ann-number', at: T0 + HOUR }),
    );
    expect(leads.map(({ firstMessageId, clickId }) => [firstMessageId, clickId])).toEqual([
      ['old', ''],
      ['m1', 'c1'],
    ]);
  });

  it('has clicked again when they bring a code', async () => {
    const leads = await leadsOf(
      CLICK,
      SENT,
      click({ id: 'c2', code: 'BBBB', at: T0 + HOUR }),
      message({ id: 'm1', from: 'ann-number', at: T0 + HOUR + MINUTE, codes: ['BBBB'] }),
    );
    expect(leads).toMatchObject([{ method: 'exact_id', clickId: 'c2' }]);
  });

  it.each([
    ['before we did', message({ id: 'm1', from: 'ann-number', at: T0 - 2 * MINUTE, observed: T0 + MINUTE })],
    ['after the window of clicks', message({ id: 'm1', from: 'ann-number', at: T0 + 31 * DAY })],
  ])('wrote %s: not because of it', async (_, words) => {
    expect(await leadsOf(CLICK, SENT, words)).not.toMatchObject([{ clickId: 'c1' }]);
  });

  it('explains nobody else: the click is no candidate', async () => {
    const leads = await leadsOf(CLICK, message({ id: 'm1', from: 'bob', at: T0 + MINUTE }));
    expect(leads).toMatchObject([{ clickId: '', candidates: [] }]);
  });

  it('may be known by a source alone, and then only by the reply', async () => {
    const campaign = sent(T0, 'wamid.BACK', ['bob'], { clickId: '', clickedAtMs: T0, source: source({ utmCampaign: 'winback' }) });
    const replied = message({ id: 'm1', from: 'bob', at: T0 + MINUTE, replyToMessageId: 'wamid.BACK' });
    expect(await leadsOf(campaign, replied)).toMatchObject([{ method: 'hidden_id', clickId: '', source: { utmCampaign: 'winback' } }]);
    expect(await leadsOf(campaign, message({ id: 'm1', from: 'bob', at: T0 + MINUTE }))).toMatchObject([{ method: 'none' }]);
  });

  it('is answered alike wherever batches are cut and snapshots are taken', async () => {
    const story = log(
      epoch(T0 - HOUR, {}),
      message({ id: 'old', from: 'ann-number', at: T0 - 10 * MINUTE }),
      CLICK,
      SENT,
      message({ id: 'm1', from: 'ann-bsuid', at: T0 + 2 * HOUR }),
      message({ id: 'm2', from: 'ann-number', at: T0 + 3 * HOUR, replyToMessageId: 'wamid.OUT' }),
    );
    const whole = await foldLog(story);
    for (const batch of [1, 2, 3]) expect(newest((await foldLog(story, { batchSizes: [batch] })).leads)).toEqual(newest(whole.leads));
    expect(newest(whole.leads).map(({ clickId }) => clickId)).toEqual(['', 'c1']);
  });
});
