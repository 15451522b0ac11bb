import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createMatcherMetrics } from '@messtrack/matcher/metrics.ts';
import { Registry } from 'prom-client';
import { describe, expect, it } from 'vitest';
import { expectKnownMetrics, expectPromtoolTakes, readRules } from './support/rules-file.ts';

const { file, groups, rules, alerts, cases } = readRules('matcher-quality');
const page = readFileSync(join(import.meta.dirname, '../../docs/operations.md'), 'utf8');

describe('the rules of the quality of the matcher', () => {
  it('ask only for metrics that the matcher has, by labels that they have, or for what the file records', () => {
    const registry = new Registry();
    createMatcherMetrics(registry, Date.now);
    expectKnownMetrics(rules, registry);
  });

  it('are whole: durations with units, and an alert says what is wrong', () => {
    for (const { expr, for: waits } of rules) {
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
    for (const { alert } of alerts) expect(page).toContain(`| \`${alert}\` |`);
    const told = [...page.matchAll(/^\| `(Matcher\w+)` \|/gm)].map(([, name]) => name);
    expect(told.toSorted()).toEqual(alerts.map(({ alert }) => alert).toSorted());
  });

  it('have each a case of their own', () => {
    for (const { alert } of alerts) expect(cases, alert).toContain(`{alertname="${alert}"}`);
  });

  it('are what promtool takes, where it is installed, and YAML with one group where it is not', () => {
    expectPromtoolTakes(file);
    expect(groups).toEqual(['messtrack-matcher-quality']);
    expect(alerts.length).toBe(10);
  });
});
