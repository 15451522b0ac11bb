import { describe, expect, it } from 'vitest';
import { foldLog, newest } from './support/fold-harness.ts';
import { click, DAY, edit, epoch, HOUR, log, MINUTE, message, SECOND, source, T0, type Unplaced } from './support/log-builder.ts';

async function leadsOf(...touchpoints: readonly Unplaced[]) {
  return newest((await foldLog(log(...touchpoints))).leads);
}

const CLICK = click({ id: 'c1', code: 'AAAA', at: T0 });

describe('row 1, hidden identifiers', () => {
  it('takes a start payload that is a code of ours as the click', async () => {
    const [lead] = await leadsOf(CLICK, message({ id: 'm1', from: 'ann', at: T0 + 14 * SECOND, payload: ['AAAA'] }));
    expect(lead).toMatchObject({
      method: 'hidden_id',
      resolvedTo: 'click',
      clickId: 'c1',
      clickedAtMs: T0,
      carrier: 'start_payload',
      probability: 0.999,
      pNone: 0,
      pOther: 0.001,
      sourceShares: [{ share: 1 }],
    });
  });

  it('takes an ad referral as the source, with its click id', async () => {
    const [lead] = await leadsOf(
      message({ id: 'm1', from: 'ann', at: T0, referral: { ctwaClid: 'ARAk', sourceId: '120', sourceType: 'ad' } }),
    );
    expect(lead).toMatchObject({
      method: 'hidden_id',
      resolvedTo: 'source',
      clickId: '',
      source: { adId: '120', clickIds: [['ctwa_clid', 'ARAk']], utmSource: '', kind: 'ad' },
    });
  });

  it('takes an invite link as the placement of that name when there is one, else as a source of that name', async () => {
    const joined = message({ id: 'j1', from: 'ann', at: T0 + MINUTE, class: 'join', inviteLinkName: 'site-button' });
    expect((await leadsOf(CLICK, joined))[0]).toMatchObject({
      method: 'hidden_id',
      resolvedTo: 'placement',
      source: { placement: 'site-button' },
    });
    expect((await leadsOf(joined))[0]).toMatchObject({ method: 'hidden_id', resolvedTo: 'source', source: { utmSource: 'site-button' } });
  });

  it('takes the configured source of the placement that an invite link or a start payload names', async () => {
    const namedSource = source({ placement: 'metro-sign', utmSource: 'outdoor' });
    const joined = message({ id: 'j1', from: 'ann', at: T0, class: 'join', inviteLinkName: 'metro', namedSource });
    const started = message({ id: 'm1', from: 'bob', at: T0, startPayload: 'metro-sign', namedSource });
    for (const lead of await leadsOf(joined, started))
      expect(lead).toMatchObject({
        method: 'hidden_id',
        resolvedTo: 'placement',
        clickId: '',
        source: { placement: 'metro-sign', utmSource: 'outdoor' },
      });
  });

  it('prefers a start payload to a referral and a referral to a code in the text', async () => {
    const referral = { ctwaClid: 'ARAk', sourceId: '120', sourceType: 'ad' };
    const [byText] = await leadsOf(CLICK, message({ id: 'm1', from: 'ann', at: T0, codes: ['AAAA'], referral }));
    expect(byText).toMatchObject({ method: 'hidden_id', resolvedTo: 'source' });
    const [byPayload] = await leadsOf(CLICK, message({ id: 'm1', from: 'ann', at: T0, payload: ['AAAA'], referral }));
    expect(byPayload).toMatchObject({ method: 'hidden_id', clickId: 'c1' });
  });
});

