/**
 * The tracking code: the identifier of a click, the same bits whatever carries it.
 * Contract for ingest (issues codes), the snippet (makes them in a browser: no Node imports in this package) and the gateway (finds them).
 *
 * Ten symbols of five bits, shown as `K7QM2-X9PRT`: seven random, three of checksum. Why these lengths:
 *
 * - Random part: 35 bits, 34.2 after the shape rule below (58 % of the draws keep to it). With 10^6 live codes in one account, a guess hits one,
 *   and a new code meets one, with 10^6 / 2^34.2 = 5·10^-5. One symbol less would make that 1.6·10^-3: a wrong lead in 600.
 * - Shape: each half holds a digit of 2–9 and a letter other than I, L, O. A word has no such digit even after look-alikes are folded, and a
 *   phone number, price or date has no such letter, so neither reads as a code at all, whatever the checksum says.
 * - Checksum: 15 bits. What is left, ten symbols of letters and digits mixed in both halves (a vehicle number, an order number next
 *   to a word), is below 10^-3 of the words people write; times 2^-15 that is below 10^-7 per word. Two check symbols would leave 10^-6.
 * - Ten symbols and a dash are eleven characters: fewer than a phone number, and people can read them out.
 */
import { isPlainDigit, isPlainLetter, SYMBOLS } from './alphabet.ts';
import { CHECK_SYMBOLS, checksum } from './checksum.ts';

export type Carrier = 'visible' | 'emoji' | 'invisible' | 'start_payload';

/** Canonical form of a code: upper-case letters and digits of the code alphabet, checksum included, no separators. */
export type TrackingCode = string;

export interface FoundCode {
  readonly code: TrackingCode;
  readonly carrier: Carrier;
  /** True when the checksum holds as read. False: right length and alphabet after folding, or one symbol off, checksum wrong; the matcher may repair it. */
  readonly intact: boolean;
}

export const CODE_LENGTH = 10;
export const HALF_LENGTH = CODE_LENGTH / 2;
const RANDOM_SYMBOLS = CODE_LENGTH - CHECK_SYMBOLS;

/** 0.42^200 is 10^-75: reaching this means that the source of randomness is broken. */
export const MAX_DRAWS = 200;

/**
 * The checksum again, without the tables of `checksum`: making codes goes into every page that embeds the snippet, where bytes count and a code is made
 * now and then; detection reads a thousand symbols for each that is made. The generator's coefficients, packed as the result is, times 1, 2, 4, 8 and 16:
 * any other multiple in GF(32) is a sum of these.
 */
const MULTIPLES = [15_274, 29_684, 30_573, 32_378, 27_761] as const;

/** Seven symbols of zero lead from here to the offset of the checksum: begun with it, the sum needs none at the end. */
const FIRST_REGISTER = 27_147;

/** `hasShape` of a code's text, in fewer bytes: making codes goes into every page. I, L, O and U are no symbols, so what is no digit is a plain letter. */
const SHAPE = /^(?=.{0,4}[2-9])(?=.{0,4}\D)(?=.{5,}[2-9]).{5,}\D/;

/** A new code. `random` gives `n` random bytes: `crypto.getRandomValues` in browsers, `randomBytes` in Node. Throws when it only repeats itself. */
export function newCode(random: (n: number) => Uint8Array): TrackingCode {
  for (let draw = 0; draw < MAX_DRAWS; draw += 1) {
    let code = '';
    let register = FIRST_REGISTER;
    for (const byte of random(RANDOM_SYMBOLS)) {
      code += SYMBOLS[byte & 31];
      const factor = byte ^ (register >> 10);
      register = MULTIPLES.reduce((sum, multiple, bit) => ((factor >> bit) & 1 ? sum ^ multiple : sum), (register & 1_023) << 5);
    }
    for (const shift of [10, 5, 0]) code += SYMBOLS[(register >> shift) & 31];
    if (SHAPE.test(code)) return code;
  }
  throw new Error('no randomness');
}

/** True for the canonical form with the right checksum; look-alikes, lower case and separators are not canonical. */
export function isCode(text: string): boolean {
  if (text.length !== CODE_LENGTH) return false;
  const symbols = new Int8Array(CODE_LENGTH);
  for (let i = 0; i < CODE_LENGTH; i += 1) {
    symbols[i] = SYMBOLS.indexOf(text[i]!);
    if (symbols[i]! < 0) return false;
  }
  return hasShape(symbols, 0) && checksumHolds(symbols, 0);
}

/** How people see a code: `K7QM2-X9PRT`. */
export function displayCode(code: TrackingCode): string {
  return `${code.slice(0, HALF_LENGTH)}-${code.slice(HALF_LENGTH)}`;
}

/** Ten symbols from `from` end in their own checksum. */
export function checksumHolds(symbols: ArrayLike<number>, from: number): boolean {
  const at = from + RANDOM_SYMBOLS;
  return checksum(symbols, from, RANDOM_SYMBOLS) === ((symbols[at]! << 10) | (symbols[at + 1]! << 5) | symbols[at + 2]!);
}

/** Both halves from `from` hold a plain digit and a plain letter. */
export function hasShape(symbols: ArrayLike<number>, from: number): boolean {
  return isMixed(symbols, from, from + HALF_LENGTH) && isMixed(symbols, from + HALF_LENGTH, from + CODE_LENGTH);
}

/** Symbols from `from` up to `to` hold a plain digit and a plain letter. */
export function isMixed(symbols: ArrayLike<number>, from: number, to: number): boolean {
  let digit = false;
  let letter = false;
  for (let i = from; i < to; i += 1) {
    digit ||= isPlainDigit(symbols[i]!);
    letter ||= isPlainLetter(symbols[i]!);
  }
  return digit && letter;
}

const UNITS = /* @__PURE__ */ Uint8Array.from(SYMBOLS, (symbol) => symbol.charCodeAt(0));

/** What codes have, whole or damaged, in one call of the engine: they are cut out of every message that holds one, and joining letter by letter takes four times as long. */
export function toText(symbols: ArrayLike<number>, from: number, to: number): string {
  if (to - from < CODE_LENGTH) return joined(symbols, from, to);
  const whole = String.fromCharCode(
    UNITS[symbols[from]!]!,
    UNITS[symbols[from + 1]!]!,
    UNITS[symbols[from + 2]!]!,
    UNITS[symbols[from + 3]!]!,
    UNITS[symbols[from + 4]!]!,
    UNITS[symbols[from + 5]!]!,
    UNITS[symbols[from + 6]!]!,
    UNITS[symbols[from + 7]!]!,
    UNITS[symbols[from + 8]!]!,
    UNITS[symbols[from + 9]!]!,
  );
  return to - from === CODE_LENGTH ? whole : whole + joined(symbols, from + CODE_LENGTH, to);
}

function joined(symbols: ArrayLike<number>, from: number, to: number): string {
  let text = '';
  for (let i = from; i < to; i += 1) text += SYMBOLS[symbols[i]!]!;
  return text;
}
