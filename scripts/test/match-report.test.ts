import { EMPTY_SOURCE } from '@messtrack/matcher/domain/source.ts';
import { beforeAll, describe, expect, it } from 'vitest';
import { createHiddenTestTally, type HiddenTest } from '../match/hidden-test.ts';
import { wilson } from '../match/report/calibration-plot.ts';
import { createExampleLeads } from '../match/report/example-leads.ts';
import { html } from '../match/report/markup.ts';
import { percent } from '../match/report/numbers.ts';
import { type ReportFacts, reportPage } from '../match/report/page.ts';
import { readableBins } from '../match/report/readable-bins.ts';
import { createTally } from '../match/tally.ts';
import { click, HOUR, type Matched, MINUTE, match, message, SECOND } from './match-support/history.ts';

const LINES = { good: 1, bad: 0, out_of_order: 0, left_behind: 0 };

function factsOf(matched: Matched, hiddenTest: HiddenTest | undefined, more: Partial<ReportFacts> = {}): ReportFacts {
  const tally = createTally();
  const examples = createExampleLeads();
  for (const lead of matched.raw) {
    tally.add(lead);
    examples.add(lead);
  }
  const { lines } = matched;
  return {
    workspace: null,
    tally: tally.result(),
    hiddenTest,
    examples: examples.result(),
    lines,
    decoys: { messages: 0, confident: 0 },
    codeLoss: [],
    trainUntil: null,
    ...more,
  };
}

/** What `quality` says of answers whose likeliest click had these probabilities and was right or not. */
function tested(answers: readonly (readonly [pTop: number, isTopRight: boolean])[]): HiddenTest | undefined {
  const tally = createHiddenTestTally();
  for (const [pTop, isTopRight] of answers) {
    tally.add({ workspace: 'w', account: 'a', atMs: 1, pTop, isTopRight, pTruth: isTopRight ? pTop : 1 - pTop, pNone: 0 });
  }
  return tally.result();
}

describe('the hidden test set', () => {
  it('gives log loss, calibration and precision, and nothing when nothing was tested', () => {
    expect(tested([])).toBeUndefined();
    const result = tested([
      [0.9, true],
      [0.9, true],
      [0.9, false],
      [0.4, false],
    ])!;
    expect(result).toMatchObject({ messages: 4, precision_at_80: 0.6667, coverage_at_80: 0.75 });
    expect(result.log_loss).toBeCloseTo(-(2 * Math.log(0.9) + Math.log(0.1) + Math.log(0.6)) / 4, 4);
    expect(result.calibration_error).toBeCloseTo((0.7 + 0.4) / 4, 4);
    expect(result.bins.filter(({ count }) => count > 0)).toEqual([
      { from: 0.4, to: 0.5, count: 1, expected: 0.4, right: 0 },
      { from: 0.9, to: 1, count: 3, expected: 2.7, right: 2 },
    ]);
    // It is known that a click led there: the model says .45 of this one and .1 of none, which is .5 of this one among clicks.
    const tally = createHiddenTestTally();
    tally.add({ workspace: 'w', account: 'a', atMs: 1, pTop: 0.45, isTopRight: true, pTruth: 0.45, pNone: 0.1 });
    expect(tally.result()!.bins[5]).toEqual({ from: 0.5, to: 0.6, count: 1, expected: 0.5, right: 1 });
    expect(tested([[1, true]])).toMatchObject({ log_loss: 0, precision_at_80: 1 });
    expect(tested([[0.5, true]])).toMatchObject({ precision_at_80: null, coverage_at_80: 0 });
  });

  it('is looked at in ranges that hold enough answers', () => {
    const bin = (from: number, count: number) => ({ from, to: from + 0.1, count, expected: count * from, right: count / 2 });
    expect(readableBins([bin(0, 0), bin(0.1, 6), bin(0.2, 20), bin(0.3, 30), bin(0.4, 2)])).toEqual([
      { from: 0.1, to: 0.2 + 0.1, count: 26, expected: 6 * 0.1 + 20 * 0.2, right: 13 },
      { from: 0.3, to: 0.4 + 0.1, count: 32, expected: 30 * 0.3 + 2 * 0.4, right: 16 },
    ]);
    expect(readableBins([bin(0.5, 3)])).toHaveLength(1);
    expect(readableBins([bin(0.5, 0)])).toEqual([]);
  });

  it('has intervals that stay within 0 and 1 and close in', () => {
    expect(wilson(0, 10).low).toBe(0);
    expect(wilson(10, 10).high).toBe(1);
    const few = wilson(8, 10);
    const many = wilson(800, 1_000);
    expect(few.high - few.low).toBeGreaterThan(many.high - many.low);
    // Wilson 1927 for 8 of 10: 0.490 to 0.943.
    expect(few.low).toBeCloseTo(0.49, 2);
    expect(few.high).toBeCloseTo(0.943, 3);
  });
});

