import { decodeTouchpoint } from '@messtrack/matcher/adapters/touchpoint-codec.ts';
import { TOPICS } from '@messtrack/proto/topics.ts';
import type { Bus, BusRecord } from '@messtrack/runtime/bus.ts';
import { describe, expect, it } from 'vitest';
import { isEqual, playEquality } from '../../tests/faults/replay/equality.ts';
import { planCorrections } from '../replay/corrections.ts';
import { modelsOf } from '../replay/models.ts';

describe('the log folded again under the same models', () => {
  // `npm run faults replay` plays a million events; its numbers are in tests/faults/results/replay.json.
  it('gives the same leads to the byte, over batches of any size, owners that die before and after their transaction, and partitions that move', async () => {
    const { befallen, kinds, result, replayThrough } = await playEquality(
      { events: 15_000, partitions: 3, accounts: 40, seed: 11 },
      () => 0,
    );
    expect(result.differences).toMatchObject({ same_answer: 0, changed: 0, only_standing: 0, only_replayed: 0 });
    expect(isEqual(result)).toBe(true);
    expect(result.differences.compared).toBeGreaterThan(2_500);

    // It has happened, or nothing is proved.
    expect(befallen.diedBefore).toBeGreaterThan(0);
    expect(befallen.moved).toBeGreaterThan(0);
    expect(befallen.fromSnapshot).toBeGreaterThan(0);
    expect(befallen.foldedAgain).toBeGreaterThan(0);
    expect(befallen.models).toBeGreaterThan(1);
    expect(befallen.smallestBatch).toBe(1);
    expect(befallen.largestBatch).toBeGreaterThan(1_000);
    const happened = new Set(Object.keys(kinds));
    for (const kind of [
      'late click',
      'second delivery',
      'forwarded code',
      'code in an edit',
      'damaged code',
      'contact change',
      'correction',
      'unreadable',
    ]) {
      expect(happened, kind).toContain(kind);
    }

    // A single record that cannot be read is enough to be found out.
    const lacking = await replayThrough(withoutFirstMessage);
    expect(lacking.unreadable).toBe(result.unreadable + 1);
    expect(isEqual(lacking)).toBe(false);
  }, 120_000);
});

describe('what a replay cannot know', () => {
  it('is said: a beginning that retention has taken, and models that are gone', async () => {
    const { result, replayThrough } = await playEquality({ events: 8_400, partitions: 2, accounts: 40, seed: 5 }, () => 0);
    expect(isEqual(result)).toBe(true);

    const late = await replayThrough((bus) => beginningAt(bus, 1_500));
    expect(late.beginsAtMs).toBeGreaterThan(0);
    expect(late.before_log).toBeGreaterThan(0);
    expect(late.partitions.map(({ first }) => first)).toEqual([1_500, 1_500]);
    expect(late.before_log + late.differences.compared + late.differences.only_standing).toBe(result.differences.compared);
    const plan = { choice: { kind: 'log' } as const, atLeast: 0, nowMs: late.beginsAtMs + 20 * 86_400_000, written: new Set<string>() };
    expect(planCorrections({ ...plan, result: late }).records).toEqual([]);

    const models = modelsOf(new Map());
    const { unknownModels, differences } = await replayThrough((bus) => bus, models);
    expect(unknownModels).toEqual([1]);
    expect(differences.same_answer + differences.changed).toBeGreaterThan(0);
  }, 120_000);
});

/** As retention leaves it. */
function beginningAt(bus: Bus, first: number): Bus {
  return {
    ...bus,
    offsets: async (topic) => (await bus.offsets(topic)).map((each) => (topic === TOPICS.touchpoints.name ? { ...each, first } : each)),
    read: (place, from) => bus.read(place, place.topic === TOPICS.touchpoints.name ? Math.max(first, from) : from),
  };
}

function withoutFirstMessage(bus: Bus): Bus {
  let isGone = false;
  return {
    ...bus,
    async *read(place, from) {
      for await (const records of bus.read(place, from)) {
        yield records.map((record) => {
          if (isGone || place.topic !== TOPICS.touchpoints.name || !isMessage(record)) return record;
          isGone = true;
          return { ...record, value: Uint8Array.of(0xff) };
        });
      }
    },
  };
}

function isMessage({ offset, value, timestampMs }: BusRecord): boolean {
  const read = decodeTouchpoint({ offset, value, timestampMs });
  return read.kind === 'ok' && read.value.kind === 'message';
}
