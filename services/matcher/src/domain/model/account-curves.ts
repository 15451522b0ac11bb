import type { AccountStatistics } from './account-statistics.ts';
import { type DelayCurve, delayCurve } from './delay-curve.ts';
import { DELAY_BINS, moved, normalised, smoothed } from './delay-grid.ts';
import { kernelWidth, type PlatformModel } from './platform-model.ts';

const DELAY_PRIOR = 150;
/** Below it the platform's delays are used as they are. */
const OWN_DELAYS_FROM = 30;

export function curvesOf(platform: PlatformModel, { delays }: AccountStatistics, device: number): Curves {
  const own = delays.subarray(device * DELAY_BINS, (device + 1) * DELAY_BINS);
  let observations = 0;
  for (const value of own) observations += value;
  const usual = platform.keeperDelays[device]!;
  if (observations < OWN_DELAYS_FROM) return platformCurves(platform, device);
  const soft = smoothed(Float64Array.from(own), kernelWidth(observations));
  const keep = normalised(usual.map((share, bin) => soft[bin]! + DELAY_PRIOR * share));
  return { keep: delayCurve(keep), lose: delayCurve(afterEditing(platform, keep)) };
}

export function codelessCurve(platform: PlatformModel, { shares }: DelayCurve): DelayCurve {
  return delayCurve(afterEditing(platform, shares, platform.codeless.edits));
}

/** Delays with and without the time that people take to delete the code. */
export interface Curves {
  readonly keep: DelayCurve;
  readonly lose: DelayCurve;
}

/** Most accounts are small: thousands of them share the platform's own curves. */
const shared = new WeakMap<PlatformModel, Map<number, Curves>>();

function platformCurves(platform: PlatformModel, device: number): Curves {
  const known = shared.get(platform) ?? new Map<number, Curves>();
  shared.set(platform, known);
  const found = known.get(device);
  if (found !== undefined) return found;
  const usual = platform.keeperDelays[device]!;
  const made = { keep: delayCurve(usual), lose: delayCurve(afterEditing(platform, usual)) };
  known.set(device, made);
  return made;
}

const forwards = new WeakMap<PlatformModel, DelayCurve>();

export function forwardCurve(platform: PlatformModel): DelayCurve {
  const known = forwards.get(platform);
  if (known !== undefined) return known;
  const made = delayCurve(platform.forwardDelays);
  forwards.set(platform, made);
  return made;
}

const edited = new WeakMap<Float64Array, Float64Array>();

/** Where a delay of one bin ends up, whatever the editing time: a mixture of its shifts, the same for all accounts. */
function editedMoves({ shifts }: PlatformModel, edits: Float64Array): Float64Array {
  const known = edited.get(edits);
  if (known !== undefined) return known;
  const moves = new Float64Array(DELAY_BINS * DELAY_BINS);
  for (let k = 0; k < edits.length; k += 1) {
    const weight = edits[k]!;
    const table = shifts[k]!;
    for (let at = 0; at < moves.length; at += 1) moves[at]! += weight * table[at]!;
  }
  edited.set(edits, moves);
  return moves;
}

/** Delays with the time that people take to delete the code, or another mixture of `EDIT_SECONDS`. */
export function afterEditing(platform: PlatformModel, shares: Float64Array, edits = platform.edits): Float64Array {
  return moved(shares, editedMoves(platform, edits));
}
