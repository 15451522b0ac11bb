import { randomBytes } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { installRestingConnections } from '@messtrack/runtime/bus-kafka-idle.ts';
import { Kafka, logLevel } from 'kafkajs';
import { cached, exists } from './cache-folder.ts';
import { run } from './command.ts';
import { freePort } from './free-port.ts';
import { type InstanceOptions, NotAvailableError, type ServiceInstance, startInstance } from './instance.ts';

export interface KafkaOptions extends InstanceOptions {
  /**
   * The port of 127.0.0.1 that the broker tells clients to use. Default: its own. With a fault proxy in front it is the proxy's: a Kafka client
   * leaves the address it was given for the one the broker names, so a proxy nobody announces is a proxy nobody uses.
   */
  readonly advertisedPort?: number | undefined;
}

export interface KafkaInstance extends ServiceInstance {
  /** `host:port` as the broker announces itself, as KAFKA_BROKERS lists them. */
  readonly brokers: string[];
  /** Where it listens itself, whatever it announces: the target of a fault proxy. */
  readonly port: number;
}

/** The version of kafka-jars/pom.xml; docker-compose.yml and the container of services.ts use the same. */
export const KAFKA_VERSION = '4.1.1';
const MIN_JAVA = 17;
const HEAP_MB = 512;

const CONFIG_FOLDER = fileURLToPath(new URL('./kafka-jars/', import.meta.url));

/** One broker that is its own controller (KRaft), from Kafka's own jars. */
export async function startNativeKafka(options: KafkaOptions = {}): Promise<KafkaInstance> {
  const jars = await kafkaJars();
  const port = options.port ?? (await freePort());
  const ports: Ports = {
    client: port,
    advertised: options.advertisedPort ?? port,
    internal: await freePort(),
    controller: await freePort(),
  };
  const java = (dataDir: string, main: string, args: readonly string[]) => [
    '-Xms128m',
    `-Xmx${HEAP_MB}m`,
    `-Dlog4j2.configurationFile=${join(CONFIG_FOLDER, 'log4j2.xml')}`,
    '-cp',
    join(jars, '*'),
    main,
    ...args.map((arg) => arg.replace('{data}', dataDir)),
  ];
  const instance = await startInstance({
    name: 'kafka',
    dataDir: options.dataDir,
    async prepare(dataDir) {
      await mkdir(dataDir, { recursive: true });
      await writeFile(join(dataDir, 'server.properties'), serverProperties(dataDir, ports));
      // A folder that has been formatted keeps its cluster id; the ports above are of this start.
      if (await exists(join(dataDir, 'log', 'meta.properties'))) return;
      const format = ['format', '--standalone', '--cluster-id', clusterId(), '--config', '{data}/server.properties'];
      const formatted = await run('java', java(dataDir, 'kafka.tools.StorageTool', format));
      if (formatted.code !== 0) throw new Error(`kafka's storage could not be formatted:\n${formatted.output}`);
    },
    launch: (dataDir) => ({ command: 'java', args: java(dataDir, 'kafka.Kafka', ['{data}/server.properties']) }),
    probe: () => probeKafka([`127.0.0.1:${ports.internal}`]),
  });
  return { ...instance, brokers: [`127.0.0.1:${ports.advertised}`], port };
}

const PROBE_GROUP = 'messtrack-probe';

/**
 * Resolves when a broker takes groups and transactions. A broker that answers is not there yet: it makes the topics of both coordinators at the
 * first question and loads them after a restart, and until then every consumer and every transactional producer is turned away.
 */
export async function probeKafka(brokers: readonly string[]): Promise<void> {
  // Otherwise its timers below zero are what npm run cluster prints first.
  installRestingConnections();
  const kafka = new Kafka({
    brokers: [...brokers],
    connectionTimeout: 1_000,
    requestTimeout: 5_000,
    retry: { retries: 0 },
    logLevel: logLevel.NOTHING,
  });
  const admin = kafka.admin();
  const producer = kafka.producer({
    transactionalId: PROBE_GROUP,
    maxInFlightRequests: 1,
    idempotent: true,
    retry: { initialRetryTime: 50, retries: 1 },
  });
  try {
    await admin.connect();
    // Also fills the client's list of brokers, which the other questions need.
    await admin.describeCluster();
    await admin.fetchOffsets({ groupId: PROBE_GROUP });
    await producer.connect();
  } finally {
    await Promise.all([admin.disconnect(), producer.disconnect()]);
  }
}

