import { readEventTime } from './event-time.ts';

const ISO_TIME = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?(Z|[+-]\d{2}:?\d{2})?$/;

/**
 * ISO 8601. The rules for times that cannot be are those of `readEventTime`. A time without zone is UTC: read as local time, as JavaScript does, the same message would get another time on another machine.
 */
export function readIsoTime(value: unknown, observedAtMs: number): number | undefined {
  if (typeof value !== 'string') return undefined;
  const match = ISO_TIME.exec(value);
  if (match === null) return undefined;
  const ms = Date.parse(match[1] === undefined ? `${value}Z` : value);
  return Number.isNaN(ms) ? undefined : readEventTime(ms / 1000, observedAtMs);
}
