import type { Source } from './source.ts';
import type { ClickFacts } from './touchpoint.ts';

/**
 * What belongs to one click alone, as one text: id, code, visitor, referring host, and pairs of click ids, each behind its length. As objects
 * and texts of their own they take 235 bytes and more, so 90; and most clicks are never looked at again.
 */
export type PackedFacts = string;

export const CLICK_ID = 0;
export const CODE = 1;
export const VISITOR = 2;
type Part = typeof CLICK_ID | typeof CODE | typeof VISITOR;
const REFERRER = 3;

/** Lengths from here on take four characters. */
const LONG = 255;

export function packFacts({
  clickId,
  code,
  visitorId,
  source,
}: Pick<ClickFacts, 'clickId' | 'code' | 'visitorId' | 'source'>): PackedFacts {
  const parts = [mark(clickId), clickId, mark(code), code, mark(visitorId), visitorId, mark(source.referrerHost), source.referrerHost];
  for (const [name, value] of source.clickIds) parts.push(mark(name), name, mark(value), value);
  // Joined and not added: a sum of texts keeps its summands.
  return parts.join('');
}

function mark({ length }: string): string {
  return length < LONG
    ? MARKS[length]!
    : `${MARKS[LONG]!}${MARKS[length & 0xff]!}${MARKS[(length >> 8) & 0xff]!}${MARKS[(length >> 16) & 0xff]!}`;
}

const MARKS: readonly string[] = Array.from({ length: LONG + 1 }, (_, code) => String.fromCharCode(code));

export function factOf(packed: PackedFacts, part: Part): string {
  return textAt(packed, partAt(packed, part));
}

export function isFact(packed: PackedFacts, part: Part, text: string): boolean {
  const at = partAt(packed, part);
  return lengthAt(packed, at) === text.length && packed.startsWith(text, textStart(packed, at));
}

/** The click's own source: what its profile knows, with what is this click's alone. */
export function sourceWith(packed: PackedFacts, shared: Source): Source {
  let at = partAt(packed, REFERRER);
  const referrerHost = textAt(packed, at);
  // Pairs of click ids follow it.
  at = after(packed, at);
  const clickIds: (readonly [string, string])[] = [];
  while (at < packed.length) {
    const name = textAt(packed, at);
    at = after(packed, at);
    clickIds.push([name, textAt(packed, at)]);
    at = after(packed, at);
  }
  return { ...shared, referrerHost, clickIds };
}

/** Where the length of a part stands. */
function partAt(packed: PackedFacts, part: number): number {
  let at = 0;
  for (let index = 0; index < part; index += 1) at = after(packed, at);
  return at;
}

function after(packed: PackedFacts, at: number): number {
  return textStart(packed, at) + lengthAt(packed, at);
}

function textAt(packed: PackedFacts, at: number): string {
  const start = textStart(packed, at);
  return packed.slice(start, start + lengthAt(packed, at));
}

function textStart(packed: PackedFacts, at: number): number {
  return at + (packed.charCodeAt(at) < LONG ? 1 : 4);
}

function lengthAt(packed: PackedFacts, at: number): number {
  const length = packed.charCodeAt(at);
  return length < LONG ? length : packed.charCodeAt(at + 1) | (packed.charCodeAt(at + 2) << 8) | (packed.charCodeAt(at + 3) << 16);
}
