import { describe, expect, it } from 'vitest';
import { readTally, verdict } from '../test-run/tally.ts';

describe('the last line of npm test', () => {
  it('counts what vitest reported', () => {
    const tally = readTally('passed\npassed\nfailed\nskipped\ncomplete\n');
    expect(tally).toEqual({ passed: 2, failed: 1, skipped: 1, isComplete: true });
    expect(verdict(tally, 1)).toEqual({ lines: ['1 skipped', '2 passed, 1 failed'], exitCode: 1 });
  });

  it('is plain when all is well', () => {
    expect(verdict(readTally('passed\ncomplete\n'), 0)).toEqual({ lines: ['1 passed, 0 failed'], exitCode: 0 });
  });

  it('keeps the exit code of vitest', () => {
    expect(verdict(readTally('passed\nfailed\ncomplete\n'), 130).exitCode).toBe(130);
  });

  it('is a failure when the run died, whatever had passed and whatever it exited with', () => {
    expect(verdict(readTally('passed\npassed\n'), 0)).toMatchObject({ lines: [expect.any(String), '2 passed, 1 failed'], exitCode: 1 });
    expect(verdict(readTally(''), 134)).toMatchObject({ lines: [expect.any(String), '0 passed, 1 failed'], exitCode: 134 });
  });

  it('is a failure when no test failed but the run did, and when no test ran', () => {
    expect(verdict(readTally('passed\ncomplete\n'), 1)).toMatchObject({ lines: [expect.any(String), '1 passed, 1 failed'], exitCode: 1 });
    expect(verdict(readTally('complete\n'), 0)).toMatchObject({ lines: [expect.any(String), '0 passed, 1 failed'], exitCode: 1 });
  });
});
