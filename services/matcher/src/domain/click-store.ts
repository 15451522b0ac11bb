import { runShare } from './click-run.ts';
import { ClickIndex, type Texts } from './clicks-by-text.ts';
import { CLICK_ID, CODE, factOf, isFact, type PackedFacts, packFacts, sourceWith, VISITOR } from './packed-facts.ts';
import { type Profile, ProfileTable } from './profiles.ts';
import type { Source } from './source.ts';
import { noOrder, type TimeOrder, watchOrder } from './time-order.ts';
import type { ClickFacts } from './touchpoint.ts';

/**
 * The recent clicks of one account, in the order of the log: candidates for row 6, and a first place to find a code without asking the join
 * store. Numbers are in typed arrays by slot, a ring; a click is named by its number since the account began, and `slotOf` tells its slot.
 *
 * All clicks of two hours are kept up to `HOT_CLICKS`, and beyond two hours the newest `FINE_CLICKS` up to three days, because a person
 * may write days after the click, and an account with thirty clicks an hour needs no coarser picture of them. What leaves earlier than that
 * is kept as mass by half-hour and campaign (`cells`).
 */
export interface ClickStore {
  /** Number of the oldest click kept, and of the next one to come. */
  first: number;
  next: number;
  /** Number of the click that stands, stood or will stand in the first slot, no more than a ring before `first`: the next ones follow. */
  origin: number;
  columns: Columns;
  /** Number of the newest click by code and by click id. A code is here only when nothing about it can be older than the store. */
  readonly byCode: ClickIndex;
  readonly byId: ClickIndex;
  readonly byVisitor: ClickIndex;
  readonly claims: Map<number, Claim>;
  /** Leads that this click was given to by probability, while it may still be claimed for certain. */
  readonly commits: Map<number, Commit>;
  readonly profiles: ProfileTable;
  readonly cells: Map<string, Cell>;
  /** Live candidates without a code: where there are none, nobody asks for what only they need. */
  codeless: number;
  /** Newest receipt among the clicks that left. A click received before that may be a second delivery of one that left. */
  forgottenUpToMs: number;
  /** The next click whose age is looked at by `mature`, for each step. */
  readonly matured: number[];
  /** Made from the columns and no state. */
  readonly order: TimeOrder;
}

/** Who brought the code of a click first. */
export interface Claim {
  readonly contact: string;
  readonly leadId: string;
}

/** The lead a click was given to by probability. */
export interface Commit {
  readonly leadId: string;
  readonly contact: string;
  /** As it was given; less than 1. */
  readonly probability: number;
}

/** Clicks that left the store within three days of their age. */
export interface Cell {
  readonly campaign: string;
  readonly fromMs: number;
  /** Sum over its clicks of worth × odds of writing without an identifier; times the campaign's rate it is the leads without identifier expected. */
  mass: number;
  clicks: number;
}

interface Columns {
  readonly size: number;
  readonly clickedAtMs: Float64Array;
  readonly observedAtMs: Float64Array;
  /** When the same visitor clicked again within one visit; infinite when not. */
  readonly supersededAtMs: Float64Array;
  /** Time of the message that brought the code of this click, or of another one of the same visitor; NaN when none has. */
  readonly takenAtMs: Float64Array;
  /** What open messages without identifier take of this click, and what final ones have taken. */
  readonly openMass: Float64Array;
  readonly usedMass: Float64Array;
  /** Index into `profiles`. */
  readonly profile: Int32Array;
  /**
   * What is left of the click's promise whoever asks, by `stand`: its share of a run, free of what other messages take of it. Negative where it depends on
   * when a message was written, 0 where it explains none. Made from the other columns and no state: one number for those that only count in sum.
   */
  readonly standing: Float32Array;
  /** Empty where no click is. */
  readonly facts: PackedFacts[];
  readonly variant: Int16Array;
  readonly flags: Uint8Array;
  /** Clicks of the same visitor in a row so far, and the number of the one before; −1 when there is none. */
  readonly run: Uint16Array;
  readonly before: Float64Array;
}

export const CANDIDATE = 1;
export const INDEXED = 2;
/** The visitor was shown no code, or none comes back of this account (lost-codes.ts): that no message has brought it says nothing. */
export const CODELESS = 4;
/** A message has brought the very code of this click. Its visitor's other clicks are taken as well, but nobody can have sent on a message of theirs. */
export const CLAIMED = 8;
/**
 * Three contacts have brought codes of this visitor's clicks: a tablet in a shop, or a site that tells its visitors no names. Each of its clicks stands for itself, and so do those that follow while
 * one of them is there. As one person's they were taken with the first lead, all that came later with them, and none was said to have led to anything any more.
 */
