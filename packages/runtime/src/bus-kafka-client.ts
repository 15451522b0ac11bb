import { Kafka, type KafkaConfig, logLevel } from 'kafkajs';
import type { Logger } from 'pino';
import { kafkaLogCreator } from './bus-kafka-log.ts';
import type { OnPhase } from './bus-phase.ts';

export interface KafkaBusOptions {
  /** `host:port` each; any one that answers is enough to find the others. */
  readonly brokers: readonly string[];
  /** Shown in the broker's logs and quotas. */
  readonly clientId: string;
  readonly log: Logger;
  readonly ssl?: KafkaConfig['ssl'] | undefined;
  readonly sasl?: KafkaConfig['sasl'] | undefined;
  /** A member that has not been heard of for so long loses its partitions. Milliseconds, 6,000 to 1,800,000 by the broker's defaults. Default 30,000. */
  readonly sessionTimeoutMs?: number | undefined;
  /** How long a rebalance waits for a handler in progress before the member loses its partitions. Milliseconds. Default 60,000. */
  readonly rebalanceTimeoutMs?: number | undefined;
  /**
   * For a service that can work without Kafka for a while (ingest spools): opening does not ask a broker. A wrong address is then found out by
   * readiness and by the log, not by a start that fails. Default false.
   */
  readonly startsWithoutBroker?: boolean | undefined;
  /** For tests: see bus-phase.ts. */
  readonly onPhase?: OnPhase | undefined;
}

/** `send` rejects at the latest after so long, however deep the queue and whatever the broker does. Milliseconds. */
export const SEND_DEADLINE_MS = 5_000;

/** kafkajs clients that differ in patience. */
export interface KafkaClients {
  /** Groups, offsets and topics. */
  readonly main: Kafka;
  /** `Producer.send`: gives up within its deadline, because a caller waits. */
  readonly producing: Kafka;
  /**
   * Processors. A transaction that begins right after a commit meets CONCURRENT_TRANSACTIONS for some milliseconds; with the default first wait of
   * 300 ms that halves the throughput (23 k/s against 49 k/s, see docs/decisions/0001-kafkajs.md), so the first wait is 10 ms, after those of bus-kafka-coordinator.ts.
   */
  readonly transactional: Kafka;
}

export function createKafkaClients(options: KafkaBusOptions): KafkaClients {
  const common: KafkaConfig = {
    brokers: [...options.brokers],
    clientId: options.clientId,
    logLevel: logLevel.DEBUG,
    logCreator: kafkaLogCreator(options.log),
    connectionTimeout: 2_000,
    ...(options.ssl === undefined ? {} : { ssl: options.ssl }),
    ...(options.sasl === undefined ? {} : { sasl: options.sasl }),
  };
  // The level only decides whether kafkajs builds log entries at all; pino decides what is printed.
  if (!options.log.isLevelEnabled('debug')) common.logLevel = logLevel.WARN;
  return {
    main: new Kafka({ ...common, retry: { initialRetryTime: 100, maxRetryTime: 2_000, retries: 5 } }),
    producing: new Kafka({ ...common, requestTimeout: SEND_DEADLINE_MS, retry: { initialRetryTime: 50, maxRetryTime: 500, retries: 8 } }),
    transactional: new Kafka({ ...common, requestTimeout: 15_000, retry: { initialRetryTime: 10, maxRetryTime: 1_000, retries: 10 } }),
  };
}
