import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Click } from '@messtrack/proto/gen/messtrack/v1/touchpoint.ts';
import { Touchpoint } from '@messtrack/proto/gen/messtrack/v1/touchpoint.ts';
import { Visit } from '@messtrack/proto/gen/messtrack/v1/visit.ts';
import { type Bus, BusUnavailableError, type OutRecord, type Producer } from '@messtrack/runtime/bus.ts';
import type { VisitStore } from '@messtrack/sessions/visit-store.ts';
import { parseWorkspace } from '@messtrack/workspace/parse.ts';
import { fixedWorkspaces } from '@messtrack/workspace/registry.ts';
import type { Workspace } from '@messtrack/workspace/workspace.ts';
import fastify from 'fastify';
import { pino } from 'pino';
import { Registry } from 'prom-client';
import { noNetworks } from '../src/adapters/network-table.ts';
import type { IngestSettings } from '../src/config.ts';
import { DEFAULT_INGEST_SETTINGS, ingestAloneHttpOptions } from '../src/config.ts';
import type { Geo, Networks, WriteFirst } from '../src/ports.ts';
import { startIngest } from '../src/service.ts';

export const IPHONE =
  'Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.5 Mobile/15E148 Safari/604.1';

export const WORKSPACE_YAML = `
workspace: acme
api_tokens: ["\${T:-acme-token}"]
accounts:
  sales-wa: { channel: whatsapp, provider: whatsapp, phone: "+14155550100", phone_number_id: "106540352242922", app_secret: "\${A:-a}", verify_token: "\${V:-v}" }
  sales-tg: { channel: telegram, provider: telegram, username: acme_bot, secret_token: "\${S:-s}" }
placements:
  button: { kind: site, account: sales-wa, greetings: ["Hello, & welcome?", "Привет!"], origins: ["https://acme.example"] }
  ad: { kind: redirect, account: sales-wa, greetings: ["Hi"], source: { utm_source: ads, utm_term: shoes } }
  bot: { kind: redirect, account: sales-tg }
`;

export function workspaceFrom(yaml: string): Workspace {
  const parsed = parseWorkspace(yaml, {
    file: 'test.yaml',
    env: {},
    readFile: () => {
      throw new Error('no files here');
    },
  });
  if ('problems' in parsed) throw new Error(JSON.stringify(parsed.problems));
  return parsed.workspace;
}

/** A producer whose broker the test switches. */
export interface FakeProducer extends Producer {
  readonly sent: OutRecord[];
  /** `up`: takes records. `away`: refuses at once. `slow`: takes them and answers when `release` is called. */
  mode: 'up' | 'away' | 'slow';
  release(): void;
}

export function fakeProducer(): FakeProducer {
  const held: (() => void)[] = [];
  const sent: OutRecord[] = [];
  return {
    sent,
    mode: 'up',
    async send(records) {
      if (this.mode === 'away') throw new BusUnavailableError('away');
      sent.push(...records);
      if (this.mode === 'slow') await new Promise<void>((resolve) => held.push(resolve));
      return records.map((record, offset) => ({ topic: record.topic, partition: 0, offset }));
    },
    release() {
      for (const answer of held.splice(0)) answer();
    },
    async close() {},
  };
}

export function fakeBus(producer: Producer): Bus {
  const unused = (): never => {
    throw new Error('ingest only produces');
  };
  return {
    producer: async () => producer,
    ensureTopics: async () => {},
    consume: unused,
    process: unused,
    read: unused,
    offsets: unused,
    committed: unused,
    lag: unused,
    ping: async () => {},
    assertIntact: unused,
    close: async () => {},
  };
}

export interface FakeVisits extends VisitStore {
  readonly kept: Map<string, Uint8Array>;
  mode: 'up' | 'away' | 'hanging';
}

export function fakeVisits(): FakeVisits {
  const kept = new Map<string, Uint8Array>();
  const store: FakeVisits = {
    kept,
    mode: 'up',
    async get(workspace, visitId) {
      await answers(store.mode);
      return kept.get(`${workspace}/${visitId}`) ?? null;
    },
    async put(workspace, visitId, visit) {
      await answers(store.mode);
      kept.set(`${workspace}/${visitId}`, visit);
    },
    async ping() {},
    async close() {},
  };
  return store;
}

async function answers(mode: FakeVisits['mode']): Promise<void> {
  if (mode === 'away') throw new Error('ECONNREFUSED');
  if (mode === 'hanging') await new Promise(() => {});
}

export const FIXED_NOW = Date.UTC(2026, 8, 1, 12, 0, 0);

export interface HarnessOptions {
  readonly producer?: FakeProducer;
  readonly settings?: Partial<IngestSettings>;
  readonly yaml?: string;
  readonly geo?: Geo;
  readonly networks?: Networks;
  readonly trustProxy?: readonly string[];
  readonly spoolDir?: string;
  readonly writeFirst?: WriteFirst;
}

/** Ingest on fakes, without a port. */
export async function startHarness(options: HarnessOptions = {}) {
  const producer = options.producer ?? fakeProducer();
  const visits = fakeVisits();
  const registry = new Registry();
  const lines: string[] = [];
  const log = pino({ level: 'trace' }, { write: (line: string) => void lines.push(line) });
  const app = fastify(ingestAloneHttpOptions(options.trustProxy));
  const spoolDir = options.spoolDir ?? (await mkdtemp(join(tmpdir(), 'messtrack-ingest-')));
  const running = await startIngest({
    app,
    bus: fakeBus(producer),
    visits,
    workspaces: fixedWorkspaces([workspaceFrom(options.yaml ?? WORKSPACE_YAML)]),
    geo: options.geo ?? { lookup: () => ({ country: '', region: '', city: '' }) },
    networks: options.networks ?? noNetworks,
    spoolDir,
    settings: { ...DEFAULT_INGEST_SETTINGS, retryDelayMs: 5, startWaitMs: 50, ...options.settings },
    log,
    registry,
    clock: { now: () => FIXED_NOW },
    writeFirst: options.writeFirst,
  });
  return {
    app,
    producer,
    visits,
    registry,
    lines,
    spoolDir,
    service: running.value,
    clicks: () => clicksOf(producer.sent),
    async close() {
      await app.close();
      await running.close?.();
      if (options.spoolDir === undefined) await rm(spoolDir, { recursive: true, force: true });
    },
  };
}

export interface ReadClick extends Click {
  readonly eventId: string;
  readonly key: string;
  readonly eventTimeMs: number;
}

export function clicksOf(records: readonly OutRecord[]): readonly ReadClick[] {
  return records.flatMap((record) => {
    if (record.topic !== 'touchpoints.v1') return [];
    const touchpoint = Touchpoint.decode(record.value);
    return touchpoint.kind?.$case === 'click'
      ? [{ ...touchpoint.kind.value, eventId: touchpoint.eventId, eventTimeMs: touchpoint.eventTimeMs, key: String(record.key) }]
      : [];
  });
}

export function visitsOf(records: readonly OutRecord[]): readonly Visit[] {
  return records.filter(({ topic }) => topic === 'visits.v1').map(({ value }) => Visit.decode(value));
}
