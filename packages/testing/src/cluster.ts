import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { freePort } from './free-port.ts';
import { type GuardedProcess, type ProcessExit, startGuarded } from './guarded-process.ts';
import { type ReverseProxy, startReverseProxy } from './reverse-proxy.ts';
import { type Services, startServices } from './services.ts';

/**
 * The cluster on one machine: real Kafka, Redis and ClickHouse, the four services as processes of their own, one HTTP entry in front.
 * `npm run cluster` and tests/e2e both run this.
 */
export const SERVICE_NAMES = ['exporter', 'matcher', 'ingest', 'messenger-gateway'] as const;
export type ServiceName = (typeof SERVICE_NAMES)[number];

/** Services that share their work over a consumer group: several of them divide the partitions. */
const SCALED: ReadonlySet<ServiceName> = new Set(['matcher', 'exporter']);

const REPOSITORY = fileURLToPath(new URL('../../../', import.meta.url));

export interface ClusterOptions {
  readonly workspacesDir: string;
  /** How many matchers and exporters. Default 1. */
  readonly instances?: number | undefined;
  /** Kept at the end. Default: a temporary folder, removed at the end. */
  readonly dataDir?: string | undefined;
  /** Public entry. Default: a free port of 127.0.0.1. */
  readonly host?: string | undefined;
  readonly port?: number | undefined;
  /** Added to every service's environment, e.g. the workspace's secrets. */
  readonly env?: Readonly<Record<string, string>> | undefined;
  /** Addresses the services use instead of the real ones: fault proxies. */
  readonly through?: ((services: Services) => Promise<Partial<Addresses>>) | undefined;
  /** One line of one service's log. */
  readonly onLine?: ((instance: string, line: string) => void) | undefined;
}

export interface Addresses {
  readonly kafkaBrokers: readonly string[];
  readonly redisUrl: string;
  readonly clickhouseUrl: string;
}

export interface ClusterMember {
  /** `matcher`, or `matcher-2` for the second of several. */
  readonly name: string;
  readonly service: ServiceName;
  readonly httpPort: number;
  readonly adminPort: number;
  readonly grpcPort: number;
  /** Ends this process as a power cut would. */
  kill(): Promise<ProcessExit>;
  /** SIGTERM; resolves when it has drained and ended. */
  stop(): Promise<ProcessExit>;
  /** Starts it again with the same ports after `kill` or `stop`; resolves when it is ready. */
  start(): Promise<void>;
  isRunning(): boolean;
  /** Of the process that runs, or ran last; undefined before the first. */
  pid(): number | undefined;
  /** Last lines of its log. */
  output(): string;
}

export interface Cluster extends Addresses {
  /** The public entry: what `npm run demo --url` takes. */
  readonly url: string;
  readonly members: readonly ClusterMember[];
  readonly services: Services;
  readonly dataDir: string;
  /** Rejects when a service ends that nobody told to: it has crashed. */
  readonly crashed: Promise<never>;
  /** The member of that name; throws when there is none. */
  member(name: string): ClusterMember;
  /** Reverse of the start: entry, services, then what they stand on. */
  stop(): Promise<void>;
}

