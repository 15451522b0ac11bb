/**
 * Every payload of the corpus and of the fixtures, changed as senders and proxies are known to change them: null for what is not there, numbers and truths written as text, fields of tomorrow, words that no
 * version knows, elements twice, lists that are empty, fields left out. The first three must not change what comes out; the others give the right events or a reason, and never an exception.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import type { Provider } from '../src/adapters/provider.ts';
import { providerOf } from '../src/adapters/providers.ts';
import type { Reading } from '../src/domain/inbound.ts';
import { NOW } from './gateway.ts';
import { fixturesOf, GATEWAYS, gatewayWorkspace } from './gateway-accounts.ts';
import { providerWorkspace } from './provider-accounts.ts';

const CORPUS_DIR = process.env['CORPUS_DIR'] ?? fileURLToPath(new URL('../../../tests/corpus', import.meta.url));
/** A place of a payload is changed in so many payloads that have it: they seldom differ in more than their words. */
const PER_PLACE = 3;

interface Sweep {
  readonly name: string;
  readonly bodies: readonly unknown[];
  readonly read: (body: unknown) => readonly Reading[];
}

const accounts = [gatewayWorkspace(), providerWorkspace()].flatMap((workspace) => [...workspace.accounts.values()]);

function sweep(name: string, bodies: readonly unknown[]): Sweep {
  const provider: Provider = providerOf(name)!;
  const account = accounts.find((each) => each.provider === name) ?? accounts[0]!;
  return { name, bodies, read: (body) => provider.read(body, account, NOW) };
}

function corpus(file: string): readonly unknown[] {
  const lines = readFileSync(join(CORPUS_DIR, file), 'utf8').split('\n').filter(Boolean);
  return lines.map((line) => (JSON.parse(line) as { readonly payload: unknown }).payload);
}

/** As developers.facebook.com/docs/instagram-platform/webhooks/examples shows them: both shapes, and what Messenger has not. */
const INSTAGRAM: readonly unknown[] = [
  { message: { mid: 'aWd1', text: 'hello', reply_to: { story: { id: '17', url: 'https://lookaside.example/s' } } } },
  { message: { mid: 'aWd2', attachments: [{ type: 'story_mention', payload: { url: 'https://lookaside.example/m' } }] } },
  { message: { mid: 'aWd3', attachments: [{ type: 'ig_reel', payload: { reel_video_id: '1', title: 't', url: 'https://x.example' } }] } },
  { message: { mid: 'aWd4', text: 'is it there', referral: { product: { id: '44' } } } },
  {
    message: {
      mid: 'aWd5',
      text: 'hi',
      referral: {
        ref: 'r',
        ad_id: '6045',
        source: 'ADS',
        type: 'OPEN_THREAD',
        ads_context_data: { ad_title: 'Sale', photo_url: 'p', video_url: 'v' },
      },
    },
  },
  { message: { mid: 'aWd6', is_unsupported: true } },
  { message: { mid: 'aWd7', text: 'mine', is_echo: true, is_self: true } },
  { message: { mid: 'aWd8', is_deleted: true } },
  { message: { mid: 'aWd9', quick_reply: { payload: 'p' }, text: 'Yes' } },
  { postback: { mid: 'aWd10', title: 'Start', payload: 'START' } },
  { referral: { ref: 'r', source: 'IGME-SOURCE-LINK', type: 'OPEN_THREAD' } },
  { reaction: { mid: 'aWd1', action: 'react', reaction: 'love', emoji: 'x' } },
  { message_edit: { mid: 'aWd1', text: 'hello again', num_edit: 1 } },
  { read: { mid: 'aWd1' } },
].flatMap((event) => {
  const value = { sender: { id: '5550001234568' }, recipient: { id: '17841405822304914' }, timestamp: 1_764_000_000_000, ...event };
  const entry = { id: '17841405822304914', time: 1_764_000_000_000 };
  return [
    { object: 'instagram', entry: [{ ...entry, messaging: [value] }] },
    { object: 'instagram', entry: [{ ...entry, changes: [{ field: 'messages', value: { ...value, timestamp: '1764000000' } }] }] },
  ];
});

const SWEEPS: readonly Sweep[] = [
  sweep('whatsapp', corpus('whatsapp_cloud_api.jsonl')),
  sweep('telegram', corpus('telegram_updates.jsonl')),
  sweep('messenger', corpus('messenger_instagram.jsonl')),
  sweep('instagram', INSTAGRAM),
  ...GATEWAYS.map((gateway) =>
    sweep(
      gateway,
      fixturesOf(gateway).map(({ body }) => body),
    ),
  ),
];

type Path = readonly (string | number)[];

function* places(value: unknown, path: Path = []): Generator<{ readonly path: Path; readonly value: unknown }> {
  yield { path, value };
  if (typeof value !== 'object' || value === null) return;
  const entries = Array.isArray(value) ? value.map((each, index) => [index, each] as const) : Object.entries(value);
  for (const [key, inner] of entries) yield* places(inner, [...path, key]);
}

function changed(root: unknown, path: Path, change: (value: unknown) => unknown): unknown {
  if (path.length === 0) return change(structuredClone(root));
  const copy = structuredClone(root);
  let parent = copy as Record<string | number, unknown>;
  for (const key of path.slice(0, -1)) parent = parent[key] as typeof parent;
  const last = path.at(-1)!;
  const value = change(parent[last]);
  // An element that is left out leaves no hole.
  if (value === undefined && Array.isArray(parent)) parent.splice(Number(last), 1);
  else if (value === undefined) delete parent[last];
  else parent[last] = value;
  return copy;
}

