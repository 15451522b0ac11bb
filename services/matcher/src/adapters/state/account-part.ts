import type { Settings } from '../../domain/settings.ts';
import { type AccountState, accountOf, type PartitionState } from '../../domain/state.ts';
import type { PackReader } from '../pack-reader.ts';
import type { StateWriter } from './state-writer.ts';

/** What there is once per account. Settings as JSON: they grow with every feature, and there are few of them. */
export function writeAccount(to: StateWriter, { workspace, account, settings, placements }: AccountState): void {
  to.text(workspace);
  to.text(account);
  to.text(JSON.stringify(settings));
  to.uint(placements.size);
  for (const placement of placements) to.text(placement);
}

export function readAccount(from: PackReader, state: PartitionState): AccountState {
  const account = accountOf(state, from.text(), from.text());
  const settings = JSON.parse(from.text()) as Settings;
  // JSON leaves out what is undefined.
  account.settings = { ...settings, dedicatedSource: settings.dedicatedSource ?? undefined };
  for (let left = from.uint(); left > 0; left -= 1) account.placements.add(from.text());
  return account;
}
