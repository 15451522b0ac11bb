import { appendFile, mkdtemp, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openSpool, SpoolFullError } from '../src/adapters/spool.ts';
import type { SpooledRecord } from '../src/adapters/spool-frame.ts';
import { decodeFrames, encodeFrame } from '../src/adapters/spool-frame.ts';

const anyRecord: fc.Arbitrary<SpooledRecord> = fc.record({
  topic: fc.constantFrom('touchpoints.v1', 'visits.v1'),
  key: fc.string({ unit: 'binary', maxLength: 20 }),
  value: fc.uint8Array({ maxLength: 200 }),
  headers: fc.dictionary(
    fc.string({ maxLength: 8 }).filter((key) => key !== '__proto__'),
    fc.string({ maxLength: 20 }),
    { maxKeys: 4, noNullPrototype: true },
  ),
});

function plain(records: readonly SpooledRecord[]) {
  return records.map(({ topic, key, value, headers }) => ({ topic, key, headers: { ...headers }, value: [...value] }));
}

describe('frames', () => {
  it('come back as they were written', () => {
    fc.assert(
      fc.property(fc.array(anyRecord, { maxLength: 10 }), (records) => {
        const bytes = Buffer.concat(records.map(encodeFrame));
        const decoded = decodeFrames(bytes);
        expect(plain(decoded.records)).toEqual(plain(records));
        expect(decoded.wholeBytes).toBe(bytes.length);
      }),
    );
  });

  it('a tail cut anywhere loses only the frame that was cut', () => {
    fc.assert(
      fc.property(fc.array(anyRecord, { minLength: 1, maxLength: 6 }), fc.nat(), (records, seed) => {
        const frames = records.map(encodeFrame);
        const bytes = Buffer.concat(frames);
        const cut = seed % (bytes.length + 1);
        let whole = 0;
        let end = 0;
        while (whole < frames.length && end + frames[whole]!.length <= cut) {
          end += frames[whole]!.length;
          whole += 1;
        }
        const decoded = decodeFrames(bytes.subarray(0, cut));
        expect(plain(decoded.records)).toEqual(plain(records.slice(0, whole)));
        expect(decoded.wholeBytes).toBe(end);
      }),
    );
  });

  it('a changed byte never gives a changed record', () => {
    fc.assert(
      fc.property(
        fc.array(anyRecord, { minLength: 1, maxLength: 4 }),
        fc.nat(),
        fc.integer({ min: 1, max: 255 }),
        (records, seed, flip) => {
          const bytes = Buffer.concat(records.map(encodeFrame));
          bytes[seed % bytes.length]! ^= flip;
          const decoded = decodeFrames(bytes);
          expect(plain(decoded.records)).toEqual(plain(records).slice(0, decoded.records.length));
        },
      ),
    );
  });

  it('any bytes are read without an exception', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        expect(decodeFrames(Buffer.from(bytes)).wholeBytes).toBeLessThanOrEqual(bytes.length);
      }),
    );
  });
});

