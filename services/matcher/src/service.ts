/** Wires the matcher from given clients; `main.ts` and the standalone do the same with theirs. */
import { TOPICS } from '@messtrack/proto/topics.ts';
import type { Bus, Processor } from '@messtrack/runtime/bus.ts';
import type { GrpcService } from '@messtrack/runtime/grpc.ts';
import type { Running } from '@messtrack/runtime/lifecycle.ts';
import type { JoinStore } from '@messtrack/sessions/join-store.ts';
import type { WorkspaceRegistry } from '@messtrack/workspace/workspace.ts';
import type { FastifyInstance } from 'fastify';
import type { Logger } from 'pino';
import type { Registry } from 'prom-client';
import { attributionService } from './adapters/grpc-attribution.ts';
import { registerGoalRoutes } from './adapters/http-goals.ts';
import { registerLeadRoutes } from './adapters/http-leads.ts';
import { StoppedWaitingError } from './adapters/keep-alive.ts';
import { leadDirectory } from './adapters/lead-directory.ts';
import { leadIdOf } from './adapters/lead-id.ts';
import { createLeadWaiters } from './adapters/lead-waiters.ts';
import { openModelDirectory } from './adapters/model-directory.ts';
import { modelSource } from './adapters/model-source.ts';
import { packing } from './adapters/packing.ts';
import { readSnapshot, type Unusable } from './adapters/snapshots.ts';
import { tokenDirectory } from './adapters/token-directory.ts';
import type { MatcherSettings } from './config.ts';
import { emptyState } from './domain/state.ts';
import { createMatcherMetrics } from './metrics.ts';
import { createWorker } from './pipeline.ts';
import type { Clock, SnapshotSink } from './ports.ts';
import { createTeaching } from './trainer.ts';

export interface MatcherOptions {
  /** Routes are registered in a scope of their own; the caller listens, after this has resolved. */
  readonly app: FastifyInstance;
  /** Topics must exist. */
  readonly bus: Bus;
  readonly joins: JoinStore;
  readonly workspaces: WorkspaceRegistry;
  readonly settings: MatcherSettings;
  readonly log: Logger;
  readonly registry: Registry;
  readonly clock?: Clock | undefined;
}

export interface MatcherService {
  /** For `startGrpc`. */
  readonly attribution: GrpcService;
  /** Partitions of touchpoints.v1 this instance folds now. */
  assigned(): readonly number[];
  /** Resolves when log and join store answer; for readiness. */
  ping(): Promise<void>;
}

export async function startMatcher(options: MatcherOptions): Promise<Running<MatcherService>> {
  const { app, bus, joins, workspaces, settings, log, registry } = options;
  const clock = options.clock ?? Date.now;
  const metrics = createMatcherMetrics(registry, clock);
  const leads = leadDirectory(joins);
  const tokens = tokenDirectory(workspaces);
  const waiters = createLeadWaiters({ directory: leads, maxWaiting: settings.maxWaiting, onWaiting: metrics.waiters });
  await registerLeadRoutes(app, { directory: leads, tokens, waiters, metrics });

  const { snapshotPolicy, lookEveryMs } = settings;
  const directory = openModelDirectory(bus);
  const models = modelSource(directory, metrics, log);
  if (await hasCommitted(bus, settings.groupId)) joins.expectEntries?.();
  const producer = await bus.producer();
  await registerGoalRoutes(app, { directory: leads, tokens, producer, metrics, clock, log });
  const snapshots: SnapshotSink = {
    send: async (record) => {
      await producer.send([record]);
    },
  };
  const stopping = new AbortController();
  let isClosing = false;
  const parts = {
    stopping: stopping.signal,
    joins,
    tools: { leadId: leadIdOf },
    models,
    listener: waiters,
    snapshots,
    metrics,
    clock,
    snapshotPolicy,
  };
  const processor: Processor = await bus.process({
    groupId: settings.groupId,
    topic: TOPICS.touchpoints.name,
    maxBatchRecords: settings.maxBatchRecords,
    createWorker: async ({ partition }, committed) => {
      const startedAtMs = performance.now();
      // The owner before is fenced by now: what it has trained is in the log and in model.v1, or nowhere.
      await directory.refresh();
      const ends = await bus.offsets(TOPICS.touchpoints.name);
      const bounds = ends.find((each) => each.partition === partition) ?? { first: 0, next: 0 };
      const unusable: Unusable[] = [];
      const found = await readSnapshot({
        bus,
        partition,
        committed,
        model: (version) => models.find(version, partition),
        onUnusable: (each) => unusable.push(each),
      });
      const restored = found ?? { state: emptyState(partition, packing), nextOffset: bounds.first, slot: undefined };
      if (unusable.length > 0) {
        const { nextOffset: startOffset } = restored;
        log.warn(
          {
            partition,
            committed,
            startOffset,
            isFromSnapshot: found !== undefined,
            unusable: unusable.slice(0, 10),
            count: unusable.length,
          },
          'snapshots of this partition are passed over: an older one, or the log itself, gives the same state',
        );
      }
      if (found === undefined && bounds.first > 0) {
        // Nobody can tell what stood before.
        log.error(
          { partition, committed, startOffset: bounds.first },
          'no snapshot of this partition can be used and the beginning of its log is gone: what accounts had learned before and open leads of that time are unknown',
        );
      }
      const teaching = createTeaching(restored.state, {
        directory,
        metrics,
        clock,
        log,
        logEnd: bounds.next,
        partitions: ends.length,
        lookEveryMs,
      });
      const seconds = (performance.now() - startedAtMs) / 1_000;
      metrics.restored(seconds);
      log.info({ partition, committed, startOffset: restored.nextOffset, seconds }, 'partition assigned, state restored');
      return createWorker(restored, { ...parts, teaching });
    },
  });

  const failed = new Promise<never>((_, reject) => {
    processor.crashed.catch((error: unknown) => {
      // A batch that was given up for the stop takes its owner with it, as any that fails; this one was meant to.
      if (!(isClosing && error instanceof StoppedWaitingError)) reject(error);
    });
  });
  // Whoever does not care must not be ended by it.
  failed.catch(() => undefined);

  return {
    value: {
      attribution: attributionService({ directory: leads, tokens, waiters, metrics, log }),
      assigned: () => processor.assigned().map(({ partition }) => partition),
      ping: async () => {
        await Promise.all([bus.ping(), joins.ping()]);
        bus.assertIntact();
      },
    },
    close: async () => {
      isClosing = true;
      waiters.close();
      const patience = setTimeout(() => stopping.abort(), settings.stopPatienceMs);
      await processor.close();
      clearTimeout(patience);
      await producer.close();
    },
    failed,
  };
}

/** Whether the group has folded anything that the log still has, whichever of its partitions we get: one that is new must not hide that the entries of the others are gone. */
async function hasCommitted(bus: Bus, groupId: string): Promise<boolean> {
  const topic = TOPICS.touchpoints.name;
  const [bounds, committed] = await Promise.all([bus.offsets(topic), bus.committed(groupId, topic)]);
  const firsts = new Map(bounds.map(({ partition, first }) => [partition, first]));
  return committed.some(({ partition, offset }) => offset > (firsts.get(partition) ?? 0));
}
