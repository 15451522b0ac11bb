import { describe, expect, it } from 'vitest';
import { at, click, DAY, type Fields, HOUR, MINUTE, match, message, SECOND, T0 } from './match-support/history.ts';

describe('a history with codes', () => {
  it('gives each first message its click by the code, whatever its case and the spaces around it', async () => {
    const { leads } = await match(
      [click('c1', 0, { code: 'abc123' }), click('c2', 5 * SECOND, { code: 'XYZ789', campaign: 'brand' })],
      [message('m1', 30 * SECOND, { code: '  xyz789 ' }), message('m2', 40 * SECOND, { code: 'ABC123' })],
    );
    expect(leads).toHaveLength(2);
    expect(leads[0]).toMatchObject({
      message: 'm1',
      account: 'wa',
      contact: 'contact-m1',
      state: 'final',
      method: 'exact_id',
      resolved_to: 'click',
      click: 'c2',
      source: { campaign: 'brand', placement: 'button' },
      candidates: [{ click: 'c2', probability: leads[0]!.probability }],
      shares: [{ campaign: 'brand', share: 1 }],
      none: 0,
    });
    expect(leads[0]!.probability).toBeGreaterThan(0.99);
    expect(leads[1]).toMatchObject({ message: 'm2', click: 'c1', method: 'exact_id' });
  });

  it('calls the second contact of a code `forward`, with the click and the source of the first', async () => {
    const { leads } = await match(
      [click('c1', 0, { code: 'abc' })],
      [
        message('m1', MINUTE, { code: 'abc' }),
        message('m2', 10 * MINUTE, { code: 'abc' }),
        message('m3', 11 * MINUTE, { code: 'abc', contact: 'contact-m1' }),
      ],
    );
    expect(leads.map(({ message, method, click, shares }) => [message, method, click, shares])).toEqual([
      ['m1', 'exact_id', 'c1', [{ campaign: 'spring', share: 1 }]],
      ['m2', 'forward', 'c1', [{ campaign: 'spring', share: 1 }]],
    ]);
  });

  it('finds a messenger whose clock is an hour off, and the click of a message that lost its code all the same', async () => {
    for (const hours of [-1, 1]) {
      const pairs = Array.from({ length: 14 }, (_, index) => 4 * index * MINUTE);
      const written = (clickedMs: number) => clickedMs + 20 * SECOND + hours * HOUR;
      const { leads, clock_skew } = await match(
        [
          ...pairs.map((clickedMs, index) => click(`c${index}`, clickedMs, { code: `kmqt48${10 + index}`, greeting: 0 })),
          click('c-last', 3 * HOUR, { greeting: 7 }),
        ],
        [
          ...pairs.map((clickedMs, index) =>
            message(`m${index}`, written(clickedMs), { code: `kmqt48${10 + index}`, received: at(clickedMs + 25 * SECOND), greeting: 0 }),
          ),
          message('m-last', written(3 * HOUR), { received: at(3 * HOUR + 25 * SECOND), greeting: 7 }),
        ],
      );
      expect(clock_skew).toEqual([{ account: 'wa', found_at: expect.any(String), seconds_ahead: hours * 3_600 }]);
      expect(leads.find((lead) => lead.message === 'm-last')).toMatchObject({ method: 'probabilistic', click: 'c-last' });
    }
  });

  it('ignores the code of a message that was itself forwarded', async () => {
    const { leads } = await match([click('c1', 0, { code: 'abc' })], [message('m1', MINUTE, { code: 'abc', forwarded: true })]);
    expect(leads[0]!.method).not.toBe('exact_id');
  });

  it('repairs one slip when exactly one live code of the account is that near', async () => {
    const clicks = [
      click('c1', 0, { code: 'kmqt4821' }),
      click('c2', SECOND, { code: 'zzwp9934' }),
      click('c3', 2 * SECOND, { code: 'zzwp9937' }),
    ];
    for (const [code, expected] of [
      ['kmqt4B21', 'c1'],
      ['kmqt421', 'c1'],
      ['kmqt48211', 'c1'],
      ['kmqt8421', 'c1'],
      ['kmqt8412', undefined],
      ['zzwp9935', undefined],
    ] as const) {
      const { leads } = await match(clicks, [message('m1', MINUTE, { code })]);
      const repaired = leads[0]!.method === 'damaged_id' ? leads[0]!.click : undefined;
      expect([code, repaired]).toEqual([code, expected]);
    }
  });

  it('lets a message wait for a click that arrives after it', async () => {
    const { leads } = await match(
      [click('c1', 0, { code: 'abc', received: at(2 * DAY) })],
      [message('m1', MINUTE, { code: 'abc' }), message('m2', 3 * DAY)],
    );
    expect(leads[0]).toMatchObject({ message: 'm1', method: 'exact_id', click: 'c1', state: 'corrected' });
  });

  it('keeps accounts apart, also when their names are made to meet in a key', async () => {
    const { leads } = await match(
      [click('c1', 0, { code: 'c', account: 'a/b' }), click('c2', 0, { code: 'b/c', account: 'a' })],
      [
        message('m1', MINUTE, { code: 'c', account: 'a/b' }),
        message('m2', MINUTE, { code: 'b/c', account: 'a' }),
        message('m3', MINUTE, { code: 'c', account: 'a' }),
      ],
    );
    expect(leads.map(({ account, click, method }) => [account, click, method])).toEqual([
      ['a/b', 'c1', 'exact_id'],
      ['a', 'c2', 'exact_id'],
      ['a', null, expect.not.stringContaining('exact_id')],
    ]);
  });

  it('counts the second of equal ids as a second delivery', async () => {
    const { leads, lines } = await match(
      [click('c1', 0, { code: 'abc' }), click('c1', SECOND, { code: 'def' })],
      [
        message('m1', MINUTE, { code: 'abc' }),
        message('m1', MINUTE + SECOND, { code: 'abc' }),
        message('m1', HOUR, { contact: 'contact-m1' }),
      ],
    );
    expect(leads.map(({ message, click }) => [message, click])).toEqual([['m1', 'c1']]);
    expect(lines.clicks.good + lines.messages.good).toBe(5);
  });
});

