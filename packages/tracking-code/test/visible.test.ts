import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MAX_CANDIDATES } from '../src/code-windows.ts';
import { readCodes } from '../src/codes-in-text.ts';
import { displayCode, isCode, newCode, type TrackingCode } from '../src/tracking-code.ts';
import { findVisible, renderVisible } from '../src/visible.ts';
import { DAMAGING, HARMLESS, isNear } from './damages.ts';

const code = fc.infiniteStream(fc.nat(255)).map((bytes) => newCode((n) => Uint8Array.from({ length: n }, () => bytes.next().value ?? 0)));
const place = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
const TEMPLATES = [
  '{greeting} (request no. {code})',
  '{code} {greeting}',
  '{greeting} #{code}',
  'Заявка №{code}. {greeting}',
  '{greeting}\n\n{code}\n',
  '{greeting} الرمز {code} شكرا',
  '{greeting} 番号{code}。',
  'kod: {code}, {greeting}',
] as const;
const GREETINGS = [
  'Hello! I have a question',
  'Здравствуйте! Хочу узнать цену за 2 штуки',
  'Hola, quiero pedir 3 pizzas a las 20:30',
  'Olá, vi o anúncio 24/11/2026',
  'שלום, אשמח לפרטים',
  '',
] as const;
const template = fc.constantFrom(...TEMPLATES);
const greeting = fc.constantFrom(...GREETINGS);

function written(text: string, shown: string, code: TrackingCode): string {
  return text.replace(displayCode(code), () => shown);
}

describe('findVisible', () => {
  it('does not complete a code that ends too soon with what an earlier text left', () => {
    fc.assert(
      fc.property(code, fc.integer({ min: 1, max: 9 }), fc.string({ maxLength: 80 }), (c, kept, before) => {
        findVisible(`${before} ${c}`);
        expect(findVisible(`${before} ${c.slice(0, kept)}`).filter(({ code: found, intact }) => intact && found === c)).toEqual([]);
      }),
    );
  });

  it('finds a code standing alone', () => {
    fc.assert(
      fc.property(code, (c) => {
        expect(findVisible(displayCode(c))).toEqual([{ code: c, carrier: 'visible', intact: true }]);
        expect(findVisible(c)).toEqual([{ code: c, carrier: 'visible', intact: true }]);
      }),
    );
  });

  for (const [name, damage] of Object.entries(HARMLESS))
    it(`reads any code in any wording as intact: ${name}`, () => {
      fc.assert(
        fc.property(code, template, greeting, place, (c, t, g, at) => {
          const text = written(renderVisible(g, c, t), damage(displayCode(c), at), c);
          expect(findVisible(text).filter((f) => f.intact)).toEqual([{ code: c, carrier: 'visible', intact: true }]);
        }),
        { numRuns: 100, seed: 1 },
      );
    });

  for (const [name, damage] of Object.entries(DAMAGING))
    it(`lists a code with one damage as a candidate: ${name}`, () => {
      fc.assert(
        fc.property(code, template, greeting, place, (c, t, g, at) => {
          const shown = damage(displayCode(c), at);
          const found = findVisible(written(renderVisible(g, c, t), shown, c));
          expect(found.length).toBeLessThanOrEqual(MAX_CANDIDATES);
          // A swap of equal neighbours and a symbol doubled at the edge leave the code as it was.
          expect(found.some((f) => isNear(f.code, c))).toBe(true);
          const unharmed = found.filter((f) => f.intact);
          for (const f of unharmed) expect(f.code).toBe(c);
        }),
        { numRuns: 250, seed: 2 },
      );
    });

  it('finds two codes and names each once', () => {
    fc.assert(
      fc.property(code, code, (a, b) => {
        fc.pre(a !== b);
        const text = `${displayCode(a)} and ${displayCode(b).toLowerCase()}, I mean ${displayCode(a)}`;
        expect(findVisible(text)).toEqual([
          { code: a, carrier: 'visible', intact: true },
          { code: b, carrier: 'visible', intact: true },
        ]);
      }),
    );
  });

  it('lists the intact code before a damaged one', () => {
    const [a, b] = [newCode(counting(3)), newCode(counting(7))];
    const damaged = `${b.slice(0, 4)}-${b.slice(5)}`;
    const found = findVisible(`${damaged} or rather ${displayCode(a)}`);
    expect(found[0]).toEqual({ code: a, carrier: 'visible', intact: true });
    expect(found.slice(1).some((f) => !f.intact && isNear(f.code, b))).toBe(true);
  });

  it('names at most eight candidates, however many there are', () => {
    const codes = Array.from({ length: 40 }, (_, i) => displayCode(newCode(counting(i))));
    expect(findVisible(codes.join(' '))).toHaveLength(MAX_CANDIDATES);
  });

  it('never throws and only returns what it promises, whatever the text', () => {
    const unit = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.string({ unit: 'grapheme' }),
      fc.string({ unit: fc.nat(0xffff).map((n) => String.fromCharCode(n)) }),
    );
    fc.assert(
      fc.property(fc.array(fc.oneof(unit, code)), (parts) => {
        const text = parts.join('');
        for (const found of findVisible(text)) {
          expect(found.code).toMatch(/^[0-9A-HJKMNP-TV-Z]{9,11}$/);
          expect(found.intact).toBe(isCode(found.code));
        }
        readCodes(text);
      }),
      { numRuns: 1_000 },
    );
  });

  it('ends on hostile shapes of 64 KB, with few candidates', () => {
    // Hostile shapes: every window passes the cheap tests. A quadratic search would not end within the test's time.
    for (const unit of ['A2', 'A2 ', 'A-2', 'A2\u200b', 'A2ж', '2A2AA-2A2AA ', '  -', 'O0l1', 'K7QM2-']) {
      const small = unit.repeat(8_192 / unit.length);
      const found = findVisible(small.repeat(8));
      expect(found.length).toBeLessThanOrEqual(MAX_CANDIDATES);
    }
  });
});

