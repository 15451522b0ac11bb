import type { PlatformMatching } from './account-matching.ts';
import type { Carrier } from './carrier.ts';
import { type Commit, clickByCode } from './click-store.ts';
import type { SentMemo } from './contact.ts';
import { nearCode, type Repair } from './damaged-code.ts';
import { codeKey, contactKeyOf, type Entry, type Lookups, sentKey, useKey } from './entries.ts';
import type { KnownClick } from './known-click.ts';
import { heldAgainst } from './question.ts';
import { EMPTY_SOURCE, type Source, type SourceKind } from './source.ts';
import type { AccountState } from './state.ts';
import type { CodeSeen, CodeWordSeen, MessageTouchpoint, ReferralSeen } from './touchpoint.ts';

/** What a message says about where its sender comes from, for certain. */
export type Identifier =
  | {
      readonly kind: 'click';
      readonly via: 'start_payload' | 'text_code' | 'reply' | 'sent';
      readonly identity: string;
      readonly click: KnownClick;
      /** Empty for replies and for whoever was written to. */
      readonly code: string;
      readonly carrier: Carrier;
      /** Set when the code was read with a slip in it. */
      readonly repaired: Repair | undefined;
      /** Brought by another contact before: the same source, no proof of the click. */
      readonly isForward: boolean;
      /** A forward only by probability: a message without identifier is likelier to have come from the click than this one. */
      readonly isHeld: boolean;
    }
  | {
      readonly kind: 'source';
      readonly via: 'referral' | 'invite_link' | 'start_payload';
      readonly identity: string;
      readonly source: Source;
    }
  /** A printed word that many people share: whoever writes it has seen the placement, and that is all it says. */
  | { readonly kind: 'source'; readonly via: 'code_word'; readonly identity: string; readonly source: Source; readonly word: string }
  /** It names something, but nothing that can decide: an expired click, an ad without an id. It can only open a new conversation. */
  | { readonly kind: 'stale'; readonly identity: string };

export interface Identified {
  /** The strongest identifier; undefined when the message carries none. */
  readonly best: Identifier | undefined;
  /** Intact codes that no click has registered yet. */
  readonly unknown: readonly CodeSeen[];
}

const NOTHING: Identified = { best: undefined, unknown: [] };

/** What reading an identifier takes beside the identifier. */
export interface Reading {
  readonly account: AccountState;
  readonly platform: PlatformMatching;
  readonly lookups: Lookups;
  readonly messageTimeMs: number;
  /** Every key of the contact. */
  readonly person: readonly string[];
  /** The newest message that we sent them first. */
  readonly sent: SentMemo | undefined;
}

/** Finds the strongest identifier of a message. */
export function identify(reading: Reading, message: MessageTouchpoint): Identified {
  const { account, lookups } = reading;
  const isPlain =
    message.codes.length === 0 &&
    message.referral === undefined &&
    message.replyToMessageId === '' &&
    message.startPayload === '' &&
    message.inviteLinkName === '' &&
    message.codeWord === undefined &&
    reading.sent === undefined;
  if (isPlain) return NOTHING;

  const unknown: CodeSeen[] = [];
  const found: Identifier[] = [];
  // The gateway lists no codes of forwarded messages; a foreign producer might.
  for (const seen of message.forwarded ? [] : message.codes) {
    const known = seen.intact ? findCode(account, lookups, seen.code) : null;
    if (known !== null) {
      found.push(codeIdentifier(reading, known, seen, undefined));
      continue;
    }
    if (seen.intact) unknown.push(seen);
    const repaired = nearCode(account.matching.clicks, seen);
    const near = repaired === undefined ? null : findCode(account, lookups, repaired.code);
    if (near !== null) found.push(codeIdentifier(reading, near, seen, repaired));
  }
  if (message.replyToMessageId !== '') {
    const sent = must(lookups, sentKey(account.workspace, account.account, message.replyToMessageId));
    if (sent?.kind === 'click') found.push(replyIdentifier(sent.click));
  }
  const written = sentIdentifier(reading);
  if (written !== undefined) found.push(written);
  const said = sourceIdentifier(account, message);
  if (said !== undefined) found.push(said);
  // A word in a forwarded message was written by somebody else.
  if (message.codeWord !== undefined && !message.forwarded) found.push(wordIdentifier(message.codeWord));
  return { best: strongest(found), unknown };
}

