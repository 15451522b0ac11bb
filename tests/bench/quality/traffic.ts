/** The life of one account: who visits, who writes, what gets lost on the way. A pure function of regime, seed and the account's number. */
import { type Account, byDevice, drawAccount, loseRate, type Spell, spellRate, writeRate } from './account.ts';
import { drawDelay } from './delay-law.ts';
import { drawBot, drawHome, drawMessage, drawPerson, type Home, type MessageMarks, type VisitMarks } from './marks.ts';
import { createRandom, type Random } from './random.ts';
import type { Regime } from './regimes.ts';

export const START_MS = Date.UTC(2026, 2, 2);
const SECOND = 1000;
const DAY_S = 86_400;
const MAX_GAP_S = 600;
/** Programs of a flood: half of them one device after another, half these few, which click for as long as it lasts. */
const FLOOD_DEVICES = 12;
const CODE_LETTERS = 'abcdefghjkmnpqrstuvwxyz23456789';
const ID_LETTERS = '0123456789abcdefghijklmnopqrstuvwxyz';

export interface Click {
  readonly id: string;
  readonly timeMs: number;
  readonly visit: Visit;
  readonly placement: string;
  readonly code: string;
  readonly greeting: number;
}

/** A burst of clicks of one visitor; its last click is the one that can write. */
export interface Visit extends VisitMarks {
  readonly visitor: string;
  /** Its last click: time in milliseconds, and what it showed. */
  lastMs: number;
  lastId: string;
  lastGreeting: number;
  clicks: number;
  /** The visitor has written before, and we know the contact. */
  readonly isKnown: boolean;
}

/** `first`: starts a lead. `next`: further words of a contact, part of its lead. */
export type MessageRole = 'first' | 'next';

export interface Message extends MessageMarks {
  readonly id: string;
  /** The messenger's time, whole seconds since the epoch. */
  readonly second: number;
  readonly receivedMs: number;
  readonly isLate: boolean;
  readonly contact: string;
  readonly role: MessageRole;
  /** As it arrived, perhaps damaged; empty when the message shows none. */
  readonly code: string;
  /** The click that led to it; undefined when none did. */
  readonly click: Click | undefined;
  /** Click-driven, but nothing in it says which click. */
  readonly isLost: boolean;
}

export interface Traffic {
  readonly account: Account;
  /** In order of time. */
  readonly clicks: readonly Click[];
  readonly visits: readonly Visit[];
  /** In order of arrival. */
  readonly messages: readonly Message[];
}

interface Regular {
  readonly visitor: string;
  readonly contact: string;
  readonly home: Home;
  readonly writtenMs: number;
}