describe('conversations', () => {
  it('go on for 90 days from their last message; after that, or with another code, a new lead begins', async () => {
    const clicks = [click('c1', 0, { code: 'one' }), click('c2', DAY, { code: 'two' })];
    const { leads } = await match(clicks, [
      message('m1', MINUTE, { code: 'one', contact: 'ann' }),
      message('m2', 2 * MINUTE, { contact: 'ann' }),
      message('m3', DAY + MINUTE, { code: 'two', contact: 'ann' }),
      message('m4', 60 * DAY, { contact: 'ann' }),
      message('m5', 140 * DAY, { contact: 'ann' }),
      message('m6', 240 * DAY, { contact: 'ann' }),
    ]);
    expect(leads.map(({ message, click }) => [message, click])).toEqual([
      ['m1', 'c1'],
      ['m3', 'c2'],
      ['m6', null],
    ]);
  });

  it('take the code of their second message', async () => {
    const { leads } = await match(
      [click('c1', 0, { code: 'one' })],
      [message('m1', MINUTE, { contact: 'ann' }), message('m2', 2 * MINUTE, { contact: 'ann', code: 'one' })],
    );
    expect(leads).toHaveLength(1);
    expect(leads[0]).toMatchObject({ message: 'm1', method: 'exact_id', click: 'c1' });
  });

  it('stand in the output in the order in which their first messages arrived', async () => {
    const { leads } = await match(
      [],
      [message('m1', HOUR), message('m2', 2 * HOUR), message('late', 0, { received: at(3 * HOUR) }), message('m3', 4 * HOUR)],
    );
    expect(leads.map(({ message }) => message)).toEqual(['m1', 'm2', 'late', 'm3']);
  });
});

