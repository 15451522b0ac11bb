import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { TOPIC_LIST } from '@messtrack/proto/topics.ts';
import type { Bus, OutRecord } from '@messtrack/runtime/bus.ts';
import { openLmdbBus } from '@messtrack/runtime/bus-lmdb.ts';
import { openLmdbJoinStore } from '@messtrack/sessions/join-store-lmdb.ts';
import { pino } from 'pino';
import { recordOf } from '../../../tests/bench/matcher/records.ts';
import { BASE, trafficUntil } from '../../../tests/bench/matcher/traffic.ts';
import type { Surroundings } from '../../replay/run.ts';
import { foldLive } from './live-matcher.ts';

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
    live: (modelVersion = 0) =>
      withBus(async (bus) => {
        const joins = await openLmdbJoinStore({ path: join(folder, 'sessions') });
        try {
          await foldLive(bus, joins, modelVersion);
        } finally {
          await joins.close();
        }
      }),
    append: (records) =>
      withBus(async (bus) => {
        const producer = await bus.producer();
        for (let at = 0; at < records.length; at += 1_000) await producer.send(records.slice(at, at + 1_000));
        await producer.close();
      }),
    remove: () => rm(folder, { recursive: true, force: true }),
  };
}

/** An agency whose second half of three days was folded under what the first had taught, so that model 0 says something else of it. */
export async function openTaughtAgency(): Promise<SmallAgency> {
  const agency = await openSmallAgency();
  const records = threeDays(5);
  await agency.append(records.slice(0, records.length / 2));
  await agency.live(1);
  await agency.append(records.slice(records.length / 2));
  await agency.live();
  return agency;
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
