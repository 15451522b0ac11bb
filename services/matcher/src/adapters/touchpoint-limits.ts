/** What a touchpoint may hold, for both of its readers. */

/** Names become keys of the join store, which takes 512 bytes. */
export const MAX_NAME = 63;
export const MAX_CODE = 64;
export const MAX_ID = 256;
export const MAX_GOAL_NAME = 32;
/**
 * Partition time never goes back: one record from a clock that is far ahead would make every lead final and every code expire. The bus
 * stamps each record with its own clock, which bounds what we believe.
 */
export const MAX_AHEAD_MS = 86_400_000;

export function isBetween(text: string, max: number): boolean {
  return text.length > 0 && text.length <= max;
}

export function isTime(valueMs: number, latestMs: number): boolean {
  return valueMs >= 0 && valueMs <= latestMs;
}
