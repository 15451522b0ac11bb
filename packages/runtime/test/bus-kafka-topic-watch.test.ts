import type { Admin } from 'kafkajs';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createTopicWatch } from '../src/bus-kafka-topic-watch.ts';
import type { KafkaAdmin } from '../src/bus-kafka-topics.ts';
import { memoryLog } from './memory-log.ts';

/** A broker's answers to the two questions that are asked, as kafkajs gives them. */
function watchOf(there: Set<string>) {
  const { log, lines } = memoryLog('info');
  const state: { failure: Error | undefined; asked: string[][] } = { failure: undefined, asked: [] };
  const client = {
    async fetchTopicMetadata({ topics }: { readonly topics: string[] }) {
      state.asked.push(topics);
      if (state.failure !== undefined) throw state.failure;
      if (topics.some((topic) => !there.has(topic))) throw Object.assign(new Error('not hosted'), { type: 'UNKNOWN_TOPIC_OR_PARTITION' });
    },
    listTopics: async () => [...there],
  };
  const admin: Pick<KafkaAdmin, 'ask'> = { ask: (_, question) => question(client as unknown as Admin) };
  const watch = createTopicWatch({ admin, log, everyMs: 3_600_000 });
  onTestFinished(() => watch.close());
  return { watch, lines, state };
}

async function looks(watch: { look(): Promise<void> }, count: number): Promise<void> {
  for (let look = 0; look < count; look += 1) await watch.look();
}

describe('a topic that is gone', () => {
  it('is told at `error` once, each by its name, and to readiness until it is there again', async () => {
    const there = new Set(['clicks.v1', 'leads.v1', 'model.v1', 'of-others']);
    const { watch, lines } = watchOf(there);
    for (const topic of ['clicks.v1', 'leads.v1', 'model.v1', 'leads.v1']) watch.uses(topic);
    await looks(watch, 3);
    expect(() => watch.assertThere()).not.toThrow();
    there.delete('clicks.v1');
    there.delete('leads.v1');
    await looks(watch, 4);
    expect(() => watch.assertThere()).toThrow(expect.objectContaining({ healthDetail: 'clicks.v1, leads.v1 do not exist' }));
    expect(lines()).toMatchObject([
      { level: 'error', topic: 'clicks.v1' },
      { level: 'error', topic: 'leads.v1' },
    ]);
    there.add('clicks.v1');
    await looks(watch, 1);
    expect(() => watch.assertThere()).toThrow(expect.objectContaining({ healthDetail: 'leads.v1 does not exist' }));
    there.add('leads.v1');
    await looks(watch, 1);
    expect(() => watch.assertThere()).not.toThrow();
    expect(lines().slice(2)).toMatchObject([
      { level: 'error', topic: 'clicks.v1', msg: 'the topic is there again' },
      { level: 'error', topic: 'leads.v1', msg: 'the topic is there again' },
    ]);
  });

  it('is nothing to hear of where it is made anew at once', async () => {
    const there = new Set(['leads.v1']);
    const { watch, lines } = watchOf(there);
    watch.uses('leads.v1');
    for (let time = 0; time < 3; time += 1) {
      there.delete('leads.v1');
      await looks(watch, 1);
      there.add('leads.v1');
      await looks(watch, 1);
    }
    there.delete('leads.v1');
    await looks(watch, 1);
    expect(() => watch.assertThere()).not.toThrow();
    expect(lines()).toEqual([]);
  });

  it('stays so while Kafka is away, which alone says nothing of any topic', async () => {
    const there = new Set(['leads.v1']);
    const { watch, lines, state } = watchOf(there);
    watch.uses('leads.v1');
    state.failure = new Error('away');
    await looks(watch, 3);
    expect(() => watch.assertThere()).not.toThrow();
    state.failure = undefined;
    there.clear();
    await looks(watch, 2);
    state.failure = new Error('away');
    await looks(watch, 2);
    expect(() => watch.assertThere()).toThrow('leads.v1 does not exist');
    expect(lines()).toHaveLength(1);
  });

  it('is not looked for where none is in use', async () => {
    const { watch, state } = watchOf(new Set());
    await looks(watch, 2);
    expect(state.asked).toEqual([]);
  });
});
