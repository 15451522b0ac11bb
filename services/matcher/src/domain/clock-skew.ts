import { MIN_DELAY_S } from './model/delay-grid.ts';

/**
 * What an account's messages say about the clock of their provider. Clicks are dated by our clock and messages by the messenger's; when the
 * latter is an hour off (a gateway that sends local time as UTC, a phone without network time), no click is near its message any more, and
 * every answer without identifier would be "no click". Two things cannot be, whatever people and networks do:
 *
 * - a message is received before it was written: its clock is ahead;
 * - a message brings the code of a click that is still to come: its clock is behind.
 *
 * Each may happen once through one browser's or one webhook's fault. When a quarter of the last messages say so, it is the provider.
 */
export interface ClockWatch {
  /** Received minus written, of the last messages; seconds. */
  readonly lagsS: number[];
  /** Written minus clicked, of the last messages that brought a code first; seconds. */
  readonly delaysS: number[];
  /** How far the provider's clock is ahead (positive) or behind (negative) as far as is known; 0 when nothing is wrong. Milliseconds. */
  offsetMs: number;
}

/** A clock was found to be off, by another amount than before, or right again (0). */
export interface ClockSkew {
  readonly workspace: string;
  readonly account: string;
  /** Time of the partition when it was found. Milliseconds since the Unix epoch, UTC. */
  readonly atMs: number;
  /** As in `ClockWatch`. */
  readonly offsetMs: number;
}

/** Few enough that a clock set right is believed within a dozen messages, and enough for a quarter of them to be no accident. */
const REMEMBERED = 15;
const ENOUGH = 8;
/** Messengers tell whole seconds, and our own machines' clocks differ by less than that: as much is in order. */
const TOLERANCE_S = -MIN_DELAY_S;
/** Wrong time zones are off by quarters of an hour; an estimate this near to one means it. */
const ZONE_S = 900;
const ZONE_TOLERANCE_S = 90;
/** A third of a year: whoever is further off has no clock at all. */
const MOST_S = 1e7;
/** A clock that drifts is reported again when it has moved by so much. */
const MOVED_MS = 30_000;

export function emptyClockWatch(): ClockWatch {
  return { lagsS: [], delaysS: [], offsetMs: 0 };
}

/** A message was written and received at these times. True when the estimate has changed. */
export function watchLag(watch: ClockWatch, writtenAtMs: number, receivedAtMs: number): boolean {
  return remember(watch, watch.lagsS, (receivedAtMs - writtenAtMs) / 1_000);
}

/** A message brought the code of a click, the first to do so. True when the estimate has changed. */
export function watchDelay(watch: ClockWatch, clickedAtMs: number, writtenAtMs: number): boolean {
  return remember(watch, watch.delaysS, (writtenAtMs - clickedAtMs) / 1_000);
}

function remember(watch: ClockWatch, samples: number[], seconds: number): boolean {
  const sampleS = Math.min(MOST_S, Math.max(-MOST_S, seconds));
  samples.push(sampleS);
  if (samples.length > REMEMBERED) samples.shift();
  // While all is well, and it nearly always is, a message costs no more than this.
  if (sampleS >= -TOLERANCE_S && watch.offsetMs === 0) return false;
  const offsetMs = offsetOf(watch);
  const hasMoved = Math.abs(offsetMs - watch.offsetMs) >= MOVED_MS || (offsetMs === 0) !== (watch.offsetMs === 0);
  if (hasMoved) watch.offsetMs = offsetMs;
  return hasMoved;
}

function offsetOf({ lagsS, delaysS }: ClockWatch): number {
  const lagS = lowerQuartile(lagsS);
  if (lagS < -TOLERANCE_S) return toZone(-lagS) * 1_000;
  const delayS = lowerQuartile(delaysS);
  // By at least so much: the quick quarter of people write seconds after their click.
  return delayS < -TOLERANCE_S ? -toZone(-delayS) * 1_000 : 0;
}

/** The quarter of the samples below it is what no single fault can make. 0 while there are too few. */
function lowerQuartile(samples: readonly number[]): number {
  if (samples.length < ENOUGH) return 0;
  return samples.toSorted((a, b) => a - b)[Math.floor(samples.length / 4)]!;
}

function toZone(seconds: number): number {
  const zone = Math.round(seconds / ZONE_S) * ZONE_S;
  return zone > 0 && Math.abs(seconds - zone) <= ZONE_TOLERANCE_S ? zone : Math.round(seconds);
}

/**
 * When a message was written by our clock: what it is compared with clicks by. Its lead is still dated as the messenger says. A message
 * whose own receipt contradicts the estimate is taken as it is: the clock may have been set right meanwhile.
 */
export function trueTimeMs({ offsetMs }: ClockWatch, writtenAtMs: number, receivedAtMs: number): number {
  const latestMs = receivedAtMs + TOLERANCE_S * 1_000;
  if (writtenAtMs > latestMs) {
    const correctedMs = writtenAtMs - offsetMs;
    return offsetMs > 0 && correctedMs <= latestMs ? correctedMs : receivedAtMs;
  }
  if (offsetMs >= 0) return writtenAtMs;
  const correctedMs = writtenAtMs - offsetMs;
  // History files often know no time of receipt: there the two are the same and say nothing.
  return correctedMs <= latestMs || receivedAtMs === writtenAtMs ? correctedMs : writtenAtMs;
}
