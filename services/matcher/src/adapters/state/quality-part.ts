import type { AccountState } from '../../domain/state.ts';
import type { PackReader } from '../pack-reader.ts';
import type { StateWriter } from './state-writer.ts';

const COUNTS = [
  'hiddenMessages',
  'hiddenConfident',
  'hiddenConfidentRight',
  'decoyMessages',
  'decoyConfident',
  'openMessages',
  'identifiedLeads',
] as const;
const SUMS = ['hiddenLoss', 'hiddenLossSquares', 'openClicked', 'openClickedVariance', 'expectedClicked', 'expectedUnclicked'] as const;

/** What an account has counted on the day that runs. */
export function writeQuality(to: StateWriter, { quality }: AccountState): void {
  const { sums } = quality;
  to.int(quality.expectedToMs);
  to.int(quality.touchedAtMs);
  to.flag(quality.isUntold);
  for (const name of COUNTS) to.uint(sums[name]);
  for (const name of SUMS) to.stepped(sums[name], 1);
  to.uint(sums.tenths.length);
  for (const number of sums.tenths) to.stepped(number, 1);
}

export function readQuality(from: PackReader, { quality }: AccountState): void {
  const { sums } = quality;
  quality.expectedToMs = from.int();
  quality.touchedAtMs = from.int();
  quality.isUntold = from.flag();
  for (const name of COUNTS) sums[name] = from.uint();
  for (const name of SUMS) sums[name] = from.stepped(1);
  for (let left = from.uint(); left > 0; left -= 1) sums.tenths.push(from.stepped(1));
}
