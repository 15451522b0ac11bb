import type { FoldTools } from '../domain/scope.ts';
import { emptyState, type PartitionState } from '../domain/state.ts';
import { PackReader } from './pack-reader.ts';
import { packing } from './packing.ts';
import { readAccount, writeAccount } from './state/account-part.ts';
import { readClicks, writeClicks } from './state/clicks-part.ts';
import { readContacts, writeContacts } from './state/contacts-part.ts';
import { readLeads, writeLeads } from './state/leads-part.ts';
import { readMatching, writeMatching } from './state/matching-part.ts';
import { readPending, writePending } from './state/pending-part.ts';
import { readQuality, writeQuality } from './state/quality-part.ts';
import { type Chunks, StateWriter } from './state/state-writer.ts';
import { readPlatformStatistics, writePlatformStatistics } from './statistics-codec.ts';
import { readTrials, writeTrials } from './trials-codec.ts';

/**
 * A partition's state as bytes: values one after the other, one file per part in `state/`. To be raised with every change of a part or of
 * packing.ts: a snapshot of another number is passed over, and the log is folded instead.
 */
export const STATE_FORMAT = 30;

/**
 * Chunks of the given size, the last one smaller. The same state gives the same bytes, whatever way it came to be. Nothing may be folded into the state
 * before the last one is taken.
 */
export function* encodeState(state: PartitionState, chunkBytes: number): Chunks {
  const to = new StateWriter(chunkBytes);
  let isFirst = true;
  for (const chunk of writeState(to, state)) {
    isFirst = false;
    yield chunk;
  }
  yield* to.rest(isFirst);
}

function* writeState(to: StateWriter, state: PartitionState): Chunks {
  to.int(state.clockMs);
  to.uint(state.nextSequence);
  to.uint(state.platform.version);
  writePlatformStatistics(to, state.statistics);
  writeTrials(to, state.trials);
  to.uint(state.accounts.size);
  for (const account of state.accounts.values()) {
    writeAccount(to, account);
    yield* writeClicks(to, account.matching.clicks);
    yield* writeMatching(to, account.matching);
    writeQuality(to, account);
    yield* writePending(to, account);
    yield* writeContacts(to, account);
    yield* writeLeads(to, account);
  }
}

/** Version of the model in force when the state was written; 0 before the first. It has to be at hand before the rest can be read. */
export function modelVersionOf(bytes: Uint8Array): number {
  const from = new PackReader();
  from.open(bytes);
  from.int();
  from.uint();
  return from.uint();
}

/** All chunks in one piece. Undefined when the model in force then is not to be had: another would give other answers. Throws a RangeError on bytes that this format did not write. */
export function decodeState(partition: number, bytes: Uint8Array, model: FoldTools['model']): PartitionState | undefined {
  const from = new PackReader();
  from.open(bytes);
  const state = emptyState(partition, packing);
  state.clockMs = from.int();
  state.nextSequence = from.uint();
  const version = from.uint();
  const platform = version === 0 ? state.platform : model(version);
  if (platform === undefined) return undefined;
  state.platform = platform;
  readPlatformStatistics(from, state.statistics);
  state.trials.push(...readTrials(from));
  for (let left = from.uint(); left > 0; left -= 1) {
    const account = readAccount(from, state);
    readClicks(from, account.matching.clicks);
    readMatching(from, account.matching);
    readQuality(from, account);
    readPending(from, account);
    readContacts(from, account);
    readLeads(from, state, account);
  }
  if (from.hasMore()) throw new RangeError('a snapshot goes on after its last part: it was not written by this version');
  return state;
}
