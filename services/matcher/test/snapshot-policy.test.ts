import { describe, expect, it } from 'vitest';
import { isSnapshotDue, type SnapshotPolicy } from '../src/domain/snapshot-policy.ts';
import { foldLog } from './support/fold-harness.ts';
import { click, log, T0 } from './support/log-builder.ts';

const POLICY: SnapshotPolicy = { everyRecords: 20, recordsPerItem: 2, restMsPerItem: 5, mostRecords: 150 };

describe('a snapshot is due', () => {
  it.each([
    { clicks: 0, elapsedMs: 0, due: 20, because: 'a small state waits for its records' },
    { clicks: 30, elapsedMs: 0, due: 60, because: 'a larger one for records per item' },
    { clicks: 500, elapsedMs: 0, due: 150, because: 'the largest no longer than a restart may take' },
    { clicks: 30, elapsedMs: 149, due: 60, because: 'not before its items have rested' },
    { clicks: 30, elapsedMs: 150, due: 20, because: 'sooner where nothing else is to do' },
    { clicks: 500, elapsedMs: 2_500, due: 20, because: 'the largest, too' },
  ])('after $due records and $elapsedMs ms with $clicks clicks: $because', async ({ clicks, elapsedMs, due }) => {
    const { state } = await foldLog(log(...Array.from({ length: clicks }, (_, index) => click({ id: `c${index}`, at: T0 + index }))));
    expect(isSnapshotDue(state, { records: due - 1, elapsedMs }, POLICY)).toBe(false);
    expect(isSnapshotDue(state, { records: due, elapsedMs }, POLICY)).toBe(true);
  });
});
