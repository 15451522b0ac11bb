/**
 * Who coordinates a transaction is asked once, not four times in each. kafkajs asks before the partitions, before the offsets, for the group and before the end: of the nine requests of a small
 * transaction four found out what had not changed. And it takes the answer "the transaction before is still ending", which after a commit is the rule, for a stale picture of the cluster: it fetches the
 * metadata of all topics and waits at least ten milliseconds for what takes about one.
 *
 * What is known is kept per cluster of kafkajs, which is per transactional producer, and forgotten with every answer that is an error; a coordinator that says it is none any more did nothing, so that the
 * request goes to the one that now is. Clusters that write no transaction (groups, offsets) ask as before.
 */

import { setTimeout as wait } from 'node:timers/promises';
import Broker, { type TransactionRequest } from 'kafkajs/src/broker/index.js';
import Cluster, { type FindCoordinator } from 'kafkajs/src/cluster/index.js';

const GROUP = 0;
const TRANSACTION = 1;
/** Before each asking again whether the transaction before has ended. Milliseconds; after the last kafkajs goes on in its own way. */
const ENDING_WAITS_MS = [1, 1, 2, 4, 8, 16];
/** What meets a transaction before that is still ending. */
const BEGINNINGS = new Set<string>(['addPartitionsToTxn', 'addOffsetsToTxn']);
const REQUESTS = ['initProducerId', 'addPartitionsToTxn', 'addOffsetsToTxn', 'txnOffsetCommit', 'endTxn'] as const;

const coordinators = new WeakMap<Cluster, Map<string, number>>();
const clusters = new WeakMap<Broker, Cluster>();
const ask = Cluster.prototype.findGroupCoordinator;
let isInstalled = false;

/** From here on the transactional producers of this process remember their coordinators. Safe to call again. */
export function installKnownCoordinators(): void {
  if (isInstalled) return;
  isInstalled = true;
  Cluster.prototype.findGroupCoordinator = findKnown;
  for (const name of REQUESTS) {
    const request = Broker.prototype[name];
    Broker.prototype[name] = function (this: Broker, args) {
      return answered(this, args, request, name);
    };
  }
}

async function findKnown(this: Cluster, { groupId, coordinatorType = GROUP }: FindCoordinator): Promise<Broker> {
  if (coordinatorType === TRANSACTION && !coordinators.has(this)) coordinators.set(this, new Map());
  const known = coordinators.get(this);
  if (known === undefined) return ask.call(this, { groupId, coordinatorType });
  const key = `${coordinatorType} ${groupId}`;
  const nodeId = known.get(key);
  const broker =
    (nodeId === undefined ? undefined : await this.findBroker({ nodeId }).catch(() => known.clear())) ??
    (await ask.call(this, { groupId, coordinatorType }));
  known.set(key, broker.nodeId);
  // Also of one that was known: kafkajs makes another object of a broker whose address has changed.
  clusters.set(broker, this);
  return broker;
}

type Name = (typeof REQUESTS)[number];
type Send = (this: Broker, args: TransactionRequest) => Promise<unknown>;

async function answered(to: Broker, args: TransactionRequest, request: Send, name: Name): Promise<unknown> {
  let broker = to;
  let hasMoved = false;
  for (let tries = 0; ; tries += 1)
    try {
      return await request.call(broker, args);
    } catch (error) {
      const type = error instanceof Error && 'type' in error ? error.type : undefined;
      const waitMs = BEGINNINGS.has(name) ? ENDING_WAITS_MS[tries] : undefined;
      if (type === 'CONCURRENT_TRANSACTIONS' && waitMs !== undefined) {
        await wait(waitMs);
        continue;
      }
      const cluster = clusters.get(to);
      if (cluster === undefined) throw error;
      coordinators.get(cluster)?.clear();
      // kafkajs looks for a group's coordinator again by itself.
      if (type !== 'NOT_COORDINATOR_FOR_GROUP' || name === 'txnOffsetCommit' || hasMoved) throw error;
      hasMoved = true;
      broker = await cluster.findGroupCoordinator({ groupId: args.transactionalId, coordinatorType: TRANSACTION });
    }
}
