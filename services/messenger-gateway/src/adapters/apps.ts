/** Apps of a platform that serve many accounts through one callback: which proofs there are, and who owns an id that payloads name. Prepared once per revision. */
import type { Account } from '@messtrack/workspace/accounts/account-kinds.ts';
import type { Workspace } from '@messtrack/workspace/workspace.ts';
import type { Provider, ReceivedRequest } from './provider.ts';

export interface Owner {
  readonly workspace: Workspace;
  readonly account: Account;
  /** Accounts with the same key accept the same proofs. */
  readonly proofKey: string;
}

export interface Apps {
  readonly owners: ReadonlyMap<string, Owner>;
  /** One account for every proof there is. */
  readonly byProof: ReadonlyMap<string, Owner>;
}

/** A reload makes a new map of workspaces; what was prepared for the old one goes with it. */
const prepared = new WeakMap<ReadonlyMap<string, Workspace>, Map<string, Apps>>();

export function appsOf(workspaces: ReadonlyMap<string, Workspace>, provider: Provider): Apps {
  const known = prepared.get(workspaces) ?? new Map<string, Apps>();
  prepared.set(workspaces, known);
  const found = known.get(provider.name);
  if (found !== undefined) return found;
  const owners = new Map<string, Owner>();
  const byProof = new Map<string, Owner>();
  for (const workspace of workspaces.values()) {
    for (const account of workspace.accounts.values()) {
      const proofKey = account.provider === provider.name ? provider.proofKey?.(account) : undefined;
      if (proofKey === undefined || account.receiver === undefined) continue;
      const owner = { workspace, account, proofKey };
      // Numbers are unique over all workspaces: the registry refuses a file that names another's.
      owners.set(account.receiver, owner);
      if (!byProof.has(proofKey)) byProof.set(proofKey, owner);
    }
  }
  const apps = { owners, byProof };
  known.set(provider.name, apps);
  return apps;
}

/** Keys of the proofs that the request fits. Every proof is tried, so that the time does not tell whose it was. */
export function acceptingProofs({ byProof }: Apps, provider: Provider, request: ReceivedRequest): ReadonlySet<string> {
  return new Set([...byProof.values()].filter(({ account }) => provider.isAuthentic(account, request)).map(({ proofKey }) => proofKey));
}
