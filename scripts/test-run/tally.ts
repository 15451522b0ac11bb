/** What a run's tests came to, as far as it got. */
export interface Tally {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
  /** True when vitest said that it was done; false when it died on the way. */
  readonly isComplete: boolean;
}

/** One line of the tally file per event; appended, so that what was written before a crash counts. */
export const MARKS = { passed: 'passed', failed: 'failed', skipped: 'skipped', complete: 'complete' } as const;

export function readTally(text: string): Tally {
  const marks = text.split('\n');
  const count = (mark: string): number => marks.filter((each) => each === mark).length;
  return {
    passed: count(MARKS.passed),
    failed: count(MARKS.failed),
    skipped: count(MARKS.skipped),
    isComplete: marks.includes(MARKS.complete),
  };
}

/**
 * The last lines of `npm test` and its exit code. A run that died counts as one failure more than its tests show: "41 passed, 0 failed" under a
 * crash would be read as success.
 */
export function verdict(tally: Tally, exitCode: number): { readonly lines: readonly string[]; readonly exitCode: number } {
  const notes: string[] = [];
  let failed = tally.failed;
  if (!tally.isComplete) {
    notes.push('the test run ended before all tests had: the run itself counts as one failure');
    failed += 1;
  } else if (exitCode !== 0 && failed === 0) {
    notes.push('no test failed, the run did: see the errors above; it counts as one failure');
    failed += 1;
  } else if (tally.passed + failed === 0) {
    notes.push('no test ran: that counts as one failure');
    failed += 1;
  }
  if (tally.skipped > 0) notes.push(`${tally.skipped} skipped`);
  return { lines: [...notes, `${tally.passed} passed, ${failed} failed`], exitCode: failed === 0 ? exitCode : Math.max(exitCode, 1) };
}
