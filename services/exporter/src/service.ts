import { type ExportsServer, ExportsService } from '@messtrack/proto/gen/messtrack/v1/exports_service.ts';
import type { Bus, Consumer } from '@messtrack/runtime/bus.ts';
import { type GrpcService, unary } from '@messtrack/runtime/grpc.ts';
import type { Running } from '@messtrack/runtime/lifecycle.ts';
import { becameSilent } from '@messtrack/runtime/silence.ts';
import type { Warehouse } from '@messtrack/warehouse/connect.ts';
import { migrate } from '@messtrack/warehouse/migrate.ts';
import type { Logger } from 'pino';
import type { Registry } from 'prom-client';
import { BusDeadLetters } from './adapters/bus-dead-letters.ts';
import { ClickhouseSink } from './adapters/clickhouse-sink.ts';
import { EXPORTED_TOPICS, recordToRow } from './adapters/record-codec.ts';
import type { ExporterSettings } from './config.ts';
import { createExporterMetrics } from './metrics.ts';
import { ExportPipeline } from './pipeline.ts';

export interface ExporterOptions {
  readonly bus: Bus;
  readonly warehouse: Warehouse;
  readonly settings: ExporterSettings;
  readonly log: Logger;
  readonly registry: Registry;
  /** Milliseconds since the Unix epoch. */
  readonly clock?: (() => number) | undefined;
  /** How long a stop waits for the warehouse to take what is buffered. Milliseconds. Default 15,000; what is left is read again. */
  readonly drainMs?: number | undefined;
}

export interface ExporterService {
  /** Exports, for startGrpc. */
  readonly grpcServices: readonly GrpcService[];
  /** Rejects when the warehouse or the bus does not answer: for readiness. */
  check(): Promise<void>;
  /** Rows decoded and not confirmed yet. */
  bufferedRows(): number;
}

/** Brings the warehouse to this version, then consumes every exported topic until closed. The topics must exist. */
export async function startExporter(options: ExporterOptions): Promise<Running<ExporterService>> {
  const { bus, warehouse, settings, log, registry } = options;
  const now = options.clock ?? Date.now;
  const stop = new AbortController();
  await migrate(warehouse, settings.migrationsDir, log, { cluster: settings.cluster });
  const producer = await bus.producer();
  const metrics = createExporterMetrics(registry, {
    bufferedRows: () => pipeline.buffer.rows,
    bufferedBytes: () => pipeline.buffer.bytes,
    lag: () => lagByTopic(bus, settings.groupId, log),
  });
  const pipeline: ExportPipeline = new ExportPipeline({
    toRow: recordToRow,
    sink: new ClickhouseSink(warehouse.client, warehouse.kind),
    deadLetters: new BusDeadLetters({ producer, log, maxRetryDelayMs: settings.maxRetryDelayMs, now, signal: stop.signal }),
    limits: settings,
    metrics,
    log,
    now,
    elapsed: () => performance.now(),
    signal: stop.signal,
  });
  const consumer: Consumer = await bus.consume({
    groupId: settings.groupId,
    topics: EXPORTED_TOPICS,
    maxBatchRecords: settings.maxBatchRecords,
    onBatch: (batch, from) => pipeline.handle(batch, from),
    onRevoked: (partitions) => pipeline.revoke(partitions),
  });

  return {
    value: {
      grpcServices: [{ definition: ExportsService, implementation: exportsServer(bus, settings.groupId, pipeline, log) }],
      bufferedRows: () => pipeline.buffer.rows,
      async check() {
        const ping = await warehouse.client.ping();
        if (!ping.success) throw ping.error;
        pipeline.buffer.assertTaken();
        await bus.ping();
        bus.assertIntact();
      },
    },
    failed: Promise.race([consumer.crashed, pipeline.buffer.crashed]),
    async close() {
      // The handlers may be waiting for room; draining makes it. After the deadline the waiting ends and what is left is read again by the next process.
      const deadline = setTimeout(() => stop.abort(), options.drainMs ?? 15_000);
      // What goes in while nobody takes its offsets comes again all the same: nothing is gained by waiting for either.
      const isSilent = becameSilent({ ping: () => bus.ping(), over: stop.signal }).then(() => stop.abort());
      try {
        await pipeline.drain();
      } finally {
        clearTimeout(deadline);
        stop.abort();
        await isSilent;
        await consumer.close();
        await producer.close();
      }
    },
  };
}

async function lagByTopic(bus: Bus, groupId: string, log: Logger): Promise<ReadonlyMap<string, number>> {
  const lags = new Map<string, number>();
  for (const topic of EXPORTED_TOPICS) {
    try {
      lags.set(
        topic,
        (await bus.lag(groupId, topic)).reduce((sum, { lag }) => sum + lag, 0),
      );
    } catch (error) {
      // Metrics must answer while the bus is away; the last value stays.
      log.debug({ err: error, topic }, 'no lag to be had');
    }
  }
  return lags;
}

function exportsServer(bus: Bus, groupId: string, pipeline: ExportPipeline, log: Logger): ExportsServer {
  return {
    getStatus: unary(log, 'Exports/GetStatus', async () => {
      const lags = await lagByTopic(bus, groupId, log);
      return {
        topics: EXPORTED_TOPICS.map((topic) => {
          const written = pipeline.written(topic);
          return { topic, lag: lags.get(topic) ?? 0, rowsWritten: written.rows, lastWrittenAtMs: written.lastAtMs };
        }),
      };
    }),
  };
}
