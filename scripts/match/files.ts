import { closeSync, fstatSync, openSync, readSync, renameSync, statSync, unlinkSync, writeSync } from 'node:fs';

/** A file that cannot be used; the message says which, why and nothing of what is in it. */
export class FileError extends Error {
  override readonly name = 'FileError';

  constructor(path: string, action: 'read' | 'written', cause: unknown) {
    super(`${path} cannot be ${action} (${cause instanceof PackedError ? cause.message : systemCode(cause)})`, { cause });
  }
}

class PackedError extends Error {
  override readonly name = 'PackedError';
}

export function systemCode(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : 'unknown reason';
}

const CHUNK_BYTES = 256 * 1_024;

/** Opens a file or a pipe now and gives its bytes when asked, in the same memory again and again. Throws `FileError`. */
export function openChunks(path: string): Generator<Uint8Array, void, undefined> {
  let file: number;
  try {
    file = openSync(path, 'r');
    if (fstatSync(file).isDirectory()) throw Object.assign(new Error('a directory'), { code: 'EISDIR' });
  } catch (error) {
    throw new FileError(path, 'read', error);
  }
  return chunksOf(path, file);
}

function* chunksOf(path: string, file: number): Generator<Uint8Array, void, undefined> {
  try {
    const buffer = Buffer.allocUnsafeSlow(CHUNK_BYTES);
    for (let isFirst = true; ; isFirst = false) {
      const length = readChunk(path, file, buffer);
      if (length === 0) return;
      if (isFirst) refusePacked(path, buffer.subarray(0, length));
      yield buffer.subarray(0, length);
    }
  } finally {
    closeSync(file);
  }
}

/** How packed files begin, and what unpacks them. Read as lines they would be a thousand bad ones and a result that looks whole. */
const PACKED: readonly { readonly begins: string; readonly format: string; readonly command: string }[] = [
  { begins: '1f8b', format: 'gzip', command: 'gunzip -c' },
  { begins: '28b52ffd', format: 'Zstandard', command: 'zstd -dc' },
  { begins: '504b0304', format: 'ZIP', command: 'unzip -p' },
  { begins: 'fd377a585a00', format: 'xz', command: 'xz -dc' },
  { begins: '425a68', format: 'bzip2', command: 'bzip2 -dc' },
];

function refusePacked(path: string, bytes: Buffer): void {
  const found = PACKED.find(({ begins }) => bytes.subarray(0, begins.length / 2).toString('hex') === begins);
  if (found === undefined) return;
  throw new FileError(path, 'read', new PackedError(`it is ${found.format}; give it unpacked, say as <(${found.command} ${path})`));
}

function readChunk(path: string, file: number, buffer: Buffer): number {
  try {
    return readSync(file, buffer, 0, buffer.length, null);
  } catch (error) {
    throw new FileError(path, 'read', error);
  }
}

/** A text file being written. It takes its name when it is complete: half a result must not pass for a whole one. */
export interface OutputFile {
  write(text: string): void;
  close(): void;
  /** Leaves what stood there before. Does nothing after `close`. */
  abandon(): void;
}

/** Opens now, so that a folder that is missing is found before an hour of work. Throws `FileError`. */
export function openOutput(path: string): OutputFile {
  // A pipe or a terminal has no name to take.
  const isDirect = statSync(path, { throwIfNoEntry: false })?.isFile() === false;
  const target = isDirect ? path : `${path}.partial`;
  const file = attempt(path, () => openSync(target, 'w'));
  let pending: string[] = [];
  let pendingLength = 0;
  let isOpen = true;

  function flush(): void {
    const bytes = Buffer.from(pending.join(''));
    pending = [];
    pendingLength = 0;
    for (let at = 0; at < bytes.length; ) at += attempt(path, () => writeSync(file, bytes, at));
  }

  return {
    write(text) {
      pending.push(text);
      pendingLength += text.length;
      if (pendingLength >= CHUNK_BYTES) flush();
    },
    close() {
      flush();
      isOpen = false;
      closeSync(file);
      if (!isDirect) attempt(path, () => renameSync(target, path));
    },
    abandon() {
      if (!isOpen) return;
      isOpen = false;
      closeSync(file);
      if (!isDirect) unlinkSync(target);
    },
  };
}

function attempt<T>(path: string, action: () => T): T {
  try {
    return action();
  } catch (error) {
    throw new FileError(path, 'written', error);
  }
}
