import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { decodeLead } from '@messtrack/matcher/adapters/lead-codec.ts';
import { DEFAULT_MATCHER_SETTINGS } from '@messtrack/matcher/config.ts';
import type { Lead, LeadState } from '@messtrack/matcher/domain/lead.ts';
import { startMatcher } from '@messtrack/matcher/service.ts';
import { Touchpoint } from '@messtrack/proto/gen/messtrack/v1/touchpoint.ts';
import { TOPIC_LIST, TOPICS } from '@messtrack/proto/topics.ts';
import type { Bus, BusRecord, OutRecord } from '@messtrack/runtime/bus.ts';
import { openLmdbBus } from '@messtrack/runtime/bus-lmdb.ts';
import { openLmdbJoinStore } from '@messtrack/sessions/join-store-lmdb.ts';
import { fixedWorkspaces } from '@messtrack/workspace/registry.ts';
import { fastify } from 'fastify';
import { pino } from 'pino';
import { Registry } from 'prom-client';
import { recordOf } from '../../../tests/bench/matcher/records.ts';
import { BASE, trafficUntil } from '../../../tests/bench/matcher/traffic.ts';
import type { Surroundings } from '../../replay/run.ts';

const HOUR_MS = 3_600_000;
const silent = pino({ level: 'silent' });

/** A standalone's data folder with the log of some accounts, folded by the live matcher. */
export interface SmallAgency {
  readonly folder: string;
  /** The live matcher folds what the log holds until every lead is final and this model is in force everywhere, and stops. */
  live(modelVersion?: number): Promise<void>;
  append(records: readonly OutRecord[]): Promise<void>;
  /** Opens the log, which nobody else may have open then. */
  withBus<T>(work: (bus: Bus) => Promise<T>): Promise<T>;
  remove(): Promise<void>;
}

/** Three days of clicks and messages of `accounts`, more of them without their code than in life; ended two hours ago. */
export function threeDays(accounts: number, seed = 3) {
  const touchpoints = accounts * 8 * 72;
  const all = trafficUntil(
    { ...BASE, accounts, clicksPerAccountHour: 6.3, lostShare: 0.3, organicShare: 0.3, seed },
    touchpoints,
    Date.now() - 2 * HOUR_MS,
  );
  return all.map(recordOf);
}

export async function openSmallAgency(): Promise<SmallAgency> {
  const folder = await mkdtemp(join(tmpdir(), 'messtrack-replay-'));

  async function withBus<T>(work: (bus: Bus) => Promise<T>): Promise<T> {
    const bus = await openLmdbBus({ path: join(folder, 'log'), log: silent });
    try {
      await bus.ensureTopics(TOPIC_LIST);
      return await work(bus);
    } finally {
      await bus.close();
    }
  }

  return {
    folder,
    withBus,
    live: (modelVersion = 0) => withBus((bus) => foldLive(bus, join(folder, 'sessions'), modelVersion)),
    append: (records) =>
      withBus(async (bus) => {
        const producer = await bus.producer();
        for (let at = 0; at < records.length; at += 1_000) await producer.send(records.slice(at, at + 1_000));
        await producer.close();
      }),
    remove: () => rm(folder, { recursive: true, force: true }),
  };
}

async function foldLive(bus: Bus, path: string, modelVersion: number): Promise<void> {
  const joins = await openLmdbJoinStore({ path });
  const matcher = await startMatcher({
    app: fastify(),
    bus,
    joins,
    workspaces: fixedWorkspaces([]),
    settings: { ...DEFAULT_MATCHER_SETTINGS, maxBatchRecords: 97, lookEveryMs: 0 },
    log: silent,
    registry: new Registry(),
  });
  try {
    while (!(await isSettled(bus, modelVersion))) {
      await Promise.race([matcher.failed, new Promise((resolve) => setTimeout(resolve, 50))]);
    }
  } finally {
    await matcher.close?.();
    await joins.close();
  }
}

/** Nothing is left to be folded, no lead is open, and the epochs of the model stand in the log, folded like the rest. */
async function isSettled(bus: Bus, modelVersion: number): Promise<boolean> {
  const lag = await bus.lag(DEFAULT_MATCHER_SETTINGS.groupId, TOPICS.touchpoints.name);
  if (lag.some((each) => each.lag > 0)) return false;
  const states = new Map<string, LeadState>();
  for (const lead of await standing(bus)) states.set(lead.leadId, lead.state);
  if ([...states.values()].includes('provisional')) return false;
  return modelVersion === 0 || (await namedModel(bus)) >= modelVersion;
}

/** Every revision that stands in leads.v1, oldest first for each lead. */
export async function standing(bus: Bus): Promise<readonly Lead[]> {
  return (await everything(bus, TOPICS.leads.name)).map(({ value }) => decodeLead(value));
}

/** The highest model version that every partition with leads has been told of. */
async function namedModel(bus: Bus): Promise<number> {
  const named = new Map<number, number>();
  for (const { partition, value } of await everything(bus, TOPICS.touchpoints.name)) {
    const { kind } = Touchpoint.decode(value);
    if (kind?.$case === 'epoch') named.set(partition, kind.value.modelVersion);
  }
  return named.size === 0 ? 0 : Math.min(...named.values());
}

async function everything(bus: Bus, topic: string): Promise<readonly BusRecord[]> {
  const found: BusRecord[] = [];
  for (const { partition } of await bus.offsets(topic)) {
    for await (const records of bus.read({ topic, partition }, 0)) found.push(...records);
  }
  return found;
}

/** What the command finds around it, with what it said. */
export function surroundings(env: Surroundings['env'] = {}) {
  const printed: string[] = [];
  const told: string[] = [];
  const around: Surroundings = {
    env,
    log: silent,
    nowMs: Date.now,
    print: (text) => printed.push(text),
    tell: (text) => told.push(text),
  };
  return { around, printed, told };
}
