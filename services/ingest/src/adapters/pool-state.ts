import type { PoolMember, Workspace } from '@messtrack/workspace/workspace.ts';
import { openMinutes } from '../domain/open-minutes.ts';
import type { AccountHealth } from '../ports.ts';

/** A member of a pool as it is now. */
export interface MemberState {
  readonly account: string;
  /** 0: reported unwell or paused, while another is not. */
  readonly weight: number;
  /** As `openMinutes` writes them; undefined: always. */
  readonly open: readonly number[] | undefined;
}

/**
 * What pages must know of a pool to choose as the redirect does (domain/account-choice.ts). Whoever is out stays among them without a share: a link of the site
 * to that account is still the placement's, and leads to another.
 */
export function memberStates(pool: readonly PoolMember[], isWell: (account: string) => boolean, atMs: number): readonly MemberState[] {
  const isIn = pool.map(({ account, isPaused }) => !isPaused && isWell(account));
  const areAllOut = !isIn.includes(true);
  return pool.map(({ account, weight, hours }, index) => {
    if (areAllOut) return { account, weight, open: undefined };
    if (isIn[index] !== true) return { account, weight: 0, open: [] };
    return { account, weight, open: hours && openMinutes(hours, atMs) };
  });
}

/** Tells one state of all pools of the workspace's sites from another; empty where there is none. */
export function poolsOf(
  workspace: Workspace,
  health: Pick<AccountHealth, 'isWell'>,
  atMs: number,
): ReadonlyMap<string, readonly MemberState[]> {
  return new Map(
    [...workspace.placements.values()]
      .filter(({ kind, pool }) => kind === 'site' && pool.length > 1)
      .map(({ name, pool }) => [name, memberStates(pool, (account) => health.isWell(workspace.name, account), atMs)]),
  );
}
