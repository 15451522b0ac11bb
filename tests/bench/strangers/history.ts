/** A history in the files of `npm run match`, and its messages with truth and the oracle's beliefs. */
import { closeSync, openSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import type { Belief, Case } from '../quality/files.ts';
import { DAY_MS, DEVICES, START_MS } from './account.ts';
import type { Cell } from './cells.ts';
import { answersOf } from './oracle.ts';
import { drawTraffic, type Message, type Traffic, type Visit } from './traffic.ts';
import { SCORES } from './writing.ts';

export interface History {
  readonly clicks: number;
  readonly messages: number;
  readonly judgedFromMs: number;
  readonly cases: readonly Case[];
}

/** Writes clicks.jsonl and messages.jsonl. */
export function writeHistory(folder: string, cell: Cell, seed: number): History {
  const traffic = drawTraffic(cell, seed);
  const clicks = traffic.visits
    .flatMap((visit) => visit.clicks.map((click) => ({ visit, click })))
    .sort((a, b) => a.click.atMs - b.click.atMs);
  const messages = [...traffic.messages].sort((a, b) => a.receivedMs - b.receivedMs);
  writeLines(join(folder, 'clicks.jsonl'), clicks, ({ visit, click }) => clickLine(traffic, visit, click));
  writeLines(join(folder, 'messages.jsonl'), messages, (message) => messageLine(traffic, message));
  const judgedFromMs = START_MS + cell.judgedFrom * cell.days * DAY_MS;
  const cases = answersOf(traffic)
    .filter(({ message }) => message.second * 1_000 >= judgedFromMs)
    .map(({ message, none, other, candidates, shares }): Case => {
      const oracle: Belief = {
        none,
        other,
        candidates: new Map(candidates.map(({ visit, probability }) => [lastOf(visit), probability])),
        shares,
      };
      return {
        message: message.id,
        account: traffic.accounts[message.account]!.name,
        timeMs: message.second * 1_000,
        click: message.visit === undefined ? null : lastOf(message.visit),
        campaign: message.visit?.campaign.name ?? null,
        oracle,
      };
    });
  return { clicks: clicks.length, messages: messages.length, judgedFromMs, cases };
}

function lastOf(visit: Visit): string {
  return visit.clicks.at(-1)!.id;
}

function clickLine({ cell, accounts }: Traffic, visit: Visit, click: Visit['clicks'][number]): object {
  const { marks, campaign } = visit;
  const shows = (field: Cell['without'][number]): boolean => !cell.without.includes(field);
  return {
    id: click.id,
    time: new Date(click.atMs).toISOString(),
    account: accounts[visit.account]!.name,
    visitor: visit.visitor,
    placement: campaign.placement,
    campaign: campaign.name,
    ...(click.code === '' ? {} : { code: click.code }),
    ...(shows('greeting') ? { greeting: visit.greeting } : {}),
    ...(shows('place') ? { place: { country: marks.country, region: marks.region } } : {}),
    ...(shows('network') ? { network: marks.network } : {}),
    ...(shows('device') ? { device: DEVICES[visit.device] } : {}),
    ...(shows('languages') ? { languages: visit.isBilingual && marks.language !== 'en' ? [marks.language, 'en'] : [marks.language] } : {}),
    ...(shows('bot_score') ? { bot_score: SCORES[visit.score] } : {}),
  };
}

function messageLine({ cell, accounts }: Traffic, message: Message): object {
  const { marks } = message;
  const shows = (field: Cell['without'][number]): boolean => !cell.without.includes(field);
  const place = shows('phone region') ? { country: marks.country, region: marks.region } : { country: marks.country };
  return {
    id: message.id,
    time: new Date(message.second * 1_000).toISOString(),
    received: new Date(message.receivedMs).toISOString(),
    account: accounts[message.account]!.name,
    contact: message.contact,
    ...(shows('phone') ? { place } : {}),
    ...(shows('language') ? { language: marks.language } : {}),
    ...(shows('greeting') ? { greeting: message.greeting < 0 ? null : message.greeting } : {}),
    ...(message.code === '' ? {} : { code: message.code }),
    ...(cell.hints ? { device: marks.hint } : {}),
  };
}

function writeLines<T>(file: string, entries: readonly T[], line: (entry: T) => object): void {
  const handle = openSync(file, 'w');
  for (let at = 0; at < entries.length; at += 4_096) {
    writeSync(
      handle,
      entries
        .slice(at, at + 4_096)
        .map((entry) => `${JSON.stringify(line(entry))}\n`)
        .join(''),
    );
  }
  closeSync(handle);
}
