import { Cluster, Redis } from 'ioredis';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { RedisClient } from '../src/redis-client.ts';
import { watchLosses } from '../src/redis-losses.ts';

/** A client that is never connected: what happens to connections is told by its events. */
function clientOf<C extends RedisClient>(client: C): C {
  onTestFinished(() => client.disconnect());
  return client;
}
const redis = () => clientOf(new Redis({ lazyConnect: true }));

function watched(client: RedisClient, rewrite: () => Promise<void> = async () => undefined) {
  let rewrites = 0;
  const losses = watchLosses(client, async () => {
    rewrites += 1;
    await rewrite();
  });
  onTestFinished(() => losses.close());
  return { losses, rewrites: () => rewrites };
}

describe('a read', () => {
  it('is believed at once while nothing is lost', async () => {
    const { losses, rewrites } = watched(redis());
    expect(await losses.trusted(async () => 'found')).toBe('found');
    expect(rewrites()).toBe(0);
  });

  it('during which a connection is lost is made again, after what was written is there again', async () => {
    const client = redis();
    const { losses, rewrites } = watched(client);
    let reads = 0;
    const found = await losses.trusted(async () => {
      reads += 1;
      if (reads === 1) client.emit('close');
      return `${reads} after ${rewrites()}`;
    });
    expect(found).toBe('2 after 1');
  });

  it('meets what keeps the repair from succeeding, and is answered when it succeeds', async () => {
    const client = redis();
    let isBroken = true;
    const { losses } = watched(client, async () => {
      if (isBroken) throw new Error('WRONGTYPE');
    });
    client.emit('close');
    await expect(losses.trusted(async () => 'found')).rejects.toThrow('WRONGTYPE');
    isBroken = false;
    expect(await losses.trusted(async () => 'found')).toBe('found');
  });

  it('waits until losses during the repair are made good too', async () => {
    const client = redis();
    const { losses, rewrites } = watched(client, async () => {
      await new Promise((resolve) => setImmediate(resolve));
      if (rewrites() < 3) client.emit('close');
    });
    client.emit('close');
    await losses.trusted(async () => undefined);
    expect(rewrites()).toBe(3);
  });
});

describe('a loss', () => {
  it.each([
    ['a broken connection', Object.assign(new Error('Connection is closed.'), { name: 'Error' }), 1],
    ['a server that has become a replica', Object.assign(new Error('READONLY You can’t write'), { name: 'ReplyError' }), 1],
    ['no memory', Object.assign(new Error('OOM command not allowed'), { name: 'ReplyError' }), 0],
  ])('by the answer of a call: %s', async (_, error, expected) => {
    const { losses, rewrites } = watched(redis());
    losses.failed(error);
    await losses.trusted(async () => undefined);
    expect(rewrites()).toBe(expected);
  });

  it('of any node of a cluster counts, also of one that joined later', async () => {
    const cluster = clientOf(new Cluster([{ host: '127.0.0.1', port: 1 }], { lazyConnect: true }));
    const { losses, rewrites } = watched(cluster);
    const node = redis();
    cluster.emit('+node', node);
    node.emit('close');
    await losses.trusted(async () => undefined);
    expect(rewrites()).toBe(1);
  });

  it('after the end is nobody’s', async () => {
    const client = redis();
    const { losses, rewrites } = watched(client);
    losses.close();
    client.emit('close');
    expect(rewrites()).toBe(0);
  });
});
