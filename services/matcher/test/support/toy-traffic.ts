import type { Device, Touchpoint } from '../../src/domain/touchpoint.ts';
import { click, DAY, HOUR, log, message, model, SECOND, source, T0, type Unplaced } from './log-builder.ts';

/** What a toy account's people do; the truth that learning is held against. */
export interface ToyTruth {
  readonly seed: number;
  readonly days: number;
  readonly clicksPerHour: number;
  /** How often a click leads to a message. */
  readonly writes: number;
  /** How often a writer loses the code, by device. */
  readonly loses: Readonly<Partial<Record<Device, number>>>;
  readonly medianDelayS: number;
  readonly spread: number;
  /** Losers take so much longer. Seconds. */
  readonly editS: number;
  /** Messages of no click per hour. */
  readonly organicPerHour: number;
  /** Every second click is of a poster that shows no code; its people treat the greeting as those do who delete the code. */
  readonly hasPoster?: boolean;
  /** Of who keeps the code, so many send the message on to somebody who writes hours later without it. */
  readonly passesOn?: number;
  /** Of all clicks, so many are handed on, whether their own person writes or not: somebody else writes with the code, hours later. */
  readonly handsOn?: number;
  /** A model is made of it this often. */
  readonly modelEveryHours: number;
}

export interface ToyTraffic {
  readonly touchpoints: readonly Touchpoint[];
  readonly writers: number;
  readonly losers: Readonly<Record<string, number>>;
  readonly organic: number;
  /** Messages that were sent on. */
  readonly passedOn: ReadonlySet<string>;
  /** Click that led to a message, by message id; messages of no click are not in it. */
  readonly clickOf: ReadonlyMap<string, string>;
  /** Version of the last model, which is made when all is over. */
  readonly versions: number;
}

const GREETINGS = 16;

/** A small account's first hours. */
export const HALF_A_DAY: ToyTruth = {
  seed: 5,
  days: 0.5,
  clicksPerHour: 20,
  writes: 0.3,
  loses: { ios: 0.1 },
  medianDelayS: 40,
  spread: 1,
  editS: 0,
  organicPerHour: 1,
  modelEveryHours: 24,
};

/** A log of one account, with the models made of it. The same seed gives the same log. */
export function toyTraffic(truth: ToyTruth): ToyTraffic {
  const draw = draws(truth.seed);
  const normal = () => Math.sqrt(-2 * Math.log(1 - draw())) * Math.cos(2 * Math.PI * draw());
  const devices = Object.keys(truth.loses) as Device[];
  const records: { readonly atMs: number; readonly touchpoint: Unplaced }[] = [];
  const clickOf = new Map<string, string>();
  const passedOn = new Set<string>();
  const losers: Record<string, number> = {};
  let writers = 0;
  const endMs = T0 + truth.days * DAY;
  let number = 0;
  for (let atMs = T0; ; number += 1) {
    atMs += (-Math.log(1 - draw()) * HOUR) / truth.clicksPerHour;
    if (atMs >= endMs) break;
    const at = Math.round(atMs);
    const device = devices[Math.floor(draw() * devices.length)]!;
    const greetingVariant = Math.floor(draw() * GREETINGS);
    const id = `c${number}`;
    const isPoster = truth.hasPoster === true && number % 2 === 0;
    const code = isPoster ? '' : `CODE${String(number).padStart(8, '0')}`;
    records.push({
      atMs: at,
      touchpoint: click({
        id,
        code,
        at,
        device,
        greetingVariant,
        source: source(isPoster ? { utmCampaign: 'poster', placement: 'poster' } : { utmCampaign: 'spring', placement: 'site' }),
        region: '',
      }),
    });
    if (truth.handsOn !== undefined && draw() < truth.handsOn) {
      const handedAt = at + Math.round(5 * 3_600 * Math.exp(1.5 * normal())) * SECOND;
      const words = { wording: 'greeting', greetingVariant } as const;
      const touchpoint = message({ id: `h${number}`, from: `s${number}`, at: handedAt, codes: [code], country: 'US', ...words });
      if (handedAt < endMs) records.push({ atMs: handedAt, touchpoint });
    }
    if (draw() >= truth.writes) continue;
    writers += 1;
    const hasLost = isPoster || draw() < truth.loses[device]!;
    const delayS = truth.medianDelayS * Math.exp(truth.spread * normal()) + (hasLost ? truth.editS : 0);
    const writtenAt = at + Math.round(delayS) * SECOND;
    const keepsGreeting = !hasLost || draw() < 0.3;
    const messageId = `m${number}`;
    clickOf.set(messageId, id);
    if (hasLost) losers[device] = (losers[device] ?? 0) + 1;
    records.push({
      atMs: writtenAt,
      touchpoint: message({
        id: messageId,
        from: `p${number}`,
        at: writtenAt,
        codes: hasLost ? [] : [code],
        wording: keepsGreeting ? 'greeting' : 'other',
        greetingVariant: keepsGreeting ? greetingVariant : -1,
        country: 'US',
      }),
    });
    if (truth.passesOn === undefined || hasLost || draw() >= truth.passesOn) continue;
    const friendAt = writtenAt + Math.round(3 * 3_600 * Math.exp(normal())) * SECOND;
    const friendId = `f${number}`;
    passedOn.add(friendId);
    clickOf.set(friendId, id);
    const words = draw() < 0.7 ? ({ wording: 'greeting', greetingVariant } as const) : ({ wording: 'other' } as const);
    records.push({ atMs: friendAt, touchpoint: message({ id: friendId, from: `r${number}`, at: friendAt, country: 'US', ...words }) });
  }
  let organic = 0;
  for (let atMs = T0; ; organic += 1) {
    atMs += (-Math.log(1 - draw()) * HOUR) / truth.organicPerHour;
    if (atMs >= endMs) break;
    const at = Math.round(atMs);
    records.push({ atMs: at, touchpoint: message({ id: `o${organic}`, from: `q${organic}`, at, wording: 'other', country: 'US' }) });
  }
  let versions = 0;
  const everyMs = truth.modelEveryHours * HOUR;
  for (let atMs = T0 + everyMs; atMs <= endMs + 4 * DAY; atMs += everyMs) {
    versions += 1;
    records.push({ atMs, touchpoint: model(atMs, versions) });
  }
  const ordered = records.toSorted((a, b) => a.atMs - b.atMs).map(({ touchpoint }) => touchpoint);
  return { touchpoints: log(...ordered), writers, losers, organic, clickOf, passedOn, versions };
}

/** Mulberry32: small, and good enough for a few ten thousand people. */
function draws(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