describe('a history without codes', () => {
  it('names the click whose evidence fits, with its terms in bits and words', async () => {
    const { leads } = await match([click('c1', 0)], [message('m1', 20 * SECOND)]);
    expect(leads[0]).toMatchObject({ method: 'probabilistic', resolved_to: 'click', click: 'c1', model_version: 0 });
    const { delay } = leads[0]!.evidence_bits as Record<string, { winner: number; runner_up: number; words: string }>;
    expect(delay!.winner).toBeGreaterThan(5);
    expect(delay!.words).toContain('20 s');
  });

  it('says `none` when there was no click', async () => {
    const { leads } = await match([], [message('m1', 0)]);
    expect(leads[0]).toMatchObject({ method: 'none', resolved_to: 'none', click: null, source: null, none: 1, other: 0, candidates: [] });
    expect(leads[0]!.shares).toEqual([{ campaign: null, share: 1 }]);
  });

  it('names no click of the same second twice for two people', async () => {
    const { leads } = await match([click('c1', 0)], [message('m1', 20 * SECOND), message('m2', 21 * SECOND)]);
    expect(leads.filter(({ click }) => click === 'c1').length).toBeLessThanOrEqual(1);
  });

  it('learns: after a day with codes a model of its own is in force', async () => {
    const clicks: Fields[] = [];
    const messages: Fields[] = [];
    for (let index = 0; index < 400; index += 1) {
      clicks.push(click(`c${index}`, index * 5 * MINUTE, { code: `code${index}x` }));
      if (index % 4 === 0) messages.push(message(`m${index}`, index * 5 * MINUTE + 30 * SECOND, { code: `code${index}x` }));
    }
    const { leads, model_version: version, tested } = await match(clicks, messages);
    expect(version).toBeGreaterThan(0);
    expect(leads).toHaveLength(100);
    // An account is warming for a hundred identified leads or two days, whichever is over first: here the whole history.
    expect(new Set(leads.map(({ confidence }) => confidence))).toEqual(new Set(['warming']));
    // Somebody writes on each day: a day and a half of silence would not have been watched.
    const later = await match(clicks, [...messages, message('between', 2 * DAY), message('later', 3 * DAY)]);
    expect(later.leads.at(-1)).toMatchObject({ message: 'later', confidence: 'learned' });
    expect(tested.every(({ pTruth }) => pTruth > 0 && pTruth <= 1)).toBe(true);
  });
});

describe('a late webhook', () => {
  it('of days later is matched by its own time and marked', async () => {
    const { leads } = await match(
      [click('c1', 0, { code: 'abc' })],
      [message('m0', DAY), message('m1', MINUTE, { code: 'abc', received: at(3 * DAY) })],
    );
    expect(leads[1]).toMatchObject({ message: 'm1', method: 'exact_id', click: 'c1', late: true, started_at: at(MINUTE) });
  });

  describe('without a code, later than the fold keeps clicks', () => {
    /** A click an hour for eight days, so that the account goes on and lets go of its clicks. */
    const others = Array.from({ length: 8 * 24 }, (_, hour) =>
      click(`x${hour}`, (hour + 1) * HOUR + 5 * MINUTE, { place: { country: 'US' } }),
    );

    it('is held against the clicks of its own time, as a correction', async () => {
      const late = message('m1', 20 * SECOND, { received: at(5 * DAY) });
      const { leads } = await match([click('c1', 0), ...others], [late, message('m2', 6 * DAY)]);
      const [punctual] = (await match([click('c1', 0), ...others], [message('m1', 20 * SECOND)])).leads;
      expect(punctual).toMatchObject({ method: 'probabilistic', click: 'c1' });
      expect(leads[0]).toMatchObject({ message: 'm1', method: 'probabilistic', click: 'c1', state: 'corrected', late: true });
      expect(leads[0]!.probability).toBeGreaterThan(0.9);
      expect(leads[0]!.evidence_bits['replay']!.words).toBe('folded again: its message arrived 5 d late');
      expect(leads[0]!.lead_id).toBe(punctual!.lead_id);
    });

    it('leaves a click to the message that brought its code in time', async () => {
      const clicks = [click('c1', 0, { code: 'abc' }), ...others];
      const { leads } = await match(clicks, [
        message('own', MINUTE, { code: 'abc' }),
        message('m1', 2 * MINUTE, { received: at(5 * DAY) }),
      ]);
      expect(leads.map(({ message, method }) => [message, method === 'exact_id'])).toEqual([
        ['own', true],
        ['m1', false],
      ]);
      expect(leads[1]!.candidates.find(({ click }) => click === 'c1')?.probability ?? 0).toBeLessThan(0.5);
    });

    it('shares the clicks of an outage with the others that were held up by it', async () => {
      const clicks = Array.from({ length: 20 }, (_, index) => click(`c${index}`, index * 10 * MINUTE));
      const held = clicks.map((_, index) => message(`m${index}`, index * 10 * MINUTE + 20 * SECOND, { received: at(5 * DAY + index) }));
      const { leads } = await match([...clicks, ...others], held);
      expect(leads.map(({ message, click }) => [message, click])).toEqual(clicks.map((_, index) => [`m${index}`, `c${index}`]));
    });
  });
});

