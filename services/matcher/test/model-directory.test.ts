import { ModelRecord } from '@messtrack/proto/gen/messtrack/v1/state.ts';
import { TOPICS } from '@messtrack/proto/topics.ts';
import { describe, expect, it } from 'vitest';
import { openModelDirectory } from '../src/adapters/model-directory.ts';
import { modelRecord, modelTombstone, statisticsRecord } from '../src/adapters/model-records.ts';
import { derivePlatform } from '../src/domain/model/platform-model.ts';
import { HOUR, T0 } from './support/log-builder.ts';
import { bytesOf, memoryModelLog, statisticsOf } from './support/model-log.ts';

function version(number: number, learnedAtMs = T0) {
  return modelRecord({ model: derivePlatform(statisticsOf(10 * number, T0), number), learnedAtMs }, T0);
}

function opened() {
  const log = memoryModelLog();
  return { log, directory: openModelDirectory(log, { patienceMs: 60, pauseMs: 5 }) };
}

describe('the model directory', () => {
  it('gives back the model of a version with its parameters, and the same object again', async () => {
    const { log, directory } = opened();
    log.append([version(1), version(2, T0 + HOUR), version(3)]);
    const found = await directory.find(2);
    expect(found).toMatchObject({ kind: 'found', learned: { learnedAtMs: T0 + HOUR, model: { version: 2 } } });
    const model = found.kind === 'found' ? found.learned.model : undefined;
    expect(bytesOf(model!.statistics)).toBe(bytesOf(statisticsOf(20, T0)));
    expect(model!.loss).toEqual(derivePlatform(statisticsOf(20, T0), 2).loss);
    const again = await directory.find(2);
    expect(again.kind === 'found' && again.learned.model).toBe(model);
    expect(directory.newest()).toBe(3);
    expect(directory.versions().map((each) => each.version)).toEqual([1, 2, 3]);
  });

  it('waits for a version that is not there yet, also while the log is away', async () => {
    const { log, directory } = opened();
    log.append([version(1)]);
    log.isAway = true;
    const finding = directory.find(2);
    await new Promise((resolve) => setTimeout(resolve, 100));
    log.isAway = false;
    log.append([version(2)]);
    expect(await finding).toMatchObject({ kind: 'found', learned: { model: { version: 2 } } });
  });

  it('says why a version is gone: deleted, passed by a later one, of another format, never written', async () => {
    const { log, directory } = opened();
    const foreign = version(4);
    const { kind } = ModelRecord.decode(foreign.value);
    if (kind?.$case !== 'model') throw new Error('no model');
    const value = ModelRecord.encode({ eventId: 'model/4', kind: { ...kind, value: { ...kind.value, format: 99 } } }).finish();
    log.append([version(1), version(2), version(3), { ...foreign, value }, modelTombstone(1, T0)]);
    log.forget('model/2');
    expect(await directory.find(1)).toEqual({ kind: 'gone', reason: 'deleted' });
    expect(await directory.find(2)).toEqual({ kind: 'gone', reason: 'deleted' });
    expect(await directory.find(3)).toMatchObject({ kind: 'found' });
    expect(await directory.find(4)).toEqual({ kind: 'gone', reason: 'foreign_format' });
    expect(await directory.find(5)).toEqual({ kind: 'gone', reason: 'never_written' });
  });

  it('gives the newest statistics of each partition, each time anew, and passes over what it cannot read', async () => {
    const { log, directory } = opened();
    const taught = (partition: number, identified: number) =>
      statisticsRecord(
        { partition, nextOffset: identified, atMs: T0 + identified, statistics: statisticsOf(identified, T0), trials: [] },
        T0,
      );
    const unreadable = { topic: TOPICS.model.name, partition: 0, key: 'statistics/7', value: Uint8Array.of(255), headers: {} };
    log.append([taught(2, 5), taught(0, 3), taught(2, 8), unreadable, { ...unreadable, key: 'nonsense' }]);
    await directory.refresh();
    expect(directory.taught().map(({ partition, nextOffset, atMs }) => [partition, nextOffset, atMs])).toEqual([
      [2, 8, T0 + 8],
      [0, 3, T0 + 3],
    ]);
    directory.taughtBy(0)!.statistics.scalars.identified = 0;
    expect(directory.taughtBy(0)!.statistics.scalars.identified).toBe(3);
    expect(directory.taughtBy(1)).toBeUndefined();
  });

  it('sees after a refresh everything that was written before it was called, whatever reading is under way', async () => {
    const { log, directory } = opened();
    log.append([version(1)]);
    const under = directory.refresh();
    log.append([version(2)]);
    await Promise.all([under, directory.refresh()]);
    expect(directory.newest()).toBe(2);
  });
});