describe('numbers in words', () => {
  it('hide neither a small share nor what is missing to all', () => {
    expect([0, 0.0004, 0.123, 0.9996, 1].map((share) => percent(share).replaceAll('\u202f', ' '))).toEqual([
      '0 %',
      '< 0.1 %',
      '12.3 %',
      '> 99.9 %',
      '100 %',
    ]);
  });

  it('cannot become markup', () => {
    const evil = `<script>alert("1")</script>&'`;
    expect(html`<b title="${evil}">${evil}${html`<i>${7}</i>`}</b>`.markup).toBe(
      '<b title="&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt;&amp;&#39;">&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt;&amp;&#39;<i>7</i></b>',
    );
  });
});

describe('the report', () => {
  const EVIL = '"><script>alert(1)</script>';
  let matched: Matched;
  let page: string;

  beforeAll(async () => {
    const clicks = [];
    const messages = [];
    for (let index = 0; index < 30; index += 1) {
      const campaign = index % 3 === 0 ? EVIL : `campaign-${index % 3}`;
      clicks.push(click(`c${index}`, index * 10 * MINUTE, { campaign, code: `code-${index}-x` }));
      const fields = { contact: `+49151${index}`, ...(index % 4 === 0 ? {} : { code: `code-${index}-x` }) };
      messages.push(message(`wamid.${index}`, index * 10 * MINUTE + 20 * SECOND, fields));
    }
    messages.push(message('wamid.forward', 10 * HOUR, { code: 'code-1-x', contact: '+49151999' }));
    matched = await match(clicks, messages);
    page = reportPage(factsOf(matched, undefined));
  });

  it('is one file: it asks nobody, runs nothing, and says so to the browser', () => {
    expect(page).toContain(`content="default-src 'none'; style-src 'unsafe-inline'"`);
    expect(page).not.toMatch(/<script|<link|<img|<iframe|@import|url\(|https?:|\son\w+=/i);
    expect(page.startsWith('<!doctype html>')).toBe(true);
  });

  it('names no person and no message', () => {
    expect(page).not.toContain('+49151');
    expect(page).not.toContain('wamid');
  });

  it('shows names of sources as text, whatever they hold', () => {
    expect(page).toContain('&quot;&gt;&lt;script&gt;alert(1)&lt;/script&gt;');
  });

  it('counts what the leads say', () => {
    const groups = { known: 0, other: 0 };
    for (const { method } of matched.leads) groups[['exact_id', 'forward'].includes(method) ? 'known' : 'other'] += 1;
    expect(groups.known).toBe(23);
    expect(page).toContain('Of 31 conversations, 23');
    expect(page).toMatch(/Forwarded code<\/th>.*?<td class="number">1</s);
    expect(page).toContain('Made from 30 clicks and 31 messages. No line was skipped.');
  });

  it('mentions only what there is', () => {
    const facts = factsOf(matched, undefined);
    const told = (methods: ReportFacts['tally']['methods']) => reportPage({ ...facts, tally: { ...facts.tally, leads: 31, methods } });
    expect(told({ exact_id: 31 })).toContain('have a known source. None is left over.');
    expect(told({ exact_id: 30, none: 1 })).toContain('Of the other 1, which came without: 1 very likely came from no tracked click.');
    expect(told({ exact_id: 25, probabilistic: 3, none: 2, unresolved: 1 })).toContain(
      'Of the other 6, which came without: for 3 one answer is likelier than all others together, 2 very likely came from no tracked click, and for 1 nothing can be said for sure.',
    );
  });

  it('explains ten leads, of every kind that there is', () => {
    const cards = page.match(/<li><small>[^<]*· wa ·/g) ?? [];
    expect(cards).toHaveLength(10);
    for (const kind of ['Probability', 'Code in the message', 'Forwarded code']) expect(cards.join()).toContain(kind);
    expect(page).toContain('20 s');
  });

  it('says how good the probabilities are only when enough was tested', () => {
    expect(page).toContain('too few to say more');
    expect(page).not.toContain('<svg');
    const answers = Array.from({ length: 200 }, (_, index) => [index % 2 === 0 ? 0.95 : 0.65, index % 10 !== 1] as const);
    const trusted = reportPage(factsOf(matched, tested(answers), { workspace: 'acme', trainUntil: '2026-03-01T00:00:00.000Z' }));
    expect(trusted).toContain('<svg');
    expect(trusted).toContain('200 leads whose click is known');
    expect(trusted.match(/class="dot"/g)).toHaveLength(2);
    expect(trusted).toContain('Where the leads of acme came from');
    expect(trusted).toContain('what came before 1 Mar 2026 was learned from');
  });

  it('tells the counter-check and how often codes are lost, where there is enough of both', () => {
    const loss = { kept: 500, lost: 30, rate: 0.06, low: 0.04, high: 0.09 };
    const codeLoss = [
      { device: 'ios' as const, ...loss },
      { device: 'android' as const, ...loss, kept: 7 },
    ];
    const told = reportPage(factsOf(matched, undefined, { decoys: { messages: 400, confident: 3 }, codeLoss }));
    expect(told).toMatch(/for 400 messages without code .*? 3 \(0\.8\u202f%\) got a click at 80 % or more/s);
    expect(told).toContain('6\u202f% on iOS (4\u202f% to 9\u202f%).');
    expect(page).not.toContain('The counter-check');
    expect(page).not.toContain('delete their code');
  });

  it('says what was skipped', () => {
    const lines = { clicks: { ...LINES, bad: 2 }, messages: LINES };
    expect(reportPage(factsOf(matched, undefined, { lines }))).toContain('2 lines could not be read and were skipped.');
  });
});

describe('examples', () => {
  it('are the same whatever the order of the leads', async () => {
    const clicks = Array.from({ length: 40 }, (_, index) => click(`c${index}`, index * MINUTE, { code: `k${index}z` }));
    const { raw } = await match(
      clicks,
      clicks.map((_, index) => message(`m${index}`, index * MINUTE + 5 * SECOND, { code: `k${index}z` })),
    );
    const chosen = (leads: typeof raw) => {
      const examples = createExampleLeads();
      for (const lead of leads) examples.add(lead);
      return examples.result().map(({ leadId }) => leadId);
    };
    expect(chosen(raw)).toHaveLength(10);
    expect(chosen(raw.toReversed())).toEqual(chosen(raw));
  });
});

describe('the tally', () => {
  it('counts a lead for its sources by their shares and for the named one as named', async () => {
    const { raw } = await match([click('c1', 0, { code: 'abc' })], [message('m1', MINUTE, { code: 'abc' })]);
    const lead = raw[0]!;
    const split = {
      ...lead,
      method: 'probabilistic' as const,
      probability: 0.6,
      sourceShares: [
        { source: { ...EMPTY_SOURCE, utmCampaign: 'spring' }, share: 0.6 },
        { source: { ...EMPTY_SOURCE, placement: 'sign' }, share: 0.3 },
        { source: undefined, share: 0.1 },
      ],
    };
    const tally = createTally();
    tally.add({ ...lead, warming: false });
    tally.add({ ...split, warming: true });
    const { campaigns, expected, sureness, confidence } = tally.result();
    expect(confidence).toEqual({ learned: 1, warming: 1 });
    const half = 1.96 * Math.sqrt(0.24);
    expect(campaigns).toEqual([
      { campaign: 'spring', expected: 1.6, low: Math.round((1.6 - half) * 100) / 100, high: 2, named: 2, certain: 1 },
      { campaign: 'sign', expected: 0.3, low: 0, high: expect.closeTo(0.3 + 1.96 * Math.sqrt(0.21), 2), named: 0, certain: 0 },
      { campaign: null, expected: 0.1, low: 0, high: expect.closeTo(0.1 + 1.96 * 0.3, 2), named: 0, certain: 0 },
    ]);
    expect(expected.from_clicks.expected).toBe(1.9);
    expect(sureness.find(({ count }) => count > 0)).toEqual({ from: 0.6, to: 0.7, count: 1, expected_right: 0.6 });
  });

  it('adds up leads by kind of source when clicks say theirs, and says nothing when none does', async () => {
    const untold = await match([click('c1', 0, { code: 'abc' })], [message('m1', MINUTE, { code: 'abc' })]);
    expect(factsOf(untold, undefined).tally.source_kinds).toEqual([]);
    expect(reportPage(factsOf(untold, undefined))).not.toContain('Kinds of source');

    const told = await match(
      [
        click('c1', 0, { code: 'abc', source_kind: 'assistant' }),
        click('c2', HOUR, { code: 'def', source_kind: 'ad' }),
        click('c3', 2 * HOUR, { code: 'ghi', source_kind: 'assistant' }),
        click('c4', 3 * HOUR, { code: 'jkl' }),
      ],
      ['abc', 'def', 'ghi', 'jkl'].map((code, index) => message(`m${index}`, index * HOUR + MINUTE, { code })),
    );
    expect(told.leads.map(({ source }) => source?.['source_kind'])).toEqual(['assistant', 'ad', 'assistant', undefined]);
    const facts = factsOf(told, undefined);
    expect(facts.tally.source_kinds.map((kind) => [kind.source_kind, kind.expected])).toEqual([
      ['assistant', 2],
      ['ad', 1],
      ['unknown', 1],
    ]);
    const page = reportPage(facts);
    expect(page).toContain(`<th scope="row">AI assistants<br><small>${percent(0.5)}</small></th><td class="number">2</td>`);
    expect(page).toContain('Kind not told');
  });

  it('names a kind that a line spells otherwise', async () => {
    const { bad } = await match([click('c1', 0, { source_kind: 'AI' })], []);
    expect(bad[0]?.problems.join()).toContain('source_kind must be one of ad, search, social, assistant');
  });
});
