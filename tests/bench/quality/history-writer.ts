/** The four files of a history: what `npm run match` reads (matching.md §6), and what only the judge may see. */
import { closeSync, mkdirSync, openSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { lawsOf } from './account.ts';
import { type Answer, answersOf } from './oracle.ts';
import { type RegimeName, regimeOf } from './regimes.ts';
import { type Click, drawTraffic, type Message, START_MS } from './traffic.ts';
import { COUNTRIES, DEVICES, LANGUAGE_TAGS, LANGUAGES, NETWORKS } from './world.ts';

/** What a history was made of; history.json beside the four files. */
export interface History {
  readonly regime: RegimeName;
  readonly seed: number;
  readonly accounts: number;
  readonly days: number;
  readonly clicks: number;
  readonly messages: number;
  /** Messages without identifier that start a lead: what is judged. */
  readonly open: number;
  /** ISO 8601; messages from here on are judged. */
  readonly middle: string;
}

export interface HistoryOrder {
  readonly regime: RegimeName;
  readonly seed: number;
  readonly accounts?: number;
  readonly days?: number;
}

export function writeHistory(folder: string, { regime: name, seed, ...size }: HistoryOrder): History {
  const regime = regimeOf(name, size);
  mkdirSync(folder, { recursive: true });
  const clicks: Line[] = [];
  const messages: Line[] = [];
  const truth: string[] = [];
  const oracle: string[] = [];
  const laws = lawsOf(regime);
  for (let at = 0; at < regime.accounts; at += 1) {
    const traffic = drawTraffic(regime, seed, at);
    const { account } = traffic;
    const campaigns = account.campaigns.map(({ name: campaign, source }) => ({ campaign, source: { utm_source: source } }));
    for (const click of traffic.clicks)
      clicks.push({ atMs: click.timeMs, text: clickLine(account.name, campaigns[click.visit.campaign]!, click) });
    for (const message of traffic.messages) {
      messages.push({ atMs: message.receivedMs, text: messageLine(account.name, message) });
      if (message.role === 'next') continue;
      const { id, click, isLost } = message;
      const campaign = click === undefined ? null : campaigns[click.visit.campaign]!.campaign;
      truth.push(JSON.stringify({ message: id, click: click?.id ?? null, campaign, lost: isLost }));
    }
    for (const answer of answersOf(regime, traffic, laws)) {
      oracle.push(
        answerLine(
          answer,
          account.campaigns.map((campaign) => campaign.name),
        ),
      );
    }
  }
  const byArrival = (a: Line, b: Line): number => a.atMs - b.atMs;
  writeLines(join(folder, 'clicks.jsonl'), clicks.sort(byArrival), (line) => line.text);
  writeLines(join(folder, 'messages.jsonl'), messages.sort(byArrival), (line) => line.text);
  writeLines(join(folder, 'truth.jsonl'), truth, (line) => line);
  writeLines(join(folder, 'oracle.jsonl'), oracle, (line) => line);
  const history: History = {
    regime: name,
    seed,
    accounts: regime.accounts,
    days: regime.days,
    clicks: clicks.length,
    messages: messages.length,
    open: oracle.length,
    middle: new Date(START_MS + (regime.days * 86_400_000) / 2).toISOString(),
  };
  writeFileSync(join(folder, 'history.json'), `${JSON.stringify(history, null, 2)}\n`);
  return history;
}

interface Line {
  readonly atMs: number;
  readonly text: string;
}

function place(country: number, region: number): { readonly country: string; readonly region?: string } {
  const { code, regions } = COUNTRIES[country]!;
  return region < 0 ? { country: code } : { country: code, region: regions[region]!.name };
}

function clickLine(account: string, campaign: object, { id, timeMs, visit, placement, code, greeting }: Click): string {
  const { country, region, network, device, language, second, score } = visit;
  return JSON.stringify({
    id,
    time: new Date(timeMs).toISOString(),
    account,
    visitor: visit.visitor,
    placement,
    code,
    greeting,
    ...campaign,
    place: place(country, region),
    network: NETWORKS[network],
    device: DEVICES[device],
    languages: second < 0 ? [LANGUAGE_TAGS[language]] : [LANGUAGE_TAGS[language], LANGUAGE_TAGS[second]],
    bot_score: score / 100,
  });
}

function messageLine(account: string, message: Message): string {
  const { id, second, receivedMs, isLate, contact, country, region, language, greeting, code, device } = message;
  return JSON.stringify({
    id,
    time: new Date(second * 1000).toISOString(),
    ...(isLate ? { received: new Date(receivedMs).toISOString() } : {}),
    account,
    contact,
    ...(country < 0 ? {} : { place: place(country, region) }),
    ...(language < 0 ? {} : { language: LANGUAGES[language] }),
    greeting: greeting < 0 ? null : greeting,
    ...(code === '' ? {} : { code }),
    ...(device < 0 ? {} : { device: DEVICES[device] }),
  });
}

function answerLine({ message, none, other, candidates, shares }: Answer, campaigns: readonly string[]): string {
  const round = (probability: number): number => Number(probability.toPrecision(6));
  return JSON.stringify({
    message: message.id,
    none: round(none),
    other: round(other),
    candidates: candidates.map(({ visit, probability }) => ({ click: visit.lastId, probability: round(probability) })),
    shares: [{ campaign: null, share: round(none) }, ...campaigns.map((campaign, at) => ({ campaign, share: round(shares[at]!) }))],
  });
}

/** In pieces: a history of half a million lines is longer than the longest string. */
function writeLines<T>(file: string, lines: readonly T[], textOf: (line: T) => string): void {
  const handle = openSync(file, 'w');
  try {
    for (let at = 0; at < lines.length; at += 5000) {
      writeSync(
        handle,
        lines
          .slice(at, at + 5000)
          .map((line) => `${textOf(line)}\n`)
          .join(''),
      );
    }
  } finally {
    closeSync(handle);
  }
}
