import type { JoinEntry, JoinWrite } from './join-store.ts';

/** One version of a key. */
export interface Version extends JoinEntry {
  /** Milliseconds since the Unix epoch, UTC. */
  readonly expiresAtMs: number;
}

/** A contact's reader looks back a few leads, not a life: more versions than this would make a busy contact's key grow without end. */
export const MAX_VERSIONS = 16;

/** LMDB's keys are short, and both stores must take the same ones. Bytes of UTF-8. */
export const MAX_KEY_BYTES = 512;

/** @throws RangeError */
export function assertKey(key: string): void {
  // A UTF-16 code unit takes three bytes at most.
  if (key.length > 0 && key.length <= MAX_KEY_BYTES / 3) return;
  const bytes = Buffer.byteLength(key);
  if (bytes === 0 || bytes > MAX_KEY_BYTES) throw new RangeError(`a key has 1 to ${MAX_KEY_BYTES} bytes of UTF-8, this one has ${bytes}`);
}

/**
 * The versions of a key after a write, by rising position. The result is the same in whatever order writes come: `first` keeps the lowest position,
 * `latest` the sixteen highest; a repeated position replaces itself.
 */
export function afterWrite(versions: readonly Version[], write: JoinWrite): Version[] {
  const { value, position, expiresAtMs } = write;
  const all = versions.filter((each) => each.position !== position);
  const at = all.findIndex((each) => each.position > position);
  all.splice(at < 0 ? all.length : at, 0, { value, position, expiresAtMs });
  return write.mode === 'first' ? all.slice(0, 1) : all.slice(-MAX_VERSIONS);
}

/** The newest version written before the reader's own position, whichever way the key is written. */
export function visibleBefore(versions: readonly Version[], before: number): JoinEntry | null {
  for (let at = versions.length - 1; at >= 0; at--) {
    const { value, position } = versions[at]!;
    if (position < before) return { value, position };
  }
  return null;
}

/** When the key as a whole may be forgotten: with the last of its versions. */
export function expiryOf(versions: readonly Version[]): number {
  return versions.reduce((latest, each) => Math.max(latest, each.expiresAtMs), 0);
}

export const HEAD_BYTES = 20;

/** Per version: position f64 · expiry f64 · length of the value u32, little-endian · value. */
export function encodeVersions(versions: readonly Version[]): Buffer {
  const bytes = Buffer.allocUnsafe(versions.reduce((sum, each) => sum + HEAD_BYTES + each.value.length, 0));
  let at = 0;
  for (const version of versions) at = putVersion(bytes, at, version);
  return bytes;
}

/** Writes a version at a place and returns the place after it. */
export function putVersion(bytes: Buffer, at: number, { position, expiresAtMs, value }: Version): number {
  bytes.writeDoubleLE(position, at);
  bytes.writeDoubleLE(expiresAtMs, at + 8);
  bytes.writeUInt32LE(value.length, at + 16);
  bytes.set(value, at + HEAD_BYTES);
  return at + HEAD_BYTES + value.length;
}

export function decodeVersions(bytes: Buffer): Version[] {
  const versions: Version[] = [];
  for (let at = 0; at < bytes.length; ) {
    const end = at + HEAD_BYTES + bytes.readUInt32LE(at + 16);
    versions.push({
      position: bytes.readDoubleLE(at),
      expiresAtMs: bytes.readDoubleLE(at + 8),
      value: bytes.subarray(at + HEAD_BYTES, end),
    });
    at = end;
  }
  return versions;
}
