import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { TOPICS } from '@messtrack/proto/topics.ts';
import { openKafkaBus } from '@messtrack/runtime/bus-kafka.ts';
import { createLogger } from '@messtrack/runtime/logger.ts';
import { startServices } from '@messtrack/testing/services.ts';
import { COMPILED_ENVIRONMENT, keepCompiled } from './compiled.ts';
import { medianOf, medianRate, packageVersion, type Sample, writeResult } from './result.ts';

/**
 * Redirects per second of ingest, each with the broker's ack, beside the two things a redirect consists of: an HTTP server that answers the same
 * 302, and a producer that writes the same records; and beside both in one bare process, which is what one process can do on this path at all.
 * All contenders take turns in one run, so that a noisy machine is noisy for all of them.
 */
const CONNECTIONS = 100;
/** Code that a JIT has not seen yet says nothing; on a busy machine it takes this long. */
const WARM_UP_SECONDS = 4;
const SECONDS = Number(process.env['BENCH_SECONDS'] ?? 8);
const ROUNDS = Number(process.env['BENCH_ROUNDS'] ?? 3);
const PATH = '/t/demo/ad-redirect?utm_source=google&utm_medium=cpc&utm_campaign=spring&gclid=EAIaIQobChMI123';
const HEADERS = {
  'user-agent':
    'Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.5 Mobile/15E148 Safari/604.1',
  'accept-language': 'de-DE,de;q=0.9,en;q=0.8',
  referer: 'https://www.google.com/',
};
const AUTOCANNON = new URL(import.meta.resolve('autocannon')).pathname;
const here = (file: string) => join(import.meta.dirname, 'redirect', file);

interface Server {
  readonly port: number;
  /** Lines after the port. */
  readonly lines: string[];
  /** CPU used since the process began. Microseconds. */
  cpuMicros(): Promise<number>;
  stop(): Promise<void>;
}

async function startServer(file: string, args: readonly string[]): Promise<Server> {
  keepCompiled(here(file));
  const child = spawn(process.execPath, [here(file), ...args], { stdio: ['pipe', 'pipe', 'inherit'], env: COMPILED_ENVIRONMENT });
  const lines: string[] = [];
  let onCpu: (micros: number) => void = () => undefined;
  const port = await new Promise<number>((resolve, reject) => {
    child.once('exit', (code) => reject(new Error(`${file} ended with ${code} before it listened`)));
    createInterface({ input: child.stdout }).on('line', (line) => {
      const [, what, number] = /^(listening|cpu) (\d+)$/.exec(line) ?? [];
      if (what === 'listening') resolve(Number(number));
      else if (what === 'cpu') onCpu(Number(number));
      else lines.push(line);
    });
  });
  return {
    port,
    lines,
    cpuMicros() {
      const { promise, resolve } = Promise.withResolvers<number>();
      onCpu = resolve;
      child.stdin.write('\n');
      return promise;
    },
    async stop() {
      child.removeAllListeners('exit');
      child.kill('SIGKILL');
      await once(child, 'exit');
    },
  };
}

interface Load {
  readonly '3xx': number;
  readonly '4xx': number;
  readonly '5xx': number;
  readonly errors: number;
  readonly timeouts: number;
  readonly duration: number;
  readonly latency: { readonly p50: number; readonly p99: number; readonly max: number };
}

/** The load generator runs in a process of its own: beside the server it would measure itself. */
async function load(port: number, seconds: number): Promise<Load> {
  const headers = Object.entries(HEADERS).flatMap(([name, value]) => ['-H', `${name}: ${value}`]);
  const args = ['-c', String(CONNECTIONS), '-d', String(seconds), '-j', ...headers, `http://127.0.0.1:${port}${PATH}`];
  return JSON.parse(await outputOf(spawn(process.execPath, [AUTOCANNON, ...args], { stdio: ['ignore', 'pipe', 'ignore'] })));
}

async function outputOf(child: ChildProcess): Promise<string> {
  let output = '';
  child.stdout?.on('data', (chunk) => {
    output += chunk;
  });
  const [code] = await once(child, 'close');
  if (code !== 0) throw new Error(`${child.spawnargs.join(' ')} ended with ${code}`);
  return output;
}

