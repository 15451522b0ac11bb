/** What happens at the accounts of one history, with the truth. A pure function of cell and seed. */
import { createRandom, type Random } from '../quality/random.ts';
import { type Account, type Campaign, DAY_MS, DEVICES, drawAccount, HOUR_MS, nobodyRate, START_MS, visitRate } from './account.ts';
import type { Cell } from './cells.ts';
import { eveningLaw } from './delay-law.ts';
import { type ClickMarks, drawClickMarks, drawMessageMarks, type MessageMarks } from './marks.ts';
import {
  AGES,
  GREETING_KEPT,
  GREETING_KEPT_BY_FRIEND,
  GREETING_KEPT_CODELESS,
  GREETING_KEPT_WITH_CODE,
  GREETING_OF_NOBODY,
  type Laws,
  lawsOf,
  loseRate,
  PEOPLE_SCORES,
  PROGRAM_SCORES,
  writeRate,
} from './writing.ts';

export interface Visit {
  /** Position of its account. */
  readonly account: number;
  readonly campaign: Campaign;
  readonly visitor: string;
  readonly clicks: readonly { readonly id: string; readonly atMs: number; readonly code: string }[];
  /** Of its last click. */
  readonly atMs: number;
  readonly device: number;
  readonly marks: ClickMarks;
  /** Whether the browser names a second language. */
  readonly isBilingual: boolean;
  readonly score: number;
  readonly greeting: number;
  /** When the same visitor is back: known then to be one who has not written. */
  nextMs: number;
}

export interface Message {
  readonly id: string;
  readonly account: number;
  readonly contact: string;
  /** Whole seconds, as messengers tell it. */
  readonly second: number;
  readonly receivedMs: number;
  readonly marks: MessageMarks;
  /** −1: other words. */
  readonly greeting: number;
  readonly code: string;
  /** The visit to this account that led to it. */
  readonly visit: Visit | undefined;
  /** Starts a lead: nobody of this contact has written before. */
  readonly isFirst: boolean;
}

export interface Traffic {
  readonly cell: Cell;
  readonly laws: Laws;
  readonly accounts: readonly Account[];
  /** Both in order of time. */
  readonly visits: readonly Visit[];
  readonly messages: readonly Message[];
}

interface Person {
  readonly contact: string;
  readonly state: number;
  readonly age: number;
  readonly sinceMs: number;
}

export function endMs({ days }: Cell): number {
  return START_MS + days * DAY_MS;
}

export function drawTraffic(cell: Cell, seed: number): Traffic {
  const accounts = Array.from({ length: cell.accounts }, (_, number) => drawAccount(cell, seed, number));
  const laws = lawsOf(cell);
  const drawn = accounts.map((_, at) => drawOne({ cell, laws, accounts, at, random: createRandom(seed, 7_002, at) }));
  const messages = drawn.flatMap((each) => each.messages).filter(({ second }) => second * 1_000 < endMs(cell));
  return {
    cell,
    laws,
    accounts,
    visits: drawn.flatMap(({ visits }) => visits).sort((a, b) => a.atMs - b.atMs),
    messages: messages.sort((a, b) => a.second - b.second || (a.id < b.id ? -1 : 1)),
  };
}

interface Scene {
  readonly cell: Cell;
  readonly laws: Laws;
  readonly accounts: readonly Account[];
  readonly at: number;
  readonly random: Random;
}

