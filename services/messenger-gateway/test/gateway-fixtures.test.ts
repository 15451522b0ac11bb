/**
 * Payloads as the providers document them (fixtures/*.jsonl, each with its source), read by their adapters. What each must become stands in
 * fixtures/expected.jsonl, read line by line; `UPDATE_EXPECTED=1` writes it anew, for reading.
 */
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { providerOf } from '../src/adapters/providers.ts';
import type { Reading } from '../src/domain/inbound.ts';
import { NOW } from './gateway.ts';
import { fixturesOf, GATEWAYS, type Gateway, gatewayWorkspace, linesOf, webhook } from './gateway-accounts.ts';

const EXPECTED = 'fixtures/expected.jsonl';
const IS_UPDATE = process.env['UPDATE_EXPECTED'] !== undefined;
const workspace = gatewayWorkspace();

interface Line {
  readonly gateway: Gateway;
  readonly name: string;
  readonly readings: readonly object[];
}

const expected = new Map((IS_UPDATE ? [] : linesOf(EXPECTED)).map((line) => JSON.parse(line) as Line).map((line) => [keyOf(line), line]));

describe.each(GATEWAYS)('%s', (gateway) => {
  const fixtures = fixturesOf(gateway);

  it.each(fixtures)('$name', ({ name, source, body }) => {
    expect(source).not.toBe('');
    const readings = read(gateway, body).map(described);
    if (IS_UPDATE) expected.set(keyOf({ gateway, name }), { gateway, name, readings });
    expect({ gateway, name, readings }).toEqual(expected.get(keyOf({ gateway, name })));
  });

  it('gives the same ids and times whenever it is read', () => {
    for (const { body } of fixtures) {
      const ids = (observedAtMs: number) =>
        read(gateway, body, observedAtMs).map(({ outcome }) =>
          outcome.kind === 'ok' ? [outcome.value.eventId, outcome.value.type === 'message' && outcome.value.eventTimeMs] : [],
        );
      expect(ids(NOW + 86_400_000)).toEqual(ids(NOW));
    }
  });

  it('never makes two messages of a webhook one', () => {
    for (const { body } of fixtures) {
      const ids = read(gateway, body).flatMap(({ outcome }) => (outcome.kind === 'ok' ? [outcome.value.eventId] : []));
      expect(new Set(ids).size).toBe(ids.length);
    }
  });
});

it('every expectation has its payload', () => {
  if (IS_UPDATE)
    writeFileSync(
      fileURLToPath(new URL(EXPECTED, import.meta.url)),
      [...expected.values()].map((line) => `${JSON.stringify(line)}\n`).join(''),
    );
  const known = GATEWAYS.flatMap((gateway) => fixturesOf(gateway).map(({ name }) => keyOf({ gateway, name })));
  expect([...expected.keys()].sort()).toEqual([...known].sort());
});

function keyOf({ gateway, name }: Pick<Line, 'gateway' | 'name'>): string {
  return `${gateway}: ${name}`;
}

function read(gateway: Gateway, body: unknown, observedAtMs = NOW): readonly Reading[] {
  const provider = providerOf(gateway);
  const account = workspace.accounts.get(webhook(gateway, body).account);
  if (provider === undefined || account === undefined) throw new Error(`no provider or account of ${gateway}`);
  return provider.read(body, account, observedAtMs);
}

/** What an element became, without all that is empty. */
function described({ outcome, receiver }: Reading): object {
  const where = receiver === undefined ? {} : { receiver };
  switch (outcome.kind) {
    case 'ok': {
      const { eventTimeMs, ...event } = outcome.value;
      return { ...where, at: new Date(eventTimeMs).toISOString(), ...withoutEmpty(event) };
    }
    case 'drop':
      return { ...where, drop: outcome.reason };
    case 'dead-letter':
      return { ...where, deadLetter: `${outcome.reason}: ${outcome.detail}` };
    case 'retry':
      throw new Error('reading a webhook cannot end in a retry');
  }
}

function withoutEmpty(value: object): object {
  const entries = Object.entries(value).map(([key, each]) => [key, isPlain(each) ? withoutEmpty(each) : each] as const);
  return Object.fromEntries(
    entries.filter(([, each]) => !(each === '' || each === false || each === undefined || (Array.isArray(each) && each.length === 0))),
  );
}

function isPlain(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