describe('row 2, a printed code word', () => {
  const BLUE = { word: 'BLUE', source: source({ placement: 'poster', utmSource: 'outdoor', utmCampaign: 'metro' }) };

  it('names the placement and no click, for everybody who writes it', async () => {
    const leads = await leadsOf(
      CLICK,
      message({ id: 'm1', from: 'ann', at: T0 + MINUTE, codeWord: BLUE }),
      message({ id: 'm2', from: 'bob', at: T0 + 2 * MINUTE, codeWord: BLUE }),
    );
    expect(leads).toHaveLength(2);
    for (const lead of leads)
      expect(lead).toMatchObject({
        method: 'exact_id',
        resolvedTo: 'placement',
        clickId: '',
        candidates: [],
        carrier: 'word',
        source: { placement: 'poster', utmSource: 'outdoor', utmCampaign: 'metro' },
        sourceShares: [{ share: 1 }],
        evidence: [{ words: 'message holds the printed word BLUE, which many people share; +9.96' }],
      });
  });

  it('gives way to a code of the person and to an ad, and comes before a code that another had first', async () => {
    const at = T0 + 2 * MINUTE;
    const [byCode] = await leadsOf(CLICK, message({ id: 'm1', from: 'ann', at, codes: ['AAAA'], codeWord: BLUE }));
    expect(byCode).toMatchObject({ method: 'exact_id', clickId: 'c1', carrier: 'visible' });
    const referral = { ctwaClid: 'ARAk', sourceId: '120', sourceType: 'ad' };
    const [byAd] = await leadsOf(message({ id: 'm1', from: 'ann', at, referral, codeWord: BLUE }));
    expect(byAd).toMatchObject({ method: 'hidden_id', source: { adId: '120' } });
    const first = message({ id: 'm1', from: 'ann', at: T0 + MINUTE, codes: ['AAAA'] });
    const leads = await leadsOf(CLICK, first, message({ id: 'm2', from: 'bob', at, codes: ['AAAA'], codeWord: BLUE }));
    expect(leads.at(-1)).toMatchObject({ method: 'exact_id', clickId: '', carrier: 'word' });
  });

  it('in a forwarded message says nothing', async () => {
    const [lead] = await leadsOf(message({ id: 'm1', from: 'ann', at: T0, forwarded: true, codeWord: BLUE }));
    expect(lead).toMatchObject({ method: 'none' });
  });

  it('written again belongs to the same conversation', async () => {
    const leads = await leadsOf(
      message({ id: 'm1', from: 'ann', at: T0 + MINUTE, codeWord: BLUE }),
      message({ id: 'm2', from: 'ann', at: T0 + 2 * MINUTE, codeWord: BLUE }),
    );
    expect(leads).toHaveLength(1);
  });
});

