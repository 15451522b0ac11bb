import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { busContract } from '@messtrack/testing/bus-contract.ts';
import { freePort } from '@messtrack/testing/free-port.ts';
import type { KafkaInstance } from '@messtrack/testing/kafka.ts';
import { startKafka } from '@messtrack/testing/services.ts';
import pino from 'pino';
import { afterAll, inject } from 'vitest';
import { openKafkaBus } from '../src/bus-kafka.ts';
import type { KafkaChildSettings } from './bus-kafka-child.ts';

const brokers = inject('kafkaBrokers');

/** A broker of our own to take away; only the restart test starts it. */
const own = { port: 0, dataDir: '' };
let ownBroker: KafkaInstance | undefined;

afterAll(async () => {
  await ownBroker?.stop();
  if (own.dataDir !== '') await rm(own.dataDir, { recursive: true, force: true });
});

async function startOwn(): Promise<string[]> {
  if (own.port === 0) {
    own.port = await freePort();
    own.dataDir = await mkdtemp(join(tmpdir(), 'bus-kafka-'));
  }
  ownBroker = await startKafka(own);
  return ownBroker.brokers;
}

const settings: KafkaChildSettings = { brokers };

/** 6 s is the shortest session a broker allows by default; a stalled member is given up after the shorter of the two. */
const open = (to: readonly string[]) =>
  openKafkaBus({ brokers: to, clientId: 'contract', log: pino({ level: 'silent' }), sessionTimeoutMs: 6_000, rebalanceTimeoutMs: 6_000 });

busContract('Kafka', {
  open: () => open(brokers),
  sharedLog: true,
  stalledOwnerLosesPartition: true,
  child: { module: new URL('./bus-kafka-child.ts', import.meta.url).href, settings: () => settings },
  openRestartable: async () => open(await startOwn()),
  restart: async (bus) => {
    await ownBroker?.stop();
    await startOwn();
    return bus;
  },
});