export const SHARED = 16;

const HOUR_MS = 3_600_000;
export const REACH_MS = 72 * HOUR_MS;
const HOT_MS = 2 * HOUR_MS;
export const FINE_CLICKS = 4_000;
export const HOT_CLICKS = 16_383;
/** A click is admitted before another leaves. */
const MOST_CLICKS = HOT_CLICKS + 1;
/** Clicks of one visitor that are this close are one intent, timed by the last. */
export const VISIT_GAP_MS = 30 * 60_000;
const CELL_MS = HOUR_MS / 2;

export function emptyClicks(): ClickStore {
  const texts = (part: typeof CLICK_ID | typeof CODE | typeof VISITOR): Texts => ({
    first: () => store.first,
    isText: (click, text) => isFact(store.columns.facts[slotOf(store, click)]!, part, text),
    text: (click) => factOf(store.columns.facts[slotOf(store, click)]!, part),
  });
  const store: ClickStore = {
    first: 0,
    next: 0,
    origin: 0,
    columns: columnsOf(8),
    byCode: new ClickIndex(texts(CODE)),
    byId: new ClickIndex(texts(CLICK_ID)),
    byVisitor: new ClickIndex(texts(VISITOR)),
    claims: new Map(),
    commits: new Map(),
    profiles: new ProfileTable(),
    cells: new Map(),
    codeless: 0,
    forgottenUpToMs: 0,
    matured: [],
    order: noOrder(),
  };
  return store;
}

/** Seven columns of doubles, two of 32-bit numbers, two of 16 and one of 8 bits. */
const SLOT_BYTES = 7 * 8 + 2 * 4 + 2 * 2 + 1;

/** All numbers in one buffer: a buffer of its own costs each column 180 bytes, and there may be ten thousand accounts. */
function columnsOf(size: number): Columns {
  const buffer = new ArrayBuffer(SLOT_BYTES * size);
  const doubles = (index: number) => new Float64Array(buffer, index * 8 * size, size);
  return {
    size,
    clickedAtMs: doubles(0),
    observedAtMs: doubles(1),
    supersededAtMs: doubles(2),
    takenAtMs: doubles(3),
    openMass: doubles(4),
    usedMass: doubles(5),
    before: doubles(6),
    profile: new Int32Array(buffer, 56 * size, size),
    standing: new Float32Array(buffer, 60 * size, size),
    variant: new Int16Array(buffer, 64 * size, size),
    run: new Uint16Array(buffer, 66 * size, size),
    flags: new Uint8Array(buffer, 68 * size, size),
    facts: new Array<PackedFacts>(size).fill(''),
  };
}

/** Slot of a live click. */
export function slotOf({ columns, origin }: ClickStore, click: number): number {
  const ahead = click - origin;
  return ahead < columns.size ? ahead : ahead - columns.size;
}

export function liveClicks(store: ClickStore): number {
  return store.next - store.first;
}

export function isLive(store: ClickStore, click: number): boolean {
  return click >= store.first && click < store.next;
}

/** Adds a click; false when it is there already. `isCodeless`: its code, if it has one, is not to be expected back. */
export function admit(store: ClickStore, click: ClickFacts, observedAtMs: number, isCandidate: boolean, isCodeless = false): boolean {
  if (store.byId.has(click.clickId)) return false;
  const { code, clickedAtMs } = click;
  // A second delivery carries the receipt time of the first. If that first one may have left, its code may have been used meanwhile,
  // and only the join store knows.
  const isIndexed = code !== '' && observedAtMs > store.forgottenUpToMs && !store.byCode.has(code);
  const flags = (isCandidate ? CANDIDATE : 0) | (isIndexed ? INDEXED : 0) | (code === '' || isCodeless ? CODELESS : 0);
  const profile = store.profiles.enter(click);
  const number = place(store, { facts: packFacts(click), profile, clickedAtMs, observedAtMs, variant: click.greetingVariant, flags });
  store.byId.add(click.clickId, number);
  if (isIndexed) store.byCode.add(code, number);
  if (isCandidate && click.visitorId !== '') joinVisit(store, number, click.visitorId, clickedAtMs);
  return true;
}

