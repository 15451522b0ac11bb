import { setTimeout as delay } from 'node:timers/promises';
import { ModelRecord } from '@messtrack/proto/gen/messtrack/v1/state.ts';
import { TOPICS } from '@messtrack/proto/topics.ts';
import { type Bus, type BusRecord, BusUnavailableError } from '@messtrack/runtime/bus.ts';
import type { LearnedModel, Taught } from '../domain/model/learned-model.ts';
import { derivePlatform } from '../domain/model/platform-model.ts';
import type { FoundModel, ModelDirectory } from '../ports.ts';
import { LEARNING_PARTITION } from './model-records.ts';
import { decodeStatistics, STATISTICS_FORMAT } from './statistics-codec.ts';
import { decodeTrials } from './trials-codec.ts';

export interface ModelDirectoryOptions {
  /** How long a version that the log names may take to show. Milliseconds. */
  readonly patienceMs?: number;
  /** Between two looks while waiting. Milliseconds. */
  readonly pauseMs?: number;
}

/**
 * A version and its epochs are written in one transaction, but a reader may meet the epoch's commit before the version's: another
 * partition's open transaction in model.v1 holds back what stands behind it, for 20 s at most (the time-out of our transactions; the broker
 * looks for such every 10 s). Three times that long, and it is not coming.
 */
const PATIENCE_MS = 90_000;
const PAUSE_MS = 100;
/** Versions kept ready: all partitions are under the same one or two, except while an old log is folded. A model takes about a megabyte. */
const READY = 4;

interface Place {
  readonly offset: number;
  readonly learnedAtMs: number;
  /** False when another version of this program wrote the parameters. */
  readonly isKnownFormat: boolean;
}

/**
 * Model versions and statistics of model.v1. It is read once from its beginning, then from where the last reading ended; of versions only
 * the places are kept, because a log of two months names a hundred of them and a fold needs one at a time.
 */
export function openModelDirectory(bus: Pick<Bus, 'read'>, options: ModelDirectoryOptions = {}): ModelDirectory {
  const { patienceMs = PATIENCE_MS, pauseMs = PAUSE_MS } = options;
  const partition = { topic: TOPICS.model.name, partition: LEARNING_PARTITION };
  const places = new Map<number, Place>();
  const deleted = new Set<number>();
  const statistics = new Map<number, BusRecord>();
  const ready = new Map<number, Promise<LearnedModel | undefined>>();
  let newest = 0;
  let nextOffset = 0;
  let running: Promise<void> = Promise.resolve();
  let queued: Promise<void> | undefined;

  async function readOn(): Promise<void> {
    for await (const records of bus.read(partition, nextOffset)) {
      for (const record of records) note(record);
      nextOffset = records.at(-1)!.offset + 1;
    }
  }

  function note(record: BusRecord): void {
    const [kind, number] = keyOf(record);
    if (kind === 'statistics' && record.value.length > 0) statistics.set(number, record);
    if (kind !== 'model') return;
    newest = Math.max(newest, number);
    const model = record.value.length === 0 ? undefined : modelOf(record);
    if (model === undefined) {
      places.delete(number);
      deleted.add(number);
      return;
    }
    places.set(number, {
      offset: record.offset,
      learnedAtMs: model.learnedAtMs,
      isKnownFormat: model.format === STATISTICS_FORMAT,
    });
  }

  /** Begins after the call: one that is under way may have looked for the end before what the caller needs was written. */
  function refresh(): Promise<void> {
    queued ??= running.then(begin, begin);
    return queued;
  }

  function begin(): Promise<void> {
    queued = undefined;
    running = readOn();
    return running;
  }

  function load(version: number, place: Place): Promise<LearnedModel | undefined> {
    const known = ready.get(version);
    if (known !== undefined) {
      // Last used, last to go.
      ready.delete(version);
      ready.set(version, known);
      return known;
    }
    const loading = readModel(version, place);
    ready.set(version, loading);
    loading.catch(() => ready.delete(version));
    for (const oldest of ready.keys()) {
      if (ready.size <= READY) break;
      ready.delete(oldest);
    }
    return loading;
  }

  async function readModel(version: number, place: Place): Promise<LearnedModel | undefined> {
    for await (const records of bus.read(partition, place.offset)) {
      const record = records.find(({ offset }) => offset === place.offset);
      const model = record === undefined ? undefined : modelOf(record);
      return model === undefined ? undefined : learnedModel(version, model);
    }
    return undefined;
  }

  async function look(version: number): Promise<FoundModel | undefined> {
    const place = places.get(version);
    if (place !== undefined) {
      if (!place.isKnownFormat) return { kind: 'gone', reason: 'foreign_format' };
      const learned = await load(version, place);
      return learned === undefined ? { kind: 'gone', reason: 'deleted' } : { kind: 'found', learned };
    }
    // Versions are written in their order: what a later one has passed does not come any more.
    return deleted.has(version) || version < newest ? { kind: 'gone', reason: 'deleted' } : undefined;
  }

  return {
    refresh,
    newest: () => newest,
    async find(version) {
      const known = await look(version);
      if (known !== undefined) return known;
      for (const deadline = performance.now() + patienceMs; ; ) {
        try {
          await refresh();
          const found = await look(version);
          if (found !== undefined) return found;
          if (performance.now() > deadline) return { kind: 'gone', reason: 'never_written' };
        } catch (error) {
          // A log that is away holds the version back like everything else.
          if (!(error instanceof BusUnavailableError)) throw error;
        }
        await delay(pauseMs);
      }
    },
    versions: () => [...places].map(([version, { learnedAtMs }]) => ({ version, learnedAtMs })),
    taught: () => [...statistics.values()].flatMap((record) => taughtOf(record) ?? []),
    taughtBy: (number) => {
      const record = statistics.get(number);
      return record === undefined ? undefined : taughtOf(record);
    },
  };
}

function keyOf({ key }: BusRecord): readonly [kind: string, number: number] {
  const [kind = '', number = ''] = (key === null ? '' : Buffer.from(key).toString()).split('/');
  return /^\d{1,15}$/.test(number) ? [kind, Number(number)] : ['', 0];
}

/** Undefined for what is no model: the exporter has put it on the dead-letter topic; here it is as good as deleted. */
function modelOf(record: BusRecord) {
  const kind = kindOf(record);
  return kind?.$case === 'model' ? kind.value : undefined;
}

function kindOf({ value }: BusRecord): ModelRecord['kind'] {
  try {
    return ModelRecord.decode(value).kind;
  } catch {
    return undefined;
  }
}

function learnedModel(version: number, model: { readonly learnedAtMs: number; readonly parameters: Uint8Array }): LearnedModel | undefined {
  const statistics = tryDecode(decodeStatistics, model.parameters);
  return statistics === undefined ? undefined : { model: derivePlatform(statistics, version), learnedAtMs: model.learnedAtMs };
}

/** Decoded anew each time: the trainer fades what it is given. Undefined for another format, whose partition the trainer leaves out. */
function taughtOf(record: BusRecord): Taught | undefined {
  const kind = kindOf(record);
  if (kind?.$case !== 'statistics' || kind.value.format !== STATISTICS_FORMAT) return undefined;
  const { partition, nextOffset, atMs, data } = kind.value;
  const statistics = tryDecode(decodeStatistics, data);
  const trials = tryDecode(decodeTrials, kind.value.trials);
  return statistics === undefined || trials === undefined ? undefined : { partition, nextOffset, atMs, statistics, trials };
}

function tryDecode<T>(decode: (bytes: Uint8Array) => T, bytes: Uint8Array): T | undefined {
  try {
    return decode(bytes);
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}
