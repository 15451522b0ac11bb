/** How much one webhook may hold. */
import { deadLetter } from '@messtrack/runtime/outcome.ts';
import type { Reading } from './domain/inbound.ts';

/**
 * Meta puts up to 1,000 happenings into one webhook, the others fewer. 3 MB hold 900,000 elements of two bytes, each of which would be a dead letter of its own:
 * 10 s of the process and 2 GB for one post of whoever has the secret.
 */
export const MAX_READINGS = 25_000;

/** The readings, or one dead letter in the place of too many. */
export function boundedReadings(readings: readonly Reading[], body: unknown): readonly Reading[] {
  if (readings.length <= MAX_READINGS) return readings;
  const detail = `the webhook holds ${readings.length} elements, more than ${MAX_READINGS}`;
  return [{ outcome: deadLetter('too_large', detail), receiver: undefined, element: body }];
}
