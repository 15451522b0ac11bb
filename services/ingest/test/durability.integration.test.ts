import { appendFile, mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Bus, BusRecord } from '@messtrack/runtime/bus.ts';
import { openKafkaBus } from '@messtrack/runtime/bus-kafka.ts';
import { openLmdbBus } from '@messtrack/runtime/bus-lmdb.ts';
import { type Child, startChild } from '@messtrack/testing/child.ts';
import { type KafkaBehindProxy, startKafkaBehindProxy } from '@messtrack/testing/kafka-behind-proxy.ts';
import { compareLedgers } from '@messtrack/testing/ledger.ts';
import { findVisible } from '@messtrack/tracking-code/visible.ts';
import { pino } from 'pino';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { clicksOf, IPHONE, WORKSPACE_YAML } from './harness.ts';
import type { ChildSettings } from './ingest-child.ts';

const log = pino({ level: 'silent' });
let dir: string;
const children: Child[] = [];

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'messtrack-durability-'));
  await mkdir(join(dir, 'workspaces'));
  await writeFile(join(dir, 'workspaces', 'acme.yaml'), WORKSPACE_YAML);
});
afterEach(async () => {
  for (const child of children.splice(0)) await child.kill();
  await rm(dir, { recursive: true, force: true });
});

async function startIngestChild(on: Pick<ChildSettings, 'brokers' | 'lmdbPath'>, killAt?: { point: string; occurrence: number }) {
  const settings: ChildSettings = { ...on, spoolDir: join(dir, 'spool'), workspacesDir: join(dir, 'workspaces') };
  const child = await startChild({
    script: new URL('./ingest-child.ts', import.meta.url),
    args: [JSON.stringify(settings)],
    ...(killAt === undefined ? {} : { killAt }),
  });
  children.push(child);
  return child;
}

/** People tap; the code each one was sent on with is what must be in the log. */
async function tap(child: Child, count: number): Promise<string[]> {
  const url = await child.reached('listening');
  const codes: string[] = [];
  for (let done = 0; done < count; done += 10) {
    const batch = await Promise.all(
      Array.from({ length: 10 }, async () => {
        const response = await fetch(`${url}/t/acme/ad`, { redirect: 'manual', headers: { 'user-agent': IPHONE } });
        expect(response.status).toBe(302);
        return findVisible(new URL(response.headers.get('location') ?? '').searchParams.get('text') ?? '')[0]?.code ?? '';
      }),
    );
    codes.push(...batch);
  }
  return codes;
}

async function readLog(bus: Bus): Promise<BusRecord[]> {
  const records: BusRecord[] = [];
  for (const { topic, partition, first } of await bus.offsets('touchpoints.v1')) {
    for await (const batch of bus.read({ topic, partition }, first)) records.push(...batch);
  }
  return records;
}

/** Clicks of the log, each event id once; a second record of an id must be the same click. */
function ledgerOf(records: readonly BusRecord[]) {
  const byId = new Map<string, { id: string; key: string }>();
  for (const record of records) {
    const [click] = clicksOf([{ ...record, key: record.key === null ? '' : Buffer.from(record.key).toString() }]);
    if (click === undefined) continue;
    const entry = { id: click.code, key: click.key };
    const earlier = byId.get(click.eventId);
    if (earlier !== undefined) expect(entry).toEqual(earlier);
    byId.set(click.eventId, entry);
  }
  return [...byId.values()];
}

const expected = (codes: readonly string[]) => codes.map((id) => ({ id, key: 'acme/sales-wa' }));
const NO_DIFFERENCE = { lost: [], duplicated: [], unexpected: [], changed: [], reordered: [] };

describe('on the embedded log', () => {
  it('every redirect that was answered is in the log after kill -9', async () => {
    const child = await startIngestChild({ lmdbPath: join(dir, 'log') });
    const codes = await tap(child, 200);
    await child.kill();
    const bus = await openLmdbBus({ path: join(dir, 'log'), log });
    try {
      expect(compareLedgers(expected(codes), ledgerOf(await readLog(bus)), { order: 'any' })).toEqual(NO_DIFFERENCE);
    } finally {
      await bus.close();
    }
  });
});

describe('on Kafka', () => {
  let kafka: KafkaBehindProxy['kafka'];
  let proxy: KafkaBehindProxy['proxy'];
  let stop: KafkaBehindProxy['stop'] | undefined;

  beforeAll(async () => {
    ({ kafka, proxy, stop } = await startKafkaBehindProxy());
  });
  afterAll(async () => {
    await stop?.();
  });

  it('redirects go on while the broker stands still, is gone, and over two kill -9; each click is in the log once by its id', async () => {
    const on = { brokers: kafka.brokers };
    const first = await startIngestChild(on);
    const codes = await tap(first, 50);

    proxy.hold();
    codes.push(...(await tap(first, 50)));
    await proxy.refuse();
    codes.push(...(await tap(first, 600)));
    await first.kill();

    // What a power cut leaves behind the last whole frame; none of it was answered.
    const [newest] = (await readdir(join(dir, 'spool'))).sort().reverse();
    await appendFile(join(dir, 'spool', newest!), Buffer.from([0, 0, 1, 0, 1, 2, 3]));

    await proxy.heal();
    // The settings' announcement is the first send, the second the first batch of the spool: dead before it can be forgotten.
    const second = await startIngestChild(on, { point: 'sent', occurrence: 2 });
    expect(await second.exited).toMatchObject({ signal: 'SIGKILL' });

    const third = await startIngestChild(on);
    codes.push(...(await tap(third, 50)));

    const bus = await openKafkaBus({ brokers: kafka.brokers, clientId: 'reader', log });
    try {
      await expect
        .poll(async () => (await readdir(join(dir, 'spool'))).filter((name) => name.endsWith('.log')), { timeout: 60_000 })
        .toEqual([]);
      expect(compareLedgers(expected(codes), ledgerOf(await readLog(bus)), { order: 'any' })).toEqual(NO_DIFFERENCE);
    } finally {
      await bus.close();
    }
  });
});
