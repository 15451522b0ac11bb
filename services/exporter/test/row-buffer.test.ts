import { createLogger } from '@messtrack/runtime/logger.ts';
import fc from 'fast-check';
import { Registry } from 'prom-client';
import { describe, expect, it } from 'vitest';
import type { PendingRow } from '../src/domain/table-batch.ts';
import { createExporterMetrics } from '../src/metrics.ts';
import type { InsertOutcome, RowSink } from '../src/ports.ts';
import { RowBuffer } from '../src/row-buffer.ts';
import { idOf, pendingRow } from './rows.ts';

const log = createLogger('test', 'silent');
const TABLES = ['goal_records', 'click_records'] as const;

interface World {
  readonly buffer: RowBuffer;
  readonly inserted: string[];
  readonly confirmed: string[];
  readonly rejected: string[];
  readonly stop: AbortController;
}

function world(
  sink: RowSink,
  limits: Partial<{ maxRows: number; maxBytes: number; maxBufferedRows: number; maxBufferedBytes: number }>,
): World {
  const inserted: string[] = [];
  const confirmed: string[] = [];
  const rejected: string[] = [];
  const stop = new AbortController();
  const ids = (rows: readonly PendingRow[]) => rows.map(({ row }) => idOf(row));
  const buffer = new RowBuffer({
    sink: {
      async insert(table, rows) {
        const outcome = await sink.insert(table, rows);
        if (outcome.kind === 'confirmed') inserted.push(...rows.map(idOf));
        return outcome;
      },
    },
    limits: { maxRows: 5, maxBytes: 10_000, maxAgeMs: 5, maxBufferedRows: 20, maxBufferedBytes: 100_000, maxRetryDelayMs: 1, ...limits },
    metrics: createExporterMetrics(new Registry(), { bufferedRows: () => 0, bufferedBytes: () => 0, lag: async () => new Map() }),
    log,
    elapsed: () => performance.now(),
    signal: stop.signal,
    onConfirmed: async (rows) => void confirmed.push(...ids(rows)),
    onRejected: async (rows) => void rejected.push(...ids(rows)),
  });
  return { buffer, inserted, confirmed, rejected, stop };
}

describe('RowBuffer', () => {
  it('settles every row exactly once, whatever the warehouse does, and never holds more than its bound', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.record({ table: fc.constantFrom(...TABLES), isBad: fc.boolean() }), { minLength: 1, maxLength: 60 }),
        fc.infiniteStream(fc.constantFrom('away', 'there', 'there', 'there')),
        fc.integer({ min: 1, max: 8 }),
        fc.integer({ min: 1, max: 20 }),
        async (rows, weather, maxRows, maxBufferedRows) => {
          let largest = 0;
          const sink: RowSink = {
            async insert(_table, batch): Promise<InsertOutcome> {
              largest = Math.max(largest, batch.length);
              await Promise.resolve();
              if (weather.next().value === 'away') return { kind: 'unavailable', error: new Error('away') };
              return batch.some((row) => idOf(row).startsWith('bad')) ? { kind: 'rejected', detail: 'bad' } : { kind: 'confirmed' };
            },
          };
          const { buffer, inserted, confirmed, rejected } = world(sink, { maxRows, maxBufferedRows });
          const ids = rows.map(({ isBad }, index) => `${isBad ? 'bad' : 'good'}-${index}`);
          for (const [index, { table }] of rows.entries()) {
            const pending = pendingRow(table, ids[index] ?? '');
            while (!buffer.tryAdd(pending)) await buffer.room();
            expect(buffer.rows).toBeLessThanOrEqual(maxBufferedRows);
          }
          await buffer.drain();
          expect(confirmed.toSorted()).toEqual(ids.filter((id) => id.startsWith('good')).toSorted());
          expect(rejected.toSorted()).toEqual(ids.filter((id) => id.startsWith('bad')).toSorted());
          expect(inserted.toSorted()).toEqual(confirmed.toSorted());
          expect(largest).toBeLessThanOrEqual(maxRows);
          expect(buffer.rows).toBe(0);
          expect(buffer.bytes).toBe(0);
        },
      ),
      { numRuns: 60 },
    );
  });

  it('sends a batch by age when nothing fills it', async () => {
    const arrived = Promise.withResolvers<number>();
    const { buffer } = world(
      {
        insert: async (_table, rows) => {
          arrived.resolve(rows.length);
          return { kind: 'confirmed' };
        },
      },
      { maxRows: 100 },
    );
    buffer.tryAdd(pendingRow('goal_records', 'a'));
    buffer.tryAdd(pendingRow('goal_records', 'b'));
    expect(await arrived.promise).toBe(2);
    await buffer.drain();
  });

  it.each([
    ['click_records', 2],
    ['goal_records', 1],
  ] as const)('has inserts of %s on their way, at most %i', async (table, most) => {
    let now = 0;
    let largest = 0;
    const { buffer, confirmed } = world(
      {
        async insert() {
          now++;
          largest = Math.max(largest, now);
          for (let turn = 0; turn < 3; turn++) await Promise.resolve();
          now--;
          return { kind: 'confirmed' };
        },
      },
      { maxRows: 1 },
    );
    const ids = ['a', 'b', 'c', 'd', 'e', 'f'];
    for (const id of ids) expect(buffer.tryAdd(pendingRow(table, id))).toBe(true);
    await buffer.drain();
    expect(largest).toBe(most);
    expect(confirmed).toEqual(ids);
  });

  it('refuses rows at the limit of bytes and takes one that alone is larger', async () => {
    const gate = Promise.withResolvers<InsertOutcome>();
    const { buffer } = world({ insert: () => gate.promise }, { maxBufferedBytes: 50 });
    expect(buffer.tryAdd(pendingRow('goal_records', 'x'.repeat(200)))).toBe(true);
    const next = pendingRow('goal_records', 'y');
    expect(buffer.tryAdd(next)).toBe(false);
    const room = buffer.room();
    gate.resolve({ kind: 'confirmed' });
    await room;
    expect(buffer.tryAdd(next)).toBe(true);
    await buffer.drain();
  });

  it('stops waiting for a warehouse that is away when told to, and confirms nothing', async () => {
    const { buffer, confirmed, rejected, stop } = world({ insert: async () => ({ kind: 'unavailable', error: new Error('away') }) }, {});
    buffer.tryAdd(pendingRow('goal_records', 'a'));
    const drained = buffer.drain();
    stop.abort();
    await drained;
    expect({ confirmed, rejected, rows: buffer.rows }).toEqual({ confirmed: [], rejected: [], rows: 1 });
  });

  it('repeats the same rows in the same order after a failure', async () => {
    const attempts: string[] = [];
    const { buffer } = world(
      {
        insert: async (_table, rows) => {
          attempts.push(rows.map(idOf).join());
          return attempts.length < 3 ? { kind: 'unavailable', error: new Error('away') } : { kind: 'confirmed' };
        },
      },
      {},
    );
    for (const id of ['a', 'b', 'c']) buffer.tryAdd(pendingRow('goal_records', id));
    await buffer.drain();
    expect(attempts.length).toBe(3);
    expect(new Set(attempts).size).toBe(1);
  });
});
