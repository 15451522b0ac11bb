import { emptyRecent, type Recent } from './burst.ts';
import { type ClickStore, emptyClicks } from './click-store.ts';
import { type ClockWatch, emptyClockWatch } from './clock-skew.ts';
import type { Concluded } from './concluded.ts';
import { type AccountModel, deriveAccount } from './model/account-model.ts';
import { type AccountStatistics, emptyAccountStatistics } from './model/account-statistics.ts';
import { letGoTables } from './model/kept-tables.ts';
import type { Stretch } from './model/mixing-share.ts';
import type { PlatformModel } from './model/platform-model.ts';
import type { PlatformStatistics } from './model/platform-statistics.ts';
import type { Question } from './open-question.ts';
import { emptySurges, type Surges } from './surge.ts';

/** What row 6 knows of one account; part of its state. */
export interface AccountMatching {
  readonly clicks: ClickStore;
  readonly surges: Surges;
  /** First messages without identifier of the last hours. */
  readonly recent: Recent;
  /** Open leads without identifier, and those of the hidden test set, by lead. */
  readonly questions: Map<string, Question>;
  /** What its messages say about their provider's clock. */
  readonly clock: ClockWatch;
  /** Greetings its clicks have shown: the highest number and one. */
  variants: number;
  /** Final answers without identifier, oldest first: what they teach is worked out anew under every model. */
  readonly concluded: Concluded[];
  /** The last messages held against decoys. */
  readonly stretch: Stretch;
  /** What the account has taught so far; of messages without identifier only those that left `concluded`. */
  readonly learned: AccountStatistics;
  /** The same as it stood when the model in use was made: kept, so that a state read from a snapshot makes the same model again. */
  basis: AccountStatistics;
  /** Made from `basis` and the platform's model when it is first asked for; no state. */
  model: AccountModel | undefined;
}

/** What row 6 knows of all accounts of a partition. */
export interface PlatformLearning {
  readonly statistics: PlatformStatistics;
}

export interface PlatformMatching extends PlatformLearning {
  /** The model version in force. */
  platform: PlatformModel;
}

/** Every account's basis until it has a model of its own: 4.7 KB that ten thousand quiet accounts need not have each. Never written to. */
const NOTHING_LEARNED = emptyAccountStatistics();

export function emptyMatching(): AccountMatching {
  return {
    clicks: emptyClicks(),
    surges: emptySurges(),
    recent: emptyRecent(),
    questions: new Map(),
    clock: emptyClockWatch(),
    variants: 0,
    concluded: [],
    stretch: { number: 0, held: 0, excess: 0 },
    learned: emptyAccountStatistics(),
    basis: NOTHING_LEARNED,
    model: undefined,
  };
}

/** The model last made, if need be anew from the same basis. */
export function currentModel(account: AccountMatching, { platform }: PlatformMatching): AccountModel {
  if (account.model !== undefined && account.model.platform !== platform) dropModel(account);
  account.model ??= deriveAccount(platform, account.basis);
  return account.model;
}

/** There is another basis, or another model of the platform. */
export function dropModel(account: AccountMatching): void {
  if (account.model !== undefined) letGoTables(account.model);
  account.model = undefined;
}
