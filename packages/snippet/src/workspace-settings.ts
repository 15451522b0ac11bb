import { EMOJI_SYMBOLS, encodeEmoji } from '@messtrack/tracking-code/emoji-alphabet.ts';
import { encodeInvisible, INVISIBLE_DIGITS } from '@messtrack/tracking-code/invisible-alphabet.ts';
import { displayCode, newCode } from '@messtrack/tracking-code/tracking-code.ts';
import { readLink } from './page/messenger-link.ts';
import { BARE, type CodeForm, type CodeForms, EMOJI, INVISIBLE, OWN, type PlacementSettings, VISIBLE } from './settings.ts';

/** A placement of a site as far as links are concerned. */
export interface LinkedPlacement {
  readonly name: string;
  readonly greetings: readonly string[];
  readonly origins: readonly string[];
}

/** What of a placement is no link. */
export interface PlacementManner {
  /** One of several accounts. */
  readonly member?: PoolMember | undefined;
  /** On computers a tap opens the dialog. */
  readonly hasWidget?: boolean;
  /** How many of its greetings a page gets at most. */
  readonly greetings?: number;
}

/** One of several accounts of a placement. */
export interface PoolMember {
  readonly account: string;
  readonly weight: number;
  /** As `PlacementSettings` has it. */
  readonly open?: readonly number[] | undefined;
}

/** The link that ingest makes for a code: the one place that knows messengers, carriers and templates. */
export type LinkMaker<P extends LinkedPlacement> = (placement: P, code: string, greeting: number | undefined) => string;

/**
 * Greetings a page gets of each placement, the first number that leaves the script below 5 KB: with one placement and greetings of usual length that is 24. Greetings
 * put together from parts come with those that are most unlike each other first.
 */
export const PAGE_GREETINGS = [24, 16, 12, 8, 4] as const;

/** Stands for a code while the links of a placement are taken apart. Any code would do; no greeting holds one. */
const SAMPLE = newCode((count) => Uint8Array.from({ length: count }, (_, index) => 7 * index + 5));

/**
 * What pages get to know. Values with marks are read off the links that ingest itself makes for a code, so that a page never needs to know
 * where in a text a carrier goes, and both sides cannot differ.
 */
export function placementSettings<P extends LinkedPlacement>(
  placement: P,
  link: LinkMaker<P>,
  { member, hasWidget, greetings: most = PAGE_GREETINGS[0] }: PlacementManner = {},
): PlacementSettings {
  const plain = splitLink(link(placement, SAMPLE, placement.greetings.length > 0 ? 0 : undefined));
  const greeting = (greetings: readonly string[], index: number): string =>
    splitLink(link({ ...placement, greetings }, SAMPLE, index)).value;
  const values =
    plain.parameter === 'text'
      ? [...placement.greetings.slice(0, most).map((_, index) => greeting(placement.greetings, index)), greeting([OWN], 0)]
      : [plain.value];
  return {
    name: placement.name,
    ...(member && { account: member.account, weight: member.weight, ...(member.open && { open: member.open }) }),
    to: readLink(plain.base)?.to ?? '',
    base: plain.base,
    ...(plain.parameter === 'text' ? {} : { parameter: plain.parameter }),
    values,
    origins: placement.origins,
    ...(hasWidget ? { widget: true } : {}),
  };
}

/** How codes are written for the marks that occur in these placements. */
export function formsFor(placements: readonly PlacementSettings[]): CodeForms {
  const occurs = (mark: string): boolean => placements.some(({ values }) => values.some((value) => value.includes(mark)));
  // A site's own text without any mark gets an invisible code.
  const isBareText = placements.some(({ values }) => values.at(-1) === OWN);
  return {
    ...(occurs(EMOJI) ? { [EMOJI]: ['', '', [''], EMOJI_SYMBOLS] } : {}),
    ...(occurs(INVISIBLE) || isBareText ? { [INVISIBLE]: invisibleForm() } : {}),
  };
}

function invisibleForm(): CodeForm {
  const sample = encodeInvisible(SAMPLE);
  const width = 2;
  const digits = INVISIBLE_DIGITS.join('');
  return [sample.slice(0, width), sample.slice(-width), digits, digits];
}

/** Parameters that carry codes; everything else belongs to the address. */
const CARRYING = ['text', 'start', 'ref'];

function splitLink(href: string): { readonly base: string; readonly parameter: string; readonly value: string } {
  const url = new URL(href);
  const parameter = CARRYING.find((name) => url.searchParams.has(name));
  if (parameter === undefined) throw new Error(`a link that carries no code: ${url.host}`);
  const value = url.searchParams.get(parameter) ?? '';
  url.searchParams.delete(parameter);
  return { base: url.href, parameter, value: withMarks(value) };
}

function withMarks(value: string): string {
  return value
    .replaceAll(encodeEmoji(SAMPLE), EMOJI)
    .replaceAll(encodeInvisible(SAMPLE), INVISIBLE)
    .replaceAll(displayCode(SAMPLE), VISIBLE)
    .replaceAll(SAMPLE, BARE);
}
