import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { recordToRow } from '@messtrack/exporter/adapters/record-codec.ts';
import { DEFAULT_EXPORTER_SETTINGS } from '@messtrack/exporter/config.ts';
import { startExporter } from '@messtrack/exporter/service.ts';
import { TOPIC_LIST, TOPICS } from '@messtrack/proto/topics.ts';
import { openLmdbBus } from '@messtrack/runtime/bus-lmdb.ts';
import { createLogger } from '@messtrack/runtime/logger.ts';
import { connectWarehouse, type Warehouse } from '@messtrack/warehouse/connect.ts';
import { migrate } from '@messtrack/warehouse/migrate.ts';
import { Counter, Registry } from 'prom-client';
import { startClickhouseProcess } from './exporter/clickhouse-process.ts';
import { leadRecord } from './exporter/leads.ts';
import { type Measured, openWindow, withFirstBatch } from './exporter/window.ts';
import { medianRate, packageVersion, type Sample, writeResult } from './result.ts';

/**
 * Rows per second from the log into ClickHouse, against the bare client that inserts the same rows, held ready as objects, in batches of the same
 * size. ClickHouse runs in a process of its own; both sides talk HTTP to it. `npm run bench exporter`, or with more rows and runs
 * `node --expose-gc tests/bench/exporter.ts 100000 5`.
 */
const ROWS = Number(process.argv[2] ?? 100_000);
const RUNS = Number(process.argv[3] ?? 5);
/** A lead takes 1.5 KB encoded, so that 10,000 stay under the exporter's 32 MiB per insert: both sides send inserts of this size, none cut by bytes or age. */
const maxRows = 10_000;
/** The exporter has two inserts of a table under way. The bare client as most use it awaits one after the other; with two it is the harder comparison. */
const CONTENDERS = ['exporter', 'bare client', 'bare client, two inserts at once'] as const;
if (ROWS % maxRows !== 0) throw new RangeError(`rows must be a multiple of ${maxRows}: a remainder would wait for its age`);
const log = createLogger('bench', 'warn');

const home = await mkdtemp(join(tmpdir(), 'messtrack-bench-exporter-'));
const clickhouse = await startClickhouseProcess(join(home, 'clickhouse'));
const bus = await openLmdbBus({ path: join(home, 'log'), log });
const samples: Sample[] = [];
try {
  await bus.ensureTopics(TOPIC_LIST);
  await fill();
  // The first run of both warms up; its numbers are not kept.
  for (let run = 0; run <= RUNS; run++) {
    // Who goes later finds a warmer disk and a busier ClickHouse: they take turns at that.
    for (let turn = 0; turn < CONTENDERS.length; turn++) {
      const contender = CONTENDERS[(run + turn) % CONTENDERS.length]!;
      const measured = await inDatabase(`bench_${run}_${turn}`, (warehouse) => measure(contender, warehouse, run));
      if (run > 0) samples.push({ contender, run, count: ROWS, ...measured });
    }
  }
} finally {
  await bus.close();
  await clickhouse.stop();
  await rm(home, { recursive: true });
}

const cpu = (contender: string) =>
  median(samples.filter((each) => each.contender === contender).map(({ more }) => more?.['clientCpuMsPer1000Rows'] ?? Number.NaN));
writeResult({
  name: 'exporter',
  says: 'Lead revisions per second from the embedded log (12 partitions) into ClickHouse over HTTP, from the first record in hand to the last insert confirmed, against the bare client inserting the same rows from objects in memory: no log, no decoding, one insert after the other; the exporter has two under way, and the same of the bare client stands beside it. ClickHouse is chDB behind its HTTP interface on the same two cores; a server of its own leaves more to both.',
  parameters: { rows: ROWS, runs: RUNS, rowsPerInsert: maxRows, bus: 'lmdb' },
  samples,
  ratios: {
    'exporter / bare client': { value: medianRate(samples, 'exporter') / medianRate(samples, 'bare client'), aim: 0.9 },
    'exporter / bare client, two inserts at once': {
      value: medianRate(samples, 'exporter') / medianRate(samples, 'bare client, two inserts at once'),
    },
    'CPU of the exporter / of the bare client, ClickHouse left out': { value: cpu('exporter') / cpu('bare client') },
  },
  versions: { '@clickhouse/client': packageVersion('@clickhouse/client'), chdb: packageVersion('chdb'), lmdb: packageVersion('lmdb') },
});

