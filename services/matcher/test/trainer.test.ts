import { ModelRecord } from '@messtrack/proto/gen/messtrack/v1/state.ts';
import { Touchpoint } from '@messtrack/proto/gen/messtrack/v1/touchpoint.ts';
import { TOPICS } from '@messtrack/proto/topics.ts';
import type { OutRecord } from '@messtrack/runtime/bus.ts';
import { pino } from 'pino';
import { Registry } from 'prom-client';
import { describe, expect, it } from 'vitest';
import { openModelDirectory } from '../src/adapters/model-directory.ts';
import { statisticsRecord } from '../src/adapters/model-records.ts';
import { packing } from '../src/adapters/packing.ts';
import { train } from '../src/domain/model/training.ts';
import { emptyState } from '../src/domain/state.ts';
import { createMatcherMetrics } from '../src/metrics.ts';
import { createTeaching } from '../src/trainer.ts';
import { DAY, HOUR, T0 } from './support/log-builder.ts';
import { bytesOf, memoryModelLog, statisticsOf } from './support/model-log.ts';

/** Of a partition that has been watched since an hour before T0. */
async function teachingOf(partition: number, { logEnd = 0, log = memoryModelLog(), fromMs = T0 - HOUR } = {}) {
  const directory = openModelDirectory(log, { patienceMs: 10, pauseMs: 1 });
  await directory.refresh();
  const state = emptyState(partition, packing);
  state.clockMs = fromMs;
  const registry = new Registry();
  const metrics = createMatcherMetrics(registry, () => T0);
  const teaching = createTeaching(state, {
    directory,
    metrics,
    clock: () => T0,
    log: pino({ level: 'silent' }),
    logEnd,
    partitions: 3,
    lookEveryMs: 0,
  });
  return {
    log,
    state,
    registry,
    teaching,
    /** So many leads with identifier by now; what is due is committed. */
    async batch(nextOffset: number, clockMs: number, identified: number) {
      state.clockMs = clockMs;
      state.statistics.fadedAtMs = clockMs;
      state.statistics.scalars.identified = identified;
      const out = await teaching.due(nextOffset);
      log.append(out);
      return out;
    },
  };
}

function names(records: readonly OutRecord[]): readonly string[] {
  return records.map(({ topic, partition, key, value }) => {
    if (topic === TOPICS.model.name) return value.length === 0 ? `no ${key}` : String(key);
    const { kind } = Touchpoint.decode(value);
    return `epoch ${kind?.$case === 'epoch' ? kind.value.modelVersion : '?'} of ${partition}`;
  });
}

const SWITCHED = (version: number) => [`model/${version}`, ...[0, 1, 2].map((partition) => `epoch ${version} of ${partition}`)];

describe('what a partition teaches', () => {
  it('is written when it has grown, at most hourly, and daily when it has not', async () => {
    const { batch } = await teachingOf(5);
    expect(names(await batch(1, T0, 0))).toEqual([]);
    expect(names(await batch(2, T0, 10))).toEqual(['statistics/5']);
    expect(names(await batch(3, T0 + HOUR - 1, 1_000))).toEqual([]);
    expect(names(await batch(4, T0 + HOUR, 1_000))).toEqual(['statistics/5']);
    expect(names(await batch(5, T0 + 3 * HOUR, 1_040))).toEqual([]);
    expect(names(await batch(6, T0 + HOUR + DAY, 1_040))).toEqual(['statistics/5']);
  });

  it('is written first when the partition has been watched for an hour', async () => {
    const fresh = await teachingOf(5, { fromMs: 0 });
    expect(names(await fresh.batch(1, T0, 10))).toEqual([]);
    expect(names(await fresh.batch(2, T0 + HOUR - 1, 20))).toEqual([]);
    expect(names(await fresh.batch(3, T0 + HOUR, 30))).toEqual(['statistics/5']);
  });

  it('goes on where an earlier owner was', async () => {
    const { batch, log } = await teachingOf(5);
    await batch(7, T0, 10);
    const next = await teachingOf(5, { log });
    expect(names(await next.batch(8, T0 + HOUR - 1, 1_000))).toEqual([]);
    expect(names(await next.batch(9, T0 + HOUR, 1_000))).toEqual(['statistics/5']);
  });

  it('is not written when somebody has flooded it with names, and that is counted', async () => {
    const { batch, state, registry } = await teachingOf(5);
    for (let index = 0; index < 60_000; index += 1) state.statistics.tallies.browser.set(`US|${'x'.repeat(20)}${index}`, 1);
    expect(await batch(1, T0, 10)).toEqual([]);
    const metric = await registry.getSingleMetric('messtrack_matcher_trainings_total')!.get();
    expect(metric.values.filter(({ value }) => value > 0)).toMatchObject([{ labels: { outcome: 'too_large' }, value: 1 }]);
  });
});