export function drawTraffic(regime: Regime, seed: number, at: number): Traffic {
  const account = drawAccount(regime, seed, at, START_MS);
  const random = createRandom(seed, at, 2);
  const endMs = START_MS + regime.days * DAY_S * SECOND;
  const clicks: Click[] = [];
  const visits: Visit[] = [];
  const messages: Message[] = [];
  const regulars: Regular[] = [];
  const volumes = account.campaigns.map((campaign) => campaign.volume);

  const addMessage = (message: Omit<Message, 'id' | 'receivedMs' | 'isLate' | 'second'>, timeMs: number): void => {
    if (timeMs >= endMs) return;
    const second = Math.floor(timeMs / SECOND);
    const isVeryLate = random.next() < regime.veryLate;
    const isLate = isVeryLate || random.next() < regime.late;
    const lateS = isVeryLate ? DAY_S * (1 + 2 * random.next()) : isLate ? Math.min(0.9 * DAY_S, drawDelay(random, regime.lateBy)) : 0;
    const receivedMs = isLate ? Math.round(timeMs + lateS * SECOND) : second * SECOND;
    if (receivedMs < endMs) messages.push({ ...message, id: random.text(ID_LETTERS, 14), second, receivedMs, isLate });
  };
  const addFollowUps = (contact: string, home: Home, visit: VisitMarks | undefined, timeMs: number): void => {
    if (regime.followUps === 0) return;
    for (let s = random.exponential() / regime.followUps; s < 1; s += random.exponential() / regime.followUps) {
      const marks = drawMessage(random, regime, account, home, visit, -1);
      addMessage({ ...marks, contact, role: 'next', code: '', click: undefined, isLost: false }, timeMs + 40_000 + s * DAY_S * SECOND);
    }
  };

  const addVisit = (timeMs: number, campaign: number, program: 'no' | 'bot' | 'flood', visitor: string | undefined): void => {
    const regular = program === 'no' && random.next() < regime.returning ? pickRegular(random, regulars, timeMs) : undefined;
    const home = regular?.home ?? drawHome(random, account.campaigns[campaign]!.countries, account.campaigns[campaign]!.regions);
    const marks =
      program === 'no' ? drawPerson(random, regime, campaign, home) : drawBot(random, regime, account, campaign, program === 'flood');
    const visit: Visit = {
      ...marks,
      visitor: visitor ?? regular?.visitor ?? random.text(ID_LETTERS, 12),
      lastMs: 0,
      lastId: '',
      lastGreeting: -1,
      clicks: 0,
      isKnown: regular !== undefined,
    };
    const placements = account.campaigns[campaign]!.placements;
    let clickMs = timeMs;
    let click: Click;
    for (;;) {
      clickMs = Math.floor(clickMs);
      click = {
        id: random.text(ID_LETTERS, 14),
        timeMs: clickMs,
        visit,
        placement: placements[random.below(placements.length)]!,
        code: random.text(CODE_LETTERS, 8),
        greeting: random.below(regime.greetings),
      };
      visit.lastMs = clickMs;
      visit.lastId = click.id;
      visit.lastGreeting = click.greeting;
      visit.clicks += 1;
      if (clickMs < endMs) clicks.push(click);
      if (program !== 'no' || visit.clicks > 2 || random.next() >= regime.burst[visit.clicks - 1]!) break;
      clickMs += SECOND * Math.min(MAX_GAP_S, Math.max(1, drawDelay(random, regime.burstGap)));
    }
    visits.push(visit);
    if (program !== 'no') return;
    if (random.next() < writeRate(regime, account.campaigns[campaign]!, visit.device)) write(click, visit, home, regular);
    if (random.next() < regime.forward) handOn(click, home);
  };

  const write = (click: Click, visit: Visit, home: Home, regular: Regular | undefined): void => {
    const deletes = random.next() < loseRate(regime, visit.device, visit.network);
    const delay = byDevice(deletes ? (regime.loserDelay ?? regime.delay) : regime.delay, visit.device);
    const seconds = drawDelay(random, delay) + (deletes ? drawDelay(random, regime.editing) : 0);
    const timeMs = click.timeMs + seconds * SECOND;
    const isGarbled = !deletes && random.next() < regime.codeGarbled;
    const keptGreeting = random.next() < (deletes || isGarbled ? regime.greetingKeptByLosers : regime.greetingKept);
    const marks = drawMessage(random, regime, account, home, visit, keptGreeting ? click.greeting : -1);
    const contact = regular?.contact ?? random.text(ID_LETTERS, 16);
    const isLost = deletes || isGarbled;
    const code = isLost ? '' : random.next() < regime.codeDamaged ? damage(random, click.code) : click.code;
    // A known contact without a code only goes on with its lead.
    const role = regular !== undefined && isLost ? 'next' : 'first';
    addMessage({ ...marks, contact, role, code, click, isLost }, timeMs);
    if (regular === undefined) {
      addFollowUps(contact, home, visit, timeMs);
      if (!isLost && regime.returning > 0) regulars.push({ visitor: visit.visitor, contact, home, writtenMs: timeMs });
    }
  };

  /** Somebody near gets the text with its code and sends it. */
  const handOn = (click: Click, home: Home): void => {
    const marks = drawMessage(random, regime, account, home, undefined, random.next() < regime.greetingKept ? click.greeting : -1);
    const timeMs = click.timeMs + drawDelay(random, regime.forwardDelay) * SECOND;
    addMessage({ ...marks, contact: random.text(ID_LETTERS, 16), role: 'first', code: click.code, click, isLost: false }, timeMs);
  };

  const addOrganic = (timeMs: number): void => {
    const home = drawHome(random, account.organicCountries, account.regions);
    const greeting = random.next() < regime.organicGreeting ? random.below(regime.greetings) : -1;
    const marks = drawMessage(random, regime, account, home, undefined, greeting);
    const contact = random.text(ID_LETTERS, 16);
    addMessage({ ...marks, contact, role: 'first', code: '', click: undefined, isLost: false }, timeMs);
    addFollowUps(contact, home, undefined, timeMs);
  };

  forEachHourly(random, account.visits, START_MS, endMs, (timeMs) => {
    const isBot = random.next() < regime.botShare;
    addVisit(timeMs, random.index(volumes), isBot ? 'bot' : 'no', undefined);
  });
  for (const spell of account.floods) {
    const devices = Array.from({ length: FLOOD_DEVICES }, () => random.text(ID_LETTERS, 12));
    forEachInSpell(random, spell, endMs, (timeMs) => {
      addVisit(timeMs, spell.campaign, 'flood', random.next() < 0.5 ? devices[random.below(FLOOD_DEVICES)] : undefined);
    });
  }
  forEachHourly(random, account.organic, START_MS, endMs, addOrganic);
  for (const spell of account.newsletters) forEachInSpell(random, spell, endMs, addOrganic);

  clicks.sort((a, b) => a.timeMs - b.timeMs);
  visits.sort((a, b) => a.lastMs - b.lastMs);
  messages.sort((a, b) => a.receivedMs - b.receivedMs || a.second - b.second);
  return { account, clicks, visits, messages };
}