describe('the spool', () => {
  let dir: string;
  const damage: { file: string; bytes: number }[] = [];

  beforeEach(async () => {
    dir = await mkdtemp(join(tmpdir(), 'messtrack-spool-'));
    damage.length = 0;
  });
  afterEach(async () => {
    await rm(dir, { recursive: true, force: true });
  });

  function open(limits: { maxBytes?: number; segmentBytes?: number } = {}) {
    return openSpool({
      dir,
      maxBytes: 1_000_000,
      reserveBytes: 0,
      segmentBytes: 100_000,
      onDamage: (file, bytes) => void damage.push({ file, bytes }),
      ...limits,
    });
  }

  function record(id: number): SpooledRecord {
    return { topic: 'touchpoints.v1', key: 'a/b', value: Buffer.from(`value ${id}`), headers: { 'event-id': String(id) } };
  }

  function collector() {
    const ids: number[] = [];
    return {
      ids,
      take: async (records: readonly SpooledRecord[]) => void ids.push(...records.map(({ headers }) => Number(headers['event-id']))),
    };
  }

  const upTo = (n: number) => Array.from({ length: n }, (_, i) => i);

  it('hands over in order what was appended side by side, over several files, once', async () => {
    const spool = await open({ segmentBytes: 500 });
    await Promise.all(upTo(200).map((id) => spool.append([record(id)])));
    expect((await readdir(dir)).length).toBeGreaterThan(0);
    const { ids, take } = collector();
    expect(await spool.drain(take)).toBe(200);
    expect(ids).toEqual(upTo(200));
    expect(spool.bytes()).toBe(0);
    expect(await readdir(dir)).toEqual([]);
    expect(await spool.drain(take)).toBe(0);
    await spool.close();
  });

  it('goes on where an earlier process stopped, without its close', async () => {
    const first = await open();
    await first.append([record(0), record(1)]);
    const second = await open();
    await second.append([record(2)]);
    const { ids, take } = collector();
    await second.drain(take);
    expect(ids).toEqual([0, 1, 2]);
    await first.close();
    await second.close();
  });

  it('takes a torn tail for what it is and keeps it aside', async () => {
    const first = await open();
    await first.append([record(0), record(1)]);
    await first.close();
    const [name] = await readdir(dir);
    const file = join(dir, name!);
    await truncate(file, (await readFile(file)).length - 3);
    const second = await open();
    await second.append([record(2)]);
    const { ids, take } = collector();
    await second.drain(take);
    expect(ids).toEqual([0, 2]);
    expect(damage).toHaveLength(1);
    expect(await readdir(dir)).toEqual([`${name}.damaged`]);
    expect(second.bytes()).toBe(0);
    await second.close();
  });

  it('reads zeros and garbage behind whole frames as a torn tail', async () => {
    const first = await open();
    await first.append([record(0)]);
    await first.close();
    const [name] = await readdir(dir);
    await appendFile(join(dir, name!), Buffer.alloc(64));
    await writeFile(join(dir, 'spool-0000000007.log'), 'garbage');
    await writeFile(join(dir, 'notes.txt'), 'not ours');
    const second = await open();
    const { ids, take } = collector();
    await second.drain(take);
    expect(ids).toEqual([0]);
    expect(damage.map(({ bytes }) => bytes)).toEqual([64, 7]);
    expect((await readdir(dir)).sort()).toEqual(['notes.txt', `${name}.damaged`, 'spool-0000000007.log.damaged'].sort());
    await second.close();
  });

  it('keeps what a pass could not hand over, and takes appends during a pass', async () => {
    const spool = await open({ segmentBytes: 300 });
    for (const id of upTo(20)) await spool.append([record(id)]);
    const before = spool.bytes();
    let calls = 0;
    await expect(
      spool.drain(async () => {
        calls += 1;
        if (calls === 1) await spool.append([record(20)]);
        if (calls === 2) throw new Error('away again');
      }),
    ).rejects.toThrow('away again');
    expect(spool.bytes()).toBeLessThan(before);
    const { ids, take } = collector();
    await spool.drain(take);
    // The file that was handed over completely is gone; the rest comes in order, the one appended meanwhile last.
    expect(ids).toEqual(upTo(21).slice(21 - ids.length));
    expect(ids.at(-1)).toBe(20);
    expect(spool.bytes()).toBe(0);
    await spool.close();
  });

  it('hands over what was appended before the pass began and was still waiting for the disk', async () => {
    const spool = await open();
    // The first append is being written when the second one and the pass come.
    const appends = [spool.append([record(1)]), spool.append([record(2)])];
    const { ids, take } = collector();
    await Promise.all([...appends, spool.drain(take)]);
    expect(ids).toEqual([1, 2]);
    expect(spool.bytes()).toBe(0);
    await spool.close();
  });

  it('is drained while appends never pause', async () => {
    const spool = await open();
    let isPumping = true;
    let appended = 0;
    const pumps = upTo(8).map(async () => {
      while (isPumping) {
        await spool.append([record(appended)]);
        appended += 1;
      }
    });
    const { ids, take } = collector();
    while (ids.length < 50) await spool.drain(take);
    isPumping = false;
    await Promise.all(pumps);
    await spool.drain(take);
    expect(ids).toHaveLength(appended);
    await spool.close();
  });

  it('refuses beyond its size and takes again after a drain', async () => {
    const spool = await open({ maxBytes: 200 });
    await spool.append([record(0)]);
    await spool.append([record(1)]);
    await expect(spool.append([record(2), record(3)])).rejects.toBeInstanceOf(SpoolFullError);
    const { ids, take } = collector();
    await spool.drain(take);
    await spool.append([record(4)]);
    await spool.drain(take);
    expect(ids).toEqual([0, 1, 4]);
    await spool.close();
  });

  it('counts what an earlier process left towards its size', async () => {
    const first = await open();
    await first.append([record(0)]);
    await first.close();
    const second = await open({ maxBytes: 100 });
    await expect(second.append([record(1)])).rejects.toBeInstanceOf(SpoolFullError);
    await second.close();
  });
});
