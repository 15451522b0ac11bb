import { decodeLead } from '@messtrack/matcher/adapters/lead-codec.ts';
import { DEFAULT_MATCHER_SETTINGS } from '@messtrack/matcher/config.ts';
import type { Lead, LeadState } from '@messtrack/matcher/domain/lead.ts';
import { startMatcher } from '@messtrack/matcher/service.ts';
import { Touchpoint } from '@messtrack/proto/gen/messtrack/v1/touchpoint.ts';
import { TOPICS } from '@messtrack/proto/topics.ts';
import type { Bus, BusRecord } from '@messtrack/runtime/bus.ts';
import type { JoinStore } from '@messtrack/sessions/join-store.ts';
import { fixedWorkspaces } from '@messtrack/workspace/registry.ts';
import { fastify } from 'fastify';
import { pino } from 'pino';
import { Registry } from 'prom-client';

/** The live matcher folds what the log holds until every lead is final and this model is in force everywhere, and stops. */
export async function foldLive(bus: Bus, joins: JoinStore, modelVersion: number): Promise<void> {
  const matcher = await startMatcher({
    app: fastify(),
    bus,
    joins,
    workspaces: fixedWorkspaces([]),
    settings: { ...DEFAULT_MATCHER_SETTINGS, maxBatchRecords: 97, lookEveryMs: 0 },
    log: pino({ level: 'silent' }),
    registry: new Registry(),
  });
  try {
    while (!(await isSettled(bus, modelVersion))) {
      await Promise.race([matcher.failed, new Promise((resolve) => setTimeout(resolve, 50))]);
    }
  } finally {
    await matcher.close?.();
  }
}

/** Nothing is left to be folded, no lead is open, and the epochs of the model stand in the log, folded like the rest. */
async function isSettled(bus: Bus, modelVersion: number): Promise<boolean> {
  if (!(await isFolded(bus))) return false;
  const states = new Map<string, LeadState>();
  for (const lead of await standing(bus)) states.set(lead.leadId, lead.state);
  if ([...states.values()].includes('provisional')) return false;
  return modelVersion === 0 || (await namedModel(bus)) >= modelVersion;
}

/** What is behind the committed offsets is no record: on Kafka, markers of transactions count as lag. */
async function isFolded(bus: Bus): Promise<boolean> {
  const topic = TOPICS.touchpoints.name;
  for (const { partition, offset } of await bus.committed(DEFAULT_MATCHER_SETTINGS.groupId, topic)) {
    for await (const _records of bus.read({ topic, partition }, offset)) return false;
  }
  return true;
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
