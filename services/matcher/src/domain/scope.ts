import type { BatchMemory } from './batch-memory.ts';
import type { ClockSkew } from './clock-skew.ts';
import type { Entry, EntryWrite } from './entries.ts';
import type { DetectedGoal } from './goal.ts';
import type { Lead } from './lead.ts';
import type { PlatformModel } from './model/platform-model.ts';
import type { Trial } from './model-trial.ts';
import type { QualityReport } from './quality-report.ts';
import { noQuality, type QualitySums } from './quality-sums.ts';
import type { AccountState, PartitionState } from './state.ts';

/** What the fold is given from outside. */
export interface FoldTools {
  /** Hash of workspace, account, contact and first message; a function of its arguments (adapters/lead-id.ts: a hash is no business of the domain). */
  readonly leadId: (workspace: string, account: string, contact: string, firstMessageId: string) => string;
  /** The platform's model of a version; undefined when nobody has it any more. */
  readonly model: (version: number) => PlatformModel | undefined;
}

/** What folding a record leaves to be written. */
export interface Effects {
  readonly leads: Lead[];
  readonly writes: EntryWrite[];
  /** Final answers without identifier, and answers of the hidden test set: what the model's quality is measured by. */
  readonly answered: AnsweredQuestion[];
  readonly tested: TestedQuestion[];
  /** Clocks of providers that were found to be off, by another amount than before, or right again. */
  readonly skews: ClockSkew[];
  /** How well the model does: per account and day when an hour has passed, and what all accounts have counted. */
  readonly quality: QualityReport[];
  readonly counted: QualitySums;
  /** What platforms detected in conversations, joined to the lead. */
  readonly goals: DetectedGoal[];
}

export function noEffects(): Effects {
  return { leads: [], writes: [], answered: [], tested: [], skews: [], quality: [], counted: noQuality(), goals: [] };
}

export interface AnsweredQuestion {
  readonly workspace: string;
  readonly account: string;
  readonly atMs: number;
  readonly pNone: number;
  /** Of the likeliest click. */
  readonly pClick: number;
  /** Of the likeliest decoy, for one message in so many (decoy.ts); undefined for the others. */
  readonly pDecoy: number | undefined;
}

export interface TestedQuestion {
  readonly workspace: string;
  readonly account: string;
  readonly atMs: number;
  /** What the click that the message did come from was given. */
  readonly pTruth: number;
  readonly pTop: number;
  readonly isTopRight: boolean;
  readonly pNone: number;
  /** For comparing models on it. */
  readonly trial?: Trial | undefined;
}

/** One record being folded. */
export interface Scope {
  readonly state: PartitionState;
  readonly account: AccountState;
  readonly memory: BatchMemory;
  readonly tools: FoldTools;
  readonly effects: Effects;
  readonly offset: number;
}

export function write(scope: Scope, key: string, entry: Entry, expiresAtMs: number): void {
  const made: EntryWrite = { key, entry, offset: scope.offset, expiresAtMs };
  scope.memory.wrote(made);
  scope.effects.writes.push(made);
}

/** The account's watch has changed its mind about the provider's clock. */
export function tellSkew({ account, state, effects }: Scope): void {
  const { workspace, account: name, matching } = account;
  effects.skews.push({ workspace, account: name, atMs: state.clockMs, offsetMs: matching.clock.offsetMs });
}
