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
import { registerLeadRoutes } from './adapters/http-leads.ts';
import { leadDirectory } from './adapters/lead-directory.ts';
import { leadIdOf } from './adapters/lead-id.ts';
import { createLeadWaiters } from './adapters/lead-waiters.ts';
import { packing } from './adapters/packing.ts';
import { readSnapshot } from './adapters/snapshots.ts';
import { tokenDirectory } from './adapters/token-directory.ts';
import type { MatcherSettings } from './config.ts';
import { emptyState } from './domain/state.ts';
import { createMatcherMetrics } from './metrics.ts';
import { createWorker } from './pipeline.ts';
import type { Clock } from './ports.ts';

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
  const directory = leadDirectory(joins);
  const tokens = tokenDirectory(workspaces);
  const waiters = createLeadWaiters({ directory, maxWaiting: settings.maxWaiting, onWaiting: metrics.waiters });
  await registerLeadRoutes(app, { directory, tokens, waiters, metrics });

  const { snapshotPolicy } = settings;
  const model = () => undefined;
  const parts = { joins, tools: { leadId: leadIdOf, model }, listener: waiters, metrics, clock, snapshotPolicy };
  const processor: Processor = await bus.process({
    groupId: settings.groupId,
    topic: TOPICS.touchpoints.name,
    maxBatchRecords: settings.maxBatchRecords,
    createWorker: async ({ partition }, committed) => {
      const startedAtMs = performance.now();
      const restored = (await readSnapshot(bus, partition, committed, model)) ?? (await fromTheBeginning(bus, partition));
      const seconds = (performance.now() - startedAtMs) / 1_000;
      metrics.restored(seconds);
      log.info({ partition, committed, startOffset: restored.nextOffset, seconds }, 'partition assigned, state restored');
      return createWorker(restored, parts);
    },
  });

  return {
    value: {
      attribution: attributionService({ directory, tokens, waiters, metrics, log }),
      assigned: () => processor.assigned().map(({ partition }) => partition),
      ping: async () => {
        await Promise.all([bus.ping(), joins.ping()]);
      },
    },
    close: async () => {
      waiters.close();
      await processor.close();
    },
    failed: processor.crashed,
  };
}

/** No snapshot that this version reads: the log is folded from its first record. */
async function fromTheBeginning(bus: Bus, partition: number) {
  const offsets = await bus.offsets(TOPICS.touchpoints.name);
  return { state: emptyState(partition, packing), nextOffset: offsets.find((each) => each.partition === partition)?.first ?? 0 };
}
