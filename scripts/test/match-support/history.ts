import type { Lead } from '@messtrack/matcher/domain/lead.ts';
import type { TestedQuestion } from '@messtrack/matcher/domain/scope.ts';
import type { Workspace } from '@messtrack/workspace/workspace.ts';
import type { Addresses } from '../../match/addresses.ts';
import type { BadLine } from '../../match/history.ts';
import { leadLine } from '../../match/lead-line.ts';
import { type MatchCounts, matchHistory } from '../../match/match-history.ts';

export type Fields = Readonly<Record<string, unknown>>;

/** 2 March 2026, 10:00 UTC. */
export const T0 = Date.UTC(2026, 2, 2, 10);
export const SECOND = 1_000;
export const MINUTE = 60_000;
export const HOUR = 3_600_000;
export const DAY = 86_400_000;

export function at(afterMs: number): string {
  return new Date(T0 + afterMs).toISOString();
}

export function click(id: string, afterMs: number, fields: Fields = {}): Fields {
  return {
    id,
    time: at(afterMs),
    account: 'wa',
    visitor: `v-${id}`,
    placement: 'button',
    campaign: 'spring',
    place: { country: 'DE', region: 'BE' },
    network: 'fixed',
    device: 'ios',
    languages: ['de-DE', 'en'],
    bot_score: 0.02,
    ...fields,
  };
}

export function message(id: string, afterMs: number, fields: Fields = {}): Fields {
  return { id, time: at(afterMs), account: 'wa', contact: `contact-${id}`, place: { country: 'DE' }, language: 'de', ...fields };
}

export interface Matched extends MatchCounts {
  /** As they stand in the output. */
  readonly lines: MatchCounts['lines'];
  readonly leads: readonly ReturnType<typeof leadLine>[];
  readonly raw: readonly Lead[];
  readonly bad: readonly BadLine[];
  readonly tested: readonly TestedQuestion[];
}

export interface MatchOptions {
  readonly workspace?: Workspace;
  readonly trainUntilMs?: number;
  readonly addresses?: Addresses;
  /** How the bytes of both files are cut. */
  readonly chunkBytes?: number;
}

/** No table: whoever needs one gives it. */
const NO_ADDRESSES: Addresses = {
  place: () => {
    throw new Error('no address should be looked up');
  },
  network: () => {
    throw new Error('no address should be looked up');
  },
};

/** A line that is a text stands in the file as it is. */
export async function match(
  clicks: readonly (Fields | string)[],
  messages: readonly (Fields | string)[],
  { workspace, trainUntilMs, addresses = NO_ADDRESSES, chunkBytes = 65_536 }: MatchOptions = {},
): Promise<Matched> {
  const raw: Lead[] = [];
  const leads: ReturnType<typeof leadLine>[] = [];
  const bad: BadLine[] = [];
  const tested: TestedQuestion[] = [];
  const counts = await matchHistory(
    {
      clicks: { name: 'clicks.jsonl', chunks: chunks(clicks, chunkBytes) },
      messages: { name: 'messages.jsonl', chunks: chunks(messages, chunkBytes) },
      workspace,
      trainUntilMs,
      addresses,
    },
    {
      lead: (lead) => {
        raw.push(lead);
        leads.push(leadLine(lead));
      },
      bad: (line) => bad.push(line),
      tested: (answer) => tested.push(answer),
    },
  );
  return { ...counts, leads, raw, bad, tested };
}

export function textOf(lines: readonly (Fields | string)[]): string {
  return lines.map((line) => `${typeof line === 'string' ? line : JSON.stringify(line)}\n`).join('');
}

function* chunks(lines: readonly (Fields | string)[], chunkBytes: number): Generator<Uint8Array, void, undefined> {
  const bytes = new TextEncoder().encode(textOf(lines));
  for (let at = 0; at < bytes.length; at += chunkBytes) yield bytes.subarray(at, at + chunkBytes);
}
