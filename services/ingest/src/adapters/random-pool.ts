import { randomFillSync } from 'node:crypto';
import type { RandomBytes } from '../ports.ts';

const POOL_BYTES = 16_384;

/**
 * Random bytes of the operating system, drawn 16 KiB at a time: a call into it per code costs more than the code. Each byte is handed out once, as a view: what was
 * handed out stays as it is, for a pool that is used up is left to whoever still looks at it.
 */
export function createRandomPool(): RandomBytes {
  let pool = new Uint8Array(0);
  let used = 0;
  return (n) => {
    if (used + n > pool.length) {
      pool = randomFillSync(new Uint8Array(Math.max(POOL_BYTES, n)));
      used = 0;
    }
    const bytes = pool.subarray(used, used + n);
    used += n;
    return bytes;
  };
}
