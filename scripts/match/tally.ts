import type { Lead, LeadState, Method, ResolvedTo } from '@messtrack/matcher/domain/lead.ts';
import { campaignShares, namedCampaign } from './campaigns.ts';
import { type ExpectedCount, ExpectedSum } from './expected-count.ts';
import { type Confidence, confidenceOf } from './lead-line.ts';
import { KindSums, type KindTally } from './source-kinds.ts';

/** Probabilities are counted by tenths. */
const STEPS = 10;

export interface CampaignTally extends ExpectedCount {
  /** Null: no tracked click. */
  readonly campaign: string | null;
  /** Leads whose answer names this campaign, by whatever method; for null, leads of method `none`. */
  readonly named: number;
  /** Of these, named by an identifier, a dedicated account or the contact's earlier lead. */
  readonly certain: number;
}

/** Leads of method `probabilistic` whose probability is in a range. */
export interface SurenessTally {
  readonly from: number;
  readonly to: number;
  readonly count: number;
  /** Σ of their probabilities: how many of them should be right. */
  readonly expected_right: number;
}

export interface LeadTally {
  readonly leads: number;
  readonly accounts: number;
  /** Times of the first and the last message that started a lead, ISO 8601; null without leads. */
  readonly period: { readonly from: string; readonly to: string } | null;
  readonly late: number;
  readonly methods: Readonly<Partial<Record<Method, number>>>;
  readonly states: Readonly<Partial<Record<LeadState, number>>>;
  readonly resolved_to: Readonly<Partial<Record<ResolvedTo, number>>>;
  readonly confidence: Readonly<Partial<Record<Confidence, number>>>;
  readonly expected: { readonly from_clicks: ExpectedCount; readonly none: ExpectedCount };
  /** By expected leads, the most first. */
  readonly campaigns: readonly CampaignTally[];
  /** By expected leads, the most first; empty when no click said its kind. */
  readonly source_kinds: readonly KindTally[];
  readonly sureness: readonly SurenessTally[];
}

export interface Tallying {
  add(lead: Lead): void;
  result(): LeadTally;
}

/** Adds up leads one by one; memory grows with the number of campaigns and with nothing else. */
export function createTally(): Tallying {
  const methods = new Map<Method, number>();
  const confidence = new Map<Confidence, number>();
  const states = new Map<LeadState, number>();
  const resolvedTo = new Map<ResolvedTo, number>();
  const campaigns = new Map<string | null, { readonly sum: ExpectedSum; named: number; certain: number }>();
  const steps = Array.from({ length: STEPS }, () => ({ count: 0, sum: 0 }));
  const kinds = new KindSums();
  const fromClicks = new ExpectedSum();
  const fromNone = new ExpectedSum();
  const accounts = new Set<string>();
  let firstMs = Number.POSITIVE_INFINITY;
  let lastMs = Number.NEGATIVE_INFINITY;
  let leads = 0;
  let late = 0;

  function campaign(name: string | null) {
    const known = campaigns.get(name);
    if (known !== undefined) return known;
    const made = { sum: new ExpectedSum(), named: 0, certain: 0 };
    campaigns.set(name, made);
    return made;
  }

  return {
    add(lead) {
      leads += 1;
      if (lead.late) late += 1;
      accounts.add(lead.account);
      firstMs = Math.min(firstMs, lead.startedAtMs);
      lastMs = Math.max(lastMs, lead.startedAtMs);
      increment(methods, lead.method);
      increment(confidence, confidenceOf(lead));
      increment(states, lead.state);
      increment(resolvedTo, lead.resolvedTo);
      kinds.add(lead.sourceShares);
      let none = 0;
      const shares = campaignShares(lead.sourceShares);
      for (const { campaign: name, share } of shares) {
        campaign(name).sum.add(share);
        if (name === null) none = share;
      }
      fromClicks.add(1 - none);
      fromNone.add(none);
      const name = namedCampaign(lead, shares);
      if (name !== undefined) {
        const tally = campaign(name);
        tally.named += 1;
        if (lead.method !== 'probabilistic' && lead.method !== 'none') tally.certain += 1;
      }
      if (lead.method === 'probabilistic') {
        const step = steps[Math.min(STEPS - 1, Math.floor(lead.probability * STEPS))]!;
        step.count += 1;
        step.sum += lead.probability;
      }
    },
    result: () => ({
      leads,
      accounts: accounts.size,
      period: leads === 0 ? null : { from: new Date(firstMs).toISOString(), to: new Date(lastMs).toISOString() },
      late,
      methods: counts(methods),
      states: counts(states),
      resolved_to: counts(resolvedTo),
      confidence: counts(confidence),
      expected: { from_clicks: fromClicks.result(), none: fromNone.result() },
      campaigns: [...campaigns]
        .map(([name, { sum, named, certain }]) => ({ campaign: name, ...sum.result(leads), named, certain }))
        .sort((a, b) => b.expected - a.expected || compareNames(a.campaign ?? '', b.campaign ?? '')),
      source_kinds: kinds.result(),
      sureness: steps.map(({ count, sum }, index) => ({
        from: index / STEPS,
        to: (index + 1) / STEPS,
        count,
        expected_right: Math.round(sum * 100) / 100,
      })),
    }),
  };
}

function increment<K>(map: Map<K, number>, key: K): void {
  map.set(key, (map.get(key) ?? 0) + 1);
}

/** The most frequent first; by name where they are equal, so that a file reads the same on every run. */
function counts<K extends string>(map: ReadonlyMap<K, number>): Readonly<Partial<Record<K, number>>> {
  const entries = [...map].sort(([a, x], [b, y]) => y - x || compareNames(a, b));
  return Object.fromEntries(entries) as Partial<Record<K, number>>;
}

function compareNames(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
