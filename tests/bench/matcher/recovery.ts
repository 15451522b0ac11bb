import { join } from 'node:path';
import { openModelDirectory } from '@messtrack/matcher/adapters/model-directory.ts';
import { readSnapshot } from '@messtrack/matcher/adapters/snapshots.ts';
import { TOPIC_LIST, TOPICS } from '@messtrack/proto/topics.ts';
import type { Bus } from '@messtrack/runtime/bus.ts';
import { openKafkaBus } from '@messtrack/runtime/bus-kafka.ts';
import { openRedisJoinStore } from '@messtrack/sessions/join-store-redis.ts';
import { startServices } from '@messtrack/testing/services.ts';
import { Kafka, logLevel } from 'kafkajs';
import { pino } from 'pino';
import { keepCompiled } from '../compiled.ts';
import { startChild } from './child.ts';
import { type Findings, rounded } from './findings.ts';
import type { LeadReaderOptions, SeenLead } from './lead-reader.ts';
import type { MatcherProcessOptions } from './matcher-process.ts';
import type { StateOptions, StateRun } from './state-run.ts';

const PARTITION = 0;
/** So many accounts of the base mix write ten million touchpoints in the sixty days that the log keeps. */
const ACCOUNTS = 180;
/** MESSTRACK_BENCH_BEHIND makes it shorter, down to the three days of clicks that the state holds; the published result is of ten million. */
const TOUCHPOINTS = Number(process.env['MESSTRACK_BENCH_BEHIND'] ?? 10_000_000);
const AIM_SECONDS = 10;

interface Restart {
  readonly readSeconds: number;
  readonly seconds: number;
  readonly foldedAgain: number;
}

/**
 * How long a partition with ten million touchpoints behind it is without an owner: from the start of a new process to the moment another one
 * has the lead of the first message that nobody had folded. The ten million are folded by the operator and not by way of Kafka; its model, its snapshot
 * and records behind it are in the log. Twice: with as many records behind the snapshot as a partition that is behind may have, and with those of one that
 * is in step. What a record reads from Redis is asked for and not found.
 */
export async function measureRecovery(): Promise<Findings> {
  const services = await startServices({ kafka: true, redis: true });
  const { kafkaBrokers: brokers, redisUrl } = services;
  try {
    const bus = await openKafkaBus({ brokers, clientId: 'bench', log: pino({ level: 'warn' }) });
    await bus.ensureTopics(TOPIC_LIST);
    const stateOptions: StateOptions = { brokers, accounts: ACCOUNTS, touchpoints: TOUCHPOINTS };
    const making = await startChild('state-run.ts', stateOptions, ['--max-old-space-size=6144']);
    const made = JSON.parse(await making.line()) as StateRun;
    const behind = await restart(bus, { brokers, redisUrl }, made.tail, 0, 1);
    making.tell('the second snapshot');
    await making.line();
    await making.close();
    const inStep = await restart(bus, { brokers, redisUrl }, made.tail, made.inStepFrom, 2);
    await bus.close();
    return findings(made, behind, inStep);
  } finally {
    await services.stop();
  }
}

async function restart(
  bus: Bus,
  { brokers, redisUrl }: { readonly brokers: readonly string[]; readonly redisUrl: string },
  tail: number,
  from: number,
  /** Which lead of the topic it is: each restart writes one. */
  nth: number,
): Promise<Restart> {
  const groupId = `recovery-${process.pid}-${from}`;
  await commit(brokers, groupId, tail);
  const models = openModelDirectory(bus);
  const readStartedMs = performance.now();
  const restored = await readSnapshot({
    bus,
    partition: PARTITION,
    committed: tail,
    model: async (version) => {
      const found = await models.find(version);
      return found.kind === 'found' ? found.learned.model : undefined;
    },
    onUnusable: ({ nextOffset, reason }) => {
      throw new Error(`the snapshot of ${nextOffset} is ${reason}`);
    },
  });
  const readSeconds = (performance.now() - readStartedMs) / 1_000;
  if (restored?.nextOffset !== from) throw new Error(`the snapshot of offset ${from} cannot be read`);

  const readerOptions: LeadReaderOptions = { brokers };
  const reader = await startChild('lead-reader.ts', readerOptions);
  await reader.line();
  keepCompiled(join(import.meta.dirname, 'matcher-process.ts'));
  const matcherOptions: MatcherProcessOptions = { brokers, redisUrl, prefix: `${groupId}:`, groupId };
  // As the owner has left it who has committed.
  const joins = await openRedisJoinStore({ url: redisUrl, prefix: matcherOptions.prefix });
  await joins.write([]);
  await joins.close();
  const startedMs = performance.timeOrigin + performance.now();
  const matcher = await startChild('matcher-process.ts', matcherOptions);
  reader.tell(String(nth));
  const lead = (JSON.parse(await reader.line()) as readonly SeenLead[])[nth - 1];
  await Promise.all([matcher.close(), reader.close()]);
  if (lead?.[1] !== tail) throw new Error(`the first lead is of offset ${lead?.[1]}, not of the first message after ${tail}`);
  return { readSeconds, seconds: (lead[2] - startedMs) / 1_000, foldedAgain: tail - from };
}

/** The group has folded and committed everything but the last message. */
async function commit(brokers: readonly string[], groupId: string, offset: number): Promise<void> {
  const admin = new Kafka({ brokers: [...brokers], clientId: 'bench', logLevel: logLevel.NOTHING }).admin();
  await admin.connect();
  await admin.setOffsets({ groupId, topic: TOPICS.touchpoints.name, partitions: [{ partition: PARTITION, offset: String(offset) }] });
  await admin.disconnect();
}

function findings(made: StateRun, behind: Restart, inStep: Restart): Findings {
  const parameters: Record<string, number> = {
    'recovery: touchpoints behind the partition': TOUCHPOINTS,
    'recovery: accounts': ACCOUNTS,
    'recovery: live clicks': made.windowClicks,
    'recovery: open leads': made.openLeads,
    'recovery: model version': made.modelVersion,
    'recovery: snapshot bytes': made.snapshotBytes,
    'recovery: seconds the operator took for the touchpoints behind': rounded(made.foldSeconds, 1),
  };
  const ratios: Record<string, { value: number; aim: number }> = {};
  for (const [name, { readSeconds, seconds, foldedAgain }] of Object.entries({ 'in step': inStep, behind })) {
    console.log(
      `recovery of a partition ${name}: ${seconds.toFixed(1)} s from process start to the next lead; the snapshot of ${(made.snapshotBytes / 1e6).toFixed(1)} MB alone ${readSeconds.toFixed(2)} s, ${foldedAgain} records behind it`,
    );
    parameters[`recovery, ${name}: records folded again`] = foldedAgain;
    parameters[`recovery, ${name}: seconds to read the snapshot alone`] = rounded(readSeconds, 2);
    parameters[`recovery, ${name}: seconds from process start to the next lead`] = rounded(seconds, 2);
    ratios[`${AIM_SECONDS} s / recovery of a partition ${name}, with ${TOUCHPOINTS.toLocaleString('en')} touchpoints behind it`] = {
      value: AIM_SECONDS / seconds,
      aim: 1,
    };
  }
  return { samples: [], parameters, ratios };
}
