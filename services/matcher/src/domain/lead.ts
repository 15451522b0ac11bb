import type { Carrier } from './carrier.ts';
import type { Channel } from './channel.ts';
import type { Source } from './source.ts';

export type LeadState = 'provisional' | 'final' | 'corrected';

export type Method =
  | 'hidden_id'
  | 'exact_id'
  | 'damaged_id'
  | 'dedicated_account'
  | 'returning_contact'
  | 'probabilistic'
  | 'unresolved'
  | 'none'
  | 'forward'
  | 'correction';

export type ResolvedTo = 'click' | 'placement' | 'campaign' | 'source' | 'none';

export interface Candidate {
  readonly clickId: string;
  readonly probability: number;
  readonly source: Source;
  readonly clickedAtMs: number;
}

export interface SourceShare {
  /** Undefined for "no tracked click". */
  readonly source: Source | undefined;
  readonly share: number;
}

export interface EvidenceTerm {
  readonly term: string;
  /** log2 of odds in steps of 0.01. */
  readonly winnerBits: number;
  readonly runnerUpBits: number;
  readonly words: string;
}

/** One row of the waterfall has fired: this is what it says. Probabilities of candidates, `pNone` and `pOther` sum to 1. */
export interface Answer {
  readonly method: Method;
  readonly resolvedTo: ResolvedTo;
  /** Empty unless `resolvedTo` is `click`. */
  readonly clickId: string;
  readonly clickedAtMs: number;
  readonly source: Source | undefined;
  /** That what `resolvedTo` names is right. */
  readonly probability: number;
  readonly pNone: number;
  readonly pOther: number;
  readonly candidates: readonly Candidate[];
  readonly sourceShares: readonly SourceShare[];
  readonly evidence: readonly EvidenceTerm[];
  readonly candidatesScanned: number;
  readonly carrier: Carrier;
}

/** What row 6 says of a final lead when its stretch of the log is folded again under a model. */
export interface ReplayedAnswer extends Omit<Answer, 'method' | 'carrier'> {
  readonly method: RowSixMethod;
  /** 0 for the priors alone. */
  readonly modelVersion: number;
}

/** A lead at one revision. Immutable: a revision is a new object. */
export interface Lead extends Answer {
  readonly leadId: string;
  readonly revision: number;
  readonly state: LeadState;
  readonly workspace: string;
  readonly account: string;
  readonly channel: Channel;
  /** Canonical contact key. */
  readonly contact: string;
  readonly platformUserId: string;
  readonly phone: string;
  readonly firstMessageId: string;
  readonly startedAtMs: number;
  readonly modelVersion: number;
  readonly decidedAtMs: number;
  readonly partition: number;
  readonly offset: number;
  readonly late: boolean;
  readonly workspaceRevision: string;
  /** The account had fewer than 100 identified leads and less than two days when this was decided: probabilities rest on priors. */
  readonly warming: boolean;
}

/** Probabilities are emitted in steps of 1e-4, so that a replay on another machine's libm prints the same digits. */
export function quantiseProbability(value: number): number {
  if (!(value > 0)) return 0;
  return value >= 1 ? 1 : Math.round(value * 10_000) / 10_000;
}

/** Evidence is emitted in steps of 0.01 bit. */
export function quantiseBits(value: number): number {
  const rounded = Math.round(value * 100) / 100;
  return rounded === 0 ? 0 : rounded;
}

export type RowSixMethod = 'probabilistic' | 'unresolved' | 'none';

/** Answers that the posterior alone has given, so that another posterior may replace them. */
export function isRowSix(method: Method): method is RowSixMethod {
  return method === 'probabilistic' || method === 'unresolved' || method === 'none';
}

/** Methods that name a click or a source for certain; a later row never replaces them. */
export function isCertain(method: Method): boolean {
  switch (method) {
    case 'hidden_id':
    case 'exact_id':
    case 'damaged_id':
    case 'forward':
    case 'correction':
      return true;
    case 'dedicated_account':
    case 'returning_contact':
    case 'probabilistic':
    case 'unresolved':
    case 'none':
      return false;
  }
}
