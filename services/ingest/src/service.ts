import { TOPICS } from '@messtrack/proto/topics.ts';
import type { Bus } from '@messtrack/runtime/bus.ts';
import { lockDataFolder } from '@messtrack/runtime/data-folder.ts';
import type { GrpcService } from '@messtrack/runtime/grpc.ts';
import type { Running } from '@messtrack/runtime/lifecycle.ts';
import type { VisitStore } from '@messtrack/sessions/visit-store.ts';
import type { EpochAnnouncer } from '@messtrack/workspace/epoch-records.ts';
import { announceEpochs } from '@messtrack/workspace/epoch-records.ts';
import type { WorkspaceRegistry } from '@messtrack/workspace/workspace.ts';
import type { FastifyInstance } from 'fastify';
import type { Logger } from 'pino';
import type { Registry } from 'prom-client';
import { createAccountHealth } from './adapters/account-health.ts';
import { createAddressReader } from './adapters/address-reader.ts';
import { classifyingCodec } from './adapters/classifying-codec.ts';
import { protobufCodec } from './adapters/codec.ts';
import { ingestGrpcServices } from './adapters/grpc-services.ts';
import { createHeaderReader } from './adapters/header-reader.ts';
import { registerRoutes } from './adapters/http-routes.ts';
import { createOutbox } from './adapters/outbox.ts';
import { createRandomPool } from './adapters/random-pool.ts';
import { createRecentClicks } from './adapters/recent-clicks.ts';
import { readReferrerLists } from './adapters/referrer-lists.ts';
import { openSpool, SpoolFullError } from './adapters/spool.ts';
import { createVisitMemory } from './adapters/visit-memory.ts';
import type { IngestSettings } from './config.ts';
import { createIngestMetrics } from './metrics.ts';
import { createPipeline } from './pipeline.ts';
import type { Clock, Geo, Networks, WriteFirst } from './ports.ts';

export interface IngestOptions {
  /** Routes are added in a scope of their own; the caller listens, with `trustProxy` and limits as in `ingestHttpOptions`. */
  readonly app: FastifyInstance;
  readonly bus: Bus;
  readonly visits: VisitStore;
  readonly workspaces: WorkspaceRegistry;
  readonly geo: Geo;
  readonly networks: Networks;
  /** Folder of the local spool, of this process alone. */
  readonly spoolDir: string;
  readonly settings: IngestSettings;
  readonly log: Logger;
  readonly registry: Registry;
  readonly clock?: Clock;
  /** Who sends the first message to people who leave a number; without it the form is refused. */
  readonly writeFirst?: WriteFirst | undefined;
}

export interface IngestService {
  /** Placements and Visits, for `startGrpc`. */
  readonly grpcServices: readonly GrpcService[];
  /** Rejects when clicks can be made durable nowhere: for readiness. An absent broker alone is no reason, the spool takes them. */
  check(): Promise<void>;
  /** True while records go to the local spool. */
  isBusAway(): boolean;
  /** Bytes waiting on the local disk. */
  spoolBytes(): number;
}

/**
 * Starts ingest on what it is given. Resolves when the settings are announced in the log and an earlier spool is drained, or, with the
 * broker away, after `startWaitMs`: clicks then go to the spool, behind the announcement.
 */
export async function startIngest(options: IngestOptions): Promise<Running<IngestService>> {
  const { app, bus, visits, workspaces, settings, log, registry } = options;
  const clock = options.clock ?? { now: Date.now };

  // Two that share a folder, as the old and the new pod of a rollout may, would drain and remove what the other has acknowledged and still writes.
  const folder = await lockDataFolder(options.spoolDir, 'SPOOL_DIR');
  const spool = await openSpool({
    dir: options.spoolDir,
    maxBytes: settings.spoolMaxBytes,
    reserveBytes: settings.spoolReserveBytes,
    segmentBytes: settings.spoolSegmentBytes,
    onDamage: (file, bytes) => {
      metrics.damagedBytes.inc(bytes);
      log.warn({ file, bytes }, 'the end of a spool file was no whole record; kept aside as *.damaged');
    },
  });
  const metrics = createIngestMetrics(registry, () => spool.bytes());
  const producer = await bus.producer();

  let announcer: EpochAnnouncer | undefined;
  const outbox = createOutbox({
    producer,
    spool,
    deadlineMs: settings.redirectDeadlineMs,
    retryDelayMs: settings.retryDelayMs,
    log,
    metrics,
    prepare: async () => {
      await bus.ensureTopics([TOPICS.visits, TOPICS.touchpoints]);
      announcer ??= await announceEpochs(workspaces, producer, clock.now, log);
    },
  });
  await within(outbox.settled(), settings.startWaitMs);

  const onFailure = (operation: 'get' | 'put') => metrics.visitStoreFailures.inc({ operation });
  const health = createAccountHealth(visits, { now: clock.now, onFailure });
  const pipeline = createPipeline({
    workspaces,
    headers: createHeaderReader(),
    addresses: createAddressReader(options.geo, options.networks),
    recent: createRecentClicks(),
    visits: createVisitMemory(visits, { timeoutMs: settings.visitTimeoutMs, onFailure }),
    health,
    codec: classifyingCodec(protobufCodec, readReferrerLists(), workspaces),
    outbox,
    clock,
    random: createRandomPool(),
    metrics,
    writeFirst: options.writeFirst,
  });
  await registerRoutes(app, {
    pipeline,
    workspaces,
    health,
    clock,
    metrics,
    log,
    isTracing: settings.isTracing,
    limits: settings.limits,
    publicUrl: settings.publicUrl,
  });

  return {
    value: {
      grpcServices: ingestGrpcServices({ workspaces, visits, log }),
      check: async () => {
        if (spool.bytes() >= settings.spoolMaxBytes * 0.95) throw new SpoolFullError('the local spool is full');
        if (outbox.isAway()) spool.assertRoom();
      },
      isBusAway: () => outbox.isAway(),
      spoolBytes: () => spool.bytes(),
    },
    failed: outbox.failed,
    async close() {
      await announcer?.close();
      await outbox.close();
      await spool.close();
      await folder.release();
      await producer.close();
    },
  };
}

async function within(work: Promise<void>, ms: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const expired = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, ms);
  });
  await Promise.race([work, expired]);
  clearTimeout(timer);
}
