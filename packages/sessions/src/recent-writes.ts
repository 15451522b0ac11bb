import { HEAD_BYTES } from './versions.ts';

/** Writes as they went to the server. */
export interface PackedWrites {
  /** With the store's prefix. */
  readonly keys: readonly string[];
  /** One after another, in the order of the keys: the mode as a byte, then the version of versions.ts. */
  readonly packed: Buffer;
}

/** What was acknowledged a moment ago, to be written again where the server turns out not to have kept it. */
export interface RecentWrites {
  /** Acknowledged now. */
  add(writes: PackedWrites): void;
  /** Oldest first. Nothing grows old while nothing is acknowledged: what counts is its age when the server went, however long it was away. */
  all(): readonly PackedWrites[];
  /** Removed on purpose. */
  forget(keyPrefix: string): void;
}

export function rememberWrites(keepMs: number, now: () => number = () => performance.now()): RecentWrites {
  let kept: { readonly writes: PackedWrites; readonly atMs: number }[] = [];
  return {
    add(writes) {
      const atMs = now();
      let old = 0;
      while (old < kept.length && kept[old]!.atMs < atMs - keepMs) old += 1;
      if (old > 0) kept.splice(0, old);
      kept.push({ writes, atMs });
    },
    all: () => kept.map(({ writes }) => writes),
    forget(keyPrefix) {
      kept = kept.map(({ writes, atMs }) => ({ writes: without(writes, keyPrefix), atMs })).filter(({ writes }) => writes.keys.length > 0);
    },
  };
}

const LENGTH_AT = 1 + HEAD_BYTES - 4;

function without({ keys, packed }: PackedWrites, keyPrefix: string): PackedWrites {
  const parts: Buffer[] = [];
  let at = 0;
  for (const key of keys) {
    const end = at + 1 + HEAD_BYTES + packed.readUInt32LE(at + LENGTH_AT);
    if (!key.startsWith(keyPrefix)) parts.push(packed.subarray(at, end));
    at = end;
  }
  return { keys: keys.filter((key) => !key.startsWith(keyPrefix)), packed: Buffer.concat(parts) };
}