/** Where it stands, lists of any length alike. */
function shapeOf(path: Path): string {
  return path.map((key) => (typeof key === 'number' ? '#' : key)).join('.');
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** What comes out, without the words of reasons: those may say which value was met. */
function outcomes(readings: readonly Reading[]): string {
  return JSON.stringify(
    readings.map(({ outcome, receiver }) => [
      receiver,
      outcome.kind === 'ok' ? outcome.value : [outcome.kind, 'reason' in outcome ? outcome.reason : ''],
    ]),
  );
}

const eventIds = (readings: readonly Reading[]) =>
  readings.flatMap(({ outcome }) => (outcome.kind === 'ok' ? [outcome.value.eventId] : []));

/** Payloads that make an event, or all, with each of their places, every shape of place a few times. */
function* everyPlace(
  { bodies, read }: Sweep,
  which: 'events' | 'all' = 'events',
): Generator<{ readonly body: unknown; readonly before: string; readonly path: Path; readonly value: unknown }> {
  const seen = new Map<string, number>();
  for (const body of bodies) {
    const readings = read(body);
    if (which === 'events' && eventIds(readings).length === 0) continue;
    const before = outcomes(readings);
    for (const { path, value } of places(body)) {
      const shape = `${shapeOf(path)} ${typeof value === 'boolean' ? value : typeof value}`;
      const count = seen.get(shape) ?? 0;
      seen.set(shape, count + 1);
      if (count < PER_PLACE) yield { body, before, path, value };
    }
  }
}

function keysByShape(bodies: readonly unknown[]): ReadonlyMap<string, ReadonlySet<string>> {
  const found = new Map<string, Set<string>>();
  for (const body of bodies)
    for (const { path, value } of places(body)) {
      if (!isRecord(value)) continue;
      const keys = found.get(shapeOf(path)) ?? new Set<string>();
      for (const key of Object.keys(value)) keys.add(key);
      found.set(shapeOf(path), keys);
    }
  return found;
}

describe.each(SWEEPS)('payloads of $name', (each) => {
  it('mean the same with null for what is not there', () => {
    const keys = keysByShape(each.bodies);
    let count = 0;
    for (const { body, before, path, value } of everyPlace(each)) {
      if (!isRecord(value)) continue;
      for (const key of keys.get(shapeOf(path)) ?? []) {
        if (key in value) continue;
        count += 1;
        const after = outcomes(each.read(changed(body, path, (object) => ({ ...(object as object), [key]: null }))));
        expect({ at: `${shapeOf(path)}.${key}`, after }).toEqual({ at: `${shapeOf(path)}.${key}`, after: before });
      }
    }
    expect(count).toBeGreaterThan(0);
  });

  it('mean the same with fields of tomorrow', () => {
    for (const { body, before, path, value } of everyPlace(each)) {
      if (!isRecord(value)) continue;
      const after = outcomes(
        each.read(changed(body, path, (object) => ({ zz_first: { text: 'x', id: '1' }, ...(object as object), zz_last: [1] }))),
      );
      // Of a message of Telegram and of a linked device the content is the field that nobody knows yet: a person sent it.
      if (after.includes('"kind":"unknown"') && !before.includes('"kind":"unknown"')) continue;
      expect({ at: shapeOf(path), after }).toEqual({ at: shapeOf(path), after: before });
    }
  });

  it('mean the same with numbers written as text, and truths as text or as numbers', () => {
    // What is dropped as well: an echo that is no longer known as one would be a lead of the business with itself.
    for (const { body, before, path, value } of everyPlace(each, 'all')) {
      const forms =
        typeof value === 'number'
          ? [String(value)]
          : typeof value === 'boolean'
            ? [String(value), Number(value), String(Number(value))]
            : [];
      for (const form of forms) {
        const after = outcomes(each.read(changed(body, path, () => form)));
        expect({ at: shapeOf(path), form, after }).toEqual({ at: shapeOf(path), form, after: before });
      }
    }
  });

  it('with words that no version knows, without fields and with empty lists give events or a reason', () => {
    for (const { body, path, value } of everyPlace(each)) {
      const changes = [undefined, ...(typeof value === 'string' ? ['WORD_OF_TOMORROW'] : []), ...(Array.isArray(value) ? [[]] : [])];
      for (const by of path.length === 0 ? changes.slice(1) : changes) {
        const readings = each.read(changed(body, path, () => by));
        expect(readings.length).toBeGreaterThan(0);
        for (const { outcome } of readings)
          expect(outcome.kind === 'ok' ? outcome.value.eventId : 'reason' in outcome ? outcome.reason : '').toMatch(/^[\s\S]{1,200}$/);
      }
    }
  });

  it('with elements twice give the same events, each under its own id', () => {
    for (const { body, path, value } of everyPlace(each)) {
      if (!Array.isArray(value) || value.length === 0) continue;
      const ids = new Set(eventIds(each.read(body)));
      for (const id of eventIds(each.read(changed(body, path, (list) => [...(list as unknown[]), ...(list as unknown[])]))))
        expect(ids).toContain(id);
    }
  });
});
