import { TOPIC_LIST, TOPICS } from '@messtrack/proto/topics.ts';
import type { Bus, RecordPosition } from '@messtrack/runtime/bus.ts';
import { openKafkaBus } from '@messtrack/runtime/bus-kafka.ts';
import { type Services, startServices } from '@messtrack/testing/services.ts';
import { pino } from 'pino';
import { medianRate, type Sample } from '../result.ts';
import { type Child, startChild } from './child.ts';
import type { ContenderOptions, RunOptions } from './contender-process.ts';
import { type Findings, perCpuSecond, rounded } from './findings.ts';
import { ALL_WRITE_MIX, BASE_MIX, type Mix } from './mixes.ts';
import { endsOf, openPeers, type Peers } from './peers.ts';
import { recordOf } from './records.ts';
import type { Run } from './run.ts';
import type { PartitionEnds } from './streams.ts';
import { trafficUntil, type Visit } from './traffic.ts';

const TOUCHPOINTS = 120_000;
const RUNS = 3;
const BATCH_RECORDS = 2_000;
const SEND_RECORDS = 5_000;
/**
 * The log ends ahead of the clock, so that no idle matcher writes a tick into it, and by less than the hour that Kafka allows the timestamps
 * of what Kafka Streams writes.
 */
const AHEAD_MS = 45 * 60_000;

export const MATCHER = (mix: Mix) => `matcher on Kafka, ${mix.name}`;
const RAW = (mix: Mix) => `raw kafkajs loop, ${mix.name}`;
const LEFT_JOIN = 'Kafka Streams (a) stream–stream left join, base';
const LATEST_CLICK = 'Kafka Streams (b) Processor with the latest click, base';

/** Matcher, raw loop and both Kafka Streams programs, taking turns on the same records of the same broker. */
export async function measureThroughput(): Promise<Findings> {
  const samples: Sample[] = [];
  const parameters: Record<string, number | string> = { touchpoints: TOUCHPOINTS, runs: RUNS, batchRecords: BATCH_RECORDS };
  for (const mix of [BASE_MIX, ALL_WRITE_MIX]) await measure(mix, samples, parameters);
  return { samples, parameters, ratios: ratiosOf(samples) };
}

function ratiosOf(samples: readonly Sample[]): Findings['ratios'] {
  const cpu = (contender: string) => perCpuSecond(samples, contender);
  const ours = cpu(MATCHER(BASE_MIX));
  return {
    'matcher on Kafka, base: touchpoints per CPU-second of its process / 25,000': { value: ours / 25_000, aim: 1 },
    'matcher / Kafka Streams (a) stream–stream left join, base: per CPU-second': { value: ours / cpu(LEFT_JOIN), aim: 4 },
    'matcher / Kafka Streams (b) Processor with the latest click, base: per CPU-second': { value: ours / cpu(LATEST_CLICK), aim: 0.7 },
    'matcher / Kafka Streams (a), base: per second': { value: medianRate(samples, MATCHER(BASE_MIX)) / medianRate(samples, LEFT_JOIN) },
    'matcher / Kafka Streams (b), base: per second': { value: medianRate(samples, MATCHER(BASE_MIX)) / medianRate(samples, LATEST_CLICK) },
    'matcher / raw kafkajs loop, base: per second': {
      value: medianRate(samples, MATCHER(BASE_MIX)) / medianRate(samples, RAW(BASE_MIX)),
      aim: 0.7,
    },
    'matcher / raw kafkajs loop, 1 to 1: per second': {
      value: medianRate(samples, MATCHER(ALL_WRITE_MIX)) / medianRate(samples, RAW(ALL_WRITE_MIX)),
      aim: 0.7,
    },
  };
}

