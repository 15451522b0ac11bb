import { describe, expect, it } from 'vitest';
import { murmur2, partitionOf } from '../src/murmur2.ts';

describe('murmur2', () => {
  // The vectors of Kafka's own UtilsTest.testMurmur2: keys of every length modulo four, hashes of both signs.
  it.each([
    ['21', -973_932_308],
    ['foobar', -790_332_482],
    ['a-little-bit-long-string', -985_981_536],
    ['a-little-bit-longer-string', -1_486_304_829],
    ['lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8', -58_897_971],
    ['abc', 479_470_107],
  ])('hashes %s as Kafka does', (key, hash) => {
    expect(murmur2(Buffer.from(key))).toBe(hash);
  });

  it('drops the sign bit of a hash to find the partition', () => {
    expect(partitionOf(Buffer.from('21'), 12)).toBe((-973_932_308 & 0x7fffffff) % 12);
    expect(partitionOf(Buffer.from('abc'), 1)).toBe(0);
  });
});