function drawOne(scene: Scene): { readonly visits: readonly Visit[]; readonly messages: readonly Message[] } {
  const { cell, accounts, at, random } = scene;
  const account = accounts[at]!;
  const beginnings: { readonly atMs: number; readonly campaign: Campaign }[] = [];
  for (const campaign of account.campaigns) {
    for (let hourMs = START_MS; hourMs < endMs(cell); hourMs += HOUR_MS) {
      const rate = visitRate(account, campaign, hourMs);
      for (let part = random.exponential(); part < rate; part += random.exponential()) {
        beginnings.push({ atMs: Math.floor(hourMs + (part / rate) * HOUR_MS), campaign });
      }
    }
  }
  beginnings.sort((a, b) => a.atMs - b.atMs);
  const story: Story = { ...scene, account, visits: [], messages: [], known: [], count: 0 };
  for (const { atMs, campaign } of beginnings) visit(story, atMs, campaign);
  for (const source of account.nobody) {
    const write = (atMs: number): void => {
      const device = random.index(source.devices);
      const greeting = random.next() < GREETING_OF_NOBODY ? random.below(cell.greetings) : -1;
      const person = { state: random.index(source.states), age: 0, contact: nameOf(story, 'p'), sinceMs: atMs };
      say(story, { account: at, person, device, atMs, greeting, code: '', from: undefined, isFirst: true });
    };
    for (let hourMs = START_MS; hourMs < endMs(cell); hourMs += HOUR_MS) {
      const rate = nobodyRate(account, { ...source, waves: [] }, hourMs) * 3_600;
      for (let part = random.exponential(); part < rate; part += random.exponential()) write(hourMs + (part / rate) * HOUR_MS);
    }
    for (const { atMs, size, fadesMs } of source.waves) {
      for (let part = random.exponential(); part < size; part += random.exponential()) write(atMs + random.exponential() * fadesMs);
    }
  }
  return story;
}

interface Story extends Scene {
  readonly account: Account;
  readonly visits: Visit[];
  readonly messages: Message[];
  readonly known: Person[];
  count: number;
}

function nameOf(story: Story, kind: string): string {
  story.count += 1;
  return `${kind}${story.at}-${story.count}`;
}

function visit(
  story: Story,
  beginsMs: number,
  campaign: Campaign,
  again?: { readonly visitor: string; readonly person: Person; readonly device: number },
): Visit | undefined {
  const { cell, account, random, at } = story;
  const clicks = [{ atMs: beginsMs }];
  while (clicks.length < 6 && random.next() < cell.repeats)
    clicks.push({ atMs: clicks.at(-1)!.atMs + 3_000 + Math.floor(80_000 * random.next()) });
  const atMs = clicks.at(-1)!.atMs;
  if (atMs >= endMs(cell)) return undefined;
  const known = again === undefined && random.next() < cell.returning ? someone(story, beginsMs) : undefined;
  const person = again?.person ??
    known ?? {
      contact: nameOf(story, 'p'),
      state: random.index(campaign.states),
      age: random.next() < campaign.old ? 1 : 0,
      sinceMs: Number.POSITIVE_INFINITY,
    };
  const device = again?.device ?? random.index(campaign.devices);
  const state = account.states[person.state]!;
  const isProgram = again === undefined && random.next() < cell.bots;
  const made: Visit = {
    account: at,
    campaign,
    visitor: again?.visitor ?? nameOf(story, 'v'),
    clicks: clicks.map((click) => ({
      ...click,
      id: nameOf(story, 'c'),
      code: account.hasCodes ? random.text('23456789ABCDEFGHJKMNPQRSTVWXYZ', 7) : '',
    })),
    atMs,
    device,
    marks: drawClickMarks(cell, account, random, state, DEVICES[device]!),
    isBilingual: campaign.kind !== 'in-app' && random.next() < 0.4,
    score: random.index(isProgram ? PROGRAM_SCORES : PEOPLE_SCORES),
    greeting: random.below(cell.greetings),
    nextMs: Number.POSITIVE_INFINITY,
  };
  story.visits.push(made);
  if (!isProgram && random.next() < writeRate(campaign, device)) {
    writeAfter(story, made, person, known !== undefined);
  } else if (!isProgram && known === undefined && random.next() < cell.revisits) {
    const next = visit(story, atMs + Math.floor((6 + 42 * random.next()) * HOUR_MS), campaign, { visitor: made.visitor, person, device });
    if (next !== undefined) made.nextMs = next.clicks[0]!.atMs;
  }
  return made;
}

