import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createIngestMetrics } from '@messtrack/ingest/metrics.ts';
import { createAccountMetrics, createGatewayMetrics, createOutboundMetrics } from '@messtrack/messenger-gateway/metrics.ts';
import { Registry } from 'prom-client';
import { describe, expect, it } from 'vitest';
import { expectKnownMetrics, expectPromtoolTakes, readRules } from './support/rules-file.ts';

const { file, groups, rules, alerts, cases } = readRules('tracking-health');
const page = readFileSync(join(import.meta.dirname, '../../docs/operations.md'), 'utf8');

describe('the rules of tracking health', () => {
  it('ask only for metrics that exist, by labels that they have, or for what the file records', () => {
    const registry = new Registry();
    createAccountMetrics(registry);
    createGatewayMetrics(registry);
    createOutboundMetrics(registry);
    createIngestMetrics(registry, () => 0);
    expectKnownMetrics(rules, registry);
  });

  it('tell whom it is about and what to do, in the rule and in docs/operations.md', () => {
    for (const { alert, labels, annotations } of alerts) {
      expect(['info', 'warning', 'critical'], alert).toContain(labels?.['severity']);
      expect(annotations?.['summary'], alert).toContain('{{ $labels.');
      expect(annotations?.['description']?.length, alert).toBeGreaterThan(60);
      expect(page, alert).toContain(`| \`${alert}\` |`);
    }
    expect(new Set(alerts.map(({ alert }) => alert)).size).toBe(alerts.length);
  });

  it('have each a case of their own', () => {
    for (const { alert } of alerts) expect(cases, alert).toContain(`{alertname="${alert}"}`);
  });

  it('are what promtool takes, where it is installed, and YAML with one group where it is not', () => {
    expectPromtoolTakes(file);
    expect(groups).toEqual(['messtrack-tracking-health']);
    expect(alerts.length).toBe(17);
  });
});
