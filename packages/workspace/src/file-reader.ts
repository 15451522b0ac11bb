import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { type ParseResult, parseWorkspace } from './parse.ts';

export interface FileReader {
  /** What the text of a workspace file says, with the references in it resolved as they are now. */
  read(file: string, text: string): ParseResult;
  /** Forgets files that are gone. */
  keepOnly(files: ReadonlySet<string>): void;
}

/** A file as it was understood last. Digests, because what `${file:…}` names are secrets, which nothing may hold in the open. */
interface Understood {
  readonly text: string;
  /** Digest by path of every file it referred to. */
  readonly referred: ReadonlyMap<string, string>;
  readonly result: ParseResult;
}

/**
 * Reads workspace files and remembers what they said. Understanding a file takes 5 ms and more: where an agency keeps a file for each of 2,000 clients,
 * one of them changed would otherwise stop every service for ten seconds, and each at the same moment. The environment of a process does not change, so a
 * file says the same as long as its text and the files it refers to are the same. One with problems is read again each time.
 */
export function createFileReader(env: Readonly<Record<string, string | undefined>>): FileReader {
  const understood = new Map<string, Understood>();

  return {
    read(file, text) {
      const known = understood.get(file);
      const digest = digestOf(text);
      if (known !== undefined && known.text === digest && areUnchanged(known.referred)) return known.result;

      const referred = new Map<string, string>();
      const result = parseWorkspace(text, {
        file,
        env,
        readFile(path) {
          const content = readFileSync(path, 'utf8');
          referred.set(path, digestOf(content));
          return content;
        },
      });
      if ('problems' in result) understood.delete(file);
      else understood.set(file, { text: digest, referred, result });
      return result;
    },
    keepOnly(files) {
      for (const file of understood.keys()) if (!files.has(file)) understood.delete(file);
    },
  };
}

function areUnchanged(referred: ReadonlyMap<string, string>): boolean {
  for (const [path, digest] of referred) {
    try {
      if (digestOf(readFileSync(path, 'utf8')) !== digest) return false;
    } catch {
      // Gone or unreadable: parsing says so as a problem of the file that refers to it.
      return false;
    }
  }
  return true;
}

function digestOf(text: string): string {
  return createHash('sha256').update(text).digest('base64');
}
