import { randomFillSync } from 'node:crypto';
import type { RandomBytes } from '../ports.ts';

const POOL_BYTES = 16_384;

/** Random bytes of the operating system, drawn 16 KiB at a time: a call into it per code costs more than the code. Each byte is handed out once. */
export function createRandomPool(): RandomBytes {
  const pool = new Uint8Array(POOL_BYTES);
  let used = POOL_BYTES;
  return (n) => {
    if (used + n > POOL_BYTES) {
      randomFillSync(pool);
      used = 0;
    }
    const bytes = pool.slice(used, used + n);
    pool.fill(0, used, used + n);
    used += n;
    return bytes;
  };
}
