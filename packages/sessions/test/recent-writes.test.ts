import { describe, expect, it } from 'vitest';
import { type PackedWrites, rememberWrites } from '../src/recent-writes.ts';
import { putVersion } from '../src/versions.ts';

function packed(...keys: readonly string[]): PackedWrites {
  const parts = keys.map((key) => {
    const value = Buffer.from(`value of ${key}`);
    const bytes = Buffer.alloc(21 + value.length);
    bytes[0] = key.length % 2;
    putVersion(bytes, 1, { position: key.length, value, expiresAtMs: 1_790_000_000_000 });
    return bytes;
  });
  return { keys, packed: Buffer.concat(parts) };
}

describe('recent writes', () => {
  it('are kept for a time after which the next one came, and never forgotten while none comes', () => {
    let nowMs = 0;
    const recent = rememberWrites(5_000, () => nowMs);
    for (const key of ['a', 'b', 'c']) {
      recent.add(packed(key));
      nowMs += 3_000;
    }
    nowMs += 3_600_000;
    expect(recent.all()).toEqual([packed('b'), packed('c')]);
    recent.add(packed('d'));
    expect(recent.all()).toEqual([packed('d')]);
  });

  it('lose what is removed on purpose, wherever it stands, and nothing else', () => {
    const recent = rememberWrites(5_000, () => 0);
    recent.add(packed('x/1', 'long/1', 'x/22', 'other', 'x/333'));
    recent.add(packed('x/4'));
    recent.add(packed('other/x/'));
    recent.forget('x/');
    expect(recent.all()).toEqual([packed('long/1', 'other'), packed('other/x/')]);
  });
});