/** A broker and a Redis of its own for each mix: topic names are fixed. */
async function measure(mix: Mix, samples: Sample[], parameters: Record<string, number | string>): Promise<void> {
  const services = await startServices({ kafka: true, redis: true });
  const log = pino({ level: 'warn' });
  try {
    const bus = await openKafkaBus({ brokers: services.kafkaBrokers, clientId: 'bench', log });
    await bus.ensureTopics(TOPIC_LIST);
    const visits = trafficUntil(mix.traffic, TOUCHPOINTS, Date.now() + AHEAD_MS);
    const ends = await send(bus, visits);
    const peers = mix === BASE_MIX ? await openPeers(services.kafkaBrokers, bus, visits, ends) : undefined;
    const matcher = await openContender('matcher', services);
    const raw = await openContender('raw', services);
    try {
      // The first run warms up and says how large the output is; its numbers are not kept.
      for (let run = 0; run <= RUNS; run += 1) await takeTurns(run, mix, { matcher, raw, peers }, samples, parameters);
    } finally {
      await Promise.all([matcher.close(), raw.close()]);
      await peers?.close();
    }
    await bus.close();
    parameters['redis'] = services.origins.redis ?? 'given';
    parameters['kafka'] = services.origins.kafka ?? 'given';
  } finally {
    await services.stop();
  }
}

interface Contenders {
  readonly matcher: Child;
  readonly raw: Child;
  readonly peers: Peers | undefined;
}

function openContender(contender: ContenderOptions['contender'], { kafkaBrokers: brokers, redisUrl }: Services): Promise<Child> {
  const options: ContenderOptions = { contender, brokers, redisUrl };
  return startChild('contender-process.ts', options);
}

async function runOf(child: Child, run: RunOptions): Promise<Run> {
  child.tell(JSON.stringify(run));
  return JSON.parse(await child.line()) as Run;
}

async function takeTurns(
  run: number,
  mix: Mix,
  { matcher, raw, peers }: Contenders,
  samples: Sample[],
  parameters: Record<string, number | string>,
): Promise<void> {
  const keep = (contender: string, { seconds, cpuSeconds }: Pick<Run, 'seconds' | 'cpuSeconds'>) => {
    const [rate, perCpu] = [TOUCHPOINTS / seconds, TOUCHPOINTS / cpuSeconds].map(Math.round);
    console.log(`run ${run} ${contender.padEnd(56)} ${rate} /s, ${perCpu} per CPU-second`);
    if (run > 0) samples.push({ contender, run, count: TOUCHPOINTS, seconds, more: { cpuSeconds: rounded(cpuSeconds, 3) } });
  };
  const size = { records: TOUCHPOINTS, batchRecords: BATCH_RECORDS };
  const matched = await runOf(matcher, { ...size, groupId: `matcher-${process.pid}-${run}`, output: { perRecord: 0, bytes: 0 } });
  keep(MATCHER(mix), matched);
  const output = { perRecord: matched.outputs / TOUCHPOINTS, bytes: matched.outputBytes };
  keep(RAW(mix), await runOf(raw, { ...size, groupId: `raw-${process.pid}-${run}`, output }));
  if (peers !== undefined) {
    const isLast = run === RUNS;
    keep(LATEST_CLICK, await peers.latestClick(run));
    keep(LEFT_JOIN, await peers.leftJoin(run, isLast));
    parameters['records of the left join'] = peers.pairs;
  }
  parameters[`lead records per touchpoint, ${mix.name}`] = rounded(output.perRecord, 3);
  parameters[`bytes of a lead record, ${mix.name}`] = output.bytes;
}

async function send(bus: Bus, visits: readonly Visit[]): Promise<PartitionEnds> {
  const before = (await bus.offsets(TOPICS.touchpoints.name)).some(({ next }) => next > 0);
  if (before) throw new Error('touchpoints.v1 holds records already: the benchmark needs a broker of its own');
  const producer = await bus.producer();
  const positions: RecordPosition[] = [];
  for (let at = 0; at < visits.length; at += SEND_RECORDS) {
    positions.push(...(await producer.send(visits.slice(at, at + SEND_RECORDS).map(recordOf))));
  }
  await producer.close();
  return endsOf(positions);
}
