import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MAX_CANDIDATES } from '../src/code-windows.ts';
import { findCodes, readCodes } from '../src/codes-in-text.ts';
import { EMOJI_SYMBOLS, encodeEmoji } from '../src/emoji-alphabet.ts';
import { encodeInvisible, INVISIBLE_DIGITS } from '../src/invisible-alphabet.ts';
import { weaveInvisible } from '../src/invisible-place.ts';
import { renderMessageText, type TextCarrier } from '../src/message-text.ts';
import { displayCode, isCode, newCode, type TrackingCode } from '../src/tracking-code.ts';
import { DAMAGING_ANY, EMOJI_HARMLESS, INVISIBLE_HARMLESS } from './carrier-damages.ts';
import { HARMLESS, isNear } from './damages.ts';

const code = fc.infiniteStream(fc.nat(255)).map((bytes) => newCode((n) => Uint8Array.from({ length: n }, () => bytes.next().value ?? 0)));
const at = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
const greeting = fc.constantFrom(
  'Hello! I have a question',
  'Здравствуйте! Хочу узнать цену за 2 штуки',
  'Olá, vi o anúncio 24/11/2026',
  'سلام، می‌خواهم قیمت را بدانم',
  'नमस्ते, मुझे कीमत जाननी है',
  'שלום, אשמח לפרטים',
  '你好，我想问一下价格。',
  'こんにちは',
  'Hi 👋🏽 👨‍👩‍👧 there friends',
);
const RUNS = { numRuns: 200, seed: 3 };

describe('the alphabets', () => {
  it('hold emoji that every client draws as such, without selectors, tones or joiners', () => {
    expect(new Set(EMOJI_SYMBOLS).size).toBe(32);
    for (const emoji of EMOJI_SYMBOLS) {
      expect(emoji).toMatch(/^\p{Emoji_Presentation}$/u);
      expect(emoji).not.toMatch(/\p{Emoji_Modifier_Base}|\p{Regional_Indicator}/u);
      expect([emoji.normalize('NFKC'), emoji.normalize('NFD')]).toEqual([emoji, emoji]);
    }
  });

  it('hold invisible characters that neither trimming nor normalisation takes', () => {
    for (const digit of INVISIBLE_DIGITS) {
      expect(digit).toMatch(/^\p{Default_Ignorable_Code_Point}$/u);
      for (const form of ['NFC', 'NFD', 'NFKC', 'NFKD'] as const) expect(`a${digit}b`.normalize(form)).toBe(`a${digit}b`);
      expect(`${digit}a${digit}`.trim()).toBe(`${digit}a${digit}`);
    }
  });
});

describe('characters that clients change', () => {
  it('hold invisible characters that survive WhatsApp and Telegram as documented', () => {
    // WhatsApp is seen to rewrite U+200B, U+2060 and U+FEFF; Telegram takes U+2028 to U+202E away and makes ZWNJ of all but the last of a run of LRM and RLM (tdlib, misc.cpp).
    const changed = /[\u200a\u200b\u200e\u200f\u2028-\u202e\u2060\ufeff]/u;
    fc.assert(
      fc.property(code, (c) => {
        expect(encodeInvisible(c)).not.toMatch(changed);
      }),
    );
  });
});

describe('joiners that people write', () => {
  const joined = fc.constantFrom(
    'می\u200cخواهم',
    'خانه\u200cها',
    'क्\u200dष',
    'न्\u200cष',
    '👨\u200d👩\u200d👧\u200d👦',
    '🏳️\u200d🌈',
    ' ',
    'a',
  );

  it('in texts of scripts and emoji that need joiners are no code', () => {
    fc.assert(
      fc.property(fc.array(joined, { maxLength: 60 }), (pieces) => {
        const { codes, fragments } = readCodes(pieces.join(''));
        expect(codes.filter(({ carrier }) => carrier === 'invisible')).toEqual([]);
        expect(fragments).toBe(0);
      }),
      { numRuns: 500 },
    );
  });
});

