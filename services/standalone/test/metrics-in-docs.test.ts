import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createExporterMetrics } from '@messtrack/exporter/metrics.ts';
import { createIngestMetrics } from '@messtrack/ingest/metrics.ts';
import { createMatcherMetrics } from '@messtrack/matcher/metrics.ts';
import { createAccountMetrics, createGatewayMetrics, createOutboundMetrics } from '@messtrack/messenger-gateway/metrics.ts';
import { Registry } from 'prom-client';
import { describe, expect, it } from 'vitest';

const ROOT = join(import.meta.dirname, '../../..');
const SERVICES = 'ingest|gateway|matcher|exporter';
/** A metric as pages write it: its name, a `*` for all that begin so, and the labels behind it, in braces or as "by sign", "by carrier and state", "by `evidence`". */
const MENTION = new RegExp(
  `\`(messtrack_(?:${SERVICES})_[a-z0-9_]*\\*?)(?:\\{([^}\`]*)\\})?\`(?: by (?:\`?([a-z]+)\`?)(?: and \`?([a-z]+)\`?)?)?`,
  'g',
);

const metrics = registered();
const pages = ['README.md', ...globSync('docs/**/*.md', { cwd: ROOT })].map((path) => ({
  path,
  text: readFileSync(join(ROOT, path), 'utf8'),
}));
const mentions = pages.flatMap(({ path, text }) =>
  [...text.matchAll(MENTION)].map(([, name = '', braces = '', ...by]) => ({
    place: `${path}: ${name}`,
    found: [...metrics.keys()].filter((each) => (name.endsWith('*') ? each.startsWith(name.slice(0, -1)) : each === name)),
    labels: [...[...braces.matchAll(/(\w+)(?:="[^"]*")?/g)].map(([, label]) => label), ...by].filter((label) => label !== undefined),
  })),
);

/** Whoever is woken by a metric looks it up, and whoever writes an alert copies it from a page: neither finds what was renamed on one side. */
describe('metrics', () => {
  it.each([...metrics.keys()])('%s stands in docs/operations.md, by its name or with those that begin as it does', (name) => {
    const told = mentions.filter(({ place, found }) => place.startsWith('docs/operations.md') && found.includes(name));
    expect(told.length, 'say there what is normal and what to do').toBeGreaterThan(0);
  });

  it('that pages name exist', () => {
    expect(mentions.filter(({ found }) => found.length === 0).map(({ place }) => place)).toEqual([]);
  });

  it('have the labels that pages name', () => {
    const wrong = mentions.flatMap(({ place, found, labels }) =>
      labels.filter((label) => !found.some((name) => metrics.get(name)?.includes(label))).map((label) => `${place} by ${label}`),
    );
    expect(wrong).toEqual([]);
  });
});

/** Every metric of the four services by name, with its labels. */
function registered(): ReadonlyMap<string, readonly string[]> {
  const registry = new Registry();
  createIngestMetrics(registry, () => 0);
  createGatewayMetrics(registry);
  createAccountMetrics(registry);
  createOutboundMetrics(registry);
  createMatcherMetrics(registry, () => 0);
  createExporterMetrics(registry, { bufferedRows: () => 0, bufferedBytes: () => 0, lag: () => Promise.resolve(new Map()) });
  const labelsOf = (metric: object): readonly string[] => ('labelNames' in metric ? (metric.labelNames as readonly string[]) : []);
  return new Map(registry.getMetricsAsArray().map((metric) => [metric.name, labelsOf(metric)]));
}
