import type { FileHandle } from 'node:fs/promises';
import { mkdir, open, readdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { createDiskGuard } from '@messtrack/runtime/disk-guard.ts';
import type { SpooledRecord } from './spool-frame.ts';
import { decodeFrames, encodeFrame } from './spool-frame.ts';

/** The spool has reached its size; the client is told to come back (503). */
export class SpoolFullError extends Error {
  override readonly name = 'SpoolFullError';
}

/** The disk refused the write, or has no room for one; nothing of it counts as kept. */
export class SpoolWriteError extends Error {
  override readonly name = 'SpoolWriteError';
}

/** Whether a record could be kept neither by the broker nor on the disk. */
export function isKeptNowhere(error: unknown): error is SpoolFullError | SpoolWriteError {
  return error instanceof SpoolFullError || error instanceof SpoolWriteError;
}

export interface SpoolOptions {
  /** Folder of this process alone: two writers in one folder would delete each other's files. */
  readonly dir: string;
  /** Upper bound of all files together, bytes. */
  readonly maxBytes: number;
  /** Bytes that have to stay free on the disk; 0: none. */
  readonly reserveBytes: number;
  /** A file is sealed and the next begun at this size, bytes. A sealed file is read whole into memory while it is drained. */
  readonly segmentBytes: number;
  /** Told of bytes behind the last whole frame of a file: after a crash, what was never acknowledged; otherwise a damaged disk. */
  readonly onDamage: (file: string, bytes: number) => void;
}

/** Records on disk while the log cannot take them: appended with fsync, drained oldest first, gone once the log has them. */
export interface Spool {
  /** Resolves when the records are synced. Rejects with `SpoolFullError` or `SpoolWriteError`. */
  append(records: readonly SpooledRecord[]): Promise<void>;
  /**
   * Hands over everything that is on disk at the call, in order, a batch at a time, and forgets a file when all of it was taken.
   * A rejection of `take` ends the pass; what it had not finished is handed over again by the next. Returns the number of records.
   */
  drain(take: (records: readonly SpooledRecord[]) => Promise<void>): Promise<number>;
  /** Bytes on disk or about to be. 0: there is nothing to drain. */
  bytes(): number;
  /** @throws DiskFullError while the disk has too little room for anything to be appended */
  assertRoom(): void;
  close(): Promise<void>;
}

const DRAIN_BATCH_RECORDS = 500;
const SEGMENT_NAME = /^spool-(\d{10})\.log$/;

interface Segment {
  readonly file: string;
  handle: FileHandle | undefined;
  bytes: number;
}

interface Waiting {
  readonly frames: Buffer;
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
}

export async function openSpool(options: SpoolOptions): Promise<Spool> {
  await mkdir(options.dir, { recursive: true });
  const names = (await readdir(options.dir)).filter((name) => SEGMENT_NAME.test(name)).sort();
  // An old file is never appended to: its tail may be torn, and what follows a torn frame cannot be found again.
  const sealed: Segment[] = [];
  for (const name of names) {
    const file = join(options.dir, name);
    sealed.push({ file, handle: undefined, bytes: (await stat(file)).size });
  }
  const disk = createDiskGuard({ path: options.dir, reserveBytes: options.reserveBytes });
  let nextNumber = Number(SEGMENT_NAME.exec(names.at(-1) ?? '')?.[1] ?? -1) + 1;
  let active: Segment | undefined;
  let totalBytes = sealed.reduce((sum, { bytes }) => sum + bytes, 0);
  let waiting: Waiting[] = [];
  let sealAsked: PromiseWithResolvers<void>[] = [];
  let flushing: Promise<void> | undefined;

  async function openSegment(): Promise<Segment> {
    const file = join(options.dir, `spool-${String(nextNumber).padStart(10, '0')}.log`);
    nextNumber += 1;
    const handle = await open(file, 'wx');
    await syncFolder(options.dir);
    return { file, handle, bytes: 0 };
  }

  /** Everything that came in during one fsync is written by the next: one sync serves hundreds of requests. */
  async function flush(): Promise<void> {
    while (waiting.length > 0 || sealAsked.length > 0) {
      // Taken in this order: whatever was appended before a seal was asked for is written already or in this batch, so the seal covers it.
      const asked = sealAsked;
      sealAsked = [];
      const batch = waiting;
      waiting = [];
      if (batch.length > 0) await write(batch);
      if (asked.length > 0) {
        await seal().then(
          () => asked.forEach(({ resolve }) => void resolve()),
          (error: unknown) => asked.forEach(({ reject }) => void reject(error)),
        );
      }
    }
    // In the same step as the last look at what waits: an append in between would find a flush that never looks again.
    flushing = undefined;
  }

  async function write(batch: readonly Waiting[]): Promise<void> {
    const bytes = batch.reduce((sum, { frames }) => sum + frames.length, 0);
    try {
      active ??= await openSegment();
      const segment = active;
      await writeAll(
        segment.handle!,
        batch.map(({ frames }) => frames),
      );
      await segment.handle!.datasync();
      segment.bytes += bytes;
      if (segment.bytes >= options.segmentBytes) await seal();
      for (const { resolve } of batch) resolve();
    } catch (cause) {
      totalBytes -= bytes;
      // The file may end in half a frame now; nothing may follow it.
      await seal().catch(() => undefined);
      const error = new SpoolWriteError('the spool could not be written', { cause });
      for (const { reject } of batch) reject(error);
    }
  }

  async function seal(): Promise<void> {
    const segment = active;
    if (segment === undefined) return;
    active = undefined;
    sealed.push(segment);
    await segment.handle?.close();
    segment.handle = undefined;
  }

  /** Never while a batch is being written. Under load there is always a next batch: the flush seals between two, or a drain would wait for ever. */
  function sealBetweenWrites(): Promise<void> {
    if (flushing === undefined) return seal();
    const asked = Promise.withResolvers<void>();
    sealAsked.push(asked);
    return asked.promise;
  }

  return {
    append(records) {
      const frames = Buffer.concat(records.map(encodeFrame));
      if (totalBytes + frames.length > options.maxBytes) {
        return Promise.reject(new SpoolFullError(`the spool holds ${totalBytes} of at most ${options.maxBytes} bytes`));
      }
      try {
        disk.assertWritable();
      } catch (cause) {
        return Promise.reject(new SpoolWriteError('the spool is not written', { cause }));
      }
      totalBytes += frames.length;
      return new Promise((resolve, reject) => {
        waiting.push({ frames, resolve, reject });
        flushing ??= flush();
      });
    },

    async drain(take) {
      await sealBetweenWrites();
      let taken = 0;
      for (const segment of [...sealed]) {
        const bytes = await readFile(segment.file);
        const { records, wholeBytes } = decodeFrames(bytes);
        for (let start = 0; start < records.length; start += DRAIN_BATCH_RECORDS) {
          const batch = records.slice(start, start + DRAIN_BATCH_RECORDS);
          await take(batch);
          taken += batch.length;
        }
        if (wholeBytes < bytes.length) {
          options.onDamage(segment.file, bytes.length - wholeBytes);
          // Kept aside for people; never read again by us.
          await rename(segment.file, `${segment.file}.damaged`);
        } else await rm(segment.file);
        sealed.splice(sealed.indexOf(segment), 1);
        totalBytes -= segment.bytes;
      }
      return taken;
    },

    bytes: () => totalBytes,
    assertRoom: () => disk.assertWritable(),

    async close() {
      while (flushing !== undefined) await flushing;
      await seal();
    },
  };
}

/** `writev` may write less than it was given. */
async function writeAll(handle: FileHandle, buffers: readonly Buffer[]): Promise<void> {
  const all = buffers.length === 1 ? buffers[0]! : Buffer.concat(buffers);
  let written = 0;
  while (written < all.length) written += (await handle.write(all, written)).bytesWritten;
}

/** A new name is durable only when its folder is synced; without it a power cut could take the whole file. */
async function syncFolder(dir: string): Promise<void> {
  const folder = await open(dir, 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}
