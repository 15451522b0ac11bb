/** Reads the judge's side of a history, and the leads of whoever is judged. */
import { createReadStream, existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

/** Who wrote one message, as somebody sees it. `candidates` by click; together with `none` and `other` they sum to about 1. */
export interface Belief {
  readonly none: number;
  readonly other: number;
  readonly candidates: ReadonlyMap<string, number>;
  /** Expected leads by campaign name. */
  readonly shares: ReadonlyMap<string, number>;
}

/** A message without identifier that starts a lead. */
export interface Case {
  readonly message: string;
  readonly account: string;
  readonly timeMs: number;
  /** The click that led to it, null when none did. */
  readonly click: string | null;
  readonly campaign: string | null;
  readonly oracle: Belief;
}

type Json = Readonly<Record<string, unknown>>;

export async function* readLines(file: string): AsyncGenerator<Json> {
  let number = 0;
  for await (const line of createInterface({ input: createReadStream(file), crlfDelay: Number.POSITIVE_INFINITY })) {
    number += 1;
    if (line === '') continue;
    const value: unknown = JSON.parse(line);
    if (typeof value !== 'object' || value === null) throw new SyntaxError(`${file}:${number} is no object`);
    yield value as Json;
  }
}

/** The cases of a folder in order of its oracle, without those before `sinceMs`. */
export async function readCases(folder: string, sinceMs: number): Promise<readonly Case[]> {
  const oracle = new Map<string, Belief>();
  for await (const line of readLines(join(folder, 'oracle.jsonl'))) oracle.set(String(line['message']), beliefOf(line));
  const truth = new Map<string, { readonly click: string | null; readonly campaign: string | null }>();
  for await (const { message, click, campaign } of readLines(join(folder, 'truth.jsonl'))) {
    if (oracle.has(String(message))) truth.set(String(message), { click: textOrNull(click), campaign: textOrNull(campaign) });
  }
  const cases: Case[] = [];
  for await (const { id, time, account } of readLines(join(folder, 'messages.jsonl'))) {
    const message = String(id);
    const belief = oracle.get(message);
    const timeMs = Date.parse(String(time));
    if (belief === undefined || timeMs < sinceMs) continue;
    const actual = truth.get(message);
    if (actual === undefined) throw new RangeError(`${folder}: message ${message} has an oracle's answer and no truth`);
    cases.push({ message, account: String(account), timeMs, ...actual, oracle: belief });
  }
  return cases;
}

export async function readBeliefs(file: string): Promise<ReadonlyMap<string, Belief>> {
  const beliefs = new Map<string, Belief>();
  for await (const line of readLines(file)) beliefs.set(String(line['message']), beliefOf(line));
  return beliefs;
}

/** The time from which a history is judged: the middle, by history.json or by its messages. */
export async function middleOf(folder: string): Promise<number> {
  const file = join(folder, 'history.json');
  if (existsSync(file)) {
    const history = JSON.parse(readFileSync(file, 'utf8')) as Json;
    return Date.parse(String(history['middle']));
  }
  let [first, last] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for await (const { time } of readLines(join(folder, 'messages.jsonl'))) {
    const timeMs = Date.parse(String(time));
    first = Math.min(first, timeMs);
    last = Math.max(last, timeMs);
  }
  return (first + last) / 2;
}

/** A deterministic answer may come without candidates: then its click is the only one. */
function beliefOf(line: Json): Belief {
  const candidates = new Map<string, number>();
  for (const { click, probability } of listOf(line['candidates'])) candidates.set(String(click), numberOf(probability));
  const click = textOrNull(line['click']);
  if (candidates.size === 0 && click !== null) candidates.set(click, line['resolved_to'] === 'click' ? numberOf(line['probability']) : 0);
  const shares = new Map<string, number>();
  for (const { campaign, share } of listOf(line['shares'])) {
    if (typeof campaign === 'string') shares.set(campaign, (shares.get(campaign) ?? 0) + numberOf(share));
  }
  return { none: numberOf(line['none']), other: numberOf(line['other']), candidates, shares };
}

function listOf(value: unknown): readonly Json[] {
  return Array.isArray(value) ? value.filter((entry): entry is Json => typeof entry === 'object' && entry !== null) : [];
}

function numberOf(value: unknown): number {
  return typeof value === 'number' && Number.isFinite(value) ? value : 0;
}

function textOrNull(value: unknown): string | null {
  return typeof value === 'string' ? value : null;
}
