/**
 * A burst of messages that no click caused: a newsletter, a television spot, a poster. The rate learned by hour of the day knows nothing of
 * it; the messages without identifier around a message do. Possible multiples of the rate are weighed by how well they explain their number.
 */
const LEVELS: readonly (readonly [multiple: number, prior: number])[] = [
  [1, 0.994],
  [4, 0.002],
  [16, 0.002],
  [64, 0.002],
];

/**
 * Odds of losing the code from which on clicks are asked how many messages they promise. Of nineteen lost in twenty, most stretches of twenty minutes have none with a code to tell it, and each message of a click made a burst of its
 * stretch: a quarter of all were said to be of no click where an eighth was. Below, promises change next to nothing and would be a pass over two hours of clicks.
 */
const OFTEN = 0.25;
/** Promised messages that stand behind the promise: clicks say more surely than a handful of messages how many are to come, and hundreds of these know better. */
const PROMISED = 4;

const MINUTE_MS = 60_000;
/** Whole minutes on either side of the message's own. */
const MINUTES = 10;

/** A first message without identifier. */
export interface Unidentified {
  readonly leadId: string;
  readonly timeMs: number;
}

/**
 * First messages of the last hours by minute. Thousands may come in an hour when no click does (a newsletter, an imported history), and each
 * of them asks how many there are around it: the answer must not take longer the more there are.
 */
export interface Recent {
  /** Those without identifier, in the order of the log. */
  readonly byLead: Map<string, Unidentified>;
  readonly minutes: Map<number, number>;
  /** Those with one. */
  readonly identified: Map<number, number>;
  /** Until then nothing of it is old enough to be forgotten: every record asks. No state, 0 where nobody has looked. */
  keptUntilMs: number;
}

export function emptyRecent(): Recent {
  return { byLead: new Map(), minutes: new Map(), identified: new Map(), keptUntilMs: 0 };
}

export function remember(recent: Recent, message: Unidentified): void {
  forget(recent, message.leadId);
  recent.byLead.set(message.leadId, message);
  if (recent.byLead.size === 1) recent.keptUntilMs = Math.min(recent.keptUntilMs, message.timeMs);
  count(recent.minutes, message.timeMs, 1);
}

export function forget(recent: Recent, leadId: string): void {
  const known = recent.byLead.get(leadId);
  if (known === undefined) return;
  recent.byLead.delete(leadId);
  // The next in its place may be older.
  recent.keptUntilMs = 0;
  count(recent.minutes, known.timeMs, -1);
}

export function rememberIdentified(recent: Recent, timeMs: number): void {
  count(recent.identified, timeMs, 1);
  if (recent.identified.size === 1) recent.keptUntilMs = Math.min(recent.keptUntilMs, timeMs);
}

/** First messages with identifier since `timeMs`, to the minute; nothing older than the hours remembered. */
export function identifiedSince({ identified }: Recent, timeMs: number): number {
  let found = 0;
  for (const [minute, messages] of identified) if (minute >= Math.floor(timeMs / MINUTE_MS)) found += messages;
  return found;
}

export function forgetBefore(recent: Recent, timeMs: number): void {
  if (timeMs <= recent.keptUntilMs) return;
  let keptUntilMs = Number.MAX_SAFE_INTEGER;
  for (const message of recent.byLead.values()) {
    if (message.timeMs >= timeMs) {
      keptUntilMs = message.timeMs;
      break;
    }
    forget(recent, message.leadId);
  }
  for (const minute of recent.identified.keys()) {
    if (minute >= Math.floor(timeMs / MINUTE_MS)) {
      keptUntilMs = Math.min(keptUntilMs, (minute + 1) * MINUTE_MS - 1);
      break;
    }
    recent.identified.delete(minute);
  }
  recent.keptUntilMs = keptUntilMs;
}

function count(minutes: Map<number, number>, timeMs: number, sign: 1 | -1): void {
  const minute = Math.floor(timeMs / MINUTE_MS);
  const left = (minutes.get(minute) ?? 0) + sign;
  if (left === 0) minutes.delete(minute);
  else minutes.set(minute, left);
}

/** The minutes in which messages are counted for one at `timeMs`, as far as they are known at `nowMs`. */
export function burstWindow(timeMs: number, nowMs: number): { readonly fromMs: number; readonly toMs: number } {
  const minute = Math.floor(timeMs / MINUTE_MS);
  const endMs = (minute + MINUTES + 1) * MINUTE_MS;
  return { fromMs: (minute - MINUTES) * MINUTE_MS, toMs: Math.min(endMs, Math.max(timeMs, nowMs)) };
}

/** What explains messages without identifier when there is no burst. */
export interface Usual {
  /** Messages of no click per second. */
  readonly organicPerS: number;
  /** Messages that lost their identifier per message that kept it; those that kept it tell how many of the others clicks explain. */
  readonly lossOdds: number;
  /** Messages that clicks promise and that keep their identifier, expected within the minutes counted. Asked for where losing it is usual. */
  readonly promised: () => number;
  /** Messages of clicks that carried no code, expected within the minutes counted. */
  readonly codeless: number;
}

/** Posterior mean of the multiple of the organic rate around `timeMs`, by what is known at `nowMs`. */
export function burstFactor(recent: Recent, leadId: string, timeMs: number, nowMs: number, usual: Usual): number {
  const own = recent.byLead.get(leadId);
  const minute = Math.floor(timeMs / MINUTE_MS);
  let found = own !== undefined && Math.abs(Math.floor(own.timeMs / MINUTE_MS) - minute) <= MINUTES ? -1 : 0;
  let identified = 0;
  for (let each = minute - MINUTES; each <= minute + MINUTES; each += 1) {
    found += recent.minutes.get(each) ?? 0;
    identified += recent.identified.get(each) ?? 0;
  }
  const { fromMs, toMs } = burstWindow(timeMs, nowMs);
  const organic = (usual.organicPerS * (toMs - fromMs)) / 1_000;
  const byKept = identified * usual.lossOdds + usual.codeless;
  if (found <= 1 + organic + byKept) return 1;
  const lost = usual.lossOdds > OFTEN ? lostByPromise(identified, usual) + usual.codeless : byKept;
  if (found <= 1 + organic + lost) return 1;
  let best = Number.NEGATIVE_INFINITY;
  const logs = LEVELS.map(([multiple, prior]) => {
    const expected = lost + multiple * organic;
    const log = Math.log(prior) + found * Math.log(expected) - expected;
    best = Math.max(best, log);
    return log;
  });
  let sum = 0;
  let mean = 0;
  LEVELS.forEach(([multiple], index) => {
    const weight = Math.exp(logs[index]! - best);
    sum += weight;
    mean += weight * multiple;
  });
  return mean / sum;
}

/** Messages of clicks without their code, by what clicks promise and how many have come with it. */
function lostByPromise(identified: number, { lossOdds, promised }: Usual): number {
  const kept = promised();
  return (lossOdds * kept * (PROMISED + identified)) / (PROMISED + kept);
}