async function fill(): Promise<void> {
  const producer = await bus.producer();
  for (let start = 0; start < ROWS; start += 5_000) {
    await producer.send(Array.from({ length: Math.min(5_000, ROWS - start) }, (_, index) => leadRecord(start + index)));
  }
  await producer.close();
}

async function inDatabase(database: string, work: (warehouse: Warehouse) => Promise<Measured>): Promise<Measured> {
  const warehouse = await connectWarehouse({ url: clickhouse.url, database, requestTimeoutMs: 120_000 });
  await migrate(warehouse, DEFAULT_EXPORTER_SETTINGS.migrationsDir, log);
  const measured = await work(warehouse);
  const result = await warehouse.client.query({ query: 'SELECT count() AS n FROM leads', format: 'JSONEachRow' });
  const [row] = await result.json<{ n: number }>();
  if (row?.n !== ROWS) throw new Error(`${database}: ${row?.n} leads arrived, expected ${ROWS}`);
  await warehouse.client.command({ query: `DROP DATABASE ${database}` });
  await warehouse.close();
  return measured;
}

async function measure(contender: (typeof CONTENDERS)[number], warehouse: Warehouse, run: number): Promise<Measured> {
  switch (contender) {
    case 'exporter':
      return exporter(warehouse, `bench-${run}`);
    case 'bare client':
      return bare(warehouse, 1);
    case 'bare client, two inserts at once':
      return bare(warehouse, 2);
  }
}

/** The rows are made anew for every run and dropped behind it: kept, the exporter's garbage collection would carry them. */
async function bare(warehouse: Warehouse, atOnce: number): Promise<Measured> {
  const rows = await rowsOfLog();
  globalThis.gc?.();
  const close = await openWindow(clickhouse, ROWS);
  let next = 0;
  const insertAll = async () => {
    for (let start = next; start < rows.length; start = next) {
      next += maxRows;
      await warehouse.client.insert({
        table: 'lead_revisions',
        values: rows.slice(start, start + maxRows),
        format: 'JSONEachRow',
        clickhouse_settings: { async_insert: 0, wait_end_of_query: 1 },
      });
    }
  };
  await Promise.all(Array.from({ length: atOnce }, insertAll));
  return close();
}

async function rowsOfLog(): Promise<readonly unknown[]> {
  const rows: unknown[] = [];
  for (const { topic, partition } of await bus.offsets(TOPICS.leads.name)) {
    for await (const records of bus.read({ topic, partition }, 0)) {
      for (const { value } of records) {
        const outcome = recordToRow(topic, value);
        if (outcome.kind !== 'ok') throw new Error(`a bench record gives no row: ${outcome.kind}`);
        rows.push(JSON.parse(Buffer.from(outcome.value.json).toString()));
      }
    }
  }
  return rows;
}

async function exporter(warehouse: Warehouse, groupId: string): Promise<Measured> {
  const registry = new Registry();
  const settings = { ...DEFAULT_EXPORTER_SETTINGS, groupId, maxRows, maxAgeMs: 60_000 };
  globalThis.gc?.();
  const opened = Promise.withResolvers<() => Promise<Measured>>();
  const watched = withFirstBatch(bus, async () => opened.resolve(await openWindow(clickhouse, ROWS)));
  const running = await startExporter({ bus: watched, warehouse, settings, log, registry });
  const close = await opened.promise;
  const written = registry.getSingleMetric('messtrack_exporter_rows_total');
  if (!(written instanceof Counter)) throw new Error('no counter of rows');
  const confirmed = async () => (await written.get()).values.reduce((sum, { value }) => sum + value, 0);
  while ((await confirmed()) < ROWS) await new Promise((resolve) => setTimeout(resolve, 5));
  const measured = await close();
  await running.close?.();
  return measured;
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}
