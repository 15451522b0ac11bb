/**
 * Beacons: taps registered by the snippet per second through ingest, against bare node:http doing JSON.parse and a kafkajs send of the same records.
 * Each contender runs in a process of its own on the same broker, taking turns; the load comes from this process. 202 is answered after the broker's ack
 * in both.
 */
import { fileURLToPath } from 'node:url';
import { TOPICS } from '@messtrack/proto/topics.ts';
import { openKafkaBus } from '@messtrack/runtime/bus-kafka.ts';
import { createLogger } from '@messtrack/runtime/logger.ts';
import { startServices } from '@messtrack/testing/services.ts';
import autocannon from 'autocannon';
import { BEACON_HEADERS, BEACON_PATH, beaconBodies } from './beacon/load.ts';
import { medianOf, medianRate, packageVersion, type Sample, writeResult } from './result.ts';
import { type Contender, startContender } from './webhook/contender.ts';

const CONTENDERS = ['bare', 'ingest'] as const;
const RUNS = 5;
const SECONDS = Number(process.env['BENCH_SECONDS'] ?? 4);
/** The JIT is done after some 30,000 requests. */
const WARM_UP_SECONDS = Number(process.env['BENCH_WARM_UP_SECONDS'] ?? 10);
const CONNECTIONS = 100;
const BODIES = 4_000;
const SERVER = fileURLToPath(new URL('beacon/server.ts', import.meta.url));

const services = await startServices({ kafka: true });
const samples: Sample[] = [];
try {
  const bus = await openKafkaBus({ brokers: services.kafkaBrokers, clientId: 'bench-setup', log: createLogger('bench', 'warn') });
  await bus.ensureTopics([TOPICS.touchpoints, TOPICS.visits]);
  await bus.close();
  const servers = await Promise.all(CONTENDERS.map((contender) => startContender(SERVER, contender, services.kafkaBrokers)));
  try {
    for (const server of servers) await load(server, WARM_UP_SECONDS, 1);
    for (let run = 1; run <= RUNS; run += 1) {
      // Turns begin with another contender each time: what warms up or fills up meets all alike.
      for (let i = 0; i < servers.length; i += 1) samples.push(await measured(servers[(i + run) % servers.length]!, run));
    }
  } finally {
    for (const server of servers) await server.stop();
  }
} finally {
  await services.stop();
}

writeResult({
  name: 'beacon',
  says: 'Taps registered per second, one click each, answered after the broker has them; the load generator and the broker share the machine, so absolute numbers are lower than on a machine of its own.',
  parameters: {
    runs: RUNS,
    secondsPerRun: SECONDS,
    warmUpSeconds: WARM_UP_SECONDS,
    connections: CONNECTIONS,
    bodies: BODIES,
    acks: 'all, idempotent',
  },
  versions: { kafkajs: packageVersion('kafkajs'), fastify: packageVersion('fastify'), autocannon: packageVersion('autocannon') },
  samples,
  ratios: {
    'ingest / bare': { value: medianRate(samples, 'ingest') / medianRate(samples, 'bare'), aim: 0.8 },
    'ingest / bare, by CPU per beacon': { value: medianCpu('bare') / medianCpu('ingest') },
  },
});

async function measured(server: Contender, run: number): Promise<Sample> {
  const cpuBefore = await server.cpuMicros();
  const { count, seconds, p99Ms } = await load(server, SECONDS, run);
  const cpuMicrosPerBeacon = Math.round((((await server.cpuMicros()) - cpuBefore) / count) * 10) / 10;
  console.log(
    `run ${run} ${server.contender.padEnd(8)} ${Math.round(count / seconds)} beacons/s, p99 ${p99Ms} ms, ${cpuMicrosPerBeacon} µs CPU per beacon`,
  );
  return { contender: server.contender, run, count, seconds, more: { p99Ms, cpuMicrosPerBeacon } };
}

async function load(server: Contender, seconds: number, seed: number): Promise<{ count: number; seconds: number; p99Ms: number }> {
  const result = await autocannon({
    url: `http://127.0.0.1:${server.port}`,
    connections: CONNECTIONS,
    duration: seconds,
    requests: beaconBodies(BODIES, seed).map((body) => ({ method: 'POST', path: BEACON_PATH, headers: BEACON_HEADERS, body })),
  });
  // One that is answered with anything but 202 makes the comparison void.
  const failed = result.non2xx + result.errors + result.timeouts;
  if (failed > 0) throw new Error(`${server.contender}: ${failed} beacons failed`);
  return { count: result['2xx'], seconds: result.duration, p99Ms: result.latency.p99 };
}

function medianCpu(contender: string): number {
  return medianOf(samples, contender, 'cpuMicrosPerBeacon');
}
