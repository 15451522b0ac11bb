import { lstat, readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { LoadedWorkspace } from './cross-references.ts';
import type { FileReader } from './file-reader.ts';
import type { Problem } from './problem.ts';
import { codeOf, regular } from './regular-file.ts';

/**
 * A file of this size with 30,000 placements takes seven seconds to understand, in which its process answers nobody; ten times as much, and the brokers think it is gone. Bytes.
 */
const MAX_BYTES = 4 * 1_024 * 1_024;

/** What a folder says at one moment. */
export interface Folder {
  readonly loaded: readonly LoadedWorkspace[];
  readonly problems: readonly Problem[];
  readonly warnings: readonly Problem[];
  readonly advice: readonly Problem[];
  readonly fingerprint: string;
}

export async function readFolder(dir: string, reader: FileReader): Promise<Folder> {
  const loaded: LoadedWorkspace[] = [];
  const problems: Problem[] = [];
  const warnings: Problem[] = [];
  const advice: Problem[] = [];
  // Taken before the files are read: a change in between makes the next look find a difference.
  const fingerprint = await readFingerprint(dir);
  let names: readonly string[];
  try {
    names = await workspaceFiles(dir);
  } catch (error) {
    return {
      loaded,
      warnings,
      advice,
      fingerprint,
      problems: [{ file: dir, path: '', line: 0, message: `cannot be read (${codeOf(error)}); it must be a folder of *.yaml files` }],
    };
  }
  const files = names.map((name) => join(dir, name));
  reader.keepOnly(new Set(files));
  for (const file of files) {
    const text = await readText(file);
    if (text === undefined) continue;
    if ('problem' in text) {
      problems.push({ file, path: '', line: 0, message: text.problem });
      continue;
    }
    const result = reader.read(file, text.text);
    if ('problems' in result) problems.push(...result.problems);
    else {
      loaded.push({ file, workspace: result.workspace });
      warnings.push(...result.warnings);
      advice.push(...result.advice);
    }
  }
  return { loaded, problems, warnings, advice, fingerprint };
}

/** Undefined where the file is gone: deleted between listing and reading, which is no problem. */
async function readText(file: string): Promise<{ readonly text: string } | { readonly problem: string } | undefined> {
  try {
    const { size } = regular(await stat(file));
    if (size > MAX_BYTES) return { problem: `has ${size} bytes; a workspace file has at most ${MAX_BYTES}` };
    return { text: await readFile(file, 'utf8') };
  } catch (error) {
    if (codeOf(error) !== 'ENOENT') return { problem: `cannot be read (${codeOf(error)})` };
    return (await isThere(file)) ? { problem: 'is a link to a file that is not there' } : undefined;
  }
}

async function isThere(file: string): Promise<boolean> {
  return lstat(file).then(
    () => true,
    () => false,
  );
}

async function workspaceFiles(dir: string): Promise<readonly string[]> {
  return (await readdir(dir)).filter((name) => /^[^.].*\.ya?ml$/.test(name)).sort();
}

/** Names, sizes and times of the files: equal means nothing was touched. */
export async function readFingerprint(dir: string): Promise<string> {
  try {
    const parts = (await workspaceFiles(dir)).map(async (name) => {
      // One that cannot be looked at must not hide that another was touched.
      return stat(join(dir, name)).then(
        ({ mtimeMs, size, ino }) => `${name}:${mtimeMs}:${size}:${ino}`,
        (error: unknown) => `${name}:${codeOf(error)}`,
      );
    });
    return (await Promise.all(parts)).join('|');
  } catch (error) {
    return `unreadable:${codeOf(error)}`;
  }
}
