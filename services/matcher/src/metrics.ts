import { Counter, Gauge, Histogram, type Registry } from 'prom-client';
import type { ClockSkew } from './domain/clock-skew.ts';
import type { FoldOutcome } from './domain/fold.ts';
import type { Lead } from './domain/lead.ts';
import type { Touchpoint } from './domain/touchpoint.ts';
import { createModelMetrics, type ModelMetrics } from './model-metrics.ts';

/** Sizes of one partition's state. */
export interface PartitionSizes {
  readonly partition: number;
  readonly openLeads: number;
  readonly windowClicks: number;
  readonly pendingCodes: number;
  readonly clockMs: number;
}

/** How many records of a batch had which outcome. */
export type FoldTally = Map<Touchpoint['kind'], Map<FoldOutcome, number>>;

export function count<A, B>(counts: Map<A, Map<B, number>>, first: A, second: B): void {
  let row = counts.get(first);
  if (row === undefined) {
    row = new Map();
    counts.set(first, row);
  }
  row.set(second, (row.get(second) ?? 0) + 1);
}

export interface MatcherMetrics extends Omit<ModelMetrics, 'forget'> {
  /** Counted per batch: a labelled counter costs as much as folding a click. */
  folded(tally: FoldTally): void;
  leads(leads: readonly Lead[]): void;
  deadLetter(reason: string): void;
  /** Seconds from the batch's arrival to its output being ready to commit, by step. */
  step(step: 'decode' | 'prefetch' | 'fold' | 'store', seconds: number): void;
  /** Seconds from the batch's arrival until its transaction was durable. */
  transaction(seconds: number): void;
  straggler(): void;
  snapshot(partition: number, bytes: number): void;
  restored(seconds: number): void;
  tick(): void;
  sizes(sizes: PartitionSizes): void;
  /** Clocks of providers that a partition has found to be off, by another amount than before, or right again. */
  clockSkews(partition: number, skews: readonly ClockSkew[]): void;
  /** The partition moved or the service stops. */
  forget(partition: number): void;
  asked(surface: 'http' | 'grpc', answer: string): void;
  /** A goal was reported. */
  goal(outcome: string): void;
  waiters(count: number): void;
}

