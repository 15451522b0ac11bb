import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DeadLetter } from '@messtrack/proto/gen/messtrack/v1/state.ts';
import { TOPIC_LIST } from '@messtrack/proto/topics.ts';
import type { Bus, OutRecord } from '@messtrack/runtime/bus.ts';
import { openKafkaBus } from '@messtrack/runtime/bus-kafka.ts';
import { openLmdbBus } from '@messtrack/runtime/bus-lmdb.ts';
import type { Running } from '@messtrack/runtime/lifecycle.ts';
import { createLogger } from '@messtrack/runtime/logger.ts';
import { connectWarehouse, type Warehouse } from '@messtrack/warehouse/connect.ts';
import { Registry } from 'prom-client';
import { inject, onTestFinished } from 'vitest';
import { EXPORTED_TOPICS } from '../src/adapters/record-codec.ts';
import { DEFAULT_EXPORTER_SETTINGS, type ExporterSettings } from '../src/config.ts';
import { type ExporterService, startExporter } from '../src/service.ts';
import { prefixedBus } from './prefixed-bus.ts';

export type BusKind = 'lmdb' | 'kafka';
/** What another process needs to open the same bus. */
export interface BusPlace {
  readonly kind: BusKind;
  readonly where: string;
  readonly prefix: string;
}

export const log = createLogger('test', 'silent');

export async function openBus(place: BusPlace): Promise<Bus> {
  if (place.kind === 'lmdb') return openLmdbBus({ path: place.where, log });
  return prefixedBus(await openKafkaBus({ brokers: place.where.split(','), clientId: 'exporter-test', log }), place.prefix);
}

/** A place of its own per test: a folder, or a prefix on the shared broker. */
export async function newBusPlace(kind: BusKind): Promise<BusPlace> {
  const prefix = `t${randomUUID().slice(0, 8)}-`;
  if (kind === 'kafka') return { kind, where: inject('kafkaBrokers').join(','), prefix };
  const where = await mkdtemp(join(tmpdir(), 'messtrack-exporter-'));
  onTestFinished(() => rm(where, { recursive: true, force: true }));
  return { kind, where, prefix };
}

/** Two partitions per topic: several are needed, twelve only take time. */
export async function ensureTopics(bus: Bus): Promise<void> {
  await bus.ensureTopics(TOPIC_LIST.map((topic) => ({ ...topic, partitions: Math.min(topic.partitions, 2) })));
}

export async function produce(bus: Bus, records: readonly OutRecord[]): Promise<void> {
  const producer = await bus.producer();
  await producer.send(records);
  await producer.close();
}

export async function newWarehouse(url = inject('clickhouseUrl')): Promise<Warehouse> {
  const warehouse = await connectWarehouse({ url, database: `exporter_${randomUUID().replaceAll('-', '')}`, requestTimeoutMs: 5_000 });
  onTestFinished(() => warehouse.close());
  return warehouse;
}

export interface Exporter {
  readonly running: Running<ExporterService>;
  readonly settings: ExporterSettings;
  readonly registry: Registry;
}

export async function export_(bus: Bus, warehouse: Warehouse, settings: Partial<ExporterSettings> = {}): Promise<Exporter> {
  const registry = new Registry();
  const all = { ...DEFAULT_EXPORTER_SETTINGS, maxAgeMs: 50, maxRetryDelayMs: 50, ...settings };
  const running = await startExporter({ bus, warehouse, settings: all, log, registry });
  return { running, settings: all, registry };
}

/** Resolves when everything that is on the bus now is committed; rejects when the exporter dies. */
export async function caughtUp(bus: Bus, { running, settings }: Exporter): Promise<void> {
  const poll = async () => {
    for (const topic of EXPORTED_TOPICS) {
      while ((await bus.lag(settings.groupId, topic)).some(({ lag }) => lag > 0)) await new Promise((resolve) => setTimeout(resolve, 20));
    }
  };
  await Promise.race([poll(), running.failed ?? new Promise(() => undefined)]);
}

export async function select<T>(warehouse: Warehouse, query: string): Promise<T[]> {
  return (await warehouse.client.query({ query, format: 'JSONEachRow' })).json<T>();
}

export async function column(warehouse: Warehouse, table: string, name: string): Promise<string[]> {
  return (await select<{ v: string }>(warehouse, `SELECT toString(${name}) AS v FROM ${table}`)).map(({ v }) => v).sort();
}

export async function deadLetters(bus: Bus, topic: string): Promise<DeadLetter[]> {
  const letters: DeadLetter[] = [];
  for (const { partition } of await bus.offsets(topic)) {
    for await (const records of bus.read({ topic, partition }, 0)) letters.push(...records.map(({ value }) => DeadLetter.decode(value)));
  }
  return letters;
}
