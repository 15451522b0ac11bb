import { Snapshot } from '@messtrack/proto/gen/messtrack/v1/state.ts';
import { encodeHeaders } from '@messtrack/proto/headers.ts';
import { TOPICS } from '@messtrack/proto/topics.ts';
import type { Bus, OutRecord } from '@messtrack/runtime/bus.ts';
import type { PlatformModel } from '../domain/model/platform-model.ts';
import type { PartitionState } from '../domain/state.ts';
import { decodeState, encodeState, modelVersionOf, STATE_FORMAT } from './state-codec.ts';

/** Half of what the topic takes: keys, headers and the broker's own framing need room too. */
const CHUNK_BYTES = 512 * 1_024;

/**
 * Snapshots are written to three places in turn, each with keys of its own: while one is overwritten, chunk by chunk and without a transaction, the one before is whole, whatever compaction takes
 * meanwhile. The third is for an owner that stood still in the middle of one, was fenced and goes on without knowing: who comes after it leaves its place out, so that it writes over nothing that is
 * needed.
 */
export type Slot = 0 | 1 | 2;

/** Where the owner goes on that wrote to `slot` last. */
export function nextSlot(slot: Slot): Slot {
  return ((slot + 1) % 3) as Slot;
}

/** Where an owner begins that found its state in `slot`: not there, and not where the owner before it may still be writing. */
export function firstSlot(found: Slot | undefined): Slot {
  return found === undefined ? 0 : nextSlot(nextSlot(found));
}

/**
 * The records that hold a state, made one at a time as they are asked for: send each before the next, and fold nothing meanwhile. They need no
 * transaction with the offset they stand for. Until that is committed nobody reads them; and whoever folds up to it, now or after a crash, comes to
 * the same state.
 */
export function* snapshotRecords(
  state: PartitionState,
  nextOffset: number,
  slot: Slot,
  producedAtMs: number,
  chunkBytes = CHUNK_BYTES,
): Generator<OutRecord, void, undefined> {
  let chunkIndex = 0;
  let held: Uint8Array | undefined;
  for (const chunk of encodeState(state, chunkBytes)) {
    if (held !== undefined) yield record(held, 0);
    held = chunk;
  }
  if (held !== undefined) yield record(held, chunkIndex + 1);

  function record(data: Uint8Array, chunkCount: number): OutRecord {
    const takenAtMs = state.clockMs;
    const snapshot: Snapshot = { nextOffset, chunkIndex, chunkCount, data: Buffer.from(data.buffer), format: STATE_FORMAT, takenAtMs };
    const made = {
      topic: TOPICS.snapshots.name,
      partition: state.partition,
      key: `${state.partition}/${slot}/${chunkIndex}`,
      value: Snapshot.encode(snapshot).finish(),
      headers: encodeHeaders({ eventId: `snapshot/${state.partition}/${nextOffset}/${chunkIndex}`, type: 'Snapshot', producedAtMs }),
    };
    chunkIndex += 1;
    return made;
  }
}

export interface RestoredState {
  readonly state: PartitionState;
  /** First offset that is not folded into it. */
  readonly nextOffset: number;
  /** Where it was read from. Undefined when it is of no snapshot. */
  readonly slot: Slot | undefined;
}

/**
 * The newest complete snapshot of a partition at or before `committed`; undefined when there is none that this version reads: then the
 * log is folded from its first record. Compaction may leave chunks of an older, longer snapshot behind: a set is complete only when all
 * its chunks name the same offset. The log is read twice, so that what is in memory is one state and not all that the log still has.
 */
export async function readSnapshot(
  bus: Bus,
  partition: number,
  committed: number,
  model: (version: number) => Promise<PlatformModel | undefined>,
): Promise<RestoredState | undefined> {
  const newest = await newestSet(bus, partition, committed);
  if (newest === undefined) return undefined;
  const bytes = await readSet(bus, partition, newest);
  if (bytes === undefined) return undefined;
  const version = modelVersionOf(bytes);
  const named = version === 0 ? undefined : await model(version);
  const state = decodeState(partition, bytes, () => named);
  return state === undefined ? undefined : { state, nextOffset: newest.nextOffset, slot: newest.slot };
}

/** Undefined when compaction has taken a chunk since it was seen. */
async function readSet(bus: Bus, partition: number, { nextOffset, slot, sizes }: ChunkSet): Promise<Buffer | undefined> {
  const starts: number[] = [];
  let length = 0;
  for (const size of sizes) {
    starts.push(length);
    length += size;
  }
  const bytes = Buffer.allocUnsafeSlow(length);
  const missing = new Set(starts.keys());
  for await (const { snapshot, slot: of } of snapshotsOf(bus, partition)) {
    const { nextOffset: at, chunkIndex, data } = snapshot;
    if (at !== nextOffset || of !== slot || data.length !== sizes[chunkIndex]) continue;
    bytes.set(data, starts[chunkIndex]);
    missing.delete(chunkIndex);
  }
  return missing.size === 0 ? bytes : undefined;
}

interface ChunkSet {
  readonly nextOffset: number;
  readonly slot: Slot;
  /** Bytes by chunk, as far as the log has them. */
  readonly sizes: number[];
  /** As the last chunk says; 0 until it is found. */
  chunkCount: number;
}

async function newestSet(bus: Bus, partition: number, committed: number): Promise<ChunkSet | undefined> {
  const sets = new Map<string, ChunkSet>();
  let newest: ChunkSet | undefined;
  for await (const { snapshot, slot } of snapshotsOf(bus, partition)) {
    const { nextOffset, chunkIndex, chunkCount, data } = snapshot;
    if (nextOffset > committed || nextOffset <= (newest?.nextOffset ?? -1)) continue;
    const name = `${nextOffset}/${slot}`;
    const set = sets.get(name) ?? { nextOffset, slot, sizes: [], chunkCount: 0 };
    sets.set(name, set);
    set.sizes[chunkIndex] = data.length;
    set.chunkCount = Math.max(set.chunkCount, chunkCount);
    if (isComplete(set)) newest = set;
  }
  return newest;
}

function isComplete({ sizes, chunkCount }: ChunkSet): boolean {
  if (chunkCount === 0 || sizes.length !== chunkCount) return false;
  for (let index = 0; index < chunkCount; index += 1) if (sizes[index] === undefined) return false;
  return true;
}

/** Chunks that this version reads, in the order of the log. */
async function* snapshotsOf(bus: Bus, partition: number): AsyncGenerator<{ readonly snapshot: Snapshot; readonly slot: Slot }> {
  for await (const records of bus.read({ topic: TOPICS.snapshots.name, partition }, 0)) {
    for (const { key, value } of records) {
      const snapshot = tryDecode(value);
      if (snapshot === undefined || snapshot.format !== STATE_FORMAT) continue;
      yield { snapshot, slot: slotOf(key) };
    }
  }
}

/** Second part of `partition/slot/chunk`. */
function slotOf(key: Uint8Array | null): Slot {
  const named = Buffer.from(key ?? [])
    .toString()
    .split('/')[1];
  return named === '1' ? 1 : named === '2' ? 2 : 0;
}

/** A record that is no snapshot is no state: the log has everything, a snapshot only saves time. */
function tryDecode(value: Uint8Array): Snapshot | undefined {
  try {
    return Snapshot.decode(value);
  } catch {
    return undefined;
  }
}
