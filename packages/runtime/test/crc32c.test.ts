import kafkajsCrc32c from 'kafkajs/src/protocol/recordBatch/crc32C/crc32C.js';
import { describe, expect, it } from 'vitest';
import { crc32c } from '../src/crc32c.ts';

describe('crc32c', () => {
  // RFC 3720, B.4, and the check value of the catalogue of CRCs.
  it.each([
    ['32 bytes of zeros', Buffer.alloc(32), 0x8a9136aa],
    ['32 bytes of ones', Buffer.alloc(32, 0xff), 0x62a8ab43],
    ['bytes that rise', Buffer.from(Array.from({ length: 32 }, (_, i) => i)), 0x46dd794e],
    ['bytes that fall', Buffer.from(Array.from({ length: 32 }, (_, i) => 31 - i)), 0x113fdb5c],
    ['the digits', Buffer.from('123456789'), 0xe3069283],
    ['nothing', Buffer.alloc(0), 0],
  ])('is that of the standard for %s', (_, bytes, expected) => {
    expect(crc32c(bytes)).toBe(expected);
  });

  it('is that of kafkajs at every length and from every offset', () => {
    const bytes = Buffer.from(Array.from({ length: 400 }, (_, i) => (Math.imul(i + 1, 2_654_435_761) >>> 13) & 255));
    for (let length = 0; length <= 300; length++) {
      const part = bytes.subarray(length % 9, (length % 9) + length);
      expect(crc32c(part), `length ${length}`).toBe(kafkajsCrc32c(part));
    }
  });
});
