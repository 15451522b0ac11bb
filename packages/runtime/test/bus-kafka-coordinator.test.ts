import Broker from 'kafkajs/src/broker/index.js';
import Cluster from 'kafkajs/src/cluster/index.js';
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { installKnownCoordinators } from '../src/bus-kafka-coordinator.ts';

const TRANSACTION = 1;
/** What brokers are asked, in order, and what they answer: an error's type, or nothing for a success. */
const asked: string[] = [];
const answers: (string | undefined)[] = [];

beforeAll(() => {
  for (const name of ['addPartitionsToTxn', 'addOffsetsToTxn', 'txnOffsetCommit', 'endTxn'] as const)
    Broker.prototype[name] = async function (this: Broker) {
      asked.push(`${name} ${this.nodeId}`);
      const type = answers.shift();
      if (type !== undefined) throw Object.assign(new Error(type), { type });
    };
  installKnownCoordinators();
});

beforeEach(() => {
  asked.length = 0;
  answers.length = 0;
});

/** A cluster of kafkajs whose network is a list of brokers and one number: which of them coordinates. */
function clusterOf(brokers: number) {
  const made = () => Array.from({ length: brokers }, (_, nodeId): Broker => Object.assign(Object.create(Broker.prototype), { nodeId }));
  let nodes = made();
  const facts = {
    coordinator: 0,
    lookups: 0,
    away: new Set<number>(),
    moveBrokers() {
      nodes = made();
    },
  };
  const cluster: Cluster = Object.assign(Object.create(Cluster.prototype), {
    retrier: (attempt: (bail: (error: unknown) => never) => Promise<unknown>) =>
      attempt((error) => {
        throw error;
      }),
    async findGroupCoordinatorMetadata() {
      facts.lookups += 1;
      return { coordinator: { nodeId: facts.coordinator } };
    },
    async findBroker({ nodeId }: { readonly nodeId: number }) {
      if (facts.away.has(nodeId)) throw new Error('away');
      return nodes[nodeId];
    },
  });
  return { cluster, facts };
}

const args = { transactionalId: 'matcher-0' };
const ofTransaction = { groupId: 'matcher-0', coordinatorType: TRANSACTION };

describe('coordinators of a transactional producer', () => {
  it('are asked for once, of transactions and of their group', async () => {
    const { cluster, facts } = clusterOf(1);
    for (let i = 0; i < 3; i += 1) {
      await (await cluster.findGroupCoordinator(ofTransaction)).addPartitionsToTxn(args);
      await (await cluster.findGroupCoordinator({ groupId: 'matcher' })).txnOffsetCommit(args);
      await (await cluster.findGroupCoordinator(ofTransaction)).endTxn(args);
    }
    expect(facts.lookups).toBe(2);
    expect(asked).toHaveLength(9);
  });

  it('of another transaction is another', async () => {
    const { cluster, facts } = clusterOf(2);
    await cluster.findGroupCoordinator(ofTransaction);
    facts.coordinator = 1;
    expect((await cluster.findGroupCoordinator({ ...ofTransaction, groupId: 'matcher-1' })).nodeId).toBe(1);
    expect((await cluster.findGroupCoordinator(ofTransaction)).nodeId).toBe(0);
  });

  it('are not remembered for a client that writes no transaction', async () => {
    const { cluster, facts } = clusterOf(2);
    await cluster.findGroupCoordinator({ groupId: 'exporter' });
    facts.coordinator = 1;
    expect((await cluster.findGroupCoordinator({ groupId: 'exporter' })).nodeId).toBe(1);
  });

  it.each(['addPartitionsToTxn', 'addOffsetsToTxn', 'endTxn'] as const)('that have moved get %s where they are now', async (name) => {
    const { cluster, facts } = clusterOf(2);
    const broker = await cluster.findGroupCoordinator(ofTransaction);
    facts.coordinator = 1;
    answers.push('NOT_COORDINATOR_FOR_GROUP');
    await broker[name](args);
    expect(asked).toEqual([`${name} 0`, `${name} 1`]);
    expect((await cluster.findGroupCoordinator(ofTransaction)).nodeId).toBe(1);
    expect(facts.lookups).toBe(2);
  });

  it('whose broker stands at another address by now are still the cluster’s own to forget', async () => {
    const { cluster, facts } = clusterOf(2);
    await cluster.findGroupCoordinator(ofTransaction);
    facts.moveBrokers();
    const broker = await cluster.findGroupCoordinator(ofTransaction);
    expect(facts.lookups).toBe(1);
    facts.coordinator = 1;
    answers.push('NOT_COORDINATOR_FOR_GROUP');
    await broker.endTxn(args);
    expect(asked).toEqual(['endTxn 0', 'endTxn 1']);
  });

  it('that move again at once are an error, not a chase', async () => {
    const { cluster } = clusterOf(2);
    const broker = await cluster.findGroupCoordinator(ofTransaction);
    answers.push('NOT_COORDINATOR_FOR_GROUP', 'NOT_COORDINATOR_FOR_GROUP');
    await expect(broker.endTxn(args)).rejects.toThrow('NOT_COORDINATOR_FOR_GROUP');
    expect(asked).toHaveLength(2);
  });

  it('are asked for again after an error and when their broker is away', async () => {
    const { cluster, facts } = clusterOf(2);
    const broker = await cluster.findGroupCoordinator(ofTransaction);
    answers.push('INVALID_PRODUCER_EPOCH');
    await expect(broker.endTxn(args)).rejects.toThrow('INVALID_PRODUCER_EPOCH');
    expect(asked).toHaveLength(1);
    await cluster.findGroupCoordinator(ofTransaction);
    expect(facts.lookups).toBe(2);
    facts.away.add(0);
    facts.coordinator = 1;
    expect((await cluster.findGroupCoordinator(ofTransaction)).nodeId).toBe(1);
  });
});

describe('a transaction before that is still ending', () => {
  it.each(['addPartitionsToTxn', 'addOffsetsToTxn'] as const)('is waited for by %s, by milliseconds', async (name) => {
    const { cluster, facts } = clusterOf(1);
    const broker = await cluster.findGroupCoordinator(ofTransaction);
    answers.push('CONCURRENT_TRANSACTIONS', 'CONCURRENT_TRANSACTIONS');
    await broker[name](args);
    expect(asked).toHaveLength(3);
    await cluster.findGroupCoordinator(ofTransaction);
    expect(facts.lookups).toBe(1);
  });

  it('for longer than that is told to kafkajs, which goes on in its own way', async () => {
    const { cluster } = clusterOf(1);
    const broker = await cluster.findGroupCoordinator(ofTransaction);
    answers.push(...Array.from({ length: 7 }, () => 'CONCURRENT_TRANSACTIONS'));
    await expect(broker.addPartitionsToTxn(args)).rejects.toThrow('CONCURRENT_TRANSACTIONS');
    expect(asked).toHaveLength(7);
  });
});
