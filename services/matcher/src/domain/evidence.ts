import type { Recent } from './burst.ts';
import type { ClickStore } from './click-store.ts';
import type { Marks } from './marks.ts';
import type { AccountModel } from './model/account-model.ts';
import type { Surges } from './surge.ts';

/** What the posterior of an account is made from. */
export interface Evidence {
  readonly clicks: ClickStore;
  readonly surges: Surges;
  readonly recent: Recent;
  readonly model: AccountModel;
  /** Greetings the account's clicks have shown. */
  readonly variants: number;
  /** How long a click can explain a message. */
  readonly clickWindowMs: number;
}

/** A question: which click wrote this message, as far as is known at `knownAtMs`. */
export interface Asked {
  readonly leadId: string;
  readonly marks: Marks;
  readonly knownAtMs: number;
  /** What this very message takes of clicks already, to be left out of its own competition. */
  readonly own: ReadonlyMap<number, number>;
  /** A click that is to be seen as not taken: the truth of a test. */
  readonly asFree: number;
  /** Clicks that this message may not win: they stay below a half. */
  readonly isTaken?: ((click: number) => boolean) | undefined;
  /** True when the answer is to be learned from: then `byDelay` is worked out. */
  readonly isLast?: boolean;
  /** Clicks that have been taken since are as free as they were then: of a decoy, whose time lies further back than what became of its clicks. */
  readonly takenUntilMs?: number;
  /** The message came so late that clicks of its time have left the store for their age. */
  readonly isLate?: boolean;
}

/** What else bears on a question than what is known. */
export type Circumstances = Pick<Asked, 'isTaken' | 'isLast' | 'isLate'>;
