import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import type { Registry } from 'prom-client';
import { expect } from 'vitest';
import { parse } from 'yaml';

const ROOT = join(import.meta.dirname, '../../..');

export interface Rule {
  readonly record?: string;
  readonly alert?: string;
  readonly expr: string;
  readonly for?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
}

/** A file of rules of `deploy/prometheus`, by its name before `.rules.yaml`. */
export function readRules(name: string) {
  const file = join(ROOT, 'deploy/prometheus', `${name}.rules.yaml`);
  const { groups } = parse(readFileSync(file, 'utf8')) as {
    readonly groups: readonly { readonly name: string; readonly rules: readonly Rule[] }[];
  };
  const rules = groups.flatMap(({ rules: each }) => each);
  const alerts = rules.filter(({ alert }) => alert !== undefined);
  /** What `promtool test rules` plays; by hand, whenever a rule changes (docs/operations.md), because it takes a minute and more. */
  const cases = readFileSync(file.replace('.rules.yaml', '.test.yaml'), 'utf8');
  return { file, groups: groups.map((group) => group.name), rules, alerts, cases };
}

/** Expressions ask for metrics of the registry by labels that they have, or for what the file itself records, and their brackets stand in pairs. */
export function expectKnownMetrics(rules: readonly Rule[], registry: Registry): void {
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
    for (const [open = '', close = ''] of ['()', '{}', '[]'].map((pair) => [...pair]))
      expect(expr.split(open).length, expr).toBe(expr.split(close).length);
  }
}

/** Where promtool is installed, it takes the file. */
export function expectPromtoolTakes(file: string): void {
  const promtool = (process.env['PATH'] ?? '')
    .split(delimiter)
    .map((folder) => join(folder, 'promtool'))
    .find(existsSync);
  if (promtool !== undefined) execFileSync(promtool, ['check', 'rules', file]);
}
