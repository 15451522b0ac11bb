import { leadIdOf } from '@messtrack/matcher/adapters/lead-id.ts';
import { packing } from '@messtrack/matcher/adapters/packing.ts';
import type { ClockSkew } from '@messtrack/matcher/domain/clock-skew.ts';
import { fold } from '@messtrack/matcher/domain/fold.ts';
import type { Lead } from '@messtrack/matcher/domain/lead.ts';
import { FINAL_AFTER_MS } from '@messtrack/matcher/domain/lead-book.ts';
import { isFitDue, fit as makeModel } from '@messtrack/matcher/domain/model/fit.ts';
import type { PlatformModel } from '@messtrack/matcher/domain/model/platform-model.ts';
import type { QualitySums } from '@messtrack/matcher/domain/quality-sums.ts';
import { noEffects, type TestedQuestion } from '@messtrack/matcher/domain/scope.ts';
import { emptyState, partitionStatistics } from '@messtrack/matcher/domain/state.ts';
import { decisionTimeMs, type Touchpoint } from '@messtrack/matcher/domain/touchpoint.ts';
import type { JoinMemory } from './join-memory.ts';
import { createLateAnswers } from './late-answers.ts';

const HOUR_MS = 3_600_000;
/** Full hours after which no lead is open, unless a messenger's clock runs ahead. */
const HOURS_UNTIL_FINAL = 2;

/** Where the next touchpoint stands in the log. */
export interface Position {
  readonly offset: number;
  /** When it was received: never before what stands in front of it, whatever its line says. */
  readonly observedAtMs: number;
}

export interface HistoryFold {
  /** Lets time pass until something arrives, and says where it stands. */
  arrive(atMs: number): Position;
  /** Folds what was made for the position that `arrive` gave last. */
  feed(touchpoint: Touchpoint): void;
  /** Lets time pass until every lead is final. */
  finish(): void;
  /** The model in force. */
  model(): PlatformModel;
  /** What the fold has counted of its own answers so far. */
  counted(): Readonly<QualitySums>;
  /** Clocks of messengers that were found to be off, or right again, in the order of the log. */
  skews(): readonly ClockSkew[];
}

export interface FoldListener {
  /** Every revision of every lead. */
  readonly revised: (lead: Lead) => void;
  /** An identified message was asked about as if it had no identifier. */
  readonly tested: (answer: TestedQuestion) => void;
  /** An hour of the log has passed. */
  readonly hour: (clockMs: number) => void;
}

/**
 * Folds a history as the live path folds a partition: the same operator, one log, time by the log only. A tick stands at every hour, as the
 * owner of a quiet partition would append it, and after it the next model: the trainer sits here instead of at the end of a topic.
 */
export function createHistoryFold(memory: JoinMemory, listener: FoldListener): HistoryFold {
  const state = emptyState(0, packing);
  const effects = noEffects();
  const late = createLateAnswers(memory);
  let trained = state.platform;
  // The fold asks for a version once, when it comes into force; older ones are never asked for again.
  const tools = { leadId: leadIdOf, model: (version: number) => (version === trained.version ? trained : undefined) };
  let offset = 0;
  let hour = 0;
  let latestMs = 0;

  /** Returns the lead that the touchpoint started. */
  function foldOne(touchpoint: Touchpoint): Lead | undefined {
    fold(state, touchpoint, memory, tools, effects);
    offset += 1;
    let started: Lead | undefined;
    for (const lead of effects.leads) {
      listener.revised(lead);
      if (lead.revision === 1) started = lead;
    }
    for (const answer of effects.tested) listener.tested(answer);
    effects.leads.length = 0;
    effects.writes.length = 0;
    effects.answered.length = 0;
    effects.quality.length = 0;
    effects.tested.length = 0;
    return started;
  }

  function tick(atMs: number): void {
    foldOne({ kind: 'tick', offset, workspace: '', account: '', eventTimeMs: atMs, observedAtMs: atMs, atMs });
  }

  function train(): void {
    const atMs = state.clockMs;
    if (!isFitDue(state.statistics, trained, atMs)) return;
    trained = makeModel([partitionStatistics(state)], state.platform);
    const modelVersion = trained.version;
    foldOne({ kind: 'model', offset, workspace: '', account: '', eventTimeMs: atMs, observedAtMs: atMs, modelVersion });
  }

  /** What came too late for the clicks that the fold still had. */
  function answerLate(): void {
    for (const correction of late.settle(state)) {
      foldOne({ ...correction, offset, eventTimeMs: state.clockMs, observedAtMs: state.clockMs });
    }
  }

  return {
    arrive(atMs) {
      const observedAtMs = Math.max(atMs, state.clockMs);
      const ofHour = Math.floor(observedAtMs / HOUR_MS);
      if (ofHour > hour) {
        if (hour > 0) {
          // What is due in a quiet time is decided when it is due, and not by what is known months later.
          const quietUntil = Math.min(ofHour, hour + HOURS_UNTIL_FINAL + 1);
          for (let quiet = hour + 1; quiet < quietUntil; quiet += 1) tick(quiet * HOUR_MS);
          tick(ofHour * HOUR_MS);
          train();
          answerLate();
          // Before entries go: what is given out is read from them.
          listener.hour(state.clockMs);
          memory.expire(state.clockMs);
        }
        hour = ofHour;
      }
      return { offset, observedAtMs };
    },
    feed(touchpoint) {
      latestMs = Math.max(latestMs, decisionTimeMs(touchpoint));
      const started = foldOne(touchpoint);
      if (touchpoint.kind === 'click' || touchpoint.kind === 'message') late.passed(touchpoint, started);
    },
    finish() {
      answerLate();
      // A messenger's clock may run ahead of ours: its leads are due later than an hour after the last arrival.
      if (offset > 0) tick(Math.max(state.clockMs, latestMs) + FINAL_AFTER_MS);
    },
    model: () => state.platform,
    counted: () => effects.counted,
    skews: () => effects.skews,
  };
}
