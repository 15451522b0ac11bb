import { Registry } from 'prom-client';
import { describe, expect, it } from 'vitest';
import { createTallies } from '../src/tally.ts';

describe('tallies', () => {
  it('are in the registry whenever it is read, each series from its first count on', async () => {
    const registry = new Registry();
    const { a, b } = createTallies(
      { name: 'seen_total', help: 'seen', labelNames: ['what'], registers: [registry] },
      { a: { what: 'a' }, b: { what: 'b' } },
    );
    const lines = async () => (await registry.metrics()).split('\n').filter((line) => line.startsWith('seen_total'));
    expect(await lines()).toEqual([]);
    a.inc();
    a.inc(2);
    expect(await lines()).toEqual(['seen_total{what="a"} 3']);
    expect(await lines()).toEqual(['seen_total{what="a"} 3']);
    a.inc();
    b.inc();
    expect(await lines()).toEqual(['seen_total{what="a"} 4', 'seen_total{what="b"} 1']);
  });
});