describe('row 2, a live code in the text', () => {
  it('names the click and says so in words and bits', async () => {
    const [lead] = await leadsOf(CLICK, message({ id: 'm1', from: 'ann', at: T0 + 14 * SECOND, codes: ['AAAA'] }));
    expect(lead).toMatchObject({ method: 'exact_id', clickId: 'c1', carrier: 'visible', state: 'provisional', revision: 1 });
    expect(lead?.evidence).toEqual([
      { term: 'identifier', winnerBits: 9.96, runnerUpBits: 0, words: 'message holds code AAAA of a click 14 s earlier; +9.96' },
    ]);
  });

  it('takes the newest click when a message holds two codes', async () => {
    const [lead] = await leadsOf(
      click({ id: 'c1', code: 'AAAA', at: T0 }),
      click({ id: 'c2', code: 'BBBB', at: T0 + MINUTE }),
      message({ id: 'm1', from: 'ann', at: T0 + 2 * MINUTE, codes: ['BBBB', 'AAAA'] }),
    );
    expect(lead).toMatchObject({ method: 'exact_id', clickId: 'c2' });
  });

  it('ignores codes of forwarded messages, codes whose checksum is wrong and codes of another account: what is left is time and place', async () => {
    const at = T0 + MINUTE;
    const [forwarded] = await leadsOf(CLICK, message({ id: 'm1', from: 'ann', at, codes: ['AAAA'], forwarded: true }));
    expect(forwarded).toMatchObject({ method: 'probabilistic', carrier: 'none' });
    const damaged = { code: 'AAAA', carrier: 'visible', intact: false } as const;
    const [same] = await leadsOf(CLICK, { ...message({ id: 'm1', from: 'ann', at }), codes: [damaged] });
    expect(same).toMatchObject({ method: 'probabilistic', carrier: 'none' });
    const [foreign] = await leadsOf(
      click({ id: 'c1', code: 'AAAA', at: T0, account: 'other' }),
      message({ id: 'm1', from: 'ann', at, codes: ['AAAA'] }),
    );
    expect(foreign?.method).toBe('none');
  });

  it('takes an invisible code that its frames put right for a damaged one, never for an intact one', async () => {
    const damaged = { code: 'KKKKMMMMNN', carrier: 'invisible', intact: false } as const;
    const [lead] = await leadsOf(click({ id: 'c1', code: damaged.code, at: T0 }), {
      ...message({ id: 'm1', from: 'ann', at: T0 + MINUTE }),
      codes: [damaged],
    });
    expect(lead).toMatchObject({ method: 'damaged_id', clickId: 'c1', carrier: 'invisible' });
    expect(lead?.evidence[0]?.words).toContain(
      'message holds code KKKKMMMMNN in invisible characters, damaged and put right by its checksum',
    );
  });

  it('holds a code alive for the click window of the account, wherever the click is kept', async () => {
    const settings = epoch(T0, { clickWindowMs: 10 * DAY });
    const inTime = message({ id: 'm1', from: 'ann', at: T0 + 10 * DAY, codes: ['AAAA'] });
    expect((await leadsOf(settings, CLICK, inTime))[0]?.method).toBe('exact_id');
    const tooLate = message({ id: 'm1', from: 'ann', at: T0 + 10 * DAY + SECOND, codes: ['AAAA'] });
    expect((await leadsOf(settings, CLICK, tooLate))[0]?.method).toBe('none');
  });

  it('takes a code of the third message or of the second minute, and opens another lead for one that comes later', async () => {
    const words = (id: string, seconds: number, codes: readonly string[] = []) =>
      message({ id, from: 'ann', at: T0 + seconds * SECOND, codes });
    const third = await leadsOf(CLICK, words('m1', 10), words('m2', 400), words('m3', 800, ['AAAA']));
    expect(third).toMatchObject([{ method: 'exact_id', clickId: 'c1', firstMessageId: 'm1' }]);
    const secondMinute = await leadsOf(
      CLICK,
      words('m1', 10),
      words('m2', 11),
      words('m3', 12),
      words('m4', 13),
      words('m5', 125, ['AAAA']),
    );
    expect(secondMinute).toMatchObject([{ method: 'exact_id', clickId: 'c1', firstMessageId: 'm1' }]);
    const fourth = await leadsOf(CLICK, words('m1', 10), words('m2', 400), words('m3', 800), words('m4', 1_200, ['AAAA']));
    expect(fourth).toMatchObject([
      { method: 'probabilistic', firstMessageId: 'm1' },
      { method: 'exact_id', clickId: 'c1', firstMessageId: 'm4' },
    ]);
  });

  it('accepts a code that an edit brings', async () => {
    const leads = await leadsOf(
      CLICK,
      message({ id: 'm1', from: 'ann', at: T0 + MINUTE }),
      edit({ id: 'm1', of: 'm1', from: 'ann', at: T0 + 20 * MINUTE, codes: ['AAAA'] }),
    );
    expect(leads).toMatchObject([{ method: 'exact_id', clickId: 'c1', revision: 2 }]);
  });

  it('finds the code of a program’s click, which is no candidate', async () => {
    const bot = click({ id: 'c1', code: 'AAAA', at: T0, isBot: true });
    expect((await leadsOf(bot, message({ id: 'm1', from: 'ann', at: T0, codes: ['AAAA'] })))[0]?.method).toBe('exact_id');
    expect((await leadsOf(bot, message({ id: 'm1', from: 'ann', at: T0 })))[0]).toMatchObject({ method: 'none', candidatesScanned: 0 });
  });
});

describe('row 3, a damaged code', () => {
  const at = T0 + MINUTE;
  const coded = click({ id: 'c1', code: 'QWXYZT', at: T0 });
  const reads = (code: string, intact = false) => ({
    ...message({ id: 'm1', from: 'ann', at }),
    codes: [{ code, carrier: 'visible' as const, intact }],
  });

  it('is repaired when one slip away from exactly one live code, whether its checksum is right or not', async () => {
    for (const read of ['QWXYZA', 'QWXYZ', 'QWXYZTT', 'WQXYZT', 'WXYZT', 'QWXZYT']) {
      for (const intact of [false, true]) {
        const [lead] = await leadsOf(coded, reads(read, intact));
        expect(lead).toMatchObject({ method: 'damaged_id', resolvedTo: 'click', clickId: 'c1', carrier: 'visible' });
        expect(lead!.probability).toBeGreaterThanOrEqual(0.99);
        expect(lead!.evidence[0]!.words).toContain(`message holds ${read}, one slip away from code QWXYZT`);
      }
    }
  });

  it('is left alone when two slips away, near two live codes or too short to mean anything', async () => {
    expect((await leadsOf(coded, reads('QWXYAA')))[0]?.method).toBe('probabilistic');
    const twin = click({ id: 'c2', code: 'QWXYZS', at: T0 });
    expect((await leadsOf(coded, twin, reads('QWXYZA')))[0]?.method).not.toBe('damaged_id');
    const digits = click({ id: 'c1', code: '4711', at: T0 });
    // 93 of 10,000 numbers of four digits are as near to it: with ε beside that, less than .99.
    expect((await leadsOf(digits, reads('4712')))[0]?.method).toBe('probabilistic');
  });
});