interface Ports {
  readonly client: number;
  readonly advertised: number;
  /** The broker's talk with itself (transaction markers) stays off the listener a proxy may cut. */
  readonly internal: number;
  readonly controller: number;
}

function serverProperties(dataDir: string, ports: Ports): string {
  const settings: Record<string, string | number> = {
    'process.roles': 'broker,controller',
    'node.id': 1,
    listeners: `CLIENT://127.0.0.1:${ports.client},INTERNAL://127.0.0.1:${ports.internal},CONTROLLER://127.0.0.1:${ports.controller}`,
    'advertised.listeners': `CLIENT://127.0.0.1:${ports.advertised},INTERNAL://127.0.0.1:${ports.internal},CONTROLLER://127.0.0.1:${ports.controller}`,
    'listener.security.protocol.map': 'CLIENT:PLAINTEXT,INTERNAL:PLAINTEXT,CONTROLLER:PLAINTEXT',
    'controller.listener.names': 'CONTROLLER',
    'inter.broker.listener.name': 'INTERNAL',
    'controller.quorum.bootstrap.servers': `127.0.0.1:${ports.controller}`,
    'log.dirs': join(dataDir, 'log'),
    ...BROKER_SETTINGS,
  };
  return Object.entries(settings)
    .map(([name, value]) => `${name}=${value}\n`)
    .join('');
}

/** For one broker of a test; the container of services.ts gets the same as environment. */
export const BROKER_SETTINGS: Readonly<Record<string, string | number>> = {
  'offsets.topic.replication.factor': 1,
  'offsets.topic.num.partitions': 4,
  'transaction.state.log.replication.factor': 1,
  'transaction.state.log.min.isr': 1,
  'transaction.state.log.num.partitions': 4,
  'share.coordinator.state.topic.replication.factor': 1,
  'share.coordinator.state.topic.min.isr': 1,
  // The default waits 3 s for more members before the first assignment of every group.
  'group.initial.rebalance.delay.ms': 0,
  // How long a killed broker blocks its own return: the controller waits for the old session to end. The default is 9 s.
  'broker.session.timeout.ms': 3_000,
  'broker.heartbeat.interval.ms': 500,
  // A mistyped topic name is an error to see, not a topic with one partition.
  'auto.create.topics.enable': 'false',
  // The default takes 128 MB of heap for offset maps of logs that hold a few thousand records.
  'log.cleaner.dedupe.buffer.size': 16_777_216,
};

/** 22 characters of base64url; Kafka's tools take a leading dash for an option. */
function clusterId(): string {
  for (;;) {
    const id = randomBytes(16).toString('base64url');
    if (!id.startsWith('-')) return id;
  }
}

/** The folder with the broker's jars; Maven brings them the first time. */
async function kafkaJars(): Promise<string> {
  await requireJava();
  return cached(`kafka-${KAFKA_VERSION}`, async (folder) => {
    const maven = await run('mvn', [
      '-q',
      '-B',
      '-f',
      join(CONFIG_FOLDER, 'pom.xml'),
      'dependency:copy-dependencies',
      '-DincludeScope=runtime',
      `-DoutputDirectory=${folder}`,
    ]);
    if (maven.code === null) throw new NotAvailableError('Kafka comes through Maven: install `mvn` (Debian and Ubuntu: apt install maven)');
    if (maven.code !== 0) throw new NotAvailableError(`Maven could not fetch Kafka ${KAFKA_VERSION}:\n${maven.output}`);
  });
}

async function requireJava(): Promise<void> {
  const java = await run('java', ['-version']);
  const hint = `Kafka needs Java ${MIN_JAVA} or newer (Debian and Ubuntu: apt install openjdk-17-jre-headless maven)`;
  if (java.code !== 0) throw new NotAvailableError(`${hint}; \`java -version\` says: ${java.output}`);
  const major = Number(/version "(\d+)/.exec(java.output)?.[1] ?? 0);
  if (major < MIN_JAVA) throw new NotAvailableError(`${hint}; this one is ${major}`);
}