describe('any code by any carriers in any greeting', () => {
  const carriers = fc.constantFrom<readonly TextCarrier[]>(
    ['visible'],
    ['emoji'],
    ['invisible'],
    ['visible', 'emoji'],
    ['invisible', 'visible'],
    ['emoji', 'invisible'],
    ['visible', 'emoji', 'invisible'],
  );

  it('is one code, and the greeting is left without it', () => {
    fc.assert(
      fc.property(code, carriers, greeting, (c, given, g) => {
        const text = renderMessageText({ greeting: g, code: c, template: '{greeting} [{code}]', carriers: given })!;
        const { codes, rest, fragments } = readCodes(text);
        const named = (['invisible', 'emoji', 'visible'] as const).find((carrier) => given.includes(carrier));
        expect(codes).toEqual([{ code: c, carrier: named, intact: true }]);
        expect(fragments).toBe(0);
        expect(rest.replace(/ ?\[ ?\]/u, '')).toBe(g);
      }),
      { numRuns: 1_000, seed: 4 },
    );
  });

  it('reads the same bits, whatever carries them', () => {
    fc.assert(
      fc.property(code, (c) => {
        const read = [displayCode(c), encodeEmoji(c), `a${encodeInvisible(c)} b`].map((text) => findCodes(text)[0]);
        expect(read.map((found) => found?.code)).toEqual([c, c, c]);
        expect(read.map((found) => found?.carrier)).toEqual(['visible', 'emoji', 'invisible']);
      }),
    );
  });

  it('names the carrier that came through when the others were taken away', () => {
    fc.assert(
      fc.property(code, (c) => {
        const text = renderMessageText({
          greeting: 'Hello! I have a question',
          code: c,
          template: '{greeting} (no. {code})',
          carriers: ['visible', 'invisible'],
        })!;
        expect(findCodes(text.replace(displayCode(c), ''))).toEqual([{ code: c, carrier: 'invisible', intact: true }]);
        expect(findCodes(text.replace(/\p{Cf}/gu, ''))).toEqual([{ code: c, carrier: 'visible', intact: true }]);
      }),
    );
  });
});

describe('what people and clients do to a message', () => {
  for (const [name, damage] of Object.entries(EMOJI_HARMLESS))
    it(`leaves a code of emoji intact: ${name}`, () => {
      fc.assert(
        fc.property(code, greeting, at, (c, g, where) => {
          const text = `${g} ${damage(encodeEmoji(c), where)}`;
          expect(findCodes(text).filter(({ intact }) => intact)).toEqual([{ code: c, carrier: 'emoji', intact: true }]);
        }),
        RUNS,
      );
    });

  for (const [name, damage] of Object.entries(INVISIBLE_HARMLESS))
    it(`leaves an invisible code intact: ${name}`, () => {
      fc.assert(
        fc.property(code, greeting, at, (c, g, where) => {
          const text = damage(weaveInvisible(g, c)!, where);
          expect(findCodes(text).filter(({ intact }) => intact)).toEqual([{ code: c, carrier: 'invisible', intact: true }]);
        }),
        RUNS,
      );
    });

  for (const [name, damage] of Object.entries(HARMLESS))
    it(`leaves an invisible code in the text whatever is done to the visible one: ${name}`, () => {
      fc.assert(
        fc.property(code, at, (c, where) => {
          const text = `Hi!${encodeInvisible(c)} it is about ${damage(displayCode(c), where)}, ok`;
          expect(findCodes(text).filter(({ intact }) => intact)).toEqual([{ code: c, carrier: 'invisible', intact: true }]);
        }),
        { numRuns: 50, seed: 5 },
      );
    });

  for (const [carrier, encode] of [
    ['emoji', encodeEmoji],
    ['invisible', encodeInvisible],
  ] as const)
    for (const [name, damage] of Object.entries(DAMAGING_ANY))
      it(`leaves a candidate one slip away or put right, never another intact code: ${carrier}, ${name}`, () => {
        fc.assert(
          fc.property(code, greeting, at, fc.nat(31), (c, g, where, other) => {
            const alphabet = carrier === 'emoji' ? EMOJI_SYMBOLS : INVISIBLE_DIGITS;
            const whole = [...encode(c)];
            const damaged = damage(whole, where, alphabet[other % alphabet.length]!);
            const found = findCodes(`${g.replace(/[\u{1f000}-\u{1ffff}\u200d]/gu, '')} a${damaged.join('')} b`);
            expect(found.some((each) => each.carrier === carrier && isNear(each.code, c))).toBe(true);
            for (const each of found.filter(({ intact }) => intact)) expect(each.code).toBe(c);
            // A doubled character at the edge, or a swap of equal neighbours, leaves the code as it was.
            const holdsWhole = damaged.join('').includes(whole.join(''));
            if (carrier === 'invisible') expect(found.some(({ intact }) => intact)).toBe(holdsWhole);
          }),
          { numRuns: 300, seed: 6 },
        );
      });
});

