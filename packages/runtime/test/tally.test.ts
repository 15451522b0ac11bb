import { Registry } from 'prom-client';
import { describe, expect, it } from 'vitest';
import { createLabelledTally, createTallies } from '../src/tally.ts';

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

  it('may be counted under labels that nobody knew before, each combination a series', async () => {
    const registry = new Registry();
    const seen = createLabelledTally({
      name: 'seen_total',
      help: 'seen',
      labelNames: ['workspace', 'account', 'what'],
      registers: [registry],
    });
    const short = createLabelledTally({ name: 'short_total', help: 'short', labelNames: ['kind'], registers: [registry] });
    const lines = async () => (await registry.metrics()).split('\n').filter((line) => /^(seen|short)_total/.test(line));
    expect(await lines()).toEqual([]);
    seen.add(1, 'acme', 'wa', 'code');
    seen.add(1, 'acme', 'wa', 'none');
    seen.add(2, 'acme', 'wa', 'code');
    seen.add(1, 'other', 'wa', 'code');
    short.add(5, '__proto__');
    const first = [
      'seen_total{workspace="acme",account="wa",what="code"} 3',
      'seen_total{workspace="acme",account="wa",what="none"} 1',
      'seen_total{workspace="other",account="wa",what="code"} 1',
      'short_total{kind="__proto__"} 5',
    ];
    expect(await lines()).toEqual(first);
    seen.add(1, 'acme', 'wa', 'none');
    expect(await lines()).toEqual(first.with(1, 'seen_total{workspace="acme",account="wa",what="none"} 2'));
  });
});