describe('forward', () => {
  it('gives the second contact of a code its own lead of the same source', async () => {
    const leads = await leadsOf(
      CLICK,
      message({ id: 'm1', from: 'ann', at: T0 + MINUTE, codes: ['AAAA'] }),
      message({ id: 'm2', from: 'bob', at: T0 + 5 * HOUR, codes: ['AAAA'] }),
    );
    expect(leads).toMatchObject([
      { contact: 'ann', method: 'exact_id', clickId: 'c1' },
      { contact: 'bob', method: 'forward', clickId: 'c1', source: { utmCampaign: 'spring' } },
    ]);
  });
});

describe('row 4, a dedicated account', () => {
  it('names its source and no click', async () => {
    const dedicatedSource = source({ placement: 'metro-sign', utmCampaign: 'metro' });
    const [lead] = await leadsOf(epoch(T0, { dedicatedSource }), message({ id: 'm1', from: 'ann', at: T0 }));
    expect(lead).toMatchObject({
      method: 'dedicated_account',
      resolvedTo: 'placement',
      probability: 1,
      clickId: '',
      source: dedicatedSource,
    });
  });
});

describe('row 5, a returning contact', () => {
  it('adds messages within the returning window to the lead', async () => {
    const leads = await leadsOf(
      CLICK,
      message({ id: 'm1', from: 'ann', at: T0, codes: ['AAAA'] }),
      message({ id: 'm2', from: 'ann', at: T0 + 80 * DAY }),
    );
    expect(leads).toMatchObject([{ firstMessageId: 'm1' }]);
  });

  it('starts a new lead when the window is over, without the old source', async () => {
    const leads = await leadsOf(
      CLICK,
      message({ id: 'm1', from: 'ann', at: T0, codes: ['AAAA'] }),
      message({ id: 'm2', from: 'ann', at: T0 + 91 * DAY }),
    );
    expect(leads).toMatchObject([
      { firstMessageId: 'm1', method: 'exact_id' },
      { firstMessageId: 'm2', method: 'none' },
    ]);
  });

  it('starts a new lead for another click, and none for the same code again', async () => {
    const leads = await leadsOf(
      CLICK,
      click({ id: 'c2', code: 'BBBB', at: T0 + DAY }),
      message({ id: 'm1', from: 'ann', at: T0, codes: ['AAAA'] }),
      message({ id: 'm2', from: 'ann', at: T0 + DAY, codes: ['BBBB'] }),
      message({ id: 'm3', from: 'ann', at: T0 + DAY + HOUR, codes: ['AAAA'] }),
    );
    expect(leads).toMatchObject([
      { firstMessageId: 'm1', clickId: 'c1' },
      { firstMessageId: 'm2', clickId: 'c2' },
    ]);
  });

  it('keeps the earlier source when a new conversation is opened by something that cannot decide', async () => {
    const bare = { ctwaClid: '', sourceId: '', sourceType: '' };
    const leads = await leadsOf(
      CLICK,
      message({ id: 'm1', from: 'ann', at: T0, codes: ['AAAA'] }),
      message({ id: 'm2', from: 'ann', at: T0 + 40 * DAY, referral: bare }),
    );
    expect(leads).toMatchObject([
      { firstMessageId: 'm1', method: 'exact_id' },
      { firstMessageId: 'm2', method: 'returning_contact', resolvedTo: 'placement', source: { utmCampaign: 'spring' } },
    ]);
  });
});

describe('row 7, nothing decides', () => {
  it('says none when there was no click', async () => {
    expect((await leadsOf(message({ id: 'm1', from: 'ann', at: T0 })))[0]).toMatchObject({
      method: 'none',
      resolvedTo: 'none',
      pNone: 1,
      pOther: 0,
    });
  });

  it('says unresolved when neither a click nor a campaign nor "no click" is likely', async () => {
    const campaigns = ['spring', 'summer', 'autumn', 'winter'];
    const clicks = campaigns.map((utmCampaign, index) =>
      click({
        id: `c${index}`,
        at: T0 + index * SECOND,
        source: source({ placement: `button-${utmCampaign}`, utmSource: `from-${utmCampaign}`, utmCampaign }),
      }),
    );
    const [lead] = await leadsOf(...clicks, message({ id: 'm1', from: 'ann', at: T0 + MINUTE }));
    expect(lead).toMatchObject({ method: 'unresolved', resolvedTo: 'none', clickId: '', source: undefined, candidatesScanned: 4 });
    expect(lead!.candidates.map(({ clickId }) => clickId).sort()).toEqual(['c0', 'c1', 'c2', 'c3']);
    expect(lead!.probability).toBe(lead!.pNone);
  });
});

