import { TOPICS } from '@messtrack/proto/topics.ts';
import type { Batch, Bus } from '@messtrack/runtime/bus.ts';
import type { JoinStore } from '@messtrack/sessions/join-store.ts';
import { packing } from './adapters/packing.ts';
import { emptyState } from './domain/state.ts';
import { createWorker, type WorkerParts } from './pipeline.ts';
import { NO_TEACHING } from './trainer.ts';

export interface Rebuilt {
  readonly cleared: number;
  readonly records: number;
  readonly leadRevisions: number;
}

/**
 * Fills an emptied join store by folding the log from its first record, and writes nothing else: leads and offsets stay as they are. Stop
 * the matcher first. It folds up to what the group has committed, because the matcher itself writes what comes after. What retention has
 * taken from the log cannot come back: contacts and codes older than the topic's 60 days are new again.
 */
export async function rebuildSessions(
  bus: Bus,
  joins: JoinStore,
  groupId: string,
  parts: Omit<WorkerParts, 'joins' | 'teaching' | 'snapshots'>,
): Promise<Rebuilt> {
  const cleared = await joins.clear('');
  const topic = TOPICS.touchpoints.name;
  const committed = new Map((await bus.committed(groupId, topic)).map(({ partition, offset }) => [partition, offset]));
  let records = 0;
  let leadRevisions = 0;
  for (const { partition, first } of await bus.offsets(topic)) {
    const end = committed.get(partition) ?? 0;
    const worker = createWorker(
      { state: emptyState(partition, packing), nextOffset: first, slot: undefined },
      { ...parts, joins, teaching: NO_TEACHING, snapshots: undefined },
    );
    for await (const found of bus.read({ topic, partition }, first)) {
      const done = found.filter((record) => record.offset < end);
      if (done.length === 0) break;
      const batch: Batch = { topic, partition, records: done, highWatermark: end, isStale: () => false, heartbeat: async () => undefined };
      const output = await worker.process(batch, false);
      records += done.length;
      leadRevisions += output.filter((record) => record.topic === TOPICS.leads.name).length;
    }
    worker.close?.();
  }
  return { cleared, records, leadRevisions };
}
