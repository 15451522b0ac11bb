import { fileURLToPath } from 'node:url';
import type { StartedTestContainer } from 'testcontainers';
import type { ClickhouseInstance } from './clickhouse.ts';
import { probeClickhouse } from './clickhouse.ts';
import { freePort } from './free-port.ts';
import { type InstanceOptions, NotAvailableError, type ServiceInstance } from './instance.ts';
import { BROKER_SETTINGS, KAFKA_VERSION, type KafkaInstance, type KafkaOptions, probeKafka } from './kafka.ts';
import { probeRedis, type RedisInstance } from './redis.ts';

/** The images of docker-compose.yml. A different one by environment, for a private registry. */
export const IMAGES = {
  kafka: process.env['MESSTRACK_TEST_KAFKA_IMAGE'] ?? `apache/kafka:${KAFKA_VERSION}`,
  redis: process.env['MESSTRACK_TEST_REDIS_IMAGE'] ?? 'redis:8.2.3-alpine',
  clickhouse: process.env['MESSTRACK_TEST_CLICKHOUSE_IMAGE'] ?? 'clickhouse/clickhouse-server:25.8.11.66',
} as const;

/** The user of docker-compose.yml that may only read. */
const READER = fileURLToPath(new URL('../../../deploy/clickhouse/users.d/reader.xml', import.meta.url));

const READY_DEADLINE_MS = 120_000;

/** Whether a Docker engine answers. Importing testcontainers costs half a second, so it happens here and only when a service is wanted. */
export async function dockerAnswers(): Promise<boolean> {
  const { getContainerRuntimeClient } = await import('testcontainers');
  return getContainerRuntimeClient().then(
    () => true,
    () => false,
  );
}

export async function startKafkaContainer(options: KafkaOptions): Promise<KafkaInstance> {
  // The broker tells clients its address, so the port outside must be known before it starts.
  const hostPort = options.port ?? (await freePort());
  const advertised = options.advertisedPort ?? hostPort;
  const environment: Record<string, string> = {
    KAFKA_NODE_ID: '1',
    KAFKA_PROCESS_ROLES: 'broker,controller',
    KAFKA_LISTENERS: 'CLIENT://:9092,INTERNAL://:9094,CONTROLLER://:9093',
    KAFKA_ADVERTISED_LISTENERS: `CLIENT://127.0.0.1:${advertised},INTERNAL://localhost:9094`,
    KAFKA_CONTROLLER_LISTENER_NAMES: 'CONTROLLER',
    KAFKA_INTER_BROKER_LISTENER_NAME: 'INTERNAL',
    KAFKA_LISTENER_SECURITY_PROTOCOL_MAP: 'CLIENT:PLAINTEXT,INTERNAL:PLAINTEXT,CONTROLLER:PLAINTEXT',
    KAFKA_CONTROLLER_QUORUM_VOTERS: '1@localhost:9093',
    KAFKA_HEAP_OPTS: '-Xmx512m',
  };
  for (const [name, value] of Object.entries(BROKER_SETTINGS)) {
    environment[`KAFKA_${name.toUpperCase().replaceAll('.', '_')}`] = String(value);
  }
  const brokers = [`127.0.0.1:${advertised}`];
  const instance = await startContainer({ image: IMAGES.kafka, port: 9092, hostPort, environment, probe: () => probeKafka(brokers) });
  return { ...instance, brokers, port: hostPort };
}

export async function startRedisContainer(options: InstanceOptions): Promise<RedisInstance> {
  const hostPort = options.port ?? (await freePort());
  const url = `redis://127.0.0.1:${hostPort}`;
  // Protected mode answers nobody from outside its container.
  const command = ['redis-server', '--protected-mode', 'no', '--appendonly', 'yes', '--appendfsync', 'everysec', '--save', ''];
  const instance = await startContainer({ image: IMAGES.redis, port: 6379, hostPort, command, probe: () => probeRedis(url) });
  return { ...instance, url };
}

export async function startClickhouseContainer(options: InstanceOptions): Promise<ClickhouseInstance> {
  const hostPort = options.port ?? (await freePort());
  const url = `http://127.0.0.1:${hostPort}`;
  // The image locks the user `default` to localhost of the container unless access is asked for.
  const environment = { CLICKHOUSE_SKIP_USER_SETUP: '1' };
  const files = [{ source: READER, target: '/etc/clickhouse-server/users.d/reader.xml' }];
  const instance = await startContainer({
    image: IMAGES.clickhouse,
    port: 8123,
    hostPort,
    environment,
    files,
    probe: () => probeClickhouse(url),
  });
  return { ...instance, url, readOnlyUrl: `${url}/?user=reader` };
}

interface ContainerDefinition {
  readonly image: string;
  readonly port: number;
  readonly hostPort: number;
  readonly environment?: Record<string, string>;
  readonly command?: string[];
  readonly files?: { source: string; target: string }[];
  readonly probe: () => Promise<void>;
}

async function startContainer(definition: ContainerDefinition): Promise<ServiceInstance> {
  const { GenericContainer, getContainerRuntimeClient } = await import('testcontainers');
  const { container: engine } = await getContainerRuntimeClient();
  let wanted = new GenericContainer(definition.image)
    .withExposedPorts({ container: definition.port, host: definition.hostPort })
    .withEnvironment(definition.environment ?? {})
    .withCopyFilesToContainer(definition.files ?? [])
    .withStartupTimeout(READY_DEADLINE_MS);
  if (definition.command !== undefined) wanted = wanted.withCommand(definition.command);
  let started: StartedTestContainer;
  try {
    started = await wanted.start();
  } catch (error) {
    throw new NotAvailableError(`the container ${definition.image} does not start: ${String(error)}`, { cause: error });
  }
  const handle = engine.getById(started.getId());
  try {
    await whenAnswering(definition);
  } catch (error) {
    await started.stop();
    throw error;
  }
  return {
    async stop() {
      await started.stop();
    },
    async kill() {
      await handle.kill();
    },
    async restart() {
      const { State } = await handle.inspect();
      if (State.Running) await handle.stop();
      await handle.start();
      await whenAnswering(definition);
    },
  };
}

async function whenAnswering(definition: ContainerDefinition): Promise<void> {
  const deadline = performance.now() + READY_DEADLINE_MS;
  for (;;) {
    try {
      return await definition.probe();
    } catch (error) {
      if (performance.now() > deadline) throw new Error(`${definition.image} does not answer: ${String(error)}`, { cause: error });
    }
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}