function someone({ known, random }: Story, atMs: number): Person | undefined {
  for (let round = 0; known.length > 0 && round < 8; round += 1) {
    const person = known[random.below(known.length)]!;
    if (person.sinceMs < atMs - HOUR_MS) return person;
  }
  return undefined;
}

function writeAfter(story: Story, from: Visit, person: Person, hasWritten: boolean): void {
  const { cell, laws, account, random, at } = story;
  const { age, state } = person;
  const { device, campaign, atMs } = from;
  const loses = random.next() < loseRate(cell, account, campaign, { age, device, place: account.states[state]!.place, atMs });
  const law = loses && account.hasCodes ? laws.loser : laws.keeper;
  const waits = random.next() < cell.evening ? eveningLaw(atMs, account.zoneMs) : law[AGES[age]!]![device === 2 ? 1 : 0]!;
  const writtenMs = atMs + waits.draw(random) * 1_000;
  const keeps = random.next() < (loses ? (account.hasCodes ? GREETING_KEPT[age]! : GREETING_KEPT_CODELESS) : GREETING_KEPT_WITH_CODE);
  const greeting = keeps ? from.greeting : -1;
  const strays = loses && account.hasCodes && story.accounts.length > 1 && random.next() < cell.elsewhere;
  const to = strays ? (at + 1 + random.below(story.accounts.length - 1)) % story.accounts.length : at;
  const writer = { ...person, sinceMs: writtenMs };
  const code = loses ? '' : from.clicks.at(-1)!.code;
  say(story, {
    account: to,
    person: writer,
    device,
    atMs: writtenMs,
    greeting,
    code,
    from: strays ? undefined : from,
    isFirst: strays || !hasWritten,
  });
  if (strays) return;
  if (!hasWritten) story.known.push(writer);
  if (!loses && random.next() < cell.forwards) {
    const friendMs = writtenMs + laws.friend.draw(random) * 1_000;
    const friend = { contact: nameOf(story, 'p'), state, age, sinceMs: friendMs };
    const isBare = random.next() < 0.5;
    const words = random.next() < GREETING_KEPT_BY_FRIEND ? from.greeting : -1;
    say(story, { account: at, person: friend, device, atMs: friendMs, greeting: words, code: isBare ? '' : code, from, isFirst: true });
  }
}

function say(
  story: Story,
  said: {
    readonly account: number;
    readonly person: Person;
    readonly device: number;
    readonly atMs: number;
    readonly greeting: number;
    readonly code: string;
    readonly from: Visit | undefined;
    readonly isFirst: boolean;
  },
): void {
  const { cell, random, messages } = story;
  const { account, person, device, greeting, code, from, isFirst } = said;
  const state = story.account.states[person.state]!;
  const marks = drawMessageMarks(cell, random, state, DEVICES[device]!);
  const write = (atMs: number, isOpening: boolean): void => {
    const second = Math.floor(atMs / 1_000);
    const lateMs = random.next() < cell.late ? LATE_MS * random.exponential() : 0;
    const receivedMs = second * 1_000 + 1_000 + Math.floor(1_500 * random.next() + lateMs);
    const words = isOpening ? { greeting, code } : { greeting: -1, code: '' };
    messages.push({
      id: nameOf(story, 'm'),
      account,
      contact: person.contact,
      second,
      receivedMs,
      marks,
      ...words,
      visit: from,
      isFirst: isOpening && isFirst,
    });
  };
  write(said.atMs, true);
  // The conversation goes on, which says nothing new; a late webhook of the first message must not make the second one first.
  if (cell.late === 0 && random.next() < 0.25) write(said.atMs + (20 + 3_000 * random.next()) * 1_000, false);
}

export const LATE_MS = 3 * HOUR_MS;
