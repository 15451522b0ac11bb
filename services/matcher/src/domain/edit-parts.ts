import { DELAY_BINS, DELAY_GROUP, EDIT_SECONDS, shifted } from './model/delay-grid.ts';
import type { PlatformModel } from './model/platform-model.ts';
import { UNKNOWN_DEVICE } from './model/strata.ts';

export interface EditParts {
  /** By device: the part of each editing time in every bin. */
  readonly byDevice: readonly Float64Array[];
  /** The same by group of bins, of clicks of no known device. */
  readonly byGroup: Float64Array;
}

const partsOf = new WeakMap<Float64Array, EditParts>();

/**
 * The part of each editing time in the losers' delays. Of the platform's delays and not of the account's: how long people take to delete a code is one
 * distribution for all, and working it out for each account anew took a tenth of all time.
 */
export function editParts(platform: PlatformModel, edits: Float64Array): EditParts {
  const known = partsOf.get(edits);
  if (known !== undefined) return known;
  const { shifts } = platform;
  const after = platform.keeperDelays.map((keep) => EDIT_SECONDS.map((_, k) => shifted(keep, shifts, k)));
  const made = { byDevice: after.map((each) => partsBy(each, edits, 1)), byGroup: partsBy(after[UNKNOWN_DEVICE]!, edits, DELAY_GROUP) };
  partsOf.set(edits, made);
  return made;
}

/** Of so many bins together: what each editing time has of all of them, and not of the one in their middle, or the parts would not sum to the mixture that they come from. */
function partsBy(after: readonly Float64Array[], edits: Float64Array, width: number): Float64Array {
  const parts = new Float64Array((DELAY_BINS / width) * EDIT_SECONDS.length);
  for (let group = 0; group < DELAY_BINS / width; group += 1) {
    let sum = 0;
    for (let k = 0; k < EDIT_SECONDS.length; k += 1) {
      let own = 0;
      for (let bin = group * width; bin < (group + 1) * width; bin += 1) own += after[k]![bin]!;
      parts[group * EDIT_SECONDS.length + k] = edits[k]! * own;
      sum += edits[k]! * own;
    }
    if (sum === 0) continue;
    for (let k = 0; k < EDIT_SECONDS.length; k += 1) parts[group * EDIT_SECONDS.length + k]! /= sum;
  }
  return parts;
}

/** Adds a share of a message with such a delay to the editing times that may be in it. */
export function addParts(into: Float64Array, parts: Float64Array, bin: number, share: number): void {
  for (let k = 0; k < EDIT_SECONDS.length; k += 1) into[k]! += share * parts[bin * EDIT_SECONDS.length + k]!;
}