describe('the trainer', () => {
  it('is the owner of partition 0 alone, and tells every partition in the transaction of the version', async () => {
    const trainer = await teachingOf(0);
    expect(names(await trainer.batch(1, T0, 10))).toEqual(['statistics/0', ...SWITCHED(1)]);
    const other = await teachingOf(1);
    expect(names(await other.batch(1, T0, 10))).toEqual(['statistics/1']);
    expect(await other.teaching.idle()).toEqual([]);
  });

  it('adds up what all partitions have taught, whatever the order of their records', async () => {
    const taught = (partition: number, identified: number) => ({
      partition,
      nextOffset: 1,
      atMs: T0,
      statistics: statisticsOf(identified, T0),
      trials: [],
    });
    const [one, other] = [
      train([taught(0, 0.1), taught(1, 0.2), taught(2, 0.3)], undefined, 4),
      train([taught(2, 0.3), taught(0, 0.1), taught(1, 0.2)], undefined, 4),
    ];
    if (one.kind !== 'trained' || other.kind !== 'trained') throw new Error('not trained');
    expect(one.learned.model.version).toBe(4);
    expect(bytesOf(one.learned.model.statistics)).toBe(bytesOf(other.learned.model.statistics));
    expect(one.learned.model.statistics.scalars.identified).toBeCloseTo(0.6, 12);
  });

  it('fades what a quiet partition taught long ago to the time of the newest', async () => {
    const training = train(
      [
        { partition: 0, nextOffset: 1, atMs: T0, statistics: statisticsOf(8, T0), trials: [] },
        { partition: 1, nextOffset: 1, atMs: T0 + 14 * DAY, statistics: statisticsOf(1, T0 + 14 * DAY), trials: [] },
      ],
      undefined,
      1,
    );
    if (training.kind !== 'trained') throw new Error('not trained');
    expect(training.learned.learnedAtMs).toBe(T0 + 14 * DAY);
    expect(training.learned.model.statistics.scalars.identified).toBeCloseTo(8 / 2 + 1, 9);
  });

  it('waits until all is folded that stood in its log when it came', async () => {
    const { batch } = await teachingOf(0, { logEnd: 100 });
    expect(names(await batch(99, T0, 10))).toEqual(['statistics/0']);
    expect(names(await batch(100, T0, 10))).toEqual(SWITCHED(1));
    const markers = await teachingOf(0, { logEnd: 100 });
    await markers.batch(99, T0, 10);
    // Nothing more to read: what stands before the end are marks of transactions.
    expect(names(await markers.teaching.idle())).toEqual(SWITCHED(1));
  });

  it('trains the next version when its last one has come into force, and not before', async () => {
    const { batch, teaching } = await teachingOf(0);
    await batch(1, T0, 10);
    expect(names(await batch(2, T0 + 2 * HOUR, 1_000))).toEqual(['statistics/0']);
    teaching.folded(1);
    expect(names(await teaching.idle())).toEqual(SWITCHED(2));
  });

  it('gives a version that the log has named never again, even when model.v1 does not show it', async () => {
    const { batch, teaching } = await teachingOf(0);
    teaching.folded(7);
    expect(names(await batch(1, T0, 10))).toEqual(['statistics/0', ...SWITCHED(8)]);
  });

  it('makes the same version of the same sums when its transaction was lost with it', async () => {
    const log = memoryModelLog();
    const lost = await teachingOf(0, { log: memoryModelLog() });
    const again = await teachingOf(0, { log });
    const [first, second] = [await lost.batch(1, T0, 10), await again.batch(1, T0, 10)];
    expect(first.map(({ value }) => Buffer.from(value).toString('hex'))).toEqual(
      second.map(({ value }) => Buffer.from(value).toString('hex')),
    );
  });

  it('hears of other partitions while its own is quiet', async () => {
    const { batch, teaching, log } = await teachingOf(0);
    await batch(1, T0, 10);
    teaching.folded(1);
    expect(await teaching.idle()).toEqual([]);
    log.append([statisticsRecord({ partition: 2, nextOffset: 5, atMs: T0 + HOUR, statistics: statisticsOf(500, T0), trials: [] }, T0)]);
    const out = await teaching.idle();
    expect(names(out)).toEqual(SWITCHED(2));
    const { kind } = ModelRecord.decode(out[0]!.value);
    expect(kind).toMatchObject({ $case: 'model', value: { version: 2, learnedAtMs: T0 + HOUR } });
    expect(Touchpoint.decode(out[1]!.value).observedAtMs).toBe(T0 + HOUR);
  });

  it('deletes versions that no record of the log can name, never the one in force', async () => {
    const { batch, teaching } = await teachingOf(0);
    await batch(1, T0, 10);
    teaching.folded(1);
    expect(names(await batch(2, T0 + 71 * DAY, 10))).toEqual(['statistics/0', ...SWITCHED(2)]);
    teaching.folded(2);
    expect(names(await batch(3, T0 + 73 * DAY, 10))).toEqual(['statistics/0', 'model/3', 'no model/1', ...SWITCHED(3).slice(1)]);
  });

  it('keeps the model in force when the next one jumps, says so once an hour, and yields after three days', async () => {
    const { batch, teaching, state, registry } = await teachingOf(0);
    await batch(1, T0, 5_000);
    teaching.folded(1);
    state.statistics.losers[0] = 4_000;
    expect(names(await batch(2, T0 + HOUR, 6_000))).toEqual(['statistics/0']);
    expect(await teaching.idle()).toEqual([]);
    const metric = await registry.getSingleMetric('messtrack_matcher_trainings_total')!.get();
    expect(metric.values.filter(({ value }) => value > 0).map(({ labels, value }) => [labels['outcome'], value])).toEqual([
      ['trained', 1],
      ['jump', 1],
    ]);
    expect(names(await batch(3, T0 + 3 * DAY, 7_000))).toEqual(['statistics/0', ...SWITCHED(2)]);
  });

  it('leaves leads alone when model.v1 is away', async () => {
    const { batch, log } = await teachingOf(0);
    log.isAway = true;
    expect(names(await batch(1, T0, 10))).toEqual(['statistics/0']);
    log.isAway = false;
    expect(names(await batch(2, T0, 10))).toEqual(SWITCHED(1));
  });
});
