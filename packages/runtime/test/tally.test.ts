import { Histogram, Registry } from 'prom-client';
import { describe, expect, it } from 'vitest';
import { createDurations, createLabelledTally, createTallies } from '../src/tally.ts';

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

  it('of durations read as those of prom-client, before anything was counted, at the bounds and above them', async () => {
    const [ours, theirs] = [new Registry(), new Registry()];
    const options = { name: 'took_seconds', help: 'took', buckets: [0.001, 0.0025, 0.5, 1] };
    const durations = createDurations({ ...options, registers: [ours] });
    const expected = new Histogram({ ...options, registers: [theirs] });
    expect(await ours.metrics()).toBe(await theirs.metrics());
    for (const seconds of [0, 0.0005, 0.001, 0.00101, 0.0025, 0.3, 0.5, 1, 1.5, 20]) {
      durations.observe(seconds);
      expected.observe(seconds);
      expect(await ours.metrics()).toBe(await theirs.metrics());
    }
    for (const registry of [ours, theirs]) registry.resetMetrics();
    for (const histogram of [durations, expected]) histogram.observe(0.3);
    expect(await ours.metrics()).toBe(await theirs.metrics());
    expect(await ours.getMetricsAsJSON()).toMatchObject([{ name: 'took_seconds', help: 'took', type: 'histogram' }]);
  });
});