async function measureServer(contender: string, run: number, server: Server): Promise<Sample> {
  await load(server.port, WARM_UP_SECONDS);
  const cpuBefore = await server.cpuMicros();
  const result = await load(server.port, SECONDS);
  const cpuMicros = (await server.cpuMicros()) - cpuBefore;
  const failed = result['4xx'] + result['5xx'] + result.errors + result.timeouts;
  if (failed > 0) throw new Error(`${contender}: ${failed} requests failed`);
  if (server.lines.includes('spooled')) throw new Error(`${contender}: redirects were answered from the spool, not by the broker`);
  return {
    contender,
    run,
    count: result['3xx'],
    seconds: result.duration,
    more: {
      p50Ms: result.latency.p50,
      p99Ms: result.latency.p99,
      maxMs: result.latency.max,
      cpuMicrosPerRedirect: Math.round((cpuMicros / result['3xx']) * 10) / 10,
    },
  };
}

async function measureProducer(contender: string, run: number, brokers: string, perSend: number): Promise<Sample> {
  keepCompiled(here('producer-bare.ts'));
  const args = [here('producer-bare.ts'), brokers, TOPICS.touchpoints.name, String(CONNECTIONS), String(perSend), String(SECONDS)];
  const output = await outputOf(spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'], env: COMPILED_ENVIRONMENT }));
  const { acknowledged, seconds }: { acknowledged: number; seconds: number } = JSON.parse(output.trim().split('\n').at(-1) ?? '');
  return { contender, run, count: acknowledged, seconds };
}

const services = await startServices({ kafka: true });
const dir = await mkdtemp(join(tmpdir(), 'messtrack-bench-redirect-'));
try {
  const brokers = services.kafkaBrokers.join(',');
  const bus = await openKafkaBus({ brokers: services.kafkaBrokers, clientId: 'bench-setup', log: createLogger('bench', 'warn') });
  await bus.ensureTopics([TOPICS.touchpoints, TOPICS.visits]);
  await bus.close();

  const samples: Sample[] = [];
  for (let run = 1; run <= ROUNDS; run += 1) {
    for (const [contender, file, args] of [
      ['bare node:http', 'server-bare.ts', []],
      ['bare node:http with kafkajs', 'server-kafkajs.ts', [brokers, TOPICS.touchpoints.name]],
      ['ingest', 'server-ingest.ts', [brokers, join(dir, String(run))]],
    ] as const) {
      const server = await startServer(file, args);
      try {
        samples.push(await measureServer(contender, run, server));
      } finally {
        await server.stop();
      }
    }
    samples.push(await measureProducer('bare kafkajs, one record per send', run, brokers, 1));
    samples.push(await measureProducer('bare kafkajs, all in flight per send', run, brokers, CONNECTIONS));
  }

  const medianCpu = (contender: string) => medianOf(samples, contender, 'cpuMicrosPerRedirect');
  const ingest = medianRate(samples, 'ingest');
  const http = medianRate(samples, 'bare node:http');
  const single = medianRate(samples, 'bare kafkajs, one record per send');
  const batched = medianRate(samples, 'bare kafkajs, all in flight per send');
  const together = medianRate(samples, 'bare node:http with kafkajs');
  writeResult({
    name: 'redirect',
    says: 'Redirects per second with the broker ack of each, on one machine that also runs the broker and the load generator: it compares, it does not size a cluster.',
    parameters: {
      connections: CONNECTIONS,
      seconds: SECONDS,
      warmUpSeconds: WARM_UP_SECONDS,
      rounds: ROUNDS,
      path: PATH,
      acks: 'all',
      kafka: services.origins.kafka ?? 'unknown',
    },
    versions: { kafkajs: packageVersion('kafkajs'), fastify: packageVersion('fastify'), autocannon: packageVersion('autocannon') },
    samples,
    ratios: {
      'ingest / slower of http and kafkajs (one record per send)': { value: ingest / Math.min(http, single), aim: 0.8 },
      'ingest / slower of http and kafkajs (batched)': { value: ingest / Math.min(http, batched), aim: 0.8 },
      'ingest / bare node:http with kafkajs': { value: ingest / together, aim: 0.8 },
      'ingest / bare node:http with kafkajs, by CPU per redirect': {
        value: medianCpu('bare node:http with kafkajs') / medianCpu('ingest'),
      },
    },
  });
} finally {
  await services.stop();
  await rm(dir, { recursive: true, force: true });
}
