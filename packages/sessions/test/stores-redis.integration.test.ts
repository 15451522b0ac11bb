import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { startNativeRedis } from '@messtrack/testing/redis.ts';
import { Redis } from 'ioredis';
import { pino } from 'pino';
import { afterAll, describe, expect, inject, it, onTestFinished } from 'vitest';
import { openRebuiltRedisJoinStore, openRedisJoinStore } from '../src/join-store-redis.ts';
import { openRedisVisitStore } from '../src/visit-store-redis.ts';
import { joinContract, newSpace, until, values, write } from './join-contract.ts';
import { visitContract } from './visit-contract.ts';

const url = inject('redisUrl');
const prefix = `${newSpace()}:`;

joinContract('Redis', { open: () => openRedisJoinStore({ url, prefix }) });
visitContract('Redis', { open: () => openRedisVisitStore({ url, prefix }) });

afterAll(async () => {
  const store = await openRedisJoinStore({ url, prefix });
  await store.clear('');
  await store.close();
});

describe('a Redis that goes away', () => {
  async function ownRedis() {
    const redis = await startNativeRedis();
    onTestFinished(() => redis.stop());
    return redis;
  }

  it('keeps reads and writes waiting until it is back, and answers them right', async () => {
    const redis = await ownRedis();
    const store = await openRedisJoinStore({ url: redis.url });
    onTestFinished(() => store.close());
    await store.write([write('before', 1, 'v')]);
    await redis.kill();
    let settled = 0;
    const waiting = Promise.all([store.write([write('during', 2, 'w')]), values(store, ['before'])]).finally(() => settled++);
    await expect(store.ping()).rejects.toThrow();
    expect(settled).toBe(0);
    await redis.restart();
    expect(await waiting).toEqual([undefined, ['v@1']]);
    expect(await values(store, ['before', 'during'])).toEqual(['v@1', 'w@2']);
  });

  it('loses and doubles nothing when it is killed again and again under load', async () => {
    const redis = await ownRedis();
    const store = await openRedisJoinStore({ url: redis.url });
    onTestFinished(() => store.close());
    let stop = false;
    const written: string[] = [];
    const writer = (async () => {
      for (let round = 0; !stop; round++) {
        const keys = Array.from({ length: 1_000 }, (_, index) => `k/${round}/${index}`);
        await store.write(keys.map((key) => write(key, round, key)));
        written.push(...keys);
      }
    })();
    for (let outage = 0; outage < 3; outage++) {
      const before = written.length;
      await until(async () => written.length > before);
      await redis.kill();
      await redis.restart();
    }
    stop = true;
    await writer;
    expect(await values(store, written)).toEqual(written.map((key) => `${key}@${Number(key.split('/')[1])}`));
    expect(await store.clear('k/')).toBe(written.length);
  });

  it('has what was acknowledged a moment before a kill, though the server had not kept it', async () => {
    const redis = await ownRedis();
    const store = await openRedisJoinStore({ url: redis.url });
    onTestFinished(() => store.close());
    await store.write([write('kept', 1, 'v'), write('changed', 2, 'v'), write('erased/later', 2, 'v')]);
    const operator = new Redis(redis.url);
    onTestFinished(() => operator.disconnect());
    // As a busy disk has it for a second or two: answered, and not in the file yet.
    await operator.config('SET', 'appendonly', 'no');
    await store.write([write('lost', 3, 'v'), write('changed', 4, 'w'), write('erased/now', 5, 'v')]);
    expect(await store.clear('erased/')).toBe(2);
    await store.write([write('erased/again', 6, 'v')]);
    await redis.kill();
    // The first is asked while nobody is there, and answered by the connection that follows.
    const waiting = values(store, ['lost']);
    await redis.restart();
    expect(await waiting).toEqual(['v@3']);
    expect(await values(store, ['kept', 'lost', 'changed', 'erased/now', 'erased/again'])).toEqual(['v@1', 'v@3', 'w@4', null, 'v@6']);
    const other = await openRedisJoinStore({ url: redis.url });
    onTestFinished(() => other.close());
    expect(await values(other, ['lost'])).toEqual(['v@3']);
  });

  it('has its very first entries, and the mark with them, after a kill that lost them', async () => {
    const redis = await ownRedis();
    const operator = new Redis(redis.url);
    onTestFinished(() => operator.disconnect());
    await operator.config('SET', 'appendonly', 'no');
    const store = await openRedisJoinStore({ url: redis.url });
    onTestFinished(() => store.close());
    await store.write([write('first', 1, 'v')]);
    await redis.kill();
    await redis.restart();
    expect(await values(store, ['first'])).toEqual(['v@1']);
    await store.ping();
  });

  it('lets a visit go at once, and finds it again afterwards', async () => {
    const redis = await ownRedis();
    const store = await openRedisVisitStore({ url: redis.url });
    onTestFinished(() => store.close());
    await until(() =>
      store.ping().then(
        () => true,
        () => false,
      ),
    );
    await store.put('acme', 'v1', Buffer.from('x'), Date.now() + 60_000);
    await redis.kill();
    await expect(store.get('acme', 'v1')).rejects.toThrow();
    await expect(store.put('acme', 'v2', Buffer.from('x'), Date.now() + 60_000)).rejects.toThrow();
    await redis.restart();
    await until(() =>
      store.ping().then(
        () => true,
        () => false,
      ),
    );
    expect(Buffer.from((await store.get('acme', 'v1')) ?? []).toString()).toBe('x');
  });

  it('is not ready while it has no memory left, keeps what is written waiting, and writes it when there is some', async () => {
    const redis = await ownRedis();
    const said: string[] = [];
    const log = pino({ level: 'warn' }, { write: (line: string) => void said.push(JSON.parse(line).msg) });
    const store = await openRedisJoinStore({ url: redis.url, log });
    onTestFinished(() => store.close());
    await store.write([write('before', 1, 'v')]);
    const operator = new Redis(redis.url);
    onTestFinished(() => operator.disconnect());
    await operator.config('SET', 'maxmemory', '1');
    const waiting = store.write([write('during', 2, 'w')]);
    await until(() =>
      store.ping().then(
        () => false,
        (error) => error.name === 'JoinStoreRefusesError',
      ),
    );
    expect(await operator.exists('during')).toBe(0);
    // It answers reads all the while.
    expect(await values(store, ['before'])).toEqual(['v@1']);
    await expect(store.ping()).rejects.toMatchObject({ name: 'JoinStoreRefusesError' });
    expect(said).toEqual(['calls of the join store fail and are repeated']);
    await operator.config('SET', 'maxmemory', '0');
    await waiting;
    await store.ping();
    expect(await values(store, ['before', 'during'])).toEqual(['v@1', 'w@2']);
    expect(said.at(-1)).toBe('calls of the join store succeed again');
  });

  it('is found again under its name when the machine behind a connection has gone without a word', async () => {
    const redis = await ownRedis();
    const { hostname, port } = new URL(redis.url);
    let isDead = false;
    let connections = 0;
    const name = createServer((inbound) => {
      connections += 1;
      const isFirst = connections === 1;
      const outbound = connect(Number(port), hostname);
      // Neither a byte nor an end comes through from the first one once its machine is dead; the next is another machine's.
      const pass = (to: Socket) => (bytes: Buffer) => void (isFirst && isDead ? undefined : to.write(bytes));
      inbound.on('data', pass(outbound)).on('error', () => outbound.destroy());
      outbound.on('data', pass(inbound)).on('error', () => inbound.destroy());
      inbound.on('close', () => outbound.destroy());
    }).listen(0, '127.0.0.1');
    await once(name, 'listening');
    onTestFinished(() => void name.close());
    const store = await openRedisJoinStore({ url: `redis://127.0.0.1:${(name.address() as AddressInfo).port}`, silenceMs: 300 });
    onTestFinished(() => store.close());
    await store.write([write('before', 1, 'v')]);
    isDead = true;
    await store.write([write('during', 2, 'w')]);
    expect(await values(store, ['before', 'during'])).toEqual(['v@1', 'w@2']);
    expect(connections).toBe(2);
  });

  it('waits while it does not let us in, or lets us do too little, and goes on when it does again', async () => {
    const redis = await ownRedis();
    const store = await openRedisJoinStore({ url: redis.url });
    onTestFinished(() => store.close());
    await store.write([write('before', 1, 'v')]);
    const operator = new Redis(redis.url);
    onTestFinished(() => operator.disconnect());
    const locks = [
      ['CONFIG SET requirepass sesame', 'CONFIG SET requirepass'],
      ['ACL SETUSER default -eval -evalsha -mget', 'ACL SETUSER default +@all'],
    ] as const;
    for (const [index, [lock, unlock]] of locks.entries()) {
      await operator.call(...commandOf(lock));
      await operator.call('CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes');
      const [key, position] = [`during/${index}`, index + 2];
      const waiting = Promise.all([store.write([write(key, position, 'w')]), store.read([{ key: 'before', before: 9 }])]);
      await until(() =>
        store.ping().then(
          () => false,
          (error) => error.name === 'JoinStoreRefusesError',
        ),
      );
      await operator.call(...commandOf(unlock));
      await waiting;
      await until(() =>
        store.ping().then(
          () => true,
          () => false,
        ),
      );
      expect(await values(store, ['before', key])).toEqual(['v@1', `w@${position}`]);
    }
  });

  it('waits, and says so, when what it held is gone, instead of taking it for what never was', async () => {
    const redis = await ownRedis();
    const store = await openRedisJoinStore({ url: redis.url, prefix: 'p:' });
    onTestFinished(() => store.close());
    await store.write([write('before', 1, 'v')]);
    const operator = new Redis(redis.url);
    onTestFinished(() => operator.disconnect());
    await operator.flushall();
    let answer: unknown = 'none yet';
    const reading = values(store, ['before']).then((found) => {
      answer = found;
    });
    await expect(store.ping()).rejects.toMatchObject({ name: 'JoinEntriesLostError' });
    // A rebuild that is killed half way, and one that is not.
    const rebuild = async () => {
      const rebuilding = await openRebuiltRedisJoinStore({ url: redis.url, prefix: 'p:' });
      onTestFinished(() => rebuilding.close());
      await rebuilding.begin();
      await rebuilding.clear('');
      await rebuilding.write([write('before', 1, 'v')]);
      return rebuilding;
    };
    await rebuild();
    const later = await openRedisJoinStore({ url: redis.url, prefix: 'p:' });
    onTestFinished(() => later.close());
    for (const each of [store, later]) await expect(each.ping()).rejects.toMatchObject({ name: 'JoinEntriesLostError' });
    expect(answer).toBe('none yet');
    await (await rebuild()).finish();
    await reading;
    expect(answer).toEqual(['v@1']);
    for (const each of [store, later]) await each.ping();
    expect(await values(later, ['before'])).toEqual(['v@1']);
  });

  it('goes on after the server forgot its scripts', async () => {
    const redis = await ownRedis();
    const store = await openRedisJoinStore({ url: redis.url });
    onTestFinished(() => store.close());
    await store.write([write('a', 1, 'v')]);
    const admin = new Redis(redis.url);
    await admin.script('FLUSH');
    admin.disconnect();
    expect(await values(store, ['a'])).toEqual(['v@1']);
    await store.write([write('b', 1, 'v')]);
    expect(await values(store, ['b'])).toEqual(['v@1']);
  });
});

/** An empty argument stands at the end. */
function commandOf(text: string): [string, ...string[]] {
  const [command = '', ...args] = text.split(' ');
  return [command, ...args, ...(text.endsWith('requirepass') ? [''] : [])];
}