/** A click as it stands in the columns, before anything came of it. */
export interface PlacedClick {
  readonly facts: PackedFacts;
  /** Its profile, with this click counted. */
  readonly profile: number;
  readonly clickedAtMs: number;
  readonly observedAtMs: number;
  readonly variant: number;
  readonly flags: number;
}

/** Puts back a click from a snapshot; what came of it is set by the caller. */
export function putBack(store: ClickStore, click: PlacedClick): number {
  const { facts } = click;
  // What was written before clicks were told apart by it says it by its facts.
  const flags = click.flags | (factOf(facts, CODE) === '' ? CODELESS : 0);
  const number = place(store, { ...click, flags });
  store.byId.set(factOf(facts, CLICK_ID), number);
  if ((flags & INDEXED) !== 0) store.byCode.set(factOf(facts, CODE), number);
  const visitorId = factOf(facts, VISITOR);
  if ((flags & CANDIDATE) !== 0 && visitorId !== '') store.byVisitor.set(visitorId, number);
  return number;
}

function place(store: ClickStore, click: PlacedClick): number {
  if (liveClicks(store) === 0) store.origin = store.next;
  else if (liveClicks(store) === store.columns.size) grow(store);
  const number = store.next;
  store.next += 1;
  const slot = slotOf(store, number);
  const c = store.columns;
  c.clickedAtMs[slot] = click.clickedAtMs;
  if (slot === 0) lookAgain(store);
  else watchOrder(store.order, click.clickedAtMs);
  c.observedAtMs[slot] = click.observedAtMs;
  c.supersededAtMs[slot] = Number.POSITIVE_INFINITY;
  c.takenAtMs[slot] = Number.NaN;
  c.openMass[slot] = 0;
  c.usedMass[slot] = 0;
  c.profile[slot] = click.profile;
  c.facts[slot] = click.facts;
  c.variant[slot] = click.variant;
  c.flags[slot] = click.flags;
  c.run[slot] = 1;
  c.before[slot] = -1;
  stand(store, slot);
  if (isCodelessCandidate(click.flags)) store.codeless += 1;
  return number;
}

/** Once a round of the ring, so that a click that came a day late does not make all questions look further than they need for ever. */
function lookAgain(store: ClickStore): void {
  Object.assign(store.order, noOrder());
  for (let each = store.first; each < store.next; each += 1) watchOrder(store.order, store.columns.clickedAtMs[slotOf(store, each)]!);
}

/** So much that no click of it counts as one that hardly matters. */
const LOOK_CLOSELY = 1e30;

/** To be called when anything of a click has changed that `standing` is made from. */
export function stand({ columns: c }: ClickStore, slot: number): void {
  const flags = c.flags[slot]!;
  const used = c.usedMass[slot]!;
  if ((flags & CANDIDATE) === 0 || used >= 1) {
    c.standing[slot] = 0;
    return;
  }
  // Too few to be worth a formula of their own.
  if ((flags & CODELESS) !== 0) {
    c.standing[slot] = LOOK_CLOSELY;
    return;
  }
  const isTimed = !Number.isNaN(c.takenAtMs[slot]!) || c.supersededAtMs[slot] !== Number.POSITIVE_INFINITY;
  const left = (runShare(c.run[slot]!) * (1 - used)) / (1 + c.openMass[slot]!);
  c.standing[slot] = isTimed ? -left : left;
}

/** By a half: with twice as many slots, a third of them all were nobody's. */
function grow(store: ClickStore): void {
  const old = store.columns;
  const size = Math.ceil(old.size * 1.5);
  // However many clicks a flood has brought at once, the ring that holds them is never larger than needed for as many as stay.
  const columns = columnsOf(old.size < MOST_CLICKS ? Math.min(size, MOST_CLICKS) : size);
  const start = slotOf(store, store.first);
  for (const key of NUMBER_COLUMNS) {
    columns[key].set(old[key].subarray(start));
    columns[key].set(old[key].subarray(0, start), old.size - start);
  }
  for (let at = 0; at < old.size; at += 1) columns.facts[at] = old.facts[start + at < old.size ? start + at : start + at - old.size]!;
  store.columns = columns;
  store.origin = store.first;
}

/** All but the texts. */
const NUMBER_COLUMNS = [
  'clickedAtMs',
  'observedAtMs',
  'supersededAtMs',
  'takenAtMs',
  'openMass',
  'usedMass',
  'profile',
  'standing',
  'variant',
  'flags',
  'run',
  'before',
] as const;

