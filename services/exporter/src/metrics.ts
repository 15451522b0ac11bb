import { Counter, Gauge, Histogram, type Registry } from 'prom-client';

export interface ExporterMetrics {
  readonly rows: Counter<'table'>;
  readonly batches: Counter<'table'>;
  readonly insertSeconds: Histogram<'table'>;
  readonly insertFailures: Counter<'table'>;
  readonly rejectedRows: Counter<'table'>;
  readonly records: Counter<'topic' | 'outcome'>;
  readonly deadLetters: Counter<'topic' | 'reason'>;
}

export interface ExporterGauges {
  readonly bufferedRows: () => number;
  readonly bufferedBytes: () => number;
  /** Lag per topic; topics that cannot be asked are left out. */
  readonly lag: () => Promise<ReadonlyMap<string, number>>;
}

export function createExporterMetrics(registry: Registry, gauges: ExporterGauges): ExporterMetrics {
  const registers = [registry];
  new Gauge({
    name: 'messtrack_exporter_buffered_rows',
    help: 'Rows decoded and not confirmed by the warehouse yet. Bounded: the reading waits at the limit.',
    registers,
    collect() {
      this.set(gauges.bufferedRows());
    },
  });
  new Gauge({
    name: 'messtrack_exporter_buffered_bytes',
    help: 'Encoded bytes of the buffered rows. Bounded.',
    registers,
    collect() {
      this.set(gauges.bufferedBytes());
    },
  });
  new Gauge({
    name: 'messtrack_exporter_lag_records',
    help: 'Records of a topic that are not committed yet, over all partitions; on Kafka transaction markers count, so it is an upper bound.',
    labelNames: ['topic'],
    registers,
    async collect() {
      for (const [topic, lag] of await gauges.lag()) this.set({ topic }, lag);
    },
  });
  return {
    rows: new Counter({
      name: 'messtrack_exporter_rows_total',
      help: 'Rows confirmed by the warehouse.',
      labelNames: ['table'],
      registers,
    }),
    batches: new Counter({
      name: 'messtrack_exporter_batches_total',
      help: 'Inserts confirmed by the warehouse.',
      labelNames: ['table'],
      registers,
    }),
    insertSeconds: new Histogram({
      name: 'messtrack_exporter_insert_seconds',
      help: 'Duration of one insert, whatever came of it, seconds.',
      labelNames: ['table'],
      buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30],
      registers,
    }),
    insertFailures: new Counter({
      name: 'messtrack_exporter_insert_failures_total',
      help: 'Inserts that the warehouse could not take at that time; they are repeated.',
      labelNames: ['table'],
      registers,
    }),
    rejectedRows: new Counter({
      name: 'messtrack_exporter_rejected_rows_total',
      help: 'Rows the warehouse refused for themselves; their records are dead letters.',
      labelNames: ['table'],
      registers,
    }),
    records: new Counter({
      name: 'messtrack_exporter_records_total',
      help: 'Records read, by outcome: row, dead_letter, or the reason why nothing was to do (unknown_event: kinds that are no rows; empty).',
      labelNames: ['topic', 'outcome'],
      registers,
    }),
    deadLetters: new Counter({
      name: 'messtrack_exporter_dead_letters_total',
      help: 'Records moved to their dead-letter topic, by reason.',
      labelNames: ['topic', 'reason'],
      registers,
    }),
  };
}
