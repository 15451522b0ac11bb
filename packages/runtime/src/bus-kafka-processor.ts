import { AssignerProtocol, type EachBatchPayload } from 'kafkajs';
import type { ProcessOptions, Processor, TopicPartition } from './bus.ts';
import type { KafkaClients } from './bus-kafka-client.ts';
import { DEFAULT_BATCH_RECORDS, type GroupSettings } from './bus-kafka-consumer.ts';
import { type GroupMember, type GroupSession, joinGroup } from './bus-kafka-group.ts';
import { type OwnerPorts, PartitionOwner } from './bus-kafka-owner.ts';
import type { KafkaReader } from './bus-kafka-reader.ts';
import type { FindTopicFacts, KafkaAdmin } from './bus-kafka-topics.ts';
import { openTransactionLog } from './bus-kafka-transaction.ts';
import type { OnPhase } from './bus-phase.ts';
import { createOutageLog } from './outage-log.ts';

export interface ProcessorPorts {
  readonly clients: KafkaClients;
  readonly group: GroupSettings;
  readonly admin: KafkaAdmin;
  readonly reader: KafkaReader;
  readonly facts: FindTopicFacts;
  readonly committed: (groupId: string, partition: TopicPartition) => Promise<number>;
  readonly onPhase: OnPhase | undefined;
}

const TICK_MS = 1_000;

/**
 * A group member whose partitions each have an owner with a producer of its own. kafkajs cannot tell the broker the member's generation with a
 * transaction (KIP-447), so the fence is the transactional id: `{group}-{topic}-{partition}`, taken by whoever owns the partition.
 */
export async function createKafkaProcessor(ports: ProcessorPorts, options: ProcessOptions): Promise<Processor> {
  const owners = new Map<number, PartitionOwner>();
  const ending = new Set<Promise<void>>();
  let session: GroupSession | undefined;
  let member: GroupMember | undefined;

  const ownerPorts: OwnerPorts = {
    openLog: (partition) =>
      openTransactionLog({
        kafka: ports.clients.transactional,
        groupId: options.groupId,
        partition,
        facts: ports.facts,
        onPhase: ports.onPhase,
      }),
    committed: (partition) => ports.committed(options.groupId, partition),
    bounds: async ({ topic, partition }) => {
      const bounds = (await ports.reader.bounds(topic, [partition])).get(partition);
      if (bounds === undefined) throw new RangeError(`${topic} has no partition ${partition}`);
      return bounds;
    },
    ownedByUs: (partition) => isAssigned(ports.admin, options.groupId, session?.memberId ?? '', partition),
    isMember: () => member?.isMember() ?? true,
    seek: ({ topic, partition }, offset) => session?.seek({ topic, partition, offset }),
    fail: (reason) => session?.fail(reason),
    onPhase: ports.onPhase,
    log: ports.group.log,
    outage: createOutageLog(ports.group.log.child({ groupId: options.groupId }), {
      away: 'transactions fail, their partitions are built anew',
      back: 'transactions succeed again',
    }),
  };

  const drop = (owner: PartitionOwner) => {
    owners.delete(owner.partition.partition);
    owner.close();
    const ended = owner.ended().finally(() => ending.delete(ended));
    ending.add(ended);
  };

  const onJoined = (partitions: readonly TopicPartition[], joined: GroupSession) => {
    const given = new Set(partitions.map((each) => each.partition));
    // Under a new member id the partition may have been somebody else's in between, and its worker may have missed what that one did.
    for (const owner of owners.values())
      if (!given.has(owner.partition.partition) || owner.isClosed || joined.memberId !== session?.memberId) drop(owner);
    session = joined;
    for (const partition of partitions) {
      const kept = owners.get(partition.partition);
      if (kept !== undefined) kept.rejoined();
      else
        owners.set(
          partition.partition,
          new PartitionOwner(partition, options.maxBatchRecords ?? DEFAULT_BATCH_RECORDS, options, ownerPorts),
        );
    }
  };

  const onBatch = async (payload: EachBatchPayload) => {
    const owner = owners.get(payload.batch.partition);
    if (owner !== undefined) await owner.handle(payload);
  };

  const ticking = setInterval(() => {
    for (const owner of owners.values()) owner.tick();
  }, TICK_MS);

  let joined: GroupMember;
  try {
    joined = await joinGroup({
      ...ports.group,
      groupId: options.groupId,
      topics: [options.topic],
      fromBeginning: true,
      onBatch,
      onJoined,
      onLost: () => [...owners.values()].forEach(drop),
      // As if it had been read up to nowhere: what waits must not look like a partition at its end, whose time passes.
      onDamaged: ({ partition }, highWatermark) => owners.get(partition)?.emptied(0, highWatermark),
      onOutOfRange: ({ partition, offset }) => owners.get(partition)?.outOfRange(offset),
      onEmptied: ({ partition }, nextOffset, highWatermark) => owners.get(partition)?.emptied(nextOffset, highWatermark),
    });
  } catch (error) {
    clearInterval(ticking);
    [...owners.values()].forEach(drop);
    throw error;
  }
  member = joined;
  joined.crashed.catch(() => clearInterval(ticking));

  return {
    crashed: joined.crashed,
    assigned: () => [...owners.values()].filter((owner) => owner.isLive).map((owner) => owner.partition),
    async close() {
      clearInterval(ticking);
      await joined.close();
      [...owners.values()].forEach(drop);
      await Promise.all(ending);
    },
  };
}

/** The group's own answer. While it rebalances nobody owns anything, and every member joins again, we too. */
async function isAssigned(admin: KafkaAdmin, groupId: string, memberId: string, { topic, partition }: TopicPartition): Promise<boolean> {
  const { groups } = await admin.ask(`members of ${groupId}`, (client) => client.describeGroups([groupId]));
  const group = groups[0];
  const member = group?.members.find((each) => each.memberId === memberId);
  if (group?.state !== 'Stable' || member === undefined) return false;
  const assignment = AssignerProtocol.MemberAssignment.decode(member.memberAssignment)?.assignment ?? {};
  return assignment[topic]?.includes(partition) ?? false;
}
