import { Touchpoint } from '@messtrack/proto/gen/messtrack/v1/touchpoint.ts';
import { TOPICS } from '@messtrack/proto/topics.ts';
import { type BusRecord, BusUnavailableError, type OutRecord } from '@messtrack/runtime/bus.ts';
import { Registry } from 'prom-client';
import { describe, expect, it, vi } from 'vitest';
import { leadIdOf } from '../src/adapters/lead-id.ts';
import { packing } from '../src/adapters/packing.ts';
import { codeKey } from '../src/domain/entries.ts';
import type { Lead } from '../src/domain/lead.ts';
import { sizesOf } from '../src/domain/snapshot-policy.ts';
import { emptyState } from '../src/domain/state.ts';
import { createMatcherMetrics } from '../src/metrics.ts';
import { createWorker } from '../src/pipeline.ts';
import { NO_TEACHING } from '../src/trainer.ts';
import { HOUR, MINUTE, T0 } from './support/log-builder.ts';
import { memoryJoinStore } from './support/memory-join-store.ts';

type Kind = NonNullable<Parameters<typeof Touchpoint.fromPartial>[0]['kind']>;

function records(...kinds: readonly (Kind | Uint8Array)[]): readonly BusRecord[] {
  return kinds.map((kind, offset) => {
    const value =
      kind instanceof Uint8Array
        ? kind
        : Touchpoint.encode(
            Touchpoint.fromPartial({ workspace: 'acme', account: 'wa', eventTimeMs: T0 + offset, observedAtMs: T0 + offset, kind }),
          ).finish();
    return { topic: TOPICS.touchpoints.name, partition: 3, offset, key: null, value, headers: {}, timestampMs: T0 + 2 * HOUR };
  });
}

function worker(everyRecords: number, state = emptyState(3, packing), isStale = () => false) {
  const snapshots: OutRecord[] = [];
  let isAway = false;
  const send = async (chunk: OutRecord): Promise<void> => {
    if (isAway) throw new BusUnavailableError('away');
    snapshots.push(chunk);
  };
  const registry = new Registry();
  const metrics = createMatcherMetrics(registry, () => T0 + HOUR);
  const told: Lead[] = [];
  const joins = memoryJoinStore();
  const made = createWorker(
    { state, nextOffset: 0, slot: undefined },
    {
      joins,
      tools: { leadId: leadIdOf },
      models: { find: async () => undefined },
      teaching: NO_TEACHING,
      listener: { committed: (leads) => void told.push(...leads) },
      snapshots: { send },
      metrics,
      clock: () => T0 + HOUR,
      snapshotPolicy: { everyRecords, recordsPerItem: 8, restMsPerItem: 60_000, mostRecords: 1_000 },
    },
  );
  const process = (batch: readonly BusRecord[], replay = false) =>
    made.process(
      {
        topic: TOPICS.touchpoints.name,
        partition: 3,
        records: batch,
        highWatermark: batch.length,
        isStale,
        heartbeat: async () => undefined,
      },
      replay,
    );
  const setAway = (value: boolean): void => {
    isAway = value;
  };
  return { made, process, registry, told, state, snapshots, setAway, joins };
}

const CLICK: Kind = { $case: 'click', value: { clickId: 'c1', code: 'AAAA' } };
const MESSAGE: Kind = { $case: 'message', value: { messageId: 'm1', contact: { keys: ['ann'] }, codes: [{ code: 'AAAA', intact: true }] } };
const BATCH = records(CLICK, CLICK, MESSAGE, new Uint8Array([255]), { $case: 'tick', value: { atMs: T0 + 2 * HOUR } });

async function values(registry: Registry, name: string): Promise<Record<string, number>> {
  const { values: all } = await registry.getSingleMetric(name)!.get();
  return Object.fromEntries(all.map(({ labels, value }) => [Object.values(labels).join(' '), value]));
}

