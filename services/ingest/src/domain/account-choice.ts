import type { PoolMember } from '@messtrack/workspace/workspace.ts';
import { wallClock } from './wall-clock.ts';

/**
 * The account of a pool that a click goes to: by weight among those that are open and well. Nobody open at night is no reason to lose the person, so
 * then those that are well take turns, and where none is, all of them: an account in trouble may still read its messages tomorrow.
 *
 * `draw` is uniform in [0, 1); the same draw over the same pool gives the same account.
 */
export function chooseAccount(pool: readonly PoolMember[], isWell: (account: string) => boolean, atMs: number, draw: number): string {
  const well = pool.filter((member) => !member.isPaused && isWell(member.account));
  const open = well.filter((member) => isOpen(member, atMs));
  const members = open.length > 0 ? open : well.length > 0 ? well : pool;
  const total = members.reduce((sum, { weight }) => sum + weight, 0);
  let left = draw * total;
  for (const member of members) {
    left -= member.weight;
    if (left < 0) return member.account;
  }
  // Sums of fractions may fall short of their total by rounding.
  return members.at(-1)!.account;
}

function isOpen({ hours }: PoolMember, atMs: number): boolean {
  if (hours === undefined) return true;
  const { day, minute } = wallClock(hours.timeZone, atMs);
  return hours.spans.some((span) => span.day === day && minute >= span.fromMinute && minute < span.toMinute);
}
