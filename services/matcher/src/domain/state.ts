import { type AccountMatching, emptyMatching, type PlatformMatching } from './account-matching.ts';
import type { ClockSkew } from './clock-skew.ts';
import { DueQueue } from './due-queue.ts';
import { sumStatistics } from './matching.ts';
import { derivePlatform, type PlatformModel } from './model/platform-model.ts';
import { emptyPlatformStatistics, type PlatformStatistics } from './model/platform-statistics.ts';
import type { Trial } from './model-trial.ts';
import { OpenContacts, WARM_CONTACTS } from './open-contacts.ts';
import { OpenLeads, WARM_LEADS } from './open-leads.ts';
import type { Packing } from './packing.ts';
import type { PendingCodes } from './pending-codes.ts';
import { type AccountQuality, noAccountQuality } from './quality-sums.ts';
import { DEFAULT_SETTINGS, type Settings } from './settings.ts';
import { WarmRing } from './warm-ring.ts';

/**
 * The state of one partition: a fold over its log and nothing else. It is changed in place, because copying thousands of clicks per
 * record would cost more than the decision; only fold.ts and the files it calls change it.
 */
export interface PartitionState extends PlatformMatching {
  readonly partition: number;
  /** Partition time: the newest receipt or tick folded so far. Milliseconds since the Unix epoch, UTC. */
  clockMs: number;
  /** Numbers leads in the order of their start; breaks ties of the due queue. */
  nextSequence: number;
  /** By "{workspace}/{account}", in the order of first appearance in the log. */
  readonly accounts: Map<string, AccountState>;
  /** The same by workspace and then by account: a record looks up its account three times, and a joined key is hashed anew each time. */
  readonly byName: Map<string, Map<string, AccountState>>;
  /** When open leads become final. */
  readonly due: DueQueue<AccountState>;
  /** What the accounts of the partition have taught; a trainer makes the next model of it. */
  readonly statistics: PlatformStatistics;
  /** The model in force. */
  platform: PlatformModel;
  /** The newest messages of the hidden test set, oldest first. */
  readonly trials: Trial[];
  readonly packing: Packing;
  readonly warmContacts: WarmRing;
  readonly warmLeads: WarmRing;
}

export interface AccountState {
  readonly workspace: string;
  readonly account: string;
  settings: Settings;
  readonly matching: AccountMatching;
  readonly quality: AccountQuality;
  readonly pending: PendingCodes;
  /** Contacts with an open lead. */
  readonly contacts: OpenContacts;
  /** Leads that are not final yet. */
  readonly open: OpenLeads;
  /** Names of placements seen on clicks: they tell a placement from any other name of an invite link. */
  readonly placements: Set<string>;
}

/** A workspace has tens of placements; what a flood of made-up ones adds beyond this is not remembered. */
const MAX_PLACEMENTS = 1_000;

export function emptyState(partition: number, packing: Packing): PartitionState {
  return {
    partition,
    clockMs: 0,
    nextSequence: 0,
    accounts: new Map(),
    byName: new Map(),
    due: new DueQueue(),
    statistics: emptyPlatformStatistics(),
    platform: nothingLearned(),
    trials: [],
    packing,
    warmContacts: new WarmRing(WARM_CONTACTS),
    warmLeads: new WarmRing(WARM_LEADS),
  };
}

let priors: PlatformModel | undefined;

/** The priors alone. Immutable, and the same for every partition: it takes longer to derive than a small snapshot to read. */
function nothingLearned(): PlatformModel {
  priors ??= derivePlatform(emptyPlatformStatistics(), 0);
  return priors;
}

export function findAccount(state: PartitionState, workspace: string, account: string): AccountState | undefined {
  return state.byName.get(workspace)?.get(account);
}

export function addAccount(state: PartitionState, added: AccountState): void {
  const { workspace, account } = added;
  state.accounts.set(`${workspace}/${account}`, added);
  const ofWorkspace = state.byName.get(workspace) ?? new Map<string, AccountState>();
  state.byName.set(workspace, ofWorkspace.set(account, added));
}

export function accountOf(state: PartitionState, workspace: string, account: string): AccountState {
  let found = findAccount(state, workspace, account);
  if (found === undefined) {
    found = {
      workspace,
      account,
      settings: DEFAULT_SETTINGS,
      matching: emptyMatching(),
      quality: noAccountQuality(),
      pending: new Map(),
      contacts: new OpenContacts(state.packing, state.warmContacts),
      open: new OpenLeads(state.packing, state.warmLeads),
      placements: new Set(),
    };
    addAccount(state, found);
  }
  return found;
}

export function rememberPlacement(account: AccountState, placement: string): void {
  if (placement !== '' && account.placements.size < MAX_PLACEMENTS) account.placements.add(placement);
}

/** What the partition has taught until now: what a trainer makes a model of. */
export function partitionStatistics(state: PartitionState): PlatformStatistics {
  return sumStatistics(state, matchings(state));
}

export function* matchings({ accounts }: PartitionState): IterableIterator<AccountMatching> {
  for (const { matching } of accounts.values()) yield matching;
}

/** Providers' clocks that are off as far as the partition knows. */
export function skewsOf(state: PartitionState): readonly ClockSkew[] {
  return [...state.accounts.values()].flatMap(({ workspace, account, matching }) => {
    const { offsetMs } = matching.clock;
    return offsetMs === 0 ? [] : [{ workspace, account, atMs: state.clockMs, offsetMs }];
  });
}