/** The visitor's click before this one, when it is close, is the same intent: it no longer explains what is written from now on. */
function joinVisit(store: ClickStore, number: number, visitorId: string, clickedAtMs: number): void {
  const before = store.byVisitor.get(visitorId);
  const c = store.columns;
  if (before !== undefined && isLive(store, before)) {
    const slot = slotOf(store, number);
    const earlier = slotOf(store, before);
    c.before[slot] = before;
    if ((c.flags[earlier]! & SHARED) !== 0) {
      c.flags[slot]! |= SHARED;
      store.byVisitor.set(visitorId, number);
      return;
    }
    c.run[slot] = Math.min(65_535, c.run[earlier]! + 1);
    const gapMs = clickedAtMs - c.clickedAtMs[earlier]!;
    if (gapMs >= 0 && gapMs <= VISIT_GAP_MS) c.supersededAtMs[earlier] = clickedAtMs;
    // Who has written is known: a later click of the same browser brings no new person.
    c.takenAtMs[slot] = c.takenAtMs[earlier]!;
    stand(store, slot);
    stand(store, earlier);
  }
  store.byVisitor.set(visitorId, number);
}

/** A message for certain comes from this click: it and the visitor's earlier ones are taken. Its contact has claimed it before. */
export function take(store: ClickStore, number: number, messageTimeMs: number): void {
  const { flags, takenAtMs } = store.columns;
  const slot = slotOf(store, number);
  // With another click of its visitor: this is one more contact.
  if ((flags[slot]! & SHARED) === 0 && !Number.isNaN(takenAtMs[slot]!) && isShared(store, number)) share(store, number);
  setTaken(store, number, Number.NaN, messageTimeMs);
  flags[slot]! |= CLAIMED;
}

/** The message turned out to come from elsewhere: what it had taken is free again. */
export function release(store: ClickStore, number: number): void {
  const slot = slotOf(store, number);
  setTaken(store, number, store.columns.takenAtMs[slot]!, Number.NaN);
  store.columns.flags[slot]! &= ~CLAIMED;
}

/** Of all clicks of the click's visitor that were taken then, or not. */
function setTaken(store: ClickStore, number: number, fromMs: number, toMs: number): void {
  const { takenAtMs, flags } = store.columns;
  const isAlone = (flags[slotOf(store, number)]! & SHARED) !== 0;
  for (const each of isAlone ? [number] : clicksOfVisitor(store, number)) {
    const slot = slotOf(store, each);
    if (!Object.is(takenAtMs[slot], fromMs)) continue;
    takenAtMs[slot] = toMs;
    stand(store, slot);
  }
}

/** A person may write from a second phone, or hand a code on to a friend who is first to bring it. */
const CONTACTS_OF_ONE = 2;

function isShared(store: ClickStore, number: number): boolean {
  const contacts = new Set<string>();
  for (const each of clicksOfVisitor(store, number)) {
    const claim = store.claims.get(each);
    if (claim === undefined) continue;
    contacts.add(claim.contact);
    if (contacts.size > CONTACTS_OF_ONE) return true;
  }
  return false;
}

/** What was taken with another's click is free again, and no click is one intent with the next. */
function share(store: ClickStore, number: number): void {
  const c = store.columns;
  for (const each of clicksOfVisitor(store, number)) {
    const slot = slotOf(store, each);
    c.flags[slot]! |= SHARED;
    c.supersededAtMs[slot] = Number.POSITIVE_INFINITY;
    c.run[slot] = 1;
    if ((c.flags[slot]! & CLAIMED) === 0) c.takenAtMs[slot] = Number.NaN;
    stand(store, slot);
  }
}

/** The click's visitor's clicks, newest first; the click alone when its visitor is not known. */
function* clicksOfVisitor(store: ClickStore, number: number): IterableIterator<number> {
  const c = store.columns;
  const visitorId = factOf(c.facts[slotOf(store, number)]!, VISITOR);
  let each = visitorId === '' ? number : Math.max(number, store.byVisitor.get(visitorId) ?? number);
  while (each >= 0 && isLive(store, each)) {
    yield each;
    each = c.before[slotOf(store, each)]!;
  }
}

