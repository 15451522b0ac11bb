import type { Lead, Method, SourceShare } from '@messtrack/matcher/domain/lead.ts';
import { isSameAnswer } from '@messtrack/matcher/domain/replayed-correction.ts';
import { type Source, sourceKey } from '@messtrack/matcher/domain/source.ts';

/** Beside what stands: what the replay says. */
export interface Pair {
  readonly before: Lead | undefined;
  readonly after: Lead | undefined;
}

/** How far the answers of changed leads are apart. Probabilities 0 to 1. */
export interface Shift {
  /** Leads whose value changed. */
  readonly leads: number;
  /** Mean of the absolute changes of these leads. */
  readonly mean: number;
  readonly largest: number;
  /** Sum of the changes with their sign: what totals move by. */
  readonly sum: number;
}

export interface SourceTotals {
  /** Null: no tracked click. */
  readonly source: Pick<Source, 'utmSource' | 'utmMedium' | 'utmCampaign' | 'utmContent' | 'utmTerm' | 'adId' | 'placement'> | null;
  /** Expected leads: the sum of shares. */
  readonly before: number;
  readonly after: number;
  readonly change: number;
  /** Leads whose share of this source changed. */
  readonly leads: number;
}

export interface Differences {
  /** Leads on both sides. */
  readonly compared: number;
  /** The same bytes on both sides. */
  readonly identical: number;
  /** The same answer, found another way: evidence, revision, model version or place in the log differ. */
  readonly same_answer: number;
  readonly changed: number;
  /** Leads that stand and that the replay does not find, and the other way round. */
  readonly only_standing: number;
  readonly only_replayed: number;
  readonly changes: {
    readonly method: number;
    readonly resolved_to: number;
    readonly click: number;
    readonly source: number;
    /** That what the answer names is right. */
    readonly probability: Shift;
    /** That no tracked click led to the message. */
    readonly none: Shift;
  };
  readonly methods: readonly { readonly from: Method; readonly to: Method; readonly leads: number }[];
  readonly sources: readonly SourceTotals[];
}

export interface DifferenceTally {
  identical(lead: Lead): void;
  add(pair: Pair): 'same_answer' | 'changed' | 'only_standing' | 'only_replayed';
  result(): Differences;
}

export function createDifferenceTally(): DifferenceTally {
  let [identical, sameAnswer, changed, onlyStanding, onlyReplayed] = [0, 0, 0, 0, 0];
  const changes = { method: 0, resolved_to: 0, click: 0, source: 0 };
  const probability = createShift();
  const none = createShift();
  const methods = new Map<string, { readonly from: Method; readonly to: Method; leads: number }>();
  const sources = new Map<string, { readonly source: Source | undefined; before: number; after: number; leads: number }>();

  function totalsOf(key: string, source: Source | undefined) {
    const found = sources.get(key) ?? { source, before: 0, after: 0, leads: 0 };
    sources.set(key, found);
    return found;
  }

  function addShares(before: Lead | undefined, after: Lead | undefined): void {
    const moved = new Map<string, number>();
    const take = (shares: readonly SourceShare[], side: 'before' | 'after', sign: number): void => {
      for (const { source, share } of shares) {
        const key = source === undefined ? '' : sourceKey(source);
        totalsOf(key, source)[side] += share;
        moved.set(key, (moved.get(key) ?? 0) + sign * share);
      }
    };
    take(before?.sourceShares ?? [], 'before', -1);
    take(after?.sourceShares ?? [], 'after', 1);
    for (const [key, share] of moved) if (Math.abs(share) > STEP / 2) sources.get(key)!.leads += 1;
  }

  function addChange(before: Lead, after: Lead): void {
    if (before.method !== after.method) {
      changes.method += 1;
      const key = `${before.method} ${after.method}`;
      const known = methods.get(key);
      if (known === undefined) methods.set(key, { from: before.method, to: after.method, leads: 1 });
      else known.leads += 1;
    }
    if (before.resolvedTo !== after.resolvedTo) changes.resolved_to += 1;
    if (before.clickId !== after.clickId) changes.click += 1;
    if (keyOf(before.source) !== keyOf(after.source)) changes.source += 1;
    probability.add(after.probability - before.probability);
    none.add(after.pNone - before.pNone);
  }

  return {
    identical(lead) {
      identical += 1;
      addShares(lead, lead);
    },
    add({ before, after }) {
      addShares(before, after);
      if (before === undefined) {
        onlyReplayed += 1;
        return 'only_replayed';
      }
      if (after === undefined) {
        onlyStanding += 1;
        return 'only_standing';
      }
      if (isSameAnswer(before, after)) {
        sameAnswer += 1;
        return 'same_answer';
      }
      changed += 1;
      addChange(before, after);
      return 'changed';
    },
    result: () => ({
      compared: identical + sameAnswer + changed,
      identical,
      same_answer: sameAnswer,
      changed,
      only_standing: onlyStanding,
      only_replayed: onlyReplayed,
      changes: { ...changes, probability: probability.result(), none: none.result() },
      methods: [...methods.values()].sort((a, b) => b.leads - a.leads || compareText(a.from + a.to, b.from + b.to)),
      sources: [...sources]
        .map(([key, { source, before, after, leads }]) => ({ key, ...totals(source, before, after), leads }))
        .sort((a, b) => Math.abs(b.change) - Math.abs(a.change) || b.before - a.before || compareText(a.key, b.key))
        .map(({ key: _key, ...row }) => row),
    }),
  };
}

/** Probabilities are steps of 1e-4. */
const STEP = 0.0001;

function totals(source: Source | undefined, before: number, after: number) {
  const named =
    source === undefined
      ? null
      : {
          utmSource: source.utmSource,
          utmMedium: source.utmMedium,
          utmCampaign: source.utmCampaign,
          utmContent: source.utmContent,
          utmTerm: source.utmTerm,
          adId: source.adId,
          placement: source.placement,
        };
  return { source: named, before: inSteps(before), after: inSteps(after), change: inSteps(after - before) };
}

function createShift() {
  let [leads, sum, absolute, largest] = [0, 0, 0, 0];
  return {
    add(change: number) {
      if (Math.abs(change) < STEP / 2) return;
      leads += 1;
      sum += change;
      absolute += Math.abs(change);
      largest = Math.max(largest, Math.abs(change));
    },
    result: (): Shift => ({ leads, mean: inSteps(leads === 0 ? 0 : absolute / leads), largest: inSteps(largest), sum: inSteps(sum) }),
  };
}

/** Sums of steps are steps: what adding doubles leaves behind them is noise. */
function inSteps(value: number): number {
  const steps = Math.round(value / STEP);
  return steps === 0 ? 0 : steps / 10_000;
}

function keyOf(source: Source | undefined): string {
  return source === undefined ? '' : sourceKey(source);
}

/** By code units: a report reads the same on every machine. */
function compareText(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