export function createMatcherMetrics(registry: Registry, now: () => number): MatcherMetrics {
  const registers = [registry];
  const touchpoints = new Counter({
    name: 'messtrack_matcher_touchpoints_total',
    help: 'Touchpoints folded, by kind (click, message, contact_change, correction, tick, epoch) and what became of them.',
    labelNames: ['kind', 'outcome'],
    registers,
  });
  const leads = new Counter({
    name: 'messtrack_matcher_leads_total',
    help: 'Revisions of leads written, by method and state (provisional, final, corrected).',
    labelNames: ['method', 'state'],
    registers,
  });
  const deadLetters = new Counter({
    name: 'messtrack_matcher_dead_letters_total',
    help: 'Records of touchpoints.v1 that could not be read and went to touchpoints.v1.dlq, by closed reason code.',
    labelNames: ['reason'],
    registers,
  });
  const steps = new Histogram({
    name: 'messtrack_matcher_step_seconds',
    help: 'Time of each step of a batch: decode, prefetch (join store), fold, store (join store). Seconds.',
    labelNames: ['step'],
    buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5, 30],
    registers,
  });
  const transactions = new Histogram({
    name: 'messtrack_matcher_transaction_seconds',
    help: 'Time from the arrival of a batch until its leads and offset were durable in one transaction. Seconds.',
    buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 30],
    registers,
  });
  const stragglers = new Counter({
    name: 'messtrack_matcher_store_stragglers_total',
    help: 'Records whose entries of the join store showed only while their batch was being folded: one more round trip each.',
    registers,
  });
  const snapshotBytes = new Gauge({
    name: 'messtrack_matcher_snapshot_bytes',
    help: 'Size of the last state snapshot of a partition. Bytes.',
    labelNames: ['partition'],
    registers,
  });
  const restores = new Histogram({
    name: 'messtrack_matcher_restore_seconds',
    help: 'Time to read the snapshot of a partition when it was assigned. Seconds.',
    buckets: [0.01, 0.05, 0.1, 0.5, 1, 5, 30, 120],
    registers,
  });
  const ticks = new Counter({
    name: 'messtrack_matcher_ticks_total',
    help: 'Ticks written because something was due on a quiet partition.',
    registers,
  });
  const asked = new Counter({
    name: 'messtrack_matcher_queries_total',
    help: 'Questions answered by surface (http, grpc) and answer (found, not_found, bad_request, unauthorized, busy).',
    labelNames: ['surface', 'answer'],
    registers,
  });
  const goals = new Counter({
    name: 'messtrack_matcher_goals_total',
    help: 'Goals that CRMs, shops and bots reported, by outcome (accepted, invalid_body, not_json, media_type, too_large, unauthorized, unknown_lead, unavailable, internal).',
    labelNames: ['outcome'],
    registers,
  });
  const waiters = new Gauge({
    name: 'messtrack_matcher_waiters',
    help: 'Callers waiting for a lead of a contact now.',
    registers,
  });
  const sizes = new Map<number, PartitionSizes>();
  perPartition('messtrack_matcher_open_leads', 'Leads that are not final yet, per partition.', (size) => size.openLeads);
  perPartition('messtrack_matcher_window_clicks', 'Clicks held as candidates, per partition.', (size) => size.windowClicks);
  perPartition('messtrack_matcher_pending_codes', 'Codes seen in messages before their click, per partition.', (size) => size.pendingCodes);
  perPartition(
    'messtrack_matcher_clock_lag_seconds',
    'Wall time minus partition time: how far behind the fold is, or how long the partition has been quiet. Seconds.',
    (size) => Math.max(0, now() - size.clockMs) / 1_000,
  );

  const skews = new Map<number, Map<string, ClockSkew>>();
  new Gauge({
    name: 'messtrack_matcher_provider_clock_skew_seconds',
    help: 'How far the clock of an account’s provider is ahead (positive) or behind; only accounts whose clock is off. Their messages are matched by corrected times. Seconds.',
    labelNames: ['workspace', 'account'],
    registers,
    collect() {
      this.reset();
      for (const accounts of skews.values()) {
        for (const { workspace, account, offsetMs } of accounts.values()) this.set({ workspace, account }, offsetMs / 1_000);
      }
    },
  });

  function perPartition(name: string, help: string, value: (size: PartitionSizes) => number): void {
    new Gauge({
      name,
      help,
      labelNames: ['partition'],
      registers,
      collect() {
        this.reset();
        for (const size of sizes.values()) this.set({ partition: size.partition }, value(size));
      },
    });
  }

  const model = createModelMetrics(registry);

  return {
    ...model,
    folded: (tally) => {
      for (const [kind, outcomes] of tally) for (const [outcome, count] of outcomes) touchpoints.inc({ kind, outcome }, count);
    },
    leads: (all) => {
      const counts = new Map<Lead['state'], Map<Lead['method'], number>>();
      for (const { state, method } of all) count(counts, state, method);
      for (const [state, methods] of counts) for (const [method, number] of methods) leads.inc({ method, state }, number);
    },
    deadLetter: (reason) => deadLetters.inc({ reason }),
    step: (step, seconds) => steps.observe({ step }, seconds),
    transaction: (seconds) => transactions.observe(seconds),
    straggler: () => stragglers.inc(),
    snapshot: (partition, bytes) => snapshotBytes.set({ partition }, bytes),
    restored: (seconds) => restores.observe(seconds),
    tick: () => ticks.inc(),
    sizes: (size) => sizes.set(size.partition, size),
    clockSkews: (partition, all) => {
      if (all.length === 0) return;
      const known = skews.get(partition) ?? new Map<string, ClockSkew>();
      skews.set(partition, known);
      for (const skew of all) {
        const key = `${skew.workspace}/${skew.account}`;
        if (skew.offsetMs === 0) known.delete(key);
        else known.set(key, skew);
      }
    },
    forget: (partition) => {
      skews.delete(partition);
      sizes.delete(partition);
      snapshotBytes.remove({ partition });
      model.forget(partition);
    },
    asked: (surface, answer) => asked.inc({ surface, answer }),
    goal: (outcome) => goals.inc({ outcome }),
    waiters: (count) => waiters.set(count),
  };
}
