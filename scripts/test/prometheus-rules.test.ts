import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { createMatcherMetrics } from '@messtrack/matcher/metrics.ts';
import { Registry } from 'prom-client';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';

const ROOT = join(import.meta.dirname, '../..');
const FILE = join(ROOT, 'deploy/prometheus/matcher-quality.rules.yaml');

interface Rule {
  readonly record?: string;
  readonly alert?: string;
  readonly expr: string;
  readonly for?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
}

const { groups } = parse(readFileSync(FILE, 'utf8')) as {
  readonly groups: readonly { readonly name: string; readonly rules: readonly Rule[] }[];
};
const rules = groups.flatMap(({ rules: each }) => each);
const alerts = rules.filter(({ alert }) => alert !== undefined);

/** Words of PromQL that may follow a metric's name pattern. */
const NAME = /\bmesstrack_matcher[a-z0-9_]*(?::[a-z0-9_]+)*\b/g;

describe('the rules of the quality of the matcher', () => {
  it('ask only for metrics that the matcher has, by labels that they have, or for what the file records', async () => {
    const registry = new Registry();
    createMatcherMetrics(registry, Date.now);
    const metrics = new Map(registry.getMetricsAsArray().map((metric) => [metric.name, metric]));
    const recorded = new Set(rules.flatMap(({ record }) => record ?? []));
    for (const { expr } of rules) {
      const names = expr.match(NAME) ?? [];
      expect(names.length, expr).toBeGreaterThan(0);
      for (const name of names) expect(metrics.has(name) || recorded.has(name), name).toBe(true);
      for (const [, name = '', selector = ''] of expr.matchAll(/(messtrack_matcher[a-z0-9_]*)\{([^}]*)\}/g)) {
        const known = (metrics.get(name) as { readonly labelNames?: readonly string[] } | undefined)?.labelNames ?? [];
        for (const [, label] of selector.matchAll(/(\w+)\s*(?:=~|!=|!~|=)/g)) expect(known, `${name}{${label}}`).toContain(label);
      }
    }
  });

  it('are whole: brackets in pairs, durations with units, and an alert says what is wrong', () => {
    for (const { expr, for: waits } of rules) {
      for (const [open, close] of ['()', '{}', '[]'].map((pair) => [...pair]))
        expect(expr.split(open!).length, expr).toBe(expr.split(close!).length);
      for (const [, range] of expr.matchAll(/\[([^\]]*)\]/g)) expect(range).toMatch(/^\d+[smhd]$/);
      if (waits !== undefined) expect(waits).toMatch(/^\d+[smhd]$/);
    }
    for (const { alert, labels, annotations } of alerts) {
      expect(['warning', 'critical'], alert).toContain(labels?.['severity']);
      expect(annotations?.['summary']?.length, alert).toBeGreaterThan(10);
      expect(annotations?.['description'], alert).toMatch(/\{\{ (\$value|\$labels\.)/);
    }
    const names = rules.map(({ record, alert }) => record ?? alert);
    expect(new Set(names).size).toBe(names.length);
  });

  it('are told, alert by alert, in docs/operations.md', () => {
    const page = readFileSync(join(ROOT, 'docs/operations.md'), 'utf8');
    for (const { alert } of alerts) expect(page).toContain(`| \`${alert}\` |`);
    const told = [...page.matchAll(/^\| `(Matcher\w+)` \|/gm)].map(([, name]) => name);
    expect(told.toSorted()).toEqual(alerts.map(({ alert }) => alert).toSorted());
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
    expect(groups.map(({ name }) => name)).toEqual(['messtrack-matcher-quality']);
    expect(alerts.length).toBe(10);
  });
});
