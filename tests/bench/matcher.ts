/**
 * The matcher on Kafka: touchpoints per second from the log to committed leads, transactional, with the join store on Redis; beside it, in the
 * same process and taking turns, the bare kafkajs loop that consumes the same records and writes as many records of the same size.
 */
import { TOPIC_LIST } from '@messtrack/proto/topics.ts';
import { openKafkaBus } from '@messtrack/runtime/bus-kafka.ts';
import { openRedisJoinStore } from '@messtrack/sessions/join-store-redis.ts';
import { startServices } from '@messtrack/testing/services.ts';
import { pino } from 'pino';
import { ACCOUNTS, codedTouchpoints, HOURS } from './matcher/load.ts';
import { runMatcher } from './matcher/matcher-run.ts';
import { runRawLoop } from './matcher/raw-loop.ts';
import type { Run } from './matcher/run.ts';
import { medianRate, packageVersion, type Sample, writeResult } from './result.ts';

/** Clicks per message with a code: one in four people who click also writes, or every one, the heaviest load there is. */
const MIXES = [4, 1];
const TOUCHPOINTS = 80_000;
const RUNS = 3;
const BATCH_RECORDS = 2_000;
const SEND_RECORDS = 5_000;

const samples: Sample[] = [];
const parameters: Record<string, number | string> = {
  runs: RUNS,
  touchpoints: TOUCHPOINTS,
  accounts: ACCOUNTS,
  eventTimeHours: HOURS,
  batchRecords: BATCH_RECORDS,
};
for (const clicks of MIXES) await measure(clicks);

const ratios: Record<string, { readonly value: number; readonly aim: number }> = {};
for (const clicks of MIXES) {
  const matcher = medianRate(samples, matcherName(clicks));
  ratios[`${matcherName(clicks)} / 30,000 per second`] = { value: matcher / 30_000, aim: 1 };
  ratios[`${matcherName(clicks)} / raw loop`] = { value: matcher / medianRate(samples, rawName(clicks)), aim: 0.7 };
}
writeResult({
  name: 'matcher',
  says: 'Touchpoints per second from Kafka to committed leads; broker and Redis share two cores with the matcher, whose own code runs on one thread. Runs are too short for a snapshot to fall due (tests/bench/matcher/worker-only.ts has them in), and row 6 is not there yet.',
  parameters,
  versions: { kafkajs: packageVersion('kafkajs'), ioredis: packageVersion('ioredis') },
  samples,
  ratios,
});

function matcherName(clicks: number): string {
  return `matcher, ${clicks} to 1`;
}

function rawName(clicks: number): string {
  return `raw kafkajs loop, ${clicks} to 1`;
}

/** A log and a Redis of its own for each mix: topic names are fixed. */
async function measure(clicks: number): Promise<void> {
  const services = await startServices({ kafka: true, redis: true });
  const log = pino({ level: 'warn' });
  let outputs = { perRecord: 1, bytes: 0 };
  try {
    const bus = await openKafkaBus({ brokers: services.kafkaBrokers, clientId: 'bench', log });
    await bus.ensureTopics(TOPIC_LIST);
    const load = codedTouchpoints(Math.round(TOUCHPOINTS / (clicks + 1)), clicks, Date.now());
    const producer = await bus.producer();
    for (let at = 0; at < load.length; at += SEND_RECORDS) await producer.send(load.slice(at, at + SEND_RECORDS));
    await producer.close();

    // The first run warms up and says how large the output is; its numbers are not kept.
    for (let run = 0; run <= RUNS; run += 1) {
      const prefix = `bench-${process.pid}-${run}:`;
      const joins = await openRedisJoinStore({ url: services.redisUrl, prefix, log });
      const matched = await runMatcher(bus, joins, `matcher-${process.pid}-${run}`, load.length, BATCH_RECORDS);
      await joins.clear('');
      await joins.close();
      outputs = { perRecord: matched.outputs / load.length, bytes: matched.outputBytes };
      keep(matcherName(clicks), run, load.length, matched);
      const raw = await runRawLoop(services.kafkaBrokers, `raw-${process.pid}-${run}`, load.length, BATCH_RECORDS, outputs);
      keep(rawName(clicks), run, load.length, raw);
    }
    await bus.close();
    parameters[`leadRecordsPerTouchpoint, ${clicks} to 1`] = Math.round(outputs.perRecord * 1_000) / 1_000;
    parameters['leadBytes'] = outputs.bytes;
    parameters['redis'] = services.origins.redis ?? 'given';
    parameters['kafka'] = services.origins.kafka ?? 'given';
  } finally {
    await services.stop();
  }
}

function keep(contender: string, run: number, count: number, { seconds, cpuSeconds }: Run): void {
  console.log(
    `run ${run} ${contender.padEnd(24)} ${Math.round(count / seconds)} /s, ${((cpuSeconds / count) * 1e6).toFixed(1)} µs CPU per touchpoint`,
  );
  if (run > 0) samples.push({ contender, run, count, seconds, more: { cpuSeconds: Math.round(cpuSeconds * 100) / 100 } });
}
