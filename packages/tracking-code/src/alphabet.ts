/**
 * The letters of a code and everything people's keyboards and clients make of them.
 * Crockford's base 32: no I, L, O, U. What looks like one of its symbols reads as that symbol, so a code retyped on a
 * Cyrillic or Greek keyboard, in full-width or with Arabic digits is still the same code.
 */
export const SYMBOLS = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';

/** Classes of characters that are no symbol; symbols are 0 to 31. */
export const BREAK = -1;
/** Leaves no trace: zero-width, bidirectional marks, variation selectors, combining marks. */
export const IGNORED = -2;
export const SPACE = -3;
/** Dashes, dots, quotes and their typographic relatives: what clients put between the halves of a code, or around it. */
export const PUNCTUATION = -4;

/** Cyrillic З, Б and Ч look like 3, 6 and 4 but stay out: with them ordinary Russian words would contain digits, and digits are what tells a code from a word. */
const LOOK_ALIKES: Readonly<Record<string, string>> = {
  // Latin that Crockford leaves out.
  O: '0',
  I: '1',
  L: '1',
  U: 'V',
  // Turkish and Azeri keyboards: the small form of I, and the capital of i.
  ı: '1',
  İ: '1',
  // Cyrillic, upper and lower case by shape.
  А: 'A',
  В: 'B',
  С: 'C',
  Е: 'E',
  Ё: 'E',
  Н: 'H',
  К: 'K',
  М: 'M',
  О: '0',
  Р: 'P',
  Т: 'T',
  У: 'Y',
  Ү: 'Y',
  Х: 'X',
  І: '1',
  Ї: '1',
  Ӏ: '1',
  Ѕ: 'S',
  Ј: 'J',
  Ԛ: 'Q',
  Ԝ: 'W',
  Ԁ: 'D',
  Һ: 'H',
  // Greek.
  Α: 'A',
  Β: 'B',
  Ε: 'E',
  Ζ: 'Z',
  Η: 'H',
  Ι: '1',
  Κ: 'K',
  Μ: 'M',
  Ν: 'N',
  Ο: '0',
  Ρ: 'P',
  Τ: 'T',
  Υ: 'Y',
  Χ: 'X',
};

const PUNCTUATION_CHARACTERS = '-._/\\|~+=:;,\'"`´·•*#‐‑‒–—―⁃−﹘﹣‘’‚‛“”„‟«»‹›…、。・';

/** Everything that occurs in messages by the thousand sits below U+0600 and is one table look-up. */
const TABLE_SIZE = 0x600;
const TABLE = /* @__PURE__ */ buildTable();
const ABOVE_TABLE = /* @__PURE__ */ punctuationAboveTable();

/** Functions marked as pure, so that a bundle which only makes codes leaves both tables out. */
function punctuationAboveTable(): ReadonlyMap<number, number> {
  return new Map([...PUNCTUATION_CHARACTERS].filter((c) => c.charCodeAt(0) >= TABLE_SIZE).map((c) => [c.charCodeAt(0), PUNCTUATION]));
}

function buildTable(): Int8Array {
  const table = new Int8Array(TABLE_SIZE).fill(BREAK);
  const put = (character: string, value: number) => {
    for (const form of [character, character.toLowerCase()]) {
      const unit = form.charCodeAt(0);
      if (form.length === 1 && unit < TABLE_SIZE) table[unit] = value;
    }
  };
  for (let value = 0; value < SYMBOLS.length; value += 1) put(SYMBOLS[value]!, value);
  for (const [from, to] of Object.entries(LOOK_ALIKES)) put(from, SYMBOLS.indexOf(to));
  for (const character of '\t\n\v\f\r \u0085\u00a0') put(character, SPACE);
  for (const character of PUNCTUATION_CHARACTERS) put(character, PUNCTUATION);
  table[0xad] = IGNORED;
  for (let unit = 0x300; unit <= 0x36f; unit += 1) table[unit] = IGNORED;
  return table;
}

