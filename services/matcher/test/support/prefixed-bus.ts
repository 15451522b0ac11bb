import type { Bus, OutRecord } from '@messtrack/runtime/bus.ts';

/** The same bus under topic names of one test's own: the catalogue's names are fixed, the broker of the tests is shared. */
export function prefixedBus(bus: Bus, prefix: string): Bus {
  const inside = (topic: string): string => prefix + topic;
  const outside = <T extends { readonly topic: string }>(place: T): T => ({ ...place, topic: place.topic.slice(prefix.length) });
  const renamed = (records: readonly OutRecord[]) => records.map((record) => ({ ...record, topic: inside(record.topic) }));
  return {
    ...bus,
    ensureTopics: (topics) => bus.ensureTopics(topics.map((topic) => ({ ...topic, name: inside(topic.name) }))),
    async producer() {
      const producer = await bus.producer();
      return { close: () => producer.close(), send: async (records) => (await producer.send(renamed(records))).map(outside) };
    },
    consume: () => Promise.reject(new Error('no test of the matcher consumes')),
    process: (options) =>
      bus.process({
        ...options,
        groupId: prefix + options.groupId,
        topic: inside(options.topic),
        createWorker: async (partition, committed) => {
          const worker = await options.createWorker(outside(partition), committed);
          return {
            ...worker,
            process: async (batch, replay) => renamed(await worker.process(batch, replay)),
            idle: async () => renamed((await worker.idle?.()) ?? []),
          };
        },
      }),
    read: (partition, fromOffset, readOptions) => bus.read({ ...partition, topic: inside(partition.topic) }, fromOffset, readOptions),
    offsets: async (topic) => (await bus.offsets(inside(topic))).map(outside),
    committed: async (groupId, topic) => (await bus.committed(prefix + groupId, inside(topic))).map(outside),
    lag: async (groupId, topic) => (await bus.lag(prefix + groupId, inside(topic))).map(outside),
  };
}
