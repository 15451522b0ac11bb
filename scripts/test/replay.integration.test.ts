import { randomUUID } from 'node:crypto';
import { DEFAULT_EXPORTER_SETTINGS } from '@messtrack/exporter/config.ts';
import { startExporter } from '@messtrack/exporter/service.ts';
import { tickRecord } from '@messtrack/matcher/adapters/out-records.ts';
import { Touchpoint } from '@messtrack/proto/gen/messtrack/v1/touchpoint.ts';
import { TOPIC_LIST, TOPICS } from '@messtrack/proto/topics.ts';
import type { Bus, OutRecord } from '@messtrack/runtime/bus.ts';
import { openKafkaBus } from '@messtrack/runtime/bus-kafka.ts';
import { partitionOf } from '@messtrack/runtime/murmur2.ts';
import { openRedisJoinStore } from '@messtrack/sessions/join-store-redis.ts';
import { connectWarehouse } from '@messtrack/warehouse/connect.ts';
import { pino } from 'pino';
import { Registry } from 'prom-client';
import { afterEach, describe, expect, inject, it } from 'vitest';
import { prefixedBus } from '../../services/exporter/test/prefixed-bus.ts';
import { prefixedBus as prefixedProcessingBus } from '../../services/matcher/test/support/prefixed-bus.ts';
import { correctionsBehind, planCorrections, writeCorrections } from '../replay/corrections.ts';
import { modelsOf, readModels } from '../replay/models.ts';
import { readOptions } from '../replay/options.ts';
import type { ModelChoice } from '../replay/replay-fold.ts';
import { replayLog } from '../replay/replay-log.ts';
import type { reportObject } from '../replay/report.ts';
import { run } from '../replay/run.ts';
import { WHOLE_LOG } from '../replay/stretch.ts';
import { foldLive } from './support/live-matcher.ts';
import { surroundings, threeDays } from './support/small-agency.ts';

const log = pino({ level: 'silent' });
const PARTITIONS = 3;
const cleanup: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const each of cleanup.splice(0).reverse()) await each();
});

describe('replay on Kafka, Redis and ClickHouse', () => {
  it('finds the leads of the live matcher to the byte, corrects them by another model, and then has nothing to correct', async () => {
    const { bus, live } = await cluster();
    const records = threeDays(4, 8);
    await send(bus, records.slice(0, records.length / 2));
    await live(1);
    await send(bus, records.slice(records.length / 2));
    await live(0);

    const same = await replayed(bus, { kind: 'log' });
    expect(same.differences).toMatchObject({ changed: 0, same_answer: 0, only_standing: 0, only_replayed: 0 });
    expect(same.differences.identical).toBeGreaterThan(400);
    expect(same.unknownModels).toEqual([]);

    const choice: ModelChoice = { kind: 'named', version: 0 };
    const other = await replayed(bus, choice);
    expect(other.differences.changed).toBeGreaterThan(20);
    const plan = async () => {
      const result = await replayed(bus, choice);
      return planCorrections({ result, choice, atLeast: 0, nowMs: Date.now(), written: await correctionsBehind(bus, result) });
    };
    const planned = await plan();
    expect(planned.records.length).toBeGreaterThan(20);
    await writeCorrections(bus, planned.records);
    // The matcher has not come to them: the log says so.
    expect(await plan()).toMatchObject({ records: [], leftOut: { already_written: planned.records.length } });
    await live(0);
    expect((await plan()).records).toEqual([]);
    const settled = await replayed(bus, { kind: 'log' });
    expect(settled.differences).toMatchObject({ changed: 0, same_answer: 0, only_standing: 0, only_replayed: 0 });
  }, 180_000);

  it('says of the rows in ClickHouse nearly what it says of the log, and what they lack', async () => {
    const { bus, exporting, live } = await cluster();
    const records = withDueTicks(threeDays(4, 9));
    await send(bus, records);
    await live(0);
    const fromLog = await replayed(bus, { kind: 'named', version: 0 });
    expect(fromLog.differences.changed).toBe(0);

    const database = `replay_${randomUUID().replaceAll('-', '')}`;
    await exportAll(exporting, database);
    const env = { CLICKHOUSE_URL: inject('clickhouseUrl'), CLICKHOUSE_DATABASE: database };
    const { around, printed } = surroundings(env);
    const options = readOptions(['--warehouse', '--model', '0', '--json']);
    if (options === 'help' || 'problems' in options) throw new Error('the test asks for something odd');
    await run(options, around);
    const report: ReturnType<typeof reportObject> = JSON.parse(printed[0]!);
    expect(report).toMatchObject({ only_standing: 0, only_replayed: 0, unreadable: 0, compared: fromLog.differences.compared });
    // Rows of one millisecond have lost their order, and a lead is finally decided by what had come by then.
    expect(report.same_answer / report.compared).toBeGreaterThan(0.99);
    expect(report.filled.join()).toContain('approximate');

    const account = readOptions(['--warehouse', '--model', '0', '--json', '--account', 'acc-1', '--workspace', 'bench']);
    if (account === 'help' || 'problems' in account) throw new Error('the test asks for something odd');
    await run(account, around);
    const one: ReturnType<typeof reportObject> = JSON.parse(printed[1]!);
    expect(one.compared).toBeGreaterThan(50);
    expect(one.compared).toBeLessThan(report.compared);
    expect(one).toMatchObject({ only_standing: 0, only_replayed: 0 });
  }, 180_000);
});

