import type { OpenChildBus } from '@messtrack/testing/bus-harness.ts';
import pino from 'pino';
import { openKafkaBus } from '../src/bus-kafka.ts';

export interface KafkaChildSettings {
  readonly brokers: readonly string[];
}

/** As the parent of the contract suite opens it; see bus-kafka.integration.test.ts for the times. */
export const openChildBus: OpenChildBus = async (settings, onPhase) => {
  const { brokers } = settings as KafkaChildSettings;
  return openKafkaBus({
    brokers,
    clientId: 'contract-child',
    log: pino({ level: 'silent' }),
    sessionTimeoutMs: 6_000,
    rebalanceTimeoutMs: 6_000,
    onPhase,
  });
};
