import { ModelRecord } from '@messtrack/proto/gen/messtrack/v1/state.ts';
import { Touchpoint } from '@messtrack/proto/gen/messtrack/v1/touchpoint.ts';
import { encodeHeaders } from '@messtrack/proto/headers.ts';
import { TOPICS } from '@messtrack/proto/topics.ts';
import type { OutRecord } from '@messtrack/runtime/bus.ts';
import type { LearnedModel, Taught } from '../domain/model/learned-model.ts';
import { encodeStatistics, STATISTICS_FORMAT } from './statistics-codec.ts';
import { encodeTrials } from './trials-codec.ts';

/** Versions and statistics share a partition, which holds little and is read whole at every start; quality has another. */
export const LEARNING_PARTITION = 0;

export function modelKey(version: number): string {
  return `model/${version}`;
}

export function statisticsKey(partition: number): string {
  return `statistics/${partition}`;
}

/** What a partition has taught, for the trainer. */
export function statisticsRecord({ partition, nextOffset, atMs, statistics, trials }: Taught, producedAtMs: number): OutRecord {
  const key = statisticsKey(partition);
  const kind: ModelRecord['kind'] = {
    $case: 'statistics',
    value: {
      partition,
      nextOffset,
      atMs,
      format: STATISTICS_FORMAT,
      data: bytes(encodeStatistics(statistics)),
      trials: bytes(encodeTrials(trials)),
    },
  };
  return learningRecord(key, { eventId: `${key}/${nextOffset}`, kind }, 'ModelRecord.statistics', producedAtMs);
}

export function modelRecord({ model, learnedAtMs }: LearnedModel, producedAtMs: number): OutRecord {
  const key = modelKey(model.version);
  const kind: ModelRecord['kind'] = {
    $case: 'model',
    // A model is a function of its statistics: they are its parameters.
    value: { version: model.version, learnedAtMs, format: STATISTICS_FORMAT, parameters: bytes(encodeStatistics(model.statistics)) },
  };
  return learningRecord(key, { eventId: key, kind }, 'ModelRecord.model', producedAtMs);
}

/** Deletes a version that no record of the log can name any more. */
export function modelTombstone(version: number, producedAtMs: number): OutRecord {
  const key = modelKey(version);
  const headers = encodeHeaders({ eventId: `${key}/deleted`, type: 'ModelRecord.model', producedAtMs });
  return { topic: TOPICS.model.name, partition: LEARNING_PARTITION, key, value: new Uint8Array(0), headers };
}

/** From its place in the log on, the version is in force for every account of the partition. */
export function modelEpochRecord(partition: number, version: number, atMs: number): OutRecord {
  const eventId = `epoch/model/${version}/${partition}`;
  const epoch = Touchpoint.fromPartial({
    eventId,
    eventTimeMs: atMs,
    observedAtMs: atMs,
    kind: { $case: 'epoch', value: { modelVersion: version } },
  });
  return {
    topic: TOPICS.touchpoints.name,
    partition,
    key: '',
    value: Touchpoint.encode(epoch).finish(),
    headers: encodeHeaders({ eventId, type: 'Touchpoint.epoch', producedAtMs: atMs }),
  };
}

function learningRecord(key: string, record: ModelRecord, type: string, producedAtMs: number): OutRecord {
  const headers = encodeHeaders({ eventId: record.eventId, type, producedAtMs });
  return { topic: TOPICS.model.name, partition: LEARNING_PARTITION, key, value: ModelRecord.encode(record).finish(), headers };
}

function bytes(from: Uint8Array): Buffer {
  return Buffer.from(from.buffer, from.byteOffset, from.byteLength);
}
