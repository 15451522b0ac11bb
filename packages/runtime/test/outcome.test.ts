import { describe, expect, it } from 'vitest';
import { DEAD_LETTER_REASONS, DROP_REASONS, deadLetter, drop, ok, RETRY_REASONS, retry } from '../src/outcome.ts';

describe('outcomes', () => {
  it('are four kinds, each with what its handler needs', () => {
    expect([ok(1), drop('echo'), deadLetter('undecodable', 'no Touchpoint'), retry('timeout')]).toEqual([
      { kind: 'ok', value: 1 },
      { kind: 'drop', reason: 'echo' },
      { kind: 'dead-letter', reason: 'undecodable', detail: 'no Touchpoint' },
      { kind: 'retry', reason: 'timeout' },
    ]);
  });

  it('have reasons that are metric labels and mean one thing each', () => {
    const all = [...DROP_REASONS, ...DEAD_LETTER_REASONS, ...RETRY_REASONS];
    expect(new Set(all).size).toBe(all.length);
    for (const reason of all) expect(reason).toMatch(/^[a-z][a-z_]*$/);
  });
});