describe('texts without a code', () => {
  const NUMBERS = [
    '+1 (415) 555-0100',
    '8 800 555-35-35',
    '+55 11 91234-5678',
    '24.11.2026 18:30',
    '2026-11-24 18:30:00',
    '$1,299.00',
    '12 990 ₽',
    '4111 1111 1111 1111',
    'order 1234567890',
    'заказ 12-345-67890',
    '192.168.100.200',
  ];
  const WORDS = [
    'Subscribe',
    'BOTTLENECK',
    'hello world',
    'Здравствуйте',
    'подскажите пожалуйста',
    'ΚΑΛΗΜΕΡΑ ΣΑΣ',
    'international question',
    'I have a question about delivery to Berlin',
  ];

  it('are no intact code, and numbers alone and words alone are no candidate at all', () => {
    for (const text of [...NUMBERS, ...WORDS]) expect(findVisible(text), text).toEqual([]);
  });

  it('ordinary sentences with numbers read as intact less often than once in ten million words', () => {
    const { words, windows } = tally(20_000);
    // An intact reading needs the shape first and then 15 bits of checksum: the expectation over these words is the exact count of shaped windows / 2^15.
    expect(words).toBeGreaterThan(200_000);
    expect(windows / words / 32_768).toBeLessThan(1e-7);
  });

  it('mixed strings of the right length pass the checksum once in 32,768', () => {
    const next = generator(5);
    let intact = 0;
    const tries = 200_000;
    for (let i = 0; i < tries; i += 1) {
      const text = `${mixedHalf(next)}-${mixedHalf(next)}`;
      if (findVisible(text)[0]?.intact === true) intact += 1;
    }
    const expected = tries / 32_768;
    // Four standard deviations of a Poisson count.
    expect(Math.abs(intact - expected)).toBeLessThan(4 * Math.sqrt(expected));
  });
});

describe('renderVisible', () => {
  it('fills in greeting and code once, and takes neither for a template', () => {
    expect(renderVisible('costs $& {code}', 'K7QM2X9PRT', '{greeting} (no. {code})')).toBe('costs $& {code} (no. K7QM2-X9PRT)');
  });
});