describe('row 6, the posterior', () => {
  const spring = source({ placement: 'site-button', utmCampaign: 'spring' });
  const autumn = source({ placement: 'site-button', utmCampaign: 'autumn' });

  it('matches a bare start like any message without a code', async () => {
    const [lead] = await leadsOf(
      click({ id: 'c1', code: 'AAAA', at: T0, source: spring }),
      message({ id: 'm1', from: 'ann', at: T0 + 8 * SECOND, channel: 'telegram', language: '' }),
    );
    expect(lead).toMatchObject({ method: 'probabilistic', resolvedTo: 'click', clickId: 'c1' });
  });

  it('names the click when it is likelier than all else, and looks at clicks of three days, those taken by a code included', async () => {
    const [ann] = await leadsOf(
      click({ id: 'gone', at: T0 - 73 * HOUR }),
      click({ id: 'old', at: T0 - 3 * HOUR }),
      click({ id: 'c1', code: 'AAAA', at: T0, source: spring }),
      click({ id: 'c2', code: 'BBBB', at: T0 + MINUTE, source: autumn }),
      click({ id: 'c3', code: 'CCCC', at: T0 + 2 * MINUTE, source: spring }),
      message({ id: 'm0', from: 'bob', at: T0 + 3 * MINUTE, codes: ['AAAA'] }),
      message({ id: 'm1', from: 'ann', at: T0 + 4 * MINUTE }),
      click({ id: 'later', at: T0 + 5 * MINUTE }),
    ).then((leads) => leads.filter((lead) => lead.contact === 'ann'));
    expect(ann).toMatchObject({ method: 'probabilistic', resolvedTo: 'click', clickId: 'c3', source: spring, candidatesScanned: 4 });
    expect(ann!.probability).toBe(ann!.candidates[0]!.probability);
    // Newer is likelier; what another message took is hardly one any more.
    expect(ann!.candidates.map(({ clickId }) => clickId)).toEqual(
      ['c3', 'c2', 'old', 'c1'].filter((id) => ann!.candidates.some(({ clickId }) => clickId === id)),
    );
    expect(ann!.candidates.find(({ clickId }) => clickId === 'c1')?.probability ?? 0).toBeLessThan(0.01);
    expect(sumOf(ann!.sourceShares.map(({ share }) => share))).toBe(1);
    expect(sumOf([ann!.pNone, ann!.pOther, ...ann!.candidates.map(({ probability }) => probability)])).toBe(1);
  });

  it('names the placement and the campaign when only that is sure, and only what its clicks have in common', async () => {
    const same = [0, 1, 2].map((index) => click({ id: `c${index}`, at: T0 + index * SECOND, source: spring }));
    const [placement] = await leadsOf(...same, message({ id: 'm1', from: 'ann', at: T0 + MINUTE }));
    expect(placement).toMatchObject({ method: 'probabilistic', resolvedTo: 'placement', clickId: '', source: spring });
    expect(placement!.probability).toBeGreaterThan(0.9);
    const mixed = [spring, autumn, spring].map((from, index) => click({ id: `c${index}`, at: T0 + index * SECOND, source: from }));
    const [common] = await leadsOf(...mixed, message({ id: 'm1', from: 'ann', at: T0 + MINUTE }));
    expect(common).toMatchObject({ resolvedTo: 'placement', source: source({ placement: 'site-button' }) });
    const two = ['left', 'right', 'top'].map((placed, index) =>
      click({ id: `c${index}`, at: T0 + index * SECOND, source: source({ placement: placed, utmCampaign: 'spring' }) }),
    );
    const [campaign] = await leadsOf(...two, message({ id: 'm1', from: 'ann', at: T0 + MINUTE }));
    expect(campaign).toMatchObject({ resolvedTo: 'campaign', source: source({ utmCampaign: 'spring' }) });
  });

  it('says none when the only click is days away and other messages are the rule', async () => {
    const others = Array.from({ length: 40 }, (_, index) => message({ id: `o${index}`, from: `p${index}`, at: T0 + index * 2 * HOUR }));
    const touchpoints = [...others, message({ id: 'm1', from: 'ann', at: T0 + 85 * HOUR })];
    const far = click({ id: 'c1', at: T0 + 13 * HOUR + MINUTE });
    const leads = await leadsOf(...[...touchpoints, far].toSorted((a, b) => a.eventTimeMs - b.eventTimeMs));
    expect(leads.find(({ contact }) => contact === 'ann')).toMatchObject({ method: 'none', resolvedTo: 'none', clickId: '' });
  });

  it('says which click of a dedicated account it was, when that is likely', async () => {
    const dedicatedSource = source({ placement: 'metro-sign', utmCampaign: 'metro' });
    const settings = epoch(T0, { dedicatedSource });
    const sign = click({ id: 'c1', at: T0, source: dedicatedSource });
    const [one] = await leadsOf(settings, sign, message({ id: 'm1', from: 'ann', at: T0 + 20 * SECOND }));
    expect(one).toMatchObject({ method: 'dedicated_account', resolvedTo: 'click', clickId: 'c1', source: dedicatedSource });
    expect(one!.evidence[0]!.term).toBe('dedicated_account');
    const [far] = await leadsOf(settings, sign, message({ id: 'm1', from: 'ann', at: T0 + 5 * DAY }));
    expect(far).toMatchObject({ method: 'dedicated_account', resolvedTo: 'placement', clickId: '', probability: 1 });
  });
});

