/** `npm run replay -- --apply` that was killed in the middle of its writing, and is started again. */
import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Touchpoint } from '@messtrack/proto/gen/messtrack/v1/touchpoint.ts';
import { TOPICS } from '@messtrack/proto/topics.ts';
import type { Bus, OutRecord } from '@messtrack/runtime/bus.ts';
import { openLmdbBus } from '@messtrack/runtime/bus-lmdb.ts';
import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Options, readOptions } from '../replay/options.ts';
import type { reportObject } from '../replay/report.ts';
import { run } from '../replay/run.ts';
import { standing } from './support/live-matcher.ts';
import { openTaughtAgency, type SmallAgency, surroundings } from './support/small-agency.ts';

type Report = ReturnType<typeof reportObject>;

describe('a writing of corrections that was killed in the middle', { timeout: 90_000 }, () => {
  let agency: SmallAgency;
  let corrections: readonly OutRecord[];
  beforeAll(async () => {
    agency = await openTaughtAgency();
    corrections = await whatAWholeRunWrites(agency.folder);
    await agency.append(corrections.slice(0, corrections.length / 2));
  }, 120_000);
  afterAll(() => agency.remove());

  it('writes what is missing and nothing twice, before the matcher has come to the first half and after', async () => {
    const half = Math.floor(corrections.length / 2);
    const rest = corrections.length - half;
    const before = await replay(agency.folder, '--apply');
    expect(before.report.corrections).toMatchObject({ writable: rest, left_out: { already_written: half } });
    await agency.live();
    const after = await replay(agency.folder, '--apply');
    expect(after.report.corrections).toMatchObject({ writable: rest });
    expect((await replay(agency.folder, '--apply', '--confirm', String(rest))).code).toBe(0);
    await agency.live();

    const written = await agency.withBus(correctionsIn);
    expect(written.map(eventIdOf).sort()).toEqual(corrections.map(eventIdOf).sort());
    const revisions = await agency.withBus(standing);
    const corrected = revisions.filter(({ evidence }) => evidence.some(({ term }) => term === 'replay'));
    expect(corrected).toHaveLength(corrections.length);
    // Each click is at most one lead's, as after a run that nobody killed.
    const latest = new Map(revisions.map((lead) => [lead.leadId, lead]));
    const clicks = [...latest.values()].map(({ clickId }) => clickId).filter((clickId) => clickId !== '');
    expect(clicks.length).toBe(new Set(clicks).size);
    expect((await replay(agency.folder, '--apply')).report.corrections?.writable).toBe(0);
  });
});

async function replay(folder: string, ...args: string[]): Promise<{ readonly code: number; readonly report: Report }> {
  const { around, printed } = surroundings();
  const options = readOptions(['--data', folder, '--json', '--model', '0', ...args]) as Options;
  return { code: await run(options, around), report: JSON.parse(printed[0] ?? 'null') };
}

/** On a copy of the folder. */
async function whatAWholeRunWrites(folder: string): Promise<readonly OutRecord[]> {
  const parent = await mkdtemp(join(tmpdir(), 'messtrack-replay-whole-'));
  const copy = join(parent, 'data');
  try {
    await cp(folder, copy, { recursive: true });
    const count = (await replay(copy, '--apply')).report.corrections?.writable ?? 0;
    expect(count).toBeGreaterThan(20);
    expect((await replay(copy, '--apply', '--confirm', String(count))).code).toBe(0);
    const bus = await openLmdbBus({ path: join(copy, 'log'), log: pino({ level: 'silent' }) });
    try {
      return await correctionsIn(bus);
    } finally {
      await bus.close();
    }
  } finally {
    await rm(parent, { recursive: true, force: true });
  }
}

async function correctionsIn(bus: Bus): Promise<readonly OutRecord[]> {
  const topic = TOPICS.touchpoints.name;
  const found: OutRecord[] = [];
  for (const { partition, first } of await bus.offsets(topic)) {
    for await (const records of bus.read({ topic, partition }, first))
      for (const { key, value, headers } of records)
        if (Touchpoint.decode(value).kind?.$case === 'correction') found.push({ topic, partition, key: key ?? '', value, headers });
  }
  return found;
}

function eventIdOf({ headers }: OutRecord): string {
  return headers['event-id'] ?? '';
}