describe('--train-until', () => {
  it('leaves out leads whose first message is earlier, and learns from them', async () => {
    const clicks = [click('c1', 0, { code: 'one' }), click('c2', 2 * HOUR, { code: 'two' })];
    const messages = [message('m1', MINUTE, { code: 'one' }), message('m2', 2 * HOUR + MINUTE, { code: 'two' })];
    const all = await match(clicks, messages);
    const { leads, tested } = await match(clicks, messages, { trainUntilMs: T0 + HOUR });
    expect(leads).toEqual(all.leads.slice(1));
    expect(tested.every(({ atMs }) => atMs >= T0 + HOUR)).toBe(true);
  });
});

describe('absurd histories', () => {
  it('are empty, of one file only, or of nothing but mistakes', async () => {
    expect((await match([], [])).leads).toEqual([]);
    expect((await match([click('c1', 0)], [])).leads).toEqual([]);
    const { leads, bad, lines } = await match(['{', 'null'], ['[]', '{"id":1}']);
    expect(leads).toEqual([]);
    expect(lines).toEqual({
      clicks: { good: 0, bad: 2, out_of_order: 0, left_behind: 0 },
      messages: { good: 0, bad: 2, out_of_order: 0, left_behind: 0 },
    });
    expect(bad).toContainEqual({
      file: 'messages.jsonl',
      number: 2,
      problems: ['time is missing', 'account is missing', 'contact is missing'],
    });
  });

  it('may have times that go backwards: nothing is lost, and each line counts by its time', async () => {
    const { leads, lines } = await match(
      [click('c2', HOUR, { code: 'two' }), click('c1', 0, { code: 'one' })],
      [message('m2', HOUR + MINUTE, { code: 'two' }), message('m1', MINUTE, { code: 'one' })],
    );
    expect(leads.map(({ message, click }) => [message, click])).toEqual([
      ['m1', 'c1'],
      ['m2', 'c2'],
    ]);
    expect(lines.clicks.out_of_order + lines.messages.out_of_order).toBe(2);
  });

  it('may hold a year that is wrong: the lines around it are matched as without it', async () => {
    const clicks = [click('c1', 0, { code: 'one' }), click('c2', HOUR, { code: 'two' })];
    const messages = [message('m1', MINUTE, { code: 'one' }), message('m2', HOUR + MINUTE, { code: 'two' }), message('m3', 2 * HOUR)];
    const [first, ...rest] = messages;
    const { leads } = await match(
      [click('future', 0, { time: '2062-03-02T10:00:00Z' }), ...clicks],
      [first!, message('old', 0, { time: '2005-01-01T00:00:00Z' }), ...rest],
    );
    const expected = (await match(clicks, messages)).leads;
    const known = new Set(['m1', 'm2', 'm3']);
    const decided = leads
      .filter(({ message }) => known.has(message))
      .map(({ message, method, click, late }) => ({ message, method, click, late }));
    expect(decided).toEqual(expected.map(({ message, method, click, late }) => ({ message, method, click, late })));
    expect(leads).toHaveLength(4);
  });

  it('may have a message whose clock is hours ahead: its lead is final all the same', async () => {
    const { leads } = await match([], [message('m1', 5 * HOUR, { received: at(0) })]);
    expect(leads[0]!.state).toBe('final');
  });
});
