import { createHash } from 'node:crypto';
import { closeSync, fstatSync, openSync, readFileSync, type Stats, statSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import { type ParseResult, parseWorkspace } from './parse.ts';
import { regular } from './regular-file.ts';

export interface FileReader {
  /** What the text of a workspace file says, with the references in it resolved as they are now. */
  read(file: string, text: string): ParseResult;
  /** Whether a file that `${file:…}` names was written since it was read, as when a secret is rotated. */
  hasReferredChanged(): Promise<boolean>;
  /** Forgets files that are gone. */
  keepOnly(files: ReadonlySet<string>): void;
}

/** A file as it was understood last. */
interface Understood {
  /** Digest of its text. */
  readonly text: string;
  /** Stamp by path of every file it referred to. */
  readonly referred: ReadonlyMap<string, string>;
  readonly result: ParseResult;
}

/**
 * Reads workspace files and remembers what they said. Understanding a file takes 5 ms and more: where an agency keeps a file for each of 2,000 clients,
 * one of them changed would otherwise stop every service for ten seconds, and each at the same moment. The environment of a process does not change, so a
 * file says the same as long as its text and the files it refers to are the same.
 */
export function createFileReader(env: Readonly<Record<string, string | undefined>>): FileReader {
  const understood = new Map<string, Understood>();

  return {
    read(file, text) {
      const known = understood.get(file);
      const digest = createHash('sha256').update(text).digest('base64');
      if (known !== undefined && known.text === digest && areUnchanged(known.referred)) return known.result;

      const referred = new Map<string, string>();
      const result = parseWorkspace(text, {
        file,
        env,
        readFile(path) {
          // First, for a file that cannot be read: the next look finds out when it can be.
          referred.set(path, stampNow(path));
          const { content, stamp } = readStamped(path);
          referred.set(path, stamp);
          return content;
        },
      });
      understood.set(file, { text: digest, referred, result });
      return result;
    },
    async hasReferredChanged() {
      const referred = new Map([...understood.values()].flatMap((each) => [...each.referred]));
      const changed = await Promise.all([...referred].map(async ([path, stamp]) => (await stampSoon(path)) !== stamp));
      return changed.includes(true);
    },
    keepOnly(files) {
      for (const file of understood.keys()) if (!files.has(file)) understood.delete(file);
    },
  };
}

/** The longest secret there is, a private key with its chain, has a tenth of it. Bytes. */
const MAX_REFERRED_BYTES = 64 * 1_024;

/** Stamp and content of the same file: by one descriptor, or a rename in between would put the new stamp beside the old content. */
function readStamped(path: string): { readonly content: string; readonly stamp: string } {
  // Before it is opened, for opening a pipe waits for its writer.
  regular(statSync(path));
  const descriptor = openSync(path, 'r');
  try {
    const stats = regular(fstatSync(descriptor));
    if (stats.size > MAX_REFERRED_BYTES) throw Object.assign(new Error('too large'), { code: `more than ${MAX_REFERRED_BYTES} bytes` });
    const stamp = stampOf(stats);
    return { content: readFileSync(descriptor, 'utf8'), stamp };
  } finally {
    closeSync(descriptor);
  }
}

function areUnchanged(referred: ReadonlyMap<string, string>): boolean {
  for (const [path, stamp] of referred) if (stampNow(path) !== stamp) return false;
  return true;
}

const NOT_THERE = 'not there';

function stampNow(path: string): string {
  try {
    return stampOf(statSync(path));
  } catch {
    return NOT_THERE;
  }
}

/** For thousands of files at once: the process goes on meanwhile. */
async function stampSoon(path: string): Promise<string> {
  try {
    return stampOf(await stat(path));
  } catch {
    return NOT_THERE;
  }
}

function stampOf({ mtimeMs, size, ino }: Stats): string {
  return `${mtimeMs}:${size}:${ino}`;
}
