import type { AccountStatistics } from './account-statistics.ts';
import { dayShape, FLAT_DAY, spreadOf, spreads, watched } from './day-shape.ts';
import { type DelayCurve, shareBelow } from './delay-curve.ts';
import { MAX_DELAY_S } from './delay-grid.ts';

/**
 * From then on a delay is somebody's who did something else first, and came back at an hour that suited them. Taken from a quarter of an hour to two, cell `evening` of the second simulator
 * was 1.19 to 1.16 times its oracle's loss, 1.43 where the hour said nothing.
 */
export const LATE_S = 3_600;
/** With fewer late leads their hours say nothing of the next. */
const MIN_LATE = 20;
/** More than a day that has one hour alone; chance makes it of few leads. */
const MOST_SPREAD = 1;
const HOUR_S = 3_600;
const DAYS = Math.ceil(MAX_DELAY_S / 86_400) + 1;

const AS_DELAYS_SAY: Float64Array = new Float64Array(24).fill(1);

/**
 * By hour of the day (UTC): how much likelier than its delay alone says a message is that comes `LATE_S` after its click or later. Delays say nothing of the clock, but people come
 * back in the evening and hardly ever at four in the morning. Told by leads that kept their code: those who lose it come back at the same hours.
 */
export function lateFactors(
  { identifiedHours, lateHours, observedS, fadedAtMs }: AccountStatistics,
  curve: DelayCurve,
  leadsSpread: Float64Array,
): Float64Array {
  let late = 0;
  for (const leads of lateHours) late += leads;
  const share = 1 - shareBelow(curve, LATE_S);
  if (late < MIN_LATE || !(share > 0)) return AS_DELAYS_SAY;
  const covered = watched(observedS, fadedAtMs);
  const soon = identifiedHours.map((all, hour) => Math.max(0, all - lateHours[hour]!));
  const expected = later(dayShape(soon, covered, FLAT_DAY, leadsSpread), curve, share);
  const spread = Math.min(MOST_SPREAD, spreadOf(lateHours, covered, expected));
  if (spread === 0) return AS_DELAYS_SAY;
  return dayShape(lateHours, covered, expected, spreads(spread)).map((each, hour) => each / expected[hour]!);
}

/** On the odds of a click so long before a message of this time. */
export function lateFactorAt(model: { lateFactors(): Float64Array }, timeMs: number): number {
  return model.lateFactors()[new Date(timeMs).getUTCHours()]!;
}

/** The day of those who come late, were the hour nothing to them: the day of the others, moved on by the delays. */
function later(soon: Float64Array, curve: DelayCurve, late: number): Float64Array {
  const moved = new Float64Array(24);
  for (let back = 0; back <= MAX_DELAY_S / HOUR_S; back += 1) {
    const from = Math.max(LATE_S, (back - 0.5) * HOUR_S);
    const share = (shareBelow(curve, (back + 0.5) * HOUR_S) - shareBelow(curve, from)) / late;
    if (share > 0) for (let hour = 0; hour < 24; hour += 1) moved[hour]! += share * soon[(hour - back + DAYS * 24) % 24]!;
  }
  return moved;
}
