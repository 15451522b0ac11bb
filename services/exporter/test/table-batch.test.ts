import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { encodeRow } from '../src/domain/encode-row.ts';
import { halves, TableBatch } from '../src/domain/table-batch.ts';
import { pendingRow } from './rows.ts';

const LIMITS = { maxRows: 3, maxBytes: 100, maxAgeMs: 1_000 };

describe('TableBatch', () => {
  it('is full by rows, by bytes, and due by age', () => {
    const byRows = new TableBatch('goal_records', 0);
    for (const id of ['a', 'b']) byRows.add(pendingRow('goal_records', id));
    expect(byRows.isFull(LIMITS)).toBe(false);
    byRows.add(pendingRow('goal_records', 'c'));
    expect(byRows.isFull(LIMITS)).toBe(true);

    const byBytes = new TableBatch('goal_records', 0);
    byBytes.add(pendingRow('goal_records', 'x'.repeat(100)));
    expect(byBytes.isFull(LIMITS)).toBe(true);

    const byAge = new TableBatch('goal_records', 500);
    byAge.add(pendingRow('goal_records', 'a'));
    expect(byAge.dueInMs(LIMITS, 900)).toBe(600);
    expect(byAge.dueInMs(LIMITS, 1_500)).toBe(0);
  });
});

describe('halves', () => {
  it('splits in order into smaller parts and loses nothing', () => {
    fc.assert(
      fc.property(fc.array(fc.integer(), { minLength: 2 }), (rows) => {
        const [first, second] = halves(rows);
        expect([...first, ...second]).toEqual(rows);
        expect(first.length).toBeLessThan(rows.length);
        expect(second.length).toBeLessThan(rows.length);
      }),
    );
  });
});

describe('encodeRow', () => {
  it('gives UTF-8 without a line break that reads as the columns', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 3_000 }), (text) => {
        const encoded = encodeRow('goal_records', {}, [], { text });
        if (encoded.kind !== 'ok') throw new Error('refused');
        const json = Buffer.from(encoded.row.json).toString();
        expect(json).not.toContain('\n');
        expect(JSON.parse(json)).toEqual({ text });
      }),
    );
  });

  it('takes the word null for what it is', () => {
    expect(encodeRow('goal_records', {}, [], { name: 'null', value_minor: 1, shares: [0.5] })).toMatchObject({ kind: 'ok' });
  });

  it.each([
    [{ lead_id: '' }, [0], {}, 'missing_field'],
    [{ revision: 0 }, [0], {}, 'missing_field'],
    [{}, [-1], {}, 'timestamp_out_of_range'],
    [{}, [Number.NaN], {}, 'timestamp_out_of_range'],
    [{}, [4_102_444_800_001], {}, 'timestamp_out_of_range'],
    [{}, [1_732_400_000_000_000], {}, 'timestamp_out_of_range'],
    [{}, [], { probability: Number.NaN }, 'schema_mismatch'],
    [{}, [], { shares: [0.5, Number.POSITIVE_INFINITY] }, 'schema_mismatch'],
  ] as const)('refuses %j %j %j', (required, times, columns, reason) => {
    expect(encodeRow('goal_records', required, times, columns)).toMatchObject({ kind: 'problem', reason });
  });
});