describe('readCodes', () => {
  it('leaves the greeting, without the code', () => {
    fc.assert(
      fc.property(code, (c) => {
        expect(readCodes(renderVisible('Hello! I have a question', c, '{greeting} [{code}]')).rest).toBe('Hello! I have a question []');
        const deleted = `${displayCode(c).slice(0, 3)}${displayCode(c).slice(4)}`;
        expect(readCodes(`Hello (${deleted})`).rest).toBe('Hello ()');
      }),
    );
  });
});

function counting(seed: number): (n: number) => Uint8Array {
  const next = generator(seed + 1);
  return (n) => Uint8Array.from({ length: n }, () => Math.floor(next() * 256));
}

/** mulberry32: small, seeded, good enough for texts. */
function generator(seed: number): () => number {
  let a = seed * 0x9e3779b9;
  return () => {
    a = (a + 0x6d2b79f5) | 0;
    let t = Math.imul(a ^ (a >>> 15), 1 | a);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

function mixedHalf(next: () => number): string {
  const digits = '23456789';
  const letters = 'ABCDEFGHJKMNPQRSTVWXYZ';
  const all = `${digits}${letters}01`;
  const pick = (from: string) => from[Math.floor(next() * from.length)]!;
  for (;;) {
    const half = Array.from({ length: 5 }, () => pick(all)).join('');
    if (/[2-9]/.test(half) && /[A-HJKMNP-TV-Z]/.test(half)) return half;
  }
}

/** Sentences as buyers write them; counts how many windows have the shape of a code, whatever their checksum. */
function tally(sentences: number): { words: number; windows: number } {
  const next = generator(11);
  const pick = <T>(from: readonly T[]): T => from[Math.floor(next() * from.length)]!;
  const vocabulary =
    'hello hi i have a question about your delivery to berlin is it still available how much does the set cost can you send me photos please thanks saw ad on instagram want order pizza for today здравствуйте подскажите пожалуйста сколько стоит доставка хочу заказать на завтра есть ли в наличии размер спасибо добрый день hola buenas quiero información sobre el precio gracias olá gostaria de saber mais obrigado merhaba fiyat bilgisi alabilir miyim'.split(
      ' ',
    );
  const number = () =>
    pick([
      () => String(Math.floor(next() * 100)),
      () => String(Math.floor(next() * 100_000)),
      () => `${Math.floor(next() * 24)}:${10 + Math.floor(next() * 49)}`,
      () => `${1 + Math.floor(next() * 28)}.${1 + Math.floor(next() * 12)}.2026`,
      () => `$${Math.floor(next() * 3000)}`,
      () => `+7 9${Math.floor(next() * 1e9)}`,
      () => `${Math.floor(next() * 9)}${pick(['th', 'h', 'kg', 'pm', 'шт', 'XL', 'm2'])}`,
      () => pick(['iPhone 15 Pro', 'RTX 4090', 'M2 Pro 16GB', 'A4', '4K', 'BMW X5 2019', 'Galaxy S24', 'H&M 42', 'COVID19', 'B2B', 'PS5']),
    ])();
  let words = 0;
  let windows = 0;
  for (let i = 0; i < sentences; i += 1) {
    const sentence = Array.from({ length: 4 + Math.floor(next() * 16) }, () => (next() < 0.04 ? number() : pick(vocabulary))).join(' ');
    words += sentence.split(' ').length;
    windows += shapedWindows(sentence);
  }
  return { words, windows };
}

/**
 * Upper bound of the windows that reach the checksum: ten neighbouring symbols after dropping everything that is no letter or digit, both halves with a digit
 * 2–9 and a letter, starting and ending at a word's edge, with one word inside holding both. Counted here without the code under test.
 */
function shapedWindows(sentence: string): number {
  const words = sentence
    .toUpperCase()
    .split(/[^\p{L}\p{N}]+/u)
    .filter(Boolean);
  let count = 0;
  for (let start = 0; start < words.length; start += 1) {
    let joined = '';
    let mixed = false;
    for (let end = start; end < words.length && joined.length < 10; end += 1) {
      joined += words[end]!;
      mixed ||= isMixedText(words[end]!);
    }
    if (joined.length === 10 && mixed && isMixedText(joined.slice(0, 5)) && isMixedText(joined.slice(5))) count += 1;
  }
  return count;
}

function isMixedText(text: string): boolean {
  return /[2-9]/.test(text) && /\p{L}/u.test(text);
}
