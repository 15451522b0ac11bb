import type { Placement, Workspace } from '@messtrack/workspace/workspace.ts';
import { clip } from './text.ts';

type Account = NonNullable<ReturnType<Workspace['accounts']['get']>>;

/** A request that is answered with an error, on purpose. */
export interface Refusal {
  readonly kind: 'refused';
  readonly status: 403 | 404 | 422 | 429 | 502 | 503;
  readonly error:
    | 'unknown_workspace'
    | 'unknown_placement'
    | 'unknown_account'
    | 'unknown_link'
    | 'no_widget'
    | 'origin_not_allowed'
    | SendbackRefusal;
  readonly message: string;
  /** Where the person can go instead; absent when nowhere. */
  readonly link?: string | undefined;
  /** Seconds after which the same request may be answered otherwise. */
  readonly retryAfterSeconds?: number | undefined;
}

/** Why nobody was written to. */
export type SendbackRefusal =
  | 'no_sendback'
  | 'cannot_write_first'
  | 'recipient_unknown'
  | 'not_opted_in'
  | 'too_many_messages'
  | 'sending_not_available'
  | 'try_again';

export interface Found {
  readonly kind: 'ok';
  readonly workspace: Workspace;
  readonly account: Account;
  readonly placement: Placement;
}

export function findWorkspace(
  workspaces: ReadonlyMap<string, Workspace>,
  name: string,
): { readonly kind: 'ok'; readonly workspace: Workspace } | Refusal {
  const workspace = workspaces.get(name);
  return workspace === undefined
    ? { kind: 'refused', status: 404, error: 'unknown_workspace', message: `there is no workspace "${clip(name, 63)}"` }
    : { kind: 'ok', workspace };
}

export function findPlacement(workspaces: ReadonlyMap<string, Workspace>, workspaceName: string, placementName: string): Found | Refusal {
  const found = findWorkspace(workspaces, workspaceName);
  if (found.kind !== 'ok') return found;
  const { workspace } = found;
  const placement = workspace.placements.get(placementName);
  const account = placement === undefined ? undefined : workspace.accounts.get(placement.account);
  if (placement === undefined || account === undefined) {
    return {
      kind: 'refused',
      status: 404,
      error: 'unknown_placement',
      message: `the workspace "${workspace.name}" has no placement "${clip(placementName, 63)}"`,
    };
  }
  if (placement.invite !== undefined) {
    return {
      kind: 'refused',
      status: 404,
      error: 'unknown_placement',
      message: `the placement "${placement.name}" is an invite link: people join through the address that Telegram gives it, there is no link of ours`,
    };
  }
  return { kind: 'ok', workspace, account, placement };
}

/** The placement as it leads to one account of its pool. */
export function memberOf(found: Found, accountName: string): Found | Refusal {
  const isMember = found.placement.pool.some((member) => member.account === accountName);
  const account = isMember ? found.workspace.accounts.get(accountName) : undefined;
  if (account !== undefined) return { ...found, account };
  return {
    kind: 'refused',
    status: 404,
    error: 'unknown_account',
    message: `the placement "${found.placement.name}" leads to no account "${clip(accountName, 63)}"`,
  };
}

type ShortNames = ReadonlyMap<string, { readonly workspace: string; readonly placement: string }>;

/** A reload makes a new map of workspaces; the names of the old one go with it. */
const shortNames = new WeakMap<ReadonlyMap<string, Workspace>, ShortNames>();

/** Short names are read off walls and heard on the radio, so capitals do not matter. */
export function findVanity(workspaces: ReadonlyMap<string, Workspace>, shortName: string): Found | Refusal {
  let names = shortNames.get(workspaces);
  if (names === undefined) {
    names = new Map(
      [...workspaces.values()].flatMap((workspace) =>
        [...workspace.placements.values()].flatMap(({ name: placement, vanity }) =>
          vanity.map((name) => [name, { workspace: workspace.name, placement }] as const),
        ),
      ),
    );
    shortNames.set(workspaces, names);
  }
  const entry = names.get(shortName.toLowerCase());
  if (entry !== undefined) return findPlacement(workspaces, entry.workspace, entry.placement);
  return { kind: 'refused', status: 404, error: 'unknown_link', message: `there is no short link "${clip(shortName, 63)}"` };
}

/**
 * Pages of other sites may not register clicks in somebody's name. Requests without Origin come from servers, which could write any
 * origin they like: they pass.
 */
export function refuseOrigin(allowed: readonly string[], origin: string | undefined): Refusal | undefined {
  if (origin === undefined || allowed.includes(origin)) return undefined;
  return {
    kind: 'refused',
    status: 403,
    error: 'origin_not_allowed',
    message: 'the origin of this page is not listed in the origins of the placement',
  };
}

const origins = new WeakMap<ReadonlyMap<string, Workspace>, ReadonlySet<string>>();

/** Whether any placement takes pages of this origin. Asked before each beacon, and an agency has tens of thousands of placements. */
export function isListedAnywhere(workspaces: ReadonlyMap<string, Workspace>, origin: string): boolean {
  let listed = origins.get(workspaces);
  if (listed === undefined) {
    listed = new Set(
      [...workspaces.values()].flatMap(({ placements }) => [...placements.values()].flatMap((placement) => placement.origins)),
    );
    origins.set(workspaces, listed);
  }
  return listed.has(origin);
}
