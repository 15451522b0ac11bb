import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { betweenWorkspaces } from '../src/cross-references.ts';
import { combineGreetings, joinPhrases } from '../src/greeting-parts.ts';
import { reportGreetings } from '../src/greeting-report.ts';
import { parseWorkspace } from '../src/parse.ts';
import { wordDistance } from '../src/word-distance.ts';
import { wordsOf } from '../src/words.ts';

const PARTS = [
  ['Hello.', 'Good day.', 'Hi there.', 'Greetings to you.'],
  ['I have a question', 'I would like to ask', 'Please tell me more', 'Could somebody explain'],
  ['about your offer', 'on the prices', 'regarding delivery', 'concerning an order'],
  ['when you have time', 'as soon as possible', 'if that suits', 'before the weekend'],
];

describe('phrases combine into greetings', () => {
  it('64 of 256, any two of them apart by four words at least', () => {
    const { greetings, possible } = combineGreetings(PARTS, 64);
    expect(possible).toBe(256);
    expect(greetings).toHaveLength(64);
    expect(reportGreetings(greetings)).toMatchObject({ count: 64, confusable: [] });
    expect(reportGreetings(greetings).nearest).toBeGreaterThanOrEqual(4);
  });

  it('all there are where fewer than wanted', () => {
    const { greetings, possible } = combineGreetings([['Hello.', 'Hi!'], ['I have a question']], 64);
    expect({ greetings: [...greetings].sort(), possible }).toEqual({
      greetings: ['Hello. I have a question', 'Hi! I have a question'],
      possible: 2,
    });
  });

  it('counts phrases with the same words once', () => {
    expect(combineGreetings([['Hello', 'hello!', 'HELLO…'], ['a question']], 64)).toEqual({ greetings: ['Hello a question'], possible: 1 });
  });

  it('any parts: as many different greetings as asked for or as there are, the same every time, each of one phrase per place', () => {
    const phrase = fc
      .array(fc.constantFrom('a', 'b', 'c', 'd', 'e', 'да', '你好'), { minLength: 1, maxLength: 4 })
      .map((words) => words.join(' '));
    const parts = fc.array(fc.array(phrase, { minLength: 1, maxLength: 5 }), { minLength: 1, maxLength: 4 });
    fc.assert(
      fc.property(parts, fc.integer({ min: 1, max: 80 }), (slots, wanted) => {
        const { greetings, possible } = combineGreetings(slots, wanted);
        expect(combineGreetings(slots, wanted).greetings).toEqual(greetings);
        expect(new Set(greetings.map((greeting) => wordsOf(greeting).join(' '))).size).toBe(greetings.length);
        expect(greetings.length).toBeGreaterThan(0);
        expect(greetings.length).toBeLessThanOrEqual(Math.min(wanted, possible));
      }),
    );
  });

  it('millions of combinations: as many as asked for, every phrase in use', () => {
    const slots = Array.from({ length: 8 }, (_, slot) => Array.from({ length: 32 }, (__, i) => `w${slot}x${i} v${slot}y${i}`));
    const { greetings, possible } = combineGreetings(slots, 256);
    expect(possible).toBe(32 ** 8);
    expect(greetings).toHaveLength(256);
    expect(reportGreetings(greetings).nearest).toBeGreaterThanOrEqual(4);
  });

  it.each([
    [['Hello', ', I have a question', '.'], 'Hello, I have a question.'],
    [['Hello.', 'A question'], 'Hello. A question'],
    [['你好。', '我有一个问题'], '你好。我有一个问题'],
    [['Hi', '你好'], 'Hi 你好'],
  ])('%j join as people write them', (phrases, text) => {
    expect(joinPhrases(phrases)).toBe(text);
  });
});

