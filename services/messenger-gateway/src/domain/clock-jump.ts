/**
 * Times of the queue are times on the wall, for they are written down and read by other processes. A clock that is set makes every one of them wrong by as much, and a message
 * would wait for as long as the clock was set back. So what the queue holds is moved along with the clock.
 */
export interface ClockWatch {
  /** When it was last looked at: by the clock on the wall, and by one that nobody sets. Milliseconds. */
  wallMs: number;
  steadyMs: number;
}

/** Less is the clock being kept right, and costs a message no more than that. Milliseconds. */
export const JUMP_MS = 2_000;

/** How far the clock was set since it was last looked at: forward above zero, back below it; 0 when it was not. Milliseconds. */
export function jumpOf(watch: ClockWatch, wallMs: number, steadyMs: number): number {
  const byMs = wallMs - watch.wallMs - (steadyMs - watch.steadyMs);
  watch.wallMs = wallMs;
  watch.steadyMs = steadyMs;
  return Math.abs(byMs) < JUMP_MS ? 0 : byMs;
}
