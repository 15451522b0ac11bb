import { join } from 'node:path';
import { type Belief, readLines } from '../files.ts';

/** What everybody does first: the newest click of the account that no code has claimed yet, or nobody's. Sure of itself either way. */
export interface LastClickRule {
  readonly withinMs: number;
  /** Only clicks from the country that the number shows, where it shows one. */
  readonly isSameCountry: boolean;
}

interface SeenClick {
  readonly id: string;
  readonly timeMs: number;
  readonly country: string;
  readonly campaign: string;
  readonly code: string;
}

const NOBODY: Belief = { none: 1, other: 0, candidates: new Map(), shares: new Map() };

export async function lastClickBeliefs(folder: string, rule: LastClickRule): Promise<ReadonlyMap<string, Belief>> {
  const clicks = new Map<string, SeenClick[]>();
  const codes = new Set<string>();
  for await (const { id, time, account, place, campaign, code } of readLines(join(folder, 'clicks.jsonl'))) {
    const click = {
      id: String(id),
      timeMs: Date.parse(String(time)),
      country: countryOf(place),
      campaign: String(campaign),
      code: String(code ?? ''),
    };
    const before = clicks.get(String(account));
    if (before === undefined) clicks.set(String(account), [click]);
    else before.push(click);
    if (click.code !== '') codes.add(`${account} ${click.code}`);
  }
  const beliefs = new Map<string, Belief>();
  const taken = new Set<string>();
  // Messages come in order of arrival: a code is known from then on.
  for await (const { id, time, account, place, code } of readLines(join(folder, 'messages.jsonl'))) {
    const key = `${account} ${code}`;
    if (typeof code === 'string' && codes.has(key)) {
      taken.add(key);
      continue;
    }
    const timeMs = Date.parse(String(time));
    const country = countryOf(place);
    const mine = clicks.get(String(account)) ?? [];
    let belief = NOBODY;
    // A messenger cuts its time down to the second.
    for (let at = firstAfter(mine, timeMs + 999) - 1; at >= 0; at -= 1) {
      const click = mine[at]!;
      if (click.timeMs < timeMs - rule.withinMs) break;
      if (taken.has(`${account} ${click.code}`) || (rule.isSameCountry && country !== '' && click.country !== country)) continue;
      belief = { none: 0, other: 0, candidates: new Map([[click.id, 1]]), shares: new Map([[click.campaign, 1]]) };
      break;
    }
    beliefs.set(String(id), belief);
  }
  return beliefs;
}

function countryOf(place: unknown): string {
  return typeof place === 'object' && place !== null && 'country' in place ? String(place.country) : '';
}

function firstAfter(clicks: readonly SeenClick[], timeMs: number): number {
  let [low, high] = [0, clicks.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (clicks[middle]!.timeMs <= timeMs) low = middle + 1;
    else high = middle;
  }
  return low;
}