describe('distance in words', () => {
  it('is a metric, and one edit changes it by at most one', () => {
    const words = fc.array(fc.constantFrom('a', 'b', 'c', 'd'), { maxLength: 8 });
    fc.assert(
      fc.property(words, words, words, (a, b, c) => {
        expect(wordDistance(a, b)).toBe(wordDistance(b, a));
        expect(wordDistance(a, b) === 0).toBe(a.join(' ') === b.join(' '));
        expect(wordDistance(a, c)).toBeLessThanOrEqual(wordDistance(a, b) + wordDistance(b, c));
        expect(Math.abs(wordDistance([...a, 'x'], b) - wordDistance(a, b))).toBeLessThanOrEqual(1);
      }),
    );
  });
});

describe('what a workspace file gets', () => {
  const file = (rest: string) => `workspace: acme
accounts:
  wa: { channel: whatsapp, provider: whatsapp, phone: "+14155550100", phone_number_id: "106540352242922", app_secret: "\${A:-a}", verify_token: "\${V:-v}" }
  wa2: { channel: whatsapp, provider: whatsapp, phone: "+14155550101", phone_number_id: "106540352242923", app_secret: "\${A:-a}", verify_token: "\${V:-v}" }
  tg: { channel: telegram, provider: telegram, username: acme_bot, secret_token: "\${S:-s}" }
${rest}`;
  const parse = (rest: string) => parseWorkspace(file(rest), { file: 'acme.yaml', env: {}, readFile: () => '' });
  function accepted(rest: string) {
    const parsed = parse(rest);
    if ('problems' in parsed) throw new Error(JSON.stringify(parsed.problems));
    return parsed;
  }
  function refused(rest: string): readonly string[] {
    const parsed = parse(rest);
    if (!('problems' in parsed)) throw new Error('was accepted');
    return parsed.problems.map(({ path, message }) => `${path}: ${message}`);
  }

  it('parts of the workspace for placements that name no greetings, not for Telegram, own ones first', () => {
    const { workspace, advice } = accepted(`greeting_parts: ${JSON.stringify(PARTS)}
placements:
  a: { kind: site, account: wa }
  b: { kind: site, account: wa, greetings: ["Only this"] }
  c: { kind: site, account: wa, greeting_parts: ${JSON.stringify(PARTS)}, greeting_variants: 16 }
  t: { kind: redirect, account: tg }
`);
    expect([...workspace.placements.values()].map(({ greetings }) => greetings.length)).toEqual([64, 1, 16, 0]);
    expect(advice).toEqual([]);
  });

  it('advice with its line when parts give too few or two are one word apart', () => {
    const { advice } = accepted(`placements:
  a:
    kind: site
    account: wa
    greeting_parts: [[Hello, Hi], [I have a question]]
  b: { kind: site, account: wa, greetings: ["Hello! A question", "hello a question."] }
`);
    expect(advice.map(({ line, path, message }) => `${line} ${path}: ${message}`)).toEqual([
      '10 placements.a.greeting_parts: combine into 2 greetings where 64 are wanted; add phrases, or set greeting_variants to 2',
      '10 placements.a.greeting_parts: hold 1 of 1 pairs that one edited word makes one of the other: "Hello I have a question" and "Hi I have a question" differ in one word. Phrases of several words that share none tell clicks apart; more phrases give room to leave the close ones out',
      '11 placements.b.greetings: hold 1 of 1 pairs that one edited word makes one of the other: "Hello! A question" and "hello a question." have the same words. Phrases of several words that share none tell clicks apart',
    ]);
  });

  it('every problem of pools, words, short names and hours at once', () => {
    expect(
      refused(`placements:
  a: { kind: print, account: wa, words: [BLUE, "a"], vanity: [Metro] }
  b: { kind: print, pool: [{ account: wa }, { account: tg }, { account: wa }, { account: nobody }], words: ["blue!"] }
  c: { kind: print, account: wa, pool: [{ account: wa, weight: 0, hours: { time_zone: Mars/Base, open: ["mon 25:00-26:00"] } }] }
  d: { kind: site, greetings: [Hi], greeting_parts: [[Hello]] }
  e: { kind: site, account: wa, greetings: [Hi], greeting_parts: [[Hello, "  x"]] }
`),
    ).toEqual([
      'placements.a.words.1: must be a word or a few of together 3 to 40 characters, at least 3 of them letters or digits',
      'placements.a.vanity.0: must be 2 to 40 characters of a-z, 0-9 and "-", beginning and ending with a letter or digit',
      'placements.b.pool.1.account: must be of the channel whatsapp, as the accounts before it: greetings and carriers are those of one channel',
      'placements.b.pool.2.account: is in the pool already; give it a larger weight',
      'placements.b.pool.3.account: names no account of this file; its accounts are: wa, wa2, tg',
      'placements.b.words.0: is already a word of placement a on the same account; print another one',
      'placements.c.pool.0.weight: must be a number above 0, at most 1,000',
      'placements.c.pool.0.hours.time_zone: must be a time zone of the IANA list, such as "Europe/Berlin"',
      'placements.c.pool.0.hours.open.0: must be hours such as "mon-fri 09:00-18:00", "sat 10:00-14:00" or "daily 08:00-24:00"',
      'placements.c.pool: stands beside account; keep one of them',
      'placements.d.account: is missing; write a name of 1 to 63 characters of a-z, 0-9 and "-", starting with a letter, or pool with several of them',
      'placements.e.greeting_parts.0.1: must be a phrase of 1 to 200 characters that holds at least one word and does not begin or end with spaces',
      'placements.e.greeting_parts: stands beside greetings; keep one of them',
    ]);
  });

  it('no short name that another workspace has', () => {
    const one = accepted('placements:\n  a: { kind: print, account: wa, vanity: [metro, bus] }\n').workspace;
    const other = { ...one, name: 'other', accounts: new Map() };
    const clashes = betweenWorkspaces([
      { file: 'acme.yaml', workspace: one },
      { file: 'other.yaml', workspace: other },
    ]);
    expect(clashes.map(({ file, path, message }) => `${file} ${path.join('.')}: ${message}`)).toEqual([
      'other.yaml placements.a.vanity.0: is already the short name of placement acme/a; /go/metro can lead to one place only',
      'other.yaml placements.a.vanity.1: is already the short name of placement acme/a; /go/bus can lead to one place only',
    ]);
  });

  it('origins of the workspace for placements that name none', () => {
    const { workspace } = accepted(`origins: ["https://acme.example"]
placements:
  a: { kind: site, account: wa }
  b: { kind: site, account: wa, origins: ["https://shop.example"] }
  c: { kind: site, account: wa, origins: [] }
`);
    expect([...workspace.placements.values()].map(({ origins }) => origins)).toEqual([
      ['https://acme.example'],
      ['https://shop.example'],
      [],
    ]);
    expect(refused('origins: ["https://acme.example/path"]\n')).toEqual([
      'origins.0: must be scheme and host without path, such as "https://acme.example" or "http://localhost:3000"',
    ]);
  });

  it('a pool with weights, hours and a pause; a single account is a pool of one', () => {
    const { workspace } = accepted(`placements:
  a: { kind: site, pool: [{ account: wa, weight: 3, hours: { time_zone: Europe/Berlin, open: ["fri 22:00-02:00"] } }, { account: wa2, paused: true }] }
  b: { kind: site, account: wa2 }
`);
    expect(workspace.placements.get('a')).toMatchObject({
      account: 'wa',
      pool: [
        {
          account: 'wa',
          weight: 3,
          isPaused: false,
          hours: {
            timeZone: 'Europe/Berlin',
            spans: [
              { day: 4, fromMinute: 1_320, toMinute: 1_440 },
              { day: 5, fromMinute: 0, toMinute: 120 },
            ],
          },
        },
        { account: 'wa2', weight: 1, hours: undefined, isPaused: true },
      ],
    });
    expect(workspace.placements.get('b')?.pool).toEqual([{ account: 'wa2', weight: 1, hours: undefined, isPaused: false }]);
  });
});
