import { describe, expect, it } from 'vitest';
import { isSnapshotDue, type SnapshotPolicy } from '../src/domain/snapshot-policy.ts';
import { foldLog } from './support/fold-harness.ts';
import { click, log, T0 } from './support/log-builder.ts';

const POLICY: SnapshotPolicy = { everyRecords: 20, recordsPerItem: 2, mostRecords: 150 };

describe('a snapshot is due', () => {
  it.each([
    { clicks: 0, due: 20, because: 'a small state waits for its records' },
    { clicks: 30, due: 60, because: 'a larger one for records per item' },
    { clicks: 500, due: 150, because: 'the largest no longer than a restart may take' },
  ])('after $due records with $clicks clicks: $because', async ({ clicks, due }) => {
    const { state } = await foldLog(log(...Array.from({ length: clicks }, (_, index) => click({ id: `c${index}`, at: T0 + index }))));
    expect(isSnapshotDue(state, due - 1, POLICY)).toBe(false);
    expect(isSnapshotDue(state, due, POLICY)).toBe(true);
  });
});
