import { decodeStatistics, STATISTICS_FORMAT } from '@messtrack/matcher/adapters/statistics-codec.ts';
import { derivePlatform, type PlatformModel } from '@messtrack/matcher/domain/model/platform-model.ts';
import { emptyPlatformStatistics } from '@messtrack/matcher/domain/model/platform-statistics.ts';
import { ModelRecord } from '@messtrack/proto/gen/messtrack/v1/state.ts';
import { TOPICS } from '@messtrack/proto/topics.ts';
import type { Bus } from '@messtrack/runtime/bus.ts';
import { LRUCache } from 'lru-cache';

/** The model versions that model.v1 holds, made when they are asked for. */
export interface Models {
  /** 0 is the priors alone; undefined for a version that is not there or of a format that this release does not read. */
  model(version: number): PlatformModel | undefined;
  /** Highest version; 0 when nothing was ever learned. */
  readonly newest: number;
}

/** A log switches models hourly at most and never back; the next partition starts again from the first. */
const HELD = 8;

export async function readModels(bus: Bus): Promise<Models> {
  const parameters = new Map<number, Uint8Array>();
  const topic = TOPICS.model.name;
  for (const { partition, first } of await bus.offsets(topic)) {
    for await (const records of bus.read({ topic, partition }, first)) {
      for (const { key, value } of records) {
        const [, version] = /^model\/(\d{1,15})$/.exec(key === null ? '' : Buffer.from(key).toString()) ?? [];
        if (version === undefined) continue;
        const found = modelIn(value);
        if (found?.format === STATISTICS_FORMAT) parameters.set(Number(version), found.parameters);
        else parameters.delete(Number(version));
      }
    }
  }
  return modelsOf(parameters);
}

/** `parameters`: statistics by version, as model.v1 carries them. */
export function modelsOf(parameters: ReadonlyMap<number, Uint8Array>): Models {
  const made = new LRUCache<number, PlatformModel>({ max: HELD });
  return {
    model(version) {
      const known = made.get(version);
      if (known !== undefined) return known;
      const bytes = parameters.get(version);
      if (bytes === undefined && version !== 0) return undefined;
      const model = derivePlatform(bytes === undefined ? emptyPlatformStatistics() : decodeStatistics(bytes), version);
      made.set(version, model);
      return model;
    },
    newest: Math.max(0, ...parameters.keys()),
  };
}

/** Undefined for what is no model any more (an empty value deletes one) and for what cannot be read. */
function modelIn(value: Uint8Array) {
  try {
    const { kind } = ModelRecord.decode(value);
    return kind?.$case === 'model' ? kind.value : undefined;
  } catch {
    return undefined;
  }
}