/** Symbol value of a code point, or its class. Total: any number is answered. */
export function classify(codePoint: number): number {
  return codePoint < TABLE_SIZE ? TABLE[codePoint]! : classifyRare(codePoint);
}

function classifyRare(point: number): number {
  // Zero-width characters, bidirectional controls, word joiners and invisible operators, byte order mark, variation selectors.
  if (
    (point >= 0x200b && point <= 0x200f) ||
    (point >= 0x202a && point <= 0x202e) ||
    (point >= 0x2060 && point <= 0x206f) ||
    (point >= 0xfe00 && point <= 0xfe0f) ||
    point === 0xfeff ||
    point === 0x061c ||
    point === 0x180e
  )
    return IGNORED;
  if ((point >= 0x2000 && point <= 0x200a) || point === 0x2028 || point === 0x2029 || point === 0x202f || point === 0x205f) return SPACE;
  if (point === 0x3000 || point === 0x1680) return SPACE;
  if (point >= 0xff01 && point <= 0xff5e) return classify(point - 0xfee0);
  // Enclosed forms: the frame of a keycap emoji leaves its digit, and ② Ⓐ ⓐ are the plain ones by compatibility.
  if (point === 0x20e3) return IGNORED;
  if ((point >= 0x2460 && point <= 0x2468) || (point >= 0x24b6 && point <= 0x24ea)) return classifyPlain(point);
  if (point < 0x1820) return classifyDigit(point);
  if (point >= 0x1d400 && point <= 0x1d7ff) return classifyMathematical(point);
  return ABOVE_TABLE.get(point) ?? BREAK;
}

/**
 * Zeros of the scripts whose keyboards have digits of their own: Arabic, Persian, Devanagari, Bengali, Gurmukhi, Gujarati, Odia, Tamil, Telugu, Kannada,
 * Malayalam, Thai, Lao, Tibetan, Burmese, Khmer, Mongolian. Nine digits follow each.
 */
const ZEROS = [0x660, 0x6f0, 0x966, 0x9e6, 0xa66, 0xae6, 0xb66, 0xbe6, 0xc66, 0xce6, 0xd66, 0xe50, 0xed0, 0xf20, 0x1040, 0x17e0, 0x1810];

function classifyDigit(point: number): number {
  const zero = ZEROS.find((start) => point >= start && point <= start + 9);
  return zero === undefined ? BREAK : point - zero;
}

/**
 * Mathematical bold, italic, monospace …: clients' "fancy fonts". Thirteen times A–Z a–z, five times the Greek letters with the nabla between capitals and
 * small ones, five times the digits. By arithmetic: normalising each of 30,000 in a text would take 6 ms.
 */
function classifyMathematical(point: number): number {
  if (point >= 0x1d7ce) return (point - 0x1d7ce) % 10;
  if (point >= 0x1d6a8) {
    const letter = (point - 0x1d6a8) % 58;
    if (letter < 25) return classify(0x391 + letter);
    return letter >= 26 && letter < 51 ? classify(0x3b1 + letter - 26) : BREAK;
  }
  // The dotless i and j stand between Latin and Greek.
  if (point >= 0x1d6a4) return point === 0x1d6a4 ? classify(0x131) : BREAK;
  const letter = (point - 0x1d400) % 52;
  return classify(letter < 26 ? 0x41 + letter : 0x61 + letter - 26);
}

function classifyPlain(point: number): number {
  const plain = String.fromCodePoint(point).normalize('NFKC').codePointAt(0) ?? 0;
  return plain < TABLE_SIZE ? classify(plain) : BREAK;
}

/** Digits 2 to 9: the only symbols that no letter reads as, so a word never holds one. */
export function isPlainDigit(symbol: number): boolean {
  return symbol >= 2 && symbol <= 9;
}

/** Symbols that no digit reads as, so a number never holds one. */
export function isPlainLetter(symbol: number): boolean {
  return symbol >= 10;
}
