import { Snapshot } from '@messtrack/proto/gen/messtrack/v1/state.ts';
import { encodeHeaders } from '@messtrack/proto/headers.ts';
import { TOPICS } from '@messtrack/proto/topics.ts';
import type { Bus, OutRecord } from '@messtrack/runtime/bus.ts';
import type { PlatformModel } from '../domain/model/platform-model.ts';
import type { PartitionState } from '../domain/state.ts';
import { decodeState, encodeState, modelVersionOf, STATE_FORMAT } from './state-codec.ts';

/** Half of what the topic takes: keys, headers and the broker's own framing need room too. */
const CHUNK_BYTES = 512 * 1_024;

/** The records that hold a state, for the transaction that commits `nextOffset`. */
export function snapshotRecords(state: PartitionState, nextOffset: number, producedAtMs: number): readonly OutRecord[] {
  const chunks = encodeState(state, CHUNK_BYTES);
  return chunks.map((data, chunkIndex) => {
    const snapshot: Snapshot = {
      nextOffset,
      chunkIndex,
      chunkCount: chunks.length,
      data: Buffer.from(data.buffer),
      format: STATE_FORMAT,
      takenAtMs: state.clockMs,
    };
    return {
      topic: TOPICS.snapshots.name,
      partition: state.partition,
      key: `${state.partition}/${chunkIndex}`,
      value: Snapshot.encode(snapshot).finish(),
      headers: encodeHeaders({ eventId: `snapshot/${state.partition}/${nextOffset}/${chunkIndex}`, type: 'Snapshot', producedAtMs }),
    };
  });
}

export interface RestoredState {
  readonly state: PartitionState;
  /** First offset that is not folded into it. */
  readonly nextOffset: number;
}

/**
 * The newest complete snapshot of a partition at or before `committed`; undefined when there is none that this version reads: then the
 * log is folded from its first record. Compaction may leave chunks of an older, longer snapshot behind: a set is complete only when all
 * its chunks name the same offset.
 */
export async function readSnapshot(
  bus: Bus,
  partition: number,
  committed: number,
  model: (version: number) => Promise<PlatformModel | undefined>,
): Promise<RestoredState | undefined> {
  const sets = new Map<number, Snapshot[]>();
  let newest: readonly Snapshot[] = [];
  let newestOffset = -1;
  for await (const records of bus.read({ topic: TOPICS.snapshots.name, partition }, 0)) {
    for (const record of records) {
      const snapshot = tryDecode(record.value);
      if (snapshot === undefined || snapshot.format !== STATE_FORMAT || snapshot.nextOffset > committed) continue;
      if (snapshot.nextOffset <= newestOffset) continue;
      const set = sets.get(snapshot.nextOffset) ?? [];
      set[snapshot.chunkIndex] = snapshot;
      sets.set(snapshot.nextOffset, set);
      if (!isComplete(set)) continue;
      newest = set;
      newestOffset = snapshot.nextOffset;
      for (const offset of sets.keys()) if (offset <= newestOffset) sets.delete(offset);
    }
  }
  if (newestOffset < 0) return undefined;
  const bytes = Buffer.concat(newest.map(({ data }) => data));
  const version = modelVersionOf(bytes);
  const named = version === 0 ? undefined : await model(version);
  const state = decodeState(partition, bytes, () => named);
  return state === undefined ? undefined : { state, nextOffset: newestOffset };
}

function isComplete(set: readonly (Snapshot | undefined)[]): boolean {
  const count = set.find((chunk) => chunk !== undefined)?.chunkCount ?? 0;
  if (count === 0 || set.length !== count) return false;
  for (let index = 0; index < count; index += 1) if (set[index]?.chunkCount !== count) return false;
  return true;
}

/** A record that is no snapshot is no state: the log has everything, a snapshot only saves time. */
function tryDecode(value: Uint8Array): Snapshot | undefined {
  try {
    return Snapshot.decode(value);
  } catch {
    return undefined;
  }
}