describe('an invisible code of which a part is gone', () => {
  it('is never intact, wherever it was cut', () => {
    fc.assert(
      fc.property(code, fc.nat(23), fc.integer({ min: 1, max: 24 }), (c, from, count) => {
        const whole = [...encodeInvisible(c)];
        const cut = whole.toSpliced(from, count).join('');
        const { codes, fragments } = readCodes(`Hello!${cut} I have a question`);
        expect(codes.filter(({ intact }) => intact)).toEqual([]);
        if (cut.length >= 6 && codes.length === 0) expect(fragments).toBe(1);
      }),
      { numRuns: 2_000, seed: 7 },
    );
  });

  it('is made good by its second copy', () => {
    fc.assert(
      fc.property(code, fc.nat(23), fc.integer({ min: 1, max: 24 }), (c, from, count) => {
        const text = weaveInvisible('Hello! I have a question', c)!;
        const start = text.search(/\p{Cf}/u) + from;
        const cut = text.slice(0, start) + text.slice(Math.min(start + count, text.indexOf(' ')));
        expect(findCodes(cut)).toContainEqual({ code: c, carrier: 'invisible', intact: true });
      }),
      RUNS,
    );
  });

  it('is found when somebody types into the middle of it', () => {
    fc.assert(
      fc.property(code, fc.integer({ min: 2, max: 22 }), (c, place) => {
        const whole = encodeInvisible(c);
        const text = `Hello${whole.slice(0, place)}, dear shop${whole.slice(place)} I have a question`;
        expect(readCodes(text)).toMatchObject({
          codes: [{ code: c, carrier: 'invisible', intact: true }],
          rest: 'Hello, dear shop I have a question',
        });
      }),
      RUNS,
    );
  });
});

describe('an emoji that is not ours, or a letter, in the place of one of ours', () => {
  it('leaves a candidate one slip away', () => {
    fc.assert(
      fc.property(code, fc.nat(9), fc.constantFrom('👍', 'x', '\ufffd', 'ж'), (c, place, foreign) => {
        const text = `Hello ${[...encodeEmoji(c)].toSpliced(place, 1, foreign).join('')} there`;
        const found = findCodes(text);
        expect(found.filter(({ intact }) => intact)).toEqual([]);
        expect(found.some(({ carrier, code: read }) => carrier === 'emoji' && isNear(read, c))).toBe(true);
      }),
      RUNS,
    );
  });
});

describe('two codes', () => {
  it('are both named, each once', () => {
    const carrier = fc.constantFrom<(code: TrackingCode) => string>(displayCode, encodeEmoji, encodeInvisible);
    fc.assert(
      fc.property(code, code, carrier, carrier, (a, b, carryA, carryB) => {
        fc.pre(a !== b);
        const found = findCodes(`hi ${carryA(a)} and also ${carryB(b)} or ${carryA(a)} please`);
        expect(found.filter(({ intact }) => intact).map((each) => each.code)).toHaveLength(2);
        expect(new Set(found.filter(({ intact }) => intact).map((each) => each.code))).toEqual(new Set([a, b]));
      }),
      RUNS,
    );
  });
});

