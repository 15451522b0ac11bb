import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { createIngestMetrics } from '@messtrack/ingest/metrics.ts';
import { createAccountMetrics, createGatewayMetrics, createOutboundMetrics } from '@messtrack/messenger-gateway/metrics.ts';
import { Registry } from 'prom-client';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';

const ROOT = join(import.meta.dirname, '../..');
const FILE = join(ROOT, 'deploy/prometheus/tracking-health.rules.yaml');

interface Rule {
  readonly record?: string;
  readonly alert?: string;
  readonly expr: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
}

const { groups } = parse(readFileSync(FILE, 'utf8')) as {
  readonly groups: readonly { readonly name: string; readonly rules: readonly Rule[] }[];
};
const rules = groups.flatMap(({ rules: each }) => each);
const alerts = rules.filter(({ alert }) => alert !== undefined);

describe('the rules of tracking health', () => {
  it('ask only for metrics that exist, by labels that they have, or for what the file records', () => {
    const registry = new Registry();
    createAccountMetrics(registry);
    createGatewayMetrics(registry);
    createOutboundMetrics(registry);
    createIngestMetrics(registry, () => 0);
    const metrics = new Map(registry.getMetricsAsArray().map((metric) => [metric.name, metric]));
    const recorded = new Set(rules.flatMap(({ record }) => record ?? []));
    for (const { expr } of rules) {
      const names = expr.match(/\bmesstrack_[a-z0-9_]+(?::[a-z0-9_]+)*\b/g) ?? [];
      expect(names.length, expr).toBeGreaterThan(0);
      for (const name of names) expect(metrics.has(name) || recorded.has(name), name).toBe(true);
      for (const [, name = '', selector = ''] of expr.matchAll(/(messtrack_[a-z0-9_]+)\{([^}]*)\}/g)) {
        const known = (metrics.get(name) as { readonly labelNames?: readonly string[] } | undefined)?.labelNames ?? [];
        for (const [, label] of selector.matchAll(/(\w+)\s*(?:=~|!=|!~|=)/g)) expect(known, `${name}{${label}}`).toContain(label);
      }
      for (const [open, close] of ['()', '{}', '[]'].map((pair) => [...pair]))
        expect(expr.split(open!).length, expr).toBe(expr.split(close!).length);
    }
  });

  it('tell whom it is about and what to do, in the rule and in docs/operations.md', () => {
    const page = readFileSync(join(ROOT, 'docs/operations.md'), 'utf8');
    for (const { alert, labels, annotations } of alerts) {
      expect(['info', 'warning', 'critical'], alert).toContain(labels?.['severity']);
      expect(annotations?.['summary'], alert).toContain('{{ $labels.');
      expect(annotations?.['description']?.length, alert).toBeGreaterThan(60);
      expect(page, alert).toContain(`| \`${alert}\` |`);
    }
    expect(new Set(alerts.map(({ alert }) => alert)).size).toBe(alerts.length);
  });

  // `promtool test rules` on those cases takes a minute and more: by hand, whenever a rule changes (docs/operations.md).
  it('have each a case of their own', () => {
    const cases = readFileSync(FILE.replace('.rules.yaml', '.test.yaml'), 'utf8');
    for (const { alert } of alerts) expect(cases, alert).toContain(`{alertname="${alert}"}`);
  });

  it('are what promtool takes, where it is installed, and YAML with one group where it is not', () => {
    const promtool = (process.env['PATH'] ?? '')
      .split(delimiter)
      .map((folder) => join(folder, 'promtool'))
      .find(existsSync);
    if (promtool !== undefined) execFileSync(promtool, ['check', 'rules', FILE]);
    expect(groups.map(({ name }) => name)).toEqual(['messtrack-tracking-health']);
    expect(alerts.length).toBe(17);
  });
});
