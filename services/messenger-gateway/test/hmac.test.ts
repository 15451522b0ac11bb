import { createHmac } from 'node:crypto';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { hmacSha256 } from '../src/adapters/hmac.ts';

const reference = (secret: string, data: Uint8Array) => createHmac('sha256', secret).update(data).digest('hex');

it('is the HMAC of Node for any key and any body', () => {
  const secret = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 200 }),
    fc.constantFrom('', 'x'.repeat(63), 'x'.repeat(64), 'x'.repeat(65), 'é'.repeat(32), 'é'.repeat(33)),
  );
  fc.assert(
    fc.property(secret, fc.uint8Array({ maxLength: 300 }), (key, data) => {
      expect(hmacSha256(key, data)).toBe(reference(key, data));
    }),
    { numRuns: 500 },
  );
});

it('is that of RFC 4231, test case 2', () => {
  expect(hmacSha256('Jefe', Buffer.from('what do ya want for nothing?'))).toBe(
    '5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843',
  );
});

it('stays right with more secrets than it keeps, in any order', () => {
  const data = Buffer.from('body');
  for (let i = 0; i < 1_002; i += 1) hmacSha256(`secret-${i}`, data);
  for (const i of [0, 1_001, 500, 0]) expect(hmacSha256(`secret-${i}`, data)).toBe(reference(`secret-${i}`, data));
});

it('takes bodies that are parts of other buffers, and large ones', () => {
  const whole = Buffer.alloc(3_000_000, 'abc');
  expect(hmacSha256('key', whole.subarray(1, 2_999_999))).toBe(reference('key', whole.subarray(1, 2_999_999)));
});