describe('places for an invisible code', () => {
  it('are inside the text, beside no emoji and in no joined word', () => {
    fc.assert(
      fc.property(code, greeting, (c, g) => {
        const text = weaveInvisible(g, c)!;
        const hidden = encodeInvisible(c);
        for (const part of text.split(hidden).slice(0, -1)) expect(part).not.toMatch(/\p{Extended_Pictographic}$/u);
        expect(text.startsWith(hidden) || text.endsWith(hidden)).toBe(false);
        expect(text).not.toMatch(new RegExp(`\\p{Script=Arabic}${hidden}\\p{Script=Arabic}`, 'u'));
        expect(text.replaceAll(hidden, '')).toBe(g);
      }),
      RUNS,
    );
  });

  it('may be none: one joined word, a word of emoji', () => {
    const bare = { greeting: 'سلام', code: 'K7QM2X9PRT', template: '{greeting} {code}' };
    for (const text of ['سلام', '👋', 'नमस्ते', '', 'a']) expect([text, weaveInvisible(text, bare.code)]).toEqual([text, undefined]);
    expect(renderMessageText({ ...bare, carriers: ['invisible'] })).toBeUndefined();
    expect(renderMessageText({ ...bare, carriers: ['invisible', 'visible'] })).toContain(encodeInvisible(bare.code));
  });
});

describe('any text', () => {
  const piece = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.string({ unit: 'grapheme' }),
    fc.string({ unit: fc.nat(0xffff).map((n) => String.fromCharCode(n)) }),
    fc.array(fc.constantFrom(...INVISIBLE_DIGITS, '\u200b', '\u2060')).map((digits) => digits.join('')),
    fc.array(fc.constantFrom(...EMOJI_SYMBOLS, '\ufe0f', '\u{1f3fb}', '\ud83c')).map((emoji) => emoji.join('')),
    code.chain((c) => fc.constantFrom(displayCode(c), encodeEmoji(c), encodeInvisible(c))),
  );

  it('throws nothing and gives what is promised', () => {
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
        const text = pieces.join('');
        const { codes, rest } = readCodes(text);
        expect(codes.length).toBeLessThanOrEqual(MAX_CANDIDATES);
        expect(new Set(codes.map((each) => each.code)).size).toBe(codes.length);
        for (const found of codes) {
          expect(found.code).toMatch(/^[0-9A-HJKMNP-TV-Z]{9,11}$/);
          if (found.intact) expect(isCode(found.code)).toBe(true);
          else if (found.carrier !== 'invisible') expect(isCode(found.code)).toBe(false);
        }
        expect(rest.length).toBeLessThanOrEqual(text.length);
      }),
      { numRuns: 1_500 },
    );
  });

  it('of 64 KB of what costs most is read to its end, with few candidates', () => {
    // A search that looks back from every character, or puts every piece right, would not end within the test's time.
    const hidden = encodeInvisible('DX3R6FQG8Q');
    const emoji = encodeEmoji('DX3R6FQG8Q');
    const units = [
      hidden,
      `${hidden.slice(1)}a`,
      `${hidden}\u2061a`,
      hidden.slice(0, 2),
      '\u2061',
      'a\u200d',
      emoji,
      `${emoji.slice(2)} x `,
      '🍋',
      '\ud835',
    ];
    for (const unit of [...units, '𝟐𝐀', `2${'\u200b'.repeat(63)}`, `${'ж'.repeat(63)}2`, '2\u200f']) {
      const text = unit.repeat(65_536 / unit.length);
      expect(readCodes(text).codes.length).toBeLessThanOrEqual(MAX_CANDIDATES);
    }
    // What lies beyond is not read.
    expect(readCodes(`${'a'.repeat(65_536)} ${displayCode('DX3R6FQG8Q')}`).codes).toEqual([]);
  });
});
