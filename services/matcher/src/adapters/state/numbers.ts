import type { Tally } from '../../domain/model/tally.ts';
import type { PackReader } from '../pack-reader.ts';
import type { PackWriter } from '../pack-writer.ts';

/** Counts: most are whole or nothing. */
export function writeNumbers(to: PackWriter, numbers: Float64Array): void {
  for (const number of numbers) to.stepped(number, 1);
}

export function readNumbers(from: PackReader, into: Float64Array): void {
  for (let index = 0; index < into.length; index += 1) into[index] = from.stepped(1);
}

export function writeTally(to: PackWriter, tally: Tally): void {
  to.uint(tally.size);
  for (const [name, value] of tally) {
    to.text(name);
    to.stepped(value, 1);
  }
}

export function readTally(from: PackReader, into: Tally): void {
  for (let left = from.uint(); left > 0; left -= 1) into.set(from.commonText(), from.stepped(1));
}
