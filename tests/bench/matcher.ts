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

const PAIRS = 150_000;
const RUNS = 3;
const BATCH_RECORDS = 2_000;
const SEND_RECORDS = 5_000;

const services = await startServices({ kafka: true, redis: true });
const samples: Sample[] = [];
const log = pino({ level: 'warn' });
let outputs = { perRecord: 1, bytes: 0 };
try {
  const bus = await openKafkaBus({ brokers: services.kafkaBrokers, clientId: 'bench', log });
  await bus.ensureTopics(TOPIC_LIST);
  const load = codedTouchpoints(PAIRS, 1, Date.now());
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
    keep('matcher', run, load.length, matched);
    const raw = await runRawLoop(services.kafkaBrokers, `raw-${process.pid}-${run}`, load.length, BATCH_RECORDS, outputs);
    keep('raw kafkajs loop', run, load.length, raw);
  }
  await bus.close();
} finally {
  await services.stop();
}

const matcher = medianRate(samples, 'matcher');
writeResult({
  name: 'matcher',
  says: 'Touchpoints per second from Kafka to committed leads, half clicks, half messages with a code; broker and Redis share two cores with the matcher, whose own code runs on one thread. Not the cost of row 6, which is not there yet.',
  parameters: {
    runs: RUNS,
    touchpoints: 2 * PAIRS,
    accounts: ACCOUNTS,
    eventTimeHours: HOURS,
    batchRecords: BATCH_RECORDS,
    leadRecordsPerTouchpoint: Math.round(outputs.perRecord * 1_000) / 1_000,
    leadBytes: outputs.bytes,
    redis: services.origins.redis ?? 'given',
    kafka: services.origins.kafka ?? 'given',
  },
  versions: { kafkajs: packageVersion('kafkajs'), ioredis: packageVersion('ioredis') },
  samples,
  ratios: {
    'touchpoints per second / 30,000': { value: matcher / 30_000, aim: 1 },
    'matcher / raw kafkajs loop': { value: matcher / medianRate(samples, 'raw kafkajs loop'), aim: 0.7 },
  },
});

function keep(contender: string, run: number, count: number, { seconds, cpuSeconds }: Run): void {
  console.log(
    `run ${run} ${contender.padEnd(18)} ${Math.round(count / seconds)} /s, ${((cpuSeconds / count) * 1e6).toFixed(1)} µs CPU per touchpoint`,
  );
  if (run > 0) samples.push({ contender, run, count, seconds, more: { cpuSeconds: Math.round(cpuSeconds * 100) / 100 } });
}
