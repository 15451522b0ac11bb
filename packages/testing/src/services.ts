import { join } from 'node:path';
import { type ClickhouseInstance, probeClickhouse, startNativeClickhouse } from './clickhouse.ts';
import { dockerAnswers, startClickhouseContainer, startKafkaContainer, startRedisContainer } from './containers.ts';
import { type InstanceOptions, NotAvailableError, type ServiceInstance } from './instance.ts';
import { type KafkaInstance, type KafkaOptions, probeKafka, startNativeKafka } from './kafka.ts';
import { probeRedis, type RedisInstance, startNativeRedis } from './redis.ts';

/** How a service came to be. `given`: by an environment variable; it is not ours to stop. */
export type Origin = 'given' | 'container' | 'native';

export interface ServicesWanted {
  readonly kafka?: boolean;
  readonly redis?: boolean;
  readonly clickhouse?: boolean;
}

export interface ServicesOptions {
  /** One folder below it per service, kept at the end. Default: temporary folders, removed at the end. */
  readonly dataDir?: string | undefined;
  readonly env?: Readonly<Record<string, string | undefined>>;
}

export interface Services {
  /** Empty when Kafka was not asked for. */
  readonly kafkaBrokers: string[];
  /** Empty when Redis was not asked for. */
  readonly redisUrl: string;
  /** Empty when ClickHouse was not asked for. */
  readonly clickhouseUrl: string;
  /** The same ClickHouse for reading only. */
  readonly clickhouseReadOnlyUrl: string;
  readonly origins: Readonly<Partial<Record<keyof ServicesWanted, Origin>>>;
  /** Stops what was started here, in reverse. */
  stop(): Promise<void>;
}

/**
 * Real services, each by the first way that works: the URL in MESSTRACK_TEST_KAFKA, MESSTRACK_TEST_REDIS or MESSTRACK_TEST_CLICKHOUSE, a
 * container when a Docker engine answers, the native program. Rejects with what to install when none does.
 */
export async function startServices(wanted: ServicesWanted, options: ServicesOptions = {}): Promise<Services> {
  const env = options.env ?? process.env;
  const started: ServiceInstance[] = [];
  const origins: Partial<Record<keyof ServicesWanted, Origin>> = {};
  let kafkaBrokers: string[] = [];
  let redisUrl = '';
  let clickhouseUrl = '';
  let clickhouseReadOnlyUrl = '';

  async function resolve<T extends ServiceInstance>(name: keyof ServicesWanted, ways: Ways<T>): Promise<T | undefined> {
    if (ways.given !== undefined) {
      await mustAnswer(name, ways.probe());
      origins[name] = 'given';
      return undefined;
    }
    const { instance, origin } = await startFirst(
      name,
      ways,
      options.dataDir === undefined ? {} : { dataDir: join(options.dataDir, name) },
    );
    origins[name] = origin;
    started.push(instance);
    return instance;
  }
  const stop = async () => {
    for (let last = started.pop(); last !== undefined; last = started.pop()) await last.stop();
  };

  const starts: Promise<void>[] = [];
  if (wanted.kafka) {
    const given = env['MESSTRACK_TEST_KAFKA'] || undefined;
    const brokers = given?.split(',') ?? [];
    const ways: Ways<KafkaInstance> = { given, probe: () => probeKafka(brokers), container: startKafkaContainer, native: startNativeKafka };
    starts.push(
      resolve('kafka', ways).then((instance) => {
        kafkaBrokers = instance?.brokers ?? brokers;
      }),
    );
  }
  if (wanted.redis) {
    const given = env['MESSTRACK_TEST_REDIS'] || undefined;
    const ways: Ways<RedisInstance> = {
      given,
      probe: () => probeRedis(given ?? ''),
      container: startRedisContainer,
      native: startNativeRedis,
    };
    starts.push(
      resolve('redis', ways).then((instance) => {
        redisUrl = instance?.url ?? given ?? '';
      }),
    );
  }
  if (wanted.clickhouse) {
    const given = env['MESSTRACK_TEST_CLICKHOUSE'] || undefined;
    const ways: Ways<ClickhouseInstance> = {
      given,
      probe: () => probeClickhouse(given ?? ''),
      container: startClickhouseContainer,
      native: startNativeClickhouse,
    };
    starts.push(
      resolve('clickhouse', ways).then((instance) => {
        clickhouseUrl = instance?.url ?? given ?? '';
        // Of a server somebody gave us only the protocol's own limit is known: read, and change any setting but this one.
        clickhouseReadOnlyUrl = instance?.readOnlyUrl ?? new URL('/?readonly=2', given).href;
      }),
    );
  }
  const outcomes = await Promise.allSettled(starts);
  const failures = outcomes.flatMap((outcome) => (outcome.status === 'rejected' ? [outcome.reason] : []));
  if (failures.length > 0) {
    await stop();
    throw new AggregateError(failures, `services for tests are missing:\n${failures.map(String).join('\n')}`);
  }
  return { kafkaBrokers, redisUrl, clickhouseUrl, clickhouseReadOnlyUrl, origins, stop };
}

/** A broker of one's own, for tests that take it away. */
export async function startKafka(options: KafkaOptions = {}): Promise<KafkaInstance> {
  return (await startFirst('kafka', { container: startKafkaContainer, native: startNativeKafka }, options)).instance;
}

/** A Redis of one's own, for tests that take it away. */
export async function startRedis(options: InstanceOptions = {}): Promise<RedisInstance> {
  return (await startFirst('redis', { container: startRedisContainer, native: startNativeRedis }, options)).instance;
}

/** A ClickHouse of one's own, for tests that take it away. */
export async function startClickhouse(options: InstanceOptions = {}): Promise<ClickhouseInstance> {
  const ways = { container: startClickhouseContainer, native: startNativeClickhouse };
  return (await startFirst('clickhouse', ways, options)).instance;
}

interface Starters<T, O extends InstanceOptions = InstanceOptions> {
  readonly container: (options: O) => Promise<T>;
  readonly native: (options: O) => Promise<T>;
}

interface Ways<T> extends Starters<T> {
  readonly given: string | undefined;
  readonly probe: () => Promise<void>;
}

/** With a data folder the native program comes first: a container keeps its data inside itself, and it would be gone at the end. */
async function startFirst<T, O extends InstanceOptions>(
  name: string,
  ways: Starters<T, O>,
  options: O,
): Promise<{ instance: T; origin: Origin }> {
  const native = async () => ({ instance: await ways.native(options), origin: 'native' as const });
  const container = async () => ({ instance: await ways.container(options), origin: 'container' as const });
  const attempts = options.dataDir === undefined && (await engineAnswers()) ? [container, native] : [native];
  const reasons: string[] = [];
  for (const attempt of attempts) {
    try {
      return await attempt();
    } catch (error) {
      // An engine that cannot pull an image, or a missing program: the next way may work. A service that starts and fails is a fault to see.
      if (!(error instanceof NotAvailableError)) throw error;
      reasons.push(error.message);
    }
  }
  throw new NotAvailableError(`${name}: ${reasons.join('\n')}\nor set MESSTRACK_TEST_${name.toUpperCase()}, or start a Docker engine`);
}

let engine: Promise<boolean> | undefined;

/** Asked once per process. */
function engineAnswers(): Promise<boolean> {
  engine ??= dockerAnswers();
  return engine;
}

async function mustAnswer(name: string, probe: Promise<void>): Promise<void> {
  try {
    await probe;
  } catch (error) {
    throw new Error(`MESSTRACK_TEST_${name.toUpperCase()} is set, but nothing answers there: ${String(error)}`, { cause: error });
  }
}
