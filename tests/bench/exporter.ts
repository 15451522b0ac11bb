import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { recordToRow } from '@messtrack/exporter/adapters/record-codec.ts';
import { DEFAULT_EXPORTER_SETTINGS } from '@messtrack/exporter/config.ts';
import { startExporter } from '@messtrack/exporter/service.ts';
import { TOPIC_LIST } from '@messtrack/proto/topics.ts';
import type { Bus } from '@messtrack/runtime/bus.ts';
import { openLmdbBus } from '@messtrack/runtime/bus-lmdb.ts';
import { createLogger } from '@messtrack/runtime/logger.ts';
import { startClickhouse } from '@messtrack/testing/services.ts';
import { connectWarehouse, type Warehouse } from '@messtrack/warehouse/connect.ts';
import { migrate } from '@messtrack/warehouse/migrate.ts';
import { Counter, Registry } from 'prom-client';
import { leadRecord } from './exporter/leads.ts';
import { medianRate, packageVersion, type Sample, writeResult } from './result.ts';

/**
 * Rows per second from the log into ClickHouse, against the bare client that inserts the same rows, held ready as objects, in batches of the same
 * size. ClickHouse runs in a process of its own; both sides talk HTTP to it. `npm run bench exporter [-- rows runs]`.
 */
const ROWS = Number(process.argv[2] ?? 100_000);
const RUNS = Number(process.argv[3] ?? 3);
/** A lead takes 2 KB encoded, so that 10,000 stay under the exporter's 32 MiB per insert: both sides send inserts of this size, none cut by bytes or age. */
const maxRows = 10_000;
const log = createLogger('bench', 'warn');

const home = await mkdtemp(join(tmpdir(), 'messtrack-bench-exporter-'));
const clickhouse = await startClickhouse();
const bus = await openLmdbBus({ path: join(home, 'log'), log });
const samples: Sample[] = [];
try {
  await bus.ensureTopics(TOPIC_LIST);
  const rows = await fill(bus);
  for (let run = 1; run <= RUNS; run++) {
    samples.push({ contender: 'bare client', run, ...(await inDatabase(`bare_${run}`, (warehouse) => bare(warehouse, rows))) });
    samples.push({
      contender: 'exporter',
      run,
      ...(await inDatabase(`exporter_${run}`, (warehouse) => exporter(warehouse, `bench-${run}`))),
    });
  }
} finally {
  await bus.close();
  await clickhouse.stop();
  await rm(home, { recursive: true });
}

writeResult({
  name: 'exporter',
  says: 'Lead revisions per second from the embedded log (12 partitions) into ClickHouse over HTTP, decoding included, against the bare client inserting the same rows without a log. ClickHouse is chDB behind its HTTP interface on the same two cores; a server of its own leaves more to both.',
  parameters: { rows: ROWS, runs: RUNS, rowsPerInsert: maxRows, bus: 'lmdb' },
  samples,
  ratios: { 'exporter / bare client': { value: medianRate(samples, 'exporter') / medianRate(samples, 'bare client'), aim: 0.9 } },
  versions: { '@clickhouse/client': packageVersion('@clickhouse/client'), chdb: packageVersion('chdb'), lmdb: packageVersion('lmdb') },
});

async function fill(target: Bus): Promise<readonly unknown[]> {
  const producer = await target.producer();
  const rows: unknown[] = [];
  for (let start = 0; start < ROWS; start += 5_000) {
    const records = Array.from({ length: Math.min(5_000, ROWS - start) }, (_, index) => leadRecord(start + index));
    await producer.send(records);
    for (const { topic, value } of records) {
      const outcome = recordToRow(topic, value);
      if (outcome.kind !== 'ok') throw new Error(`a bench record gives no row: ${outcome.kind}`);
      rows.push(JSON.parse(outcome.value.json));
    }
  }
  await producer.close();
  return rows;
}

async function inDatabase(database: string, work: (warehouse: Warehouse) => Promise<number>): Promise<{ count: number; seconds: number }> {
  const warehouse = await connectWarehouse({ url: clickhouse.url, database, requestTimeoutMs: 120_000 });
  await migrate(warehouse, DEFAULT_EXPORTER_SETTINGS.migrationsDir, log);
  const seconds = await work(warehouse);
  const result = await warehouse.client.query({ query: 'SELECT count() AS n FROM leads', format: 'JSONEachRow' });
  const [row] = await result.json<{ n: number }>();
  if (row?.n !== ROWS) throw new Error(`${database}: ${row?.n} leads arrived, expected ${ROWS}`);
  await warehouse.client.command({ query: `DROP DATABASE ${database}` });
  await warehouse.close();
  return { count: ROWS, seconds };
}

async function bare(warehouse: Warehouse, rows: readonly unknown[]): Promise<number> {
  const startedAt = performance.now();
  for (let start = 0; start < rows.length; start += maxRows) {
    await warehouse.client.insert({
      table: 'lead_revisions',
      values: rows.slice(start, start + maxRows),
      format: 'JSONEachRow',
      clickhouse_settings: { async_insert: 0, wait_end_of_query: 1 },
    });
  }
  return (performance.now() - startedAt) / 1_000;
}

async function exporter(warehouse: Warehouse, groupId: string): Promise<number> {
  const registry = new Registry();
  const settings = { ...DEFAULT_EXPORTER_SETTINGS, groupId, maxRows, maxAgeMs: 60_000 };
  const startedAt = performance.now();
  const running = await startExporter({ bus, warehouse, settings, log, registry });
  const written = registry.getSingleMetric('messtrack_exporter_rows_total');
  if (!(written instanceof Counter)) throw new Error('no counter of rows');
  const isOpen = async () => (await written.get()).values.reduce((sum, { value }) => sum + value, 0) < ROWS - (ROWS % maxRows);
  while (await isOpen()) await new Promise((resolve) => setTimeout(resolve, 2));
  await running.close?.();
  return (performance.now() - startedAt) / 1_000;
}