/** Organic messages per second at a time. */
export function organicRate(account: Account, timeMs: number): number {
  return account.organic[hourOf(timeMs)]! + spellRate(account.newsletters, timeMs);
}

/** Programs that flood, per visit of the account's usual ones on this campaign, at a time. */
export function floodRatio(account: Account, campaign: number, timeMs: number): number {
  if (account.floods.length === 0) return 0;
  return spellRate(account.floods, timeMs, campaign) / (account.visits[hourOf(timeMs)]! * account.campaigns[campaign]!.volume);
}

function hourOf(timeMs: number): number {
  return Math.floor(timeMs / 3_600_000) % 24;
}

/** A Poisson process whose rate is constant within each hour: without memory, so every hour may start afresh. */
function forEachHourly(random: Random, rates: readonly number[], fromMs: number, untilMs: number, visit: (timeMs: number) => void): void {
  for (let hourMs = fromMs; hourMs < untilMs; hourMs += 3_600_000) {
    const rate = rates[hourOf(hourMs)]! / SECOND;
    const end = Math.min(untilMs, hourMs + 3_600_000);
    for (let at = hourMs + random.exponential() / rate; at < end; at += random.exponential() / rate) visit(at);
  }
}

function forEachInSpell(random: Random, spell: Spell, endMs: number, visit: (timeMs: number) => void): void {
  const rate = spell.rate / SECOND;
  const end = Math.min(endMs, spell.untilMs);
  for (let at = spell.fromMs + random.exponential() / rate; at < end; at += random.exponential() / rate) visit(at);
}

/** People come back a day or more after they wrote. */
function pickRegular(random: Random, regulars: readonly Regular[], timeMs: number): Regular | undefined {
  if (regulars.length === 0) return undefined;
  const regular = regulars[random.below(regulars.length)]!;
  return regular.writtenMs < timeMs - DAY_S * SECOND ? regular : undefined;
}

/** One substitution, deletion, insertion or transposition. */
function damage(random: Random, code: string): string {
  const at = random.below(code.length - 1);
  const letter = CODE_LETTERS[random.below(CODE_LETTERS.length)]!;
  switch (random.below(4)) {
    case 0:
      return code.slice(0, at) + letter + code.slice(at + 1);
    case 1:
      return code.slice(0, at) + code.slice(at + 1);
    case 2:
      return code.slice(0, at) + letter + code.slice(at);
    default:
      return code.slice(0, at) + code[at + 1]! + code[at]! + code.slice(at + 2);
  }
}
