const OLDEST_MS = 24 * 3_600_000;
const NEWEST_MS = 5 * 60_000;

/**
 * When it happened: the browser's clock when it can be right, the server's when it cannot. A retry of a beacon may come hours late, so its
 * own time says more; a clock off by more than a day, or running ahead by more than five minutes, says nothing.
 */
export function eventTime(clientMs: number | undefined, serverMs: number): number {
  if (clientMs === undefined || !Number.isSafeInteger(clientMs)) return serverMs;
  return clientMs >= serverMs - OLDEST_MS && clientMs <= serverMs + NEWEST_MS ? clientMs : serverMs;
}