describe('a batch', () => {
  it('hands the trace of the record that caused a revision on to the lead, and no trace to a lead that time made final', async () => {
    const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
    const batch = BATCH.map((record, at) => (at === 2 ? { ...record, headers: { traceparent } } : record));
    const out = await worker(1_000).process(batch);
    const leads = out.filter(({ topic }) => topic === TOPICS.leads.name);
    expect(leads.map(({ headers }) => headers['traceparent'])).toEqual([traceparent, undefined]);
  });

  it('shows in the metrics: what became of its records, its leads, dead letters and the size of the state', async () => {
    const { made, process, registry, told } = worker(1_000);
    const out = await process(BATCH);
    expect(out.map(({ topic }) => topic)).toEqual([TOPICS.leads.name, TOPICS.leads.name, TOPICS.touchpointsDlq.name, TOPICS.model.name]);
    expect(out.at(-1)).toMatchObject({ partition: 1, key: 'quality/acme/wa/2026-09-21' });
    expect(await values(registry, 'messtrack_matcher_touchpoints_total')).toEqual({
      'click registered': 1,
      'click duplicate': 1,
      'message started': 1,
      'tick time_passed': 1,
    });
    expect(await values(registry, 'messtrack_matcher_leads_total')).toEqual({ 'exact_id provisional': 1, 'exact_id final': 1 });
    expect(await values(registry, 'messtrack_matcher_dead_letters_total')).toEqual({ undecodable: 1 });
    expect(await values(registry, 'messtrack_matcher_window_clicks')).toEqual({ 3: 1 });
    expect(told).toEqual([]);
    made.committed?.(5);
    expect(told.map(({ state }) => state)).toEqual(['provisional', 'final']);
    made.close?.();
    expect(await values(registry, 'messtrack_matcher_window_clicks')).toEqual({});
  });

  it('that an earlier owner has committed gives no output and counts no leads again', async () => {
    const { process, registry } = worker(1);
    expect(await process(BATCH, true)).toEqual([]);
    expect(await values(registry, 'messtrack_matcher_leads_total')).toEqual({});
  });

  it('that an earlier owner has committed is written to the join store again only when it is recent: a Redis that fell with that owner may not have kept it', async () => {
    const at = (timestampMs: number) => BATCH.map((record) => ({ ...record, timestampMs }));
    const written = async (timestampMs: number) => {
      const { process, joins } = worker(1_000);
      await process(at(timestampMs), true);
      const [code] = await joins.read([{ key: codeKey('acme', 'wa', 'AAAA'), before: 1_000 }]);
      return code !== null;
    };
    const startedMs = T0 + HOUR;
    expect(await written(startedMs - 5 * MINUTE)).toBe(true);
    expect(await written(startedMs - 11 * MINUTE)).toBe(false);
  });

  it('shows accounts whose provider has a wrong clock, also to the next owner, until the partition moves', async () => {
    const ahead = Array.from({ length: 12 }, (_, offset): BusRecord => {
      const message: Kind = { $case: 'message', value: { messageId: `m${offset}`, contact: { keys: [`p${offset}`] } } };
      const times = { eventTimeMs: T0 + HOUR + offset * 1_000, observedAtMs: T0 + offset * 1_000 };
      const value = Touchpoint.encode(Touchpoint.fromPartial({ workspace: 'acme', account: 'wa', ...times, kind: message })).finish();
      return { ...records(value)[0]!, offset };
    });
    const name = 'messtrack_matcher_provider_clock_skew_seconds';
    const first = worker(1_000);
    await first.process(ahead.slice(0, 3));
    expect(await values(first.registry, name)).toEqual({});
    await first.process(ahead.slice(3));
    expect(await values(first.registry, name)).toEqual({ 'acme wa': 3_600 });
    const next = worker(1_000, first.state);
    expect(await values(next.registry, name)).toEqual({ 'acme wa': 3_600 });
    next.made.close?.();
    expect(await values(next.registry, name)).toEqual({});
  });

  it('takes a snapshot sooner where time has passed, counted from the last one', async () => {
    vi.useFakeTimers({ toFake: ['performance'] });
    try {
      const { process, snapshots, state } = worker(1);
      // One click: the policy of these tests asks for 8 records, or one and a minute.
      await process(records(CLICK));
      expect(sizesOf(state).windowClicks).toBe(1);
      vi.advanceTimersByTime(59_999);
      await process(records(CLICK));
      expect(snapshots).toEqual([]);
      vi.advanceTimersByTime(1);
      await process(records(CLICK));
      expect(snapshots).toHaveLength(1);
      vi.advanceTimersByTime(59_999);
      await process(records(CLICK));
      expect(snapshots).toHaveLength(1);
    } finally {
      vi.useRealTimers();
    }
  });

  it('takes a snapshot of the partition when one is due, to three places in turn and beside the transaction', async () => {
    const { process, registry, snapshots } = worker(1);
    const out = await process(DUE);
    expect(out.filter(({ topic }) => topic === TOPICS.snapshots.name)).toEqual([]);
    expect(snapshots).toMatchObject([{ topic: TOPICS.snapshots.name, partition: 3, key: '3/0/0' }]);
    expect(await values(registry, 'messtrack_matcher_snapshot_bytes')).toEqual({ 3: snapshots[0]!.value.length });
    await process(DUE);
    await process(DUE);
    expect(snapshots.map(({ key }) => key)).toEqual(['3/0/0', '3/1/0', '3/2/0']);
  });

  it('goes on without the snapshot that the log does not take, and takes it with the next batch', async () => {
    const { process, snapshots, setAway } = worker(16);
    setAway(true);
    expect((await process(DUE)).some(({ topic }) => topic === TOPICS.leads.name)).toBe(false);
    expect(snapshots).toEqual([]);
    setAway(false);
    await process(DUE.slice(0, 1));
    expect(snapshots.map(({ key }) => key)).toEqual(['3/0/0']);
  });

  it('takes none for a partition that belongs to somebody else by now', async () => {
    const { process, snapshots } = worker(1, emptyState(3, packing), () => true);
    await process(DUE);
    expect(snapshots).toEqual([]);
  });

  it('takes none where nobody will start from one, as an earlier owner has committed the records', async () => {
    const { process, snapshots } = worker(1);
    await process(DUE, true);
    expect(snapshots).toEqual([]);
  });
});

const DUE = records(CLICK, ...Array.from({ length: 15 }, (): Kind => ({ $case: 'tick', value: { atMs: T0 } })));