export async function startCluster(options: ClusterOptions): Promise<Cluster> {
  const dataDir = options.dataDir ?? (await mkdtemp(join(tmpdir(), 'messtrack-cluster-')));
  await mkdir(dataDir, { recursive: true });
  const stops: (() => Promise<unknown>)[] = [];
  const stop = async () => {
    for (let last = stops.pop(); last !== undefined; last = stops.pop()) await last();
    if (options.dataDir === undefined) await rm(dataDir, { recursive: true, force: true });
  };
  const crash = Promise.withResolvers<never>();
  // Whoever wants to know of a crash waits for it; for the others it is not an unhandled rejection.
  crash.promise.catch(() => {});
  try {
    const services = await startServices({ kafka: true, redis: true, clickhouse: true }, { dataDir: options.dataDir });
    stops.push(services.stop);
    const addresses: Addresses = { ...services, ...(await options.through?.(services)) };
    const members: ClusterMember[] = [];
    for (const service of SERVICE_NAMES) {
      const count = SCALED.has(service) ? (options.instances ?? 1) : 1;
      for (let i = 1; i <= count; i++) {
        const name = i === 1 ? service : `${service}-${i}`;
        members.push(
          await startMember({ name, service, dataDir, addresses, options, onCrash: crash.reject, onStarted: (end) => stops.push(end) }),
        );
      }
    }
    const proxy = await startEntry(members, services, options);
    stops.push(proxy.close);
    return {
      ...addresses,
      url: proxy.url,
      members,
      services,
      dataDir,
      crashed: crash.promise,
      member(name) {
        const found = members.find((member) => member.name === name);
        if (found === undefined) throw new Error(`no member ${name}; there are ${members.map((member) => member.name).join(', ')}`);
        return found;
      },
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

function startEntry(members: readonly ClusterMember[], services: Services, options: ClusterOptions): Promise<ReverseProxy> {
  const ports = (service: ServiceName) => members.filter((member) => member.service === service).map((member) => member.httpPort);
  return startReverseProxy({
    host: options.host ?? '127.0.0.1',
    port: options.port ?? 0,
    upstreams: {
      ingest: ports('ingest'),
      gateway: ports('messenger-gateway'),
      matcher: ports('matcher'),
      sql: new URL(services.clickhouseReadOnlyUrl),
    },
  });
}

interface MemberDefinition {
  readonly name: string;
  readonly service: ServiceName;
  readonly dataDir: string;
  readonly addresses: Addresses;
  readonly options: ClusterOptions;
  readonly onCrash: (error: Error) => void;
  /** Called with the way to end it as soon as there is a process, so that a failed start leaves none behind. */
  readonly onStarted: (stop: () => Promise<unknown>) => void;
}

async function startMember(definition: MemberDefinition): Promise<ClusterMember> {
  const { name, service, dataDir, addresses, options } = definition;
  const [httpPort, adminPort, grpcPort] = [await freePort(), await freePort(), await freePort()];
  const env: Record<string, string> = {
    LOG_LEVEL: 'info',
    ...options.env,
    MESSTRACK_WORKSPACES: options.workspacesDir,
    KAFKA_BROKERS: addresses.kafkaBrokers.join(','),
    REDIS_URL: addresses.redisUrl,
    CLICKHOUSE_URL: addresses.clickhouseUrl,
    HTTP_HOST: '127.0.0.1',
    HTTP_PORT: String(httpPort),
    ADMIN_HOST: '127.0.0.1',
    ADMIN_PORT: String(adminPort),
    GRPC_HOST: '127.0.0.1',
    GRPC_PORT: String(grpcPort),
    // The reverse proxy; without it every click would seem to come from this machine.
    TRUST_PROXY: 'loopback',
    SPOOL_DIR: join(dataDir, `${name}-spool`),
    MIGRATIONS_DIR: join(REPOSITORY, 'deploy/clickhouse/migrations'),
  };
  let current: GuardedProcess | undefined;
  let isExpectedToRun = false;

  const end = (how: 'stop' | 'kill') => async () => {
    isExpectedToRun = false;
    if (current === undefined) throw new Error(`${name} was never started`);
    // Longer than a service's own drain deadline of 25 s: who is killed here has not drained.
    return how === 'kill' ? current.kill() : current.stop(30_000);
  };
  const start = async () => {
    const child = await startGuarded({
      command: process.execPath,
      args: [join(REPOSITORY, 'services', service, 'src/main.ts')],
      env,
      cwd: REPOSITORY,
      onLine: (line) => options.onLine?.(name, line),
    });
    current = child;
    isExpectedToRun = true;
    child.exited.then(({ code, signal }) => {
      if (current !== child || !isExpectedToRun) return;
      definition.onCrash(new Error(`${name} ended by itself (${signal ?? `exit code ${code}`}):\n${child.output()}`));
    });
    await whenReady(name, child, adminPort, service === 'exporter' ? grpcPort : httpPort);
  };
  definition.onStarted(async () => {
    if (current?.isRunning()) await end('stop')();
  });
  await start();
  return {
    name,
    service,
    httpPort,
    adminPort,
    grpcPort,
    kill: end('kill'),
    stop: end('stop'),
    start,
    isRunning: () => current?.isRunning() ?? false,
    pid: () => current?.pid,
    output: () => current?.output() ?? '',
  };
}

const READY_DEADLINE_MS = 120_000;

/** Ready by its own word, and listening: the last thing a service does at its start is to open its port. */
async function whenReady(name: string, child: GuardedProcess, adminPort: number, port: number): Promise<void> {
  const deadline = performance.now() + READY_DEADLINE_MS;
  let answer = 'no answer yet';
  while (performance.now() < deadline) {
    if (!child.isRunning()) {
      await child.exited;
      throw new Error(`${name} ended while starting:\n${child.output()}`);
    }
    try {
      const response = await fetch(`http://127.0.0.1:${adminPort}/readyz`, { signal: AbortSignal.timeout(5_000) });
      answer = `${response.status} ${await response.text()}`;
      if (response.ok && (await accepts(port))) return;
    } catch (error) {
      answer = String(error);
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`${name} was not ready within ${READY_DEADLINE_MS / 1_000} s: ${answer}\n${child.output()}`);
}

function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    const settle = (isOpen: boolean) => {
      socket.destroy();
      resolve(isOpen);
    };
    socket.once('connect', () => settle(true));
    socket.once('error', () => settle(false));
  });
}