function sumOf(values: readonly number[]): number {
  return Math.round(values.reduce((sum, value) => sum + value * 10_000, 0)) / 10_000;
}

describe('what starts no lead', () => {
  it('is a reaction, a welcome without an ad and a join without a link', async () => {
    const { leads, outcomes } = await foldLog(
      log(
        message({ id: 'r1', from: 'ann', at: T0, class: 'reaction' }),
        message({ id: 'w1', from: 'ann', at: T0, class: 'welcome' }),
        message({ id: 'j1', from: 'ann', at: T0, class: 'join' }),
      ),
    );
    expect(leads).toEqual([]);
    expect(outcomes).toEqual(['ignored', 'no_lead', 'no_lead']);
  });

  it('is a message of the workspace’s own people or of a program, whatever it brings', async () => {
    const { leads, outcomes } = await foldLog(
      log(
        click({ id: 'c1', code: 'AAAA', at: T0 }),
        message({ id: 'm1', from: 'staff', at: T0 + MINUTE, codes: ['AAAA'], isInternal: true }),
        message({ id: 'm2', from: 'staff', at: T0 + 2 * MINUTE, isInternal: true }),
        message({ id: 'm3', from: 'ann', at: T0 + 3 * MINUTE, codes: ['AAAA'] }),
      ),
    );
    expect(outcomes).toEqual(['registered', 'internal', 'internal', 'started']);
    // The code was not used up by the one who tried it.
    expect(leads.map(({ firstMessageId, method }) => [firstMessageId, method])).toEqual([['m3', 'exact_id']]);
  });

  it('is not a welcome that an ad opened', async () => {
    const welcome = message({ id: 'w1', from: 'ann', at: T0, class: 'welcome', referral: { ctwaClid: 'A', sourceId: '', sourceType: '' } });
    const leads = await leadsOf(welcome, message({ id: 'm1', from: 'ann', at: T0 + MINUTE }));
    expect(leads).toMatchObject([{ firstMessageId: 'w1', method: 'hidden_id' }]);
  });

  it('is not a chat opened by a link that brought its code or names a source, with or without words behind it', async () => {
    const opened = message({ id: 'w1', from: 'ann', at: T0 + MINUTE, class: 'welcome', codes: ['AAAA'] });
    const words = message({ id: 'm1', from: 'ann', at: T0 + 2 * MINUTE });
    const named = message({ id: 'w2', from: 'bob', at: T0 + 3 * MINUTE, class: 'welcome', startPayload: 'summer' });
    const leads = await leadsOf(click({ id: 'c1', code: 'AAAA', at: T0 }), opened, words, named);
    expect(leads.map(({ firstMessageId, clickId }) => [firstMessageId, clickId])).toEqual([
      ['w1', 'c1'],
      ['w2', ''],
    ]);
  });
});