/** A message whose code was unknown until its click arrived. */
export function codeIdentifierOf(reading: Reading, seen: CodeSeen): Identifier | undefined {
  const known = findCode(reading.account, reading.lookups, seen.code);
  return known === null ? undefined : codeIdentifier(reading, known, seen, undefined);
}

interface KnownCode {
  readonly click: KnownClick;
  /** Contact who brought it first; empty when nobody has. */
  readonly usedBy: string;
  /** Number of the click in the account's store; −1 when it has left. */
  readonly number: number;
  /** The lead that has the click by probability. */
  readonly held: Commit | undefined;
}

/** Null when no click has registered the code. */
export function findCode(account: AccountState, lookups: Lookups, code: string): KnownCode | null {
  const recent = clickByCode(account.matching.clicks, code);
  if (recent !== undefined) {
    const held = account.matching.clicks.commits.get(recent.number);
    return { click: recent, usedBy: recent.claim?.contact ?? '', number: recent.number, held };
  }
  const entry = must(lookups, codeKey(account.workspace, account.account, code));
  if (entry?.kind !== 'click') return null;
  const use = must(lookups, useKey(account.workspace, account.account, code));
  return { click: entry.click, usedBy: use?.kind === 'use' ? use.contact : '', number: -1, held: undefined };
}

/** A key that `needs` did not ask for is a mistake in this service, never a fact about the world: guessing "absent" would lose leads. */
export function must(lookups: Lookups, key: string): Entry | null {
  const entry = lookups.get(key);
  if (entry === undefined) throw new Error('the fold read an entry of the join store that it had not asked for');
  return entry;
}

/** Resolves a contact key to the entry under its canonical key; null when the person is unknown. */
export function contactEntry(account: AccountState, lookups: Lookups, key: string) {
  const entry = must(lookups, contactKeyOf(account.workspace, account.account, key));
  if (entry?.kind === 'contact') return entry.contact;
  if (entry?.kind !== 'alias') return null;
  const open = account.contacts.get(entry.canonical);
  if (open !== undefined) return open;
  const canonical = must(lookups, contactKeyOf(account.workspace, account.account, entry.canonical));
  return canonical?.kind === 'contact' ? canonical.contact : null;
}

function codeIdentifier(
  { account, platform, person, messageTimeMs }: Reading,
  known: KnownCode,
  seen: CodeSeen,
  repaired: Repair | undefined,
): Identifier {
  const { click, usedBy, held } = known;
  const delayMs = messageTimeMs - click.clickedAtMs;
  if (delayMs > account.settings.clickWindowMs) return { kind: 'stale', identity: `click/${click.clickId}` };
  const isHeld =
    usedBy === '' &&
    held !== undefined &&
    !person.includes(held.contact) &&
    heldAgainst(account.matching, platform, known.number, held, delayMs / 1_000) >= 0.5;
  return {
    kind: 'click',
    via: seen.carrier === 'start_payload' ? 'start_payload' : 'text_code',
    identity: `click/${click.clickId}`,
    click,
    code: repaired?.code ?? seen.code,
    carrier: seen.carrier,
    repaired,
    isForward: isHeld || (usedBy !== '' && !person.includes(usedBy)),
    isHeld,
  };
}

function replyIdentifier(click: KnownClick): Identifier {
  if (click.clickId !== '') {
    return {
      kind: 'click',
      via: 'reply',
      identity: `click/${click.clickId}`,
      click,
      ...NO_CODE,
    };
  }
  return { kind: 'source', via: 'referral', identity: `sent/${JSON.stringify(click.source, NAMING)}`, source: click.source };
}

/**
 * Whoever we wrote to first and who writes now, under the number or an id that the provider returned, without replying to that very message. Weaker
 * than anything a message brings of its own: the person may have clicked again since.
 */
function sentIdentifier({ account, sent, messageTimeMs }: Reading): Identifier | undefined {
  if (sent === undefined || sent.click.clickId === '') return undefined;
  const { click, atMs } = sent;
  const isAfter = messageTimeMs >= atMs - CLOCKS_DIFFER_MS && messageTimeMs - click.clickedAtMs <= account.settings.clickWindowMs;
  return isAfter ? { kind: 'click', via: 'sent', identity: `click/${click.clickId}`, click, ...NO_CODE } : undefined;
}

