import type { Concluded } from '../../src/domain/concluded.ts';

/** A final answer of words of nobody's click, unless `given` says more of it. */
export function concludedAt(timeMs: number, given: Partial<Concluded> = {}): Concluded {
  return {
    timeMs,
    weight: 1,
    hour: new Date(timeMs).getUTCHours(),
    country: '',
    wording: 'other',
    variants: 0,
    burst: 1,
    held: undefined,
    options: [],
    campaigns: [],
    rest: [],
    kinds: [],
    ...given,
  };
}
