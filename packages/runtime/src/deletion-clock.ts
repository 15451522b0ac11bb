export interface DeletionClockOptions {
  /** Milliseconds since the Unix epoch. */
  readonly wall?: () => number;
  /** Milliseconds that pass, whatever is done to the clock on the wall. */
  readonly steady?: () => number;
}

/** Nobody leaves a wrong clock alone for so long, and nothing is so short of room that it could not wait as long. Milliseconds. */
const BELIEVED_AFTER_MS = 86_400_000;
/** Less is the clock being kept right. Milliseconds. */
const TOLERANCE_MS = 2_000;

/**
 * The time by which stored data has outlived its keep. A clock set a year ahead for a minute would delete everything there is, and setting it right would bring nothing back: so a clock that was
 * set forward is believed when it has stood so for a day, and until then time goes on as it did. One that was set back is believed at once: it only keeps things longer.
 */
export function deletionClock(options: DeletionClockOptions = {}): () => number {
  const { wall = () => Date.now(), steady = () => performance.now() } = options;
  let offsetMs = wall() - steady();
  let aheadSinceMs: number | undefined;
  return () => {
    const steadyMs = steady();
    const wallMs = wall();
    const aheadMs = wallMs - (steadyMs + offsetMs);
    if (aheadMs > TOLERANCE_MS) {
      aheadSinceMs ??= steadyMs;
      if (steadyMs - aheadSinceMs < BELIEVED_AFTER_MS) return steadyMs + offsetMs;
    }
    aheadSinceMs = undefined;
    offsetMs = wallMs - steadyMs;
    return wallMs;
  };
}