/** Topics and keys of this test's own on the shared servers. */
async function cluster() {
  const prefix = `r${randomUUID().slice(0, 8)}.`;
  const kafka = await openKafkaBus({
    brokers: inject('kafkaBrokers'),
    clientId: 'replay-test',
    log,
    sessionTimeoutMs: 6_000,
    rebalanceTimeoutMs: 6_000,
  });
  cleanup.push(() => kafka.close());
  const processing = prefixedProcessingBus(kafka, prefix);
  await processing.ensureTopics(TOPIC_LIST.map((topic) => ({ ...topic, partitions: Math.min(topic.partitions, PARTITIONS) })));
  const joins = await openRedisJoinStore({ url: inject('redisUrl'), prefix, log });
  cleanup.push(() => joins.close());
  return {
    bus: processing,
    exporting: prefixedBus(kafka, prefix),
    live: (modelVersion: number) => foldLive(processing, joins, modelVersion),
  };
}

async function replayed(bus: Bus, choice: ModelChoice) {
  return replayLog({
    bus,
    models: choice.kind === 'log' ? await readModels(bus) : modelsOf(new Map()),
    choice,
    stretch: WHOLE_LOG,
    isWanted: () => true,
  });
}

async function send(bus: Bus, records: readonly OutRecord[]): Promise<void> {
  const producer = await bus.producer();
  for (let at = 0; at < records.length; at += 500) await producer.send(records.slice(at, at + 500));
  await producer.close();
}

/** As the owner of a quiet partition writes them: time passes when a lead is due, and not only when somebody clicks. */
function withDueTicks(records: readonly OutRecord[]): readonly OutRecord[] {
  const timed = records.map((record) => {
    const { observedAtMs, eventTimeMs, kind } = Touchpoint.decode(record.value);
    return { record, atMs: observedAtMs, dueAtMs: kind?.$case === 'message' ? eventTimeMs + 3_600_000 : undefined };
  });
  const ticks = timed.flatMap(({ record, dueAtMs }) =>
    dueAtMs === undefined ? [] : [{ record: tickRecord(partitionOf(Buffer.from(record.key), PARTITIONS), dueAtMs), atMs: dueAtMs }],
  );
  return [...timed, ...ticks].sort((a, b) => a.atMs - b.atMs).map(({ record }) => record);
}

async function exportAll(bus: Bus, database: string): Promise<void> {
  const warehouse = await connectWarehouse({ url: inject('clickhouseUrl'), database });
  const settings = { ...DEFAULT_EXPORTER_SETTINGS, groupId: database, maxAgeMs: 50 };
  const running = await startExporter({ bus, warehouse, settings, log, registry: new Registry() });
  try {
    while (!(await isExported(bus, settings.groupId))) {
      await Promise.race([running.failed, new Promise((resolve) => setTimeout(resolve, 50))]);
    }
  } finally {
    await running.close?.();
    await warehouse.close();
  }
}

/** What is behind the committed offsets is no record: markers of transactions count as lag. */
async function isExported(bus: Bus, groupId: string): Promise<boolean> {
  for (const topic of [TOPICS.touchpoints.name, TOPICS.leads.name]) {
    for (const { partition, offset } of await bus.committed(groupId, topic)) {
      for await (const _records of bus.read({ topic, partition }, offset)) return false;
    }
  }
  return true;
}
