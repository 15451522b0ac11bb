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

/** Up to this size every proof is tried: an event of an app that names no number of ours is a few hundred bytes. */
const SMALL_BYTES = 16_384;
/** Numbers in quotes that are looked up: a webhook of a thousand messages has eight thousand, its receiver among the first. */
const MAX_LOOKED_UP = 10_000;

/**
 * Keys of the proofs that the request fits. Those of the numbers that the body names come first, read off the bytes without believing them: with an app for
 * each of 2,000 clients, trying all on three megabytes that anybody may send is seconds of hashing. Among those tried none is left out once one fits, so that
 * the time does not tell whose it was.
 */
export function acceptingProofs(apps: Apps, provider: Provider, request: ReceivedRequest): ReadonlySet<string> {
  const fits = (owners: Iterable<Owner>) =>
    new Set([...owners].filter(({ account }) => provider.isAuthentic(account, request)).map(({ proofKey }) => proofKey));
  if (apps.byProof.size === 1) return fits(apps.byProof.values());
  const accepting = fits(namedProofs(apps, request.body).values());
  if (accepting.size > 0 || request.body.length > SMALL_BYTES) return accepting;
  return fits(apps.byProof.values());
}

/** One account for every proof of an account whose id stands in the bytes. */
function namedProofs({ owners }: Apps, body: Buffer): ReadonlyMap<string, Owner> {
  const named = new Map<string, Owner>();
  let lookedUp = 0;
  for (const [, id = ''] of body.toString('latin1').matchAll(/"(\d{5,25})"/g)) {
    const owner = owners.get(id);
    if (owner !== undefined) named.set(owner.proofKey, owner);
    lookedUp += 1;
    if (lookedUp === MAX_LOOKED_UP) break;
  }
  return named;
}