/** The messenger's clock and ours: messages have whole seconds, and a minute is more than any provider is off. */
const CLOCKS_DIFFER_MS = 60_000;

const NO_CODE = { code: '', carrier: 'none', repaired: undefined, isForward: false, isHeld: false } as const;

function wordIdentifier({ word, source }: CodeWordSeen): Identifier {
  return { kind: 'source', via: 'code_word', identity: `word/${source.placement}`, source, word };
}

function sourceIdentifier(account: AccountState, message: MessageTouchpoint): Identifier | undefined {
  const { referral, inviteLinkName, startPayload, namedSource } = message;
  if (referral !== undefined) {
    const { ctwaClid, sourceId } = referral;
    if (ctwaClid === '' && sourceId === '') return { kind: 'stale', identity: 'stale/referral' };
    const clickIds: Source['clickIds'] = ctwaClid === '' ? [] : [['ctwa_clid', ctwaClid]];
    const identity = ctwaClid === '' ? `ad/${sourceId}` : `ctwa/${ctwaClid}`;
    return {
      kind: 'source',
      via: 'referral',
      identity,
      source: { ...EMPTY_SOURCE, adId: sourceId, clickIds, kind: referralKind(referral) },
    };
  }
  if (inviteLinkName !== '') {
    const source =
      namedSource ??
      (account.placements.has(inviteLinkName)
        ? { ...EMPTY_SOURCE, placement: inviteLinkName }
        : { ...EMPTY_SOURCE, utmSource: inviteLinkName });
    return { kind: 'source', via: 'invite_link', identity: `invite/${inviteLinkName}`, source };
  }
  // Any bot may be started with any payload; only the name of a placement says something.
  if (startPayload !== '' && (namedSource !== undefined || account.placements.has(startPayload))) {
    const source = namedSource ?? { ...EMPTY_SOURCE, placement: startPayload };
    return { kind: 'source', via: 'start_payload', identity: `start/${startPayload}`, source };
  }
  return undefined;
}

/** Meta's words: a click id is given to ads alone, and what somebody wrote below a post without paying is called `post`. */
function referralKind({ ctwaClid, sourceType }: ReferralSeen): SourceKind {
  if (ctwaClid !== '' || sourceType === 'ad') return 'ad';
  return sourceType === 'post' ? 'social' : 'unknown';
}

/** In this order: contacts remember identities from before sources had a kind, and theirs must be the same text. */
const NAMING = [
  'utmSource',
  'utmMedium',
  'utmCampaign',
  'utmContent',
  'utmTerm',
  'referrerHost',
  'adId',
  'clickIds',
  'placement',
] satisfies (keyof Source)[];

function strongest(found: readonly Identifier[]): Identifier | undefined {
  let best: Identifier | undefined;
  for (const identifier of found) {
    if (best === undefined || isStronger(identifier, best)) best = identifier;
  }
  return best;
}

/** Hidden before open, a click before a source, the first to bring a code before the second; two codes in one message: the newest click. */
function isStronger(a: Identifier, b: Identifier): boolean {
  const byStrength = strength(a) - strength(b);
  if (byStrength !== 0) return byStrength > 0;
  if (a.kind !== 'click' || b.kind !== 'click') return a.identity < b.identity;
  if (a.click.clickedAtMs !== b.click.clickedAtMs) return a.click.clickedAtMs > b.click.clickedAtMs;
  return a.identity < b.identity;
}

function strength(identifier: Identifier): number {
  switch (identifier.kind) {
    case 'click':
      if (identifier.isForward) return 2;
      if (identifier.via === 'start_payload') return 10;
      if (identifier.via === 'reply') return 9;
      if (identifier.via === 'sent') return 3;
      return identifier.repaired === undefined ? 6 : 5;
    case 'source':
      // Own words name the source better than a code that somebody else had first, and worse than any code of one's own.
      if (identifier.via === 'code_word') return 4;
      return identifier.via === 'referral' ? 8 : 7;
    case 'stale':
      return 1;
  }
}