export interface Expiry {
  /** Called with the number of each click before it leaves. */
  beforeLeaving(click: number): void;
  /** Worth of a click times its odds of writing without an identifier, against writing with one of a click that has it. */
  lossOdds(profile: Profile, isCodeless: boolean): number;
}

/** Lets go of what is too old or too many, oldest arrivals first. The join store knows the codes of what leaves. */
export function expire(store: ClickStore, clockMs: number, expiry: Expiry): void {
  for (;;) {
    const live = liveClicks(store);
    if (live === 0) break;
    const slot = slotOf(store, store.first);
    const ageMs = clockMs - store.columns.clickedAtMs[slot]!;
    const isKept = ageMs <= HOT_MS ? live <= HOT_CLICKS : ageMs <= REACH_MS && live <= FINE_CLICKS;
    if (isKept) break;
    expiry.beforeLeaving(store.first);
    drop(store, slot, ageMs < REACH_MS, expiry.lossOdds);
  }
  if (store.cells.size > 0) expireCells(store, clockMs);
}

function drop(store: ClickStore, slot: number, isRemembered: boolean, lossOdds: Expiry['lossOdds']): void {
  const c = store.columns;
  const number = store.first;
  const facts = c.facts[slot]!;
  if (isRemembered && isOpenCandidate(store, slot)) {
    const profile = profileAt(store, slot);
    const fromMs = Math.floor(c.clickedAtMs[slot]! / CELL_MS) * CELL_MS;
    const key = `${fromMs}/${profile.campaign}`;
    const cell = store.cells.get(key) ?? { campaign: profile.campaign, fromMs, mass: 0, clicks: 0 };
    cell.mass += lossOdds(profile, (c.flags[slot]! & CODELESS) !== 0);
    cell.clicks += 1;
    store.cells.set(key, cell);
  }
  store.forgottenUpToMs = Math.max(store.forgottenUpToMs, c.observedAtMs[slot]!);
  store.byId.delete(factOf(facts, CLICK_ID));
  if ((c.flags[slot]! & INDEXED) !== 0) store.byCode.delete(factOf(facts, CODE));
  const visitorId = factOf(facts, VISITOR);
  if (visitorId !== '' && store.byVisitor.get(visitorId) === number) store.byVisitor.delete(visitorId);
  if (isCodelessCandidate(c.flags[slot]!)) store.codeless -= 1;
  store.first += 1;
  if (store.first - store.origin >= c.size) store.origin += c.size;
  store.claims.delete(number);
  store.commits.delete(number);
  store.profiles.leave(c.profile[slot]!);
  c.facts[slot] = '';
}

function isCodelessCandidate(flags: number): boolean {
  return (flags & (CANDIDATE | CODELESS)) === (CANDIDATE | CODELESS);
}

function isOpenCandidate(store: ClickStore, slot: number): boolean {
  const c = store.columns;
  return (c.flags[slot]! & CANDIDATE) !== 0 && Number.isNaN(c.takenAtMs[slot]!) && c.supersededAtMs[slot] === Number.POSITIVE_INFINITY;
}

function expireCells(store: ClickStore, clockMs: number): void {
  for (const [key, cell] of store.cells) {
    if (cell.fromMs >= clockMs - REACH_MS) return;
    store.cells.delete(key);
  }
}

/** A click as its code finds it. */
export interface FoundClick {
  readonly number: number;
  readonly clickId: string;
  readonly clickedAtMs: number;
  readonly source: Source;
  readonly claim: Claim | undefined;
}

export function clickByCode(store: ClickStore, code: string): FoundClick | undefined {
  const number = store.byCode.get(code);
  return number === undefined ? undefined : foundClick(store, number);
}

export function clickById(store: ClickStore, clickId: string): FoundClick | undefined {
  const number = store.byId.get(clickId);
  return number === undefined ? undefined : foundClick(store, number);
}

export function foundClick(store: ClickStore, number: number): FoundClick {
  const slot = slotOf(store, number);
  const facts = store.columns.facts[slot]!;
  const source = sourceWith(facts, store.profiles.source(store.columns.profile[slot]!));
  return {
    number,
    clickId: factOf(facts, CLICK_ID),
    source,
    clickedAtMs: store.columns.clickedAtMs[slot]!,
    claim: store.claims.get(number),
  };
}

/** The profile of the click in a slot, made anew: where thousands are looked at, `profileOf` keeps them. */
export function profileAt(store: ClickStore, slot: number): Profile {
  return store.profiles.read(store.columns.profile[slot]!);
}
