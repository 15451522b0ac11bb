import { crc32 } from 'node:zlib';
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
    const key = `${state.partition}/${slot}/${chunkIndex}`;
    const unsigned = { nextOffset, chunkIndex, chunkCount, data: Buffer.from(data.buffer), format: STATE_FORMAT, takenAtMs };
    const snapshot: Snapshot = { ...unsigned, checksum: checksumOf(key, unsigned) };
    const made = {
      topic: TOPICS.snapshots.name,
      partition: state.partition,
      key,
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

/** Why a snapshot of this version's format is not used: a piece is not what was written, or the model that was in force then is gone. */
export interface Unusable {
  /** What it stands for, as far as its bytes can be believed; undefined when they cannot be read at all. */
  readonly nextOffset: number | undefined;
  readonly reason: 'damaged' | 'model_gone';
}

export interface SnapshotReading {
  readonly bus: Pick<Bus, 'read'>;
  readonly partition: number;
  /** First offset the owner before has not committed. */
  readonly committed: number;
  readonly model: (version: number) => Promise<PlatformModel | undefined>;
  readonly onUnusable: (unusable: Unusable) => void;
}

/**
 * The newest complete snapshot of a partition at or before `committed`, or the next older one where that cannot be used; undefined when there is none that this version reads: then the
 * log is folded from its first record. Compaction may leave chunks of an older, longer snapshot behind: a set is complete only when all
 * its chunks name the same offset. The log is read again for each set that is tried, so that what is in memory is one state and not all that the log still has.
 */
export async function readSnapshot(reading: SnapshotReading): Promise<RestoredState | undefined> {
  for (const set of await wholeSets(reading)) {
    const { nextOffset, slot } = set;
    const bytes = await readSet(reading, set);
    if (bytes === undefined) continue;
    const state = await stateOf(bytes, reading);
    if (typeof state === 'object') return { state, nextOffset, slot };
    reading.onUnusable({ nextOffset, reason: state });
  }
  return undefined;
}

async function stateOf(bytes: Buffer, { partition, model }: SnapshotReading): Promise<PartitionState | Unusable['reason']> {
  try {
    const version = modelVersionOf(bytes);
    const named = version === 0 ? undefined : await model(version);
    return decodeState(partition, bytes, () => named) ?? 'model_gone';
  } catch (error) {
    // Its checksum holds, so a defect wrote it; an older one, or the log, is as good.
    if (error instanceof RangeError || error instanceof TypeError) return 'damaged';
    throw error;
  }
}

/** Undefined when compaction has taken a chunk since it was seen. */
async function readSet({ bus, partition }: SnapshotReading, { nextOffset, slot, sizes }: ChunkSet): Promise<Buffer | undefined> {
  const starts: number[] = [];
  let length = 0;
  for (const size of sizes) {
    starts.push(length);
    length += size;
  }
  const bytes = Buffer.allocUnsafeSlow(length);
  const missing = new Set(starts.keys());
  for await (const { snapshot, slot: of } of snapshotsOf(bus, partition, () => undefined)) {
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

/** Newest first. */
async function wholeSets({ bus, partition, committed, onUnusable }: SnapshotReading): Promise<readonly ChunkSet[]> {
  const sets = new Map<string, ChunkSet>();
  for await (const { snapshot, slot } of snapshotsOf(bus, partition, onUnusable)) {
    const { nextOffset, chunkIndex, chunkCount, data } = snapshot;
    if (nextOffset > committed) continue;
    const name = `${nextOffset}/${slot}`;
    const set = sets.get(name) ?? { nextOffset, slot, sizes: [], chunkCount: 0 };
    sets.set(name, set);
    set.sizes[chunkIndex] = data.length;
    set.chunkCount = Math.max(set.chunkCount, chunkCount);
  }
  return [...sets.values()].filter(isComplete).toSorted((a, b) => b.nextOffset - a.nextOffset);
}

function isComplete({ sizes, chunkCount }: ChunkSet): boolean {
  if (chunkCount === 0 || sizes.length !== chunkCount) return false;
  for (let index = 0; index < chunkCount; index += 1) if (sizes[index] === undefined) return false;
  return true;
}

/** Chunks that this version reads, in the order of the log. */
async function* snapshotsOf(
  bus: Pick<Bus, 'read'>,
  partition: number,
  onUnusable: (unusable: Unusable) => void,
): AsyncGenerator<{ readonly snapshot: Snapshot; readonly slot: Slot }> {
  const onDamaged = () => onUnusable({ nextOffset: undefined, reason: 'damaged' });
  for await (const records of bus.read({ topic: TOPICS.snapshots.name, partition }, 0, { onDamaged })) {
    for (const { key, value } of records) {
      const snapshot = tryDecode(value);
      if (snapshot === undefined) onUnusable({ nextOffset: undefined, reason: 'damaged' });
      if (snapshot?.format !== STATE_FORMAT) continue;
      const name = Buffer.from(key ?? []).toString();
      const slot = slotOf(name, partition, snapshot.chunkIndex);
      if (slot === undefined || snapshot.checksum !== checksumOf(name, snapshot)) {
        onUnusable({ nextOffset: snapshot.nextOffset, reason: 'damaged' });
        continue;
      }
      yield { snapshot, slot };
    }
  }
}

/** Of `partition/slot/chunk`; undefined for the key of another record. */
function slotOf(key: string, partition: number, chunkIndex: number): Slot | undefined {
  return ([0, 1, 2] as const).find((slot) => key === `${partition}/${slot}/${chunkIndex}`);
}

/** Of all that is believed: the checksum that Kafka keeps is of a batch as it was sent, and says nothing of what was made before that or stands under another key. */
function checksumOf(key: string, { nextOffset, chunkCount, data }: Pick<Snapshot, 'nextOffset' | 'chunkCount' | 'data'>): number {
  return crc32(data, crc32(`${key} ${nextOffset} ${chunkCount}`));
}

/** A record that is no snapshot is no state: the log has everything, a snapshot only saves time. */
function tryDecode(value: Uint8Array): Snapshot | undefined {
  try {
    return Snapshot.decode(value);
  } catch {
    return undefined;
  }
}
