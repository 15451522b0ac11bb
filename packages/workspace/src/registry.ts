import type { FSWatcher } from 'node:fs';
import { watch } from 'node:fs';
import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { LoadedWorkspace } from './cross-references.ts';
import { betweenWorkspaces } from './cross-references.ts';
import { createFileReader, type FileReader } from './file-reader.ts';
import type { Problem } from './problem.ts';
import { formatProblem, WorkspaceError } from './problem.ts';
import type { Workspace, WorkspaceRegistry } from './workspace.ts';

/** The part of a logger the registry needs; pino's fits. */
export interface RegistryLog {
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

export interface OpenWorkspacesOptions {
  /** Folder of `*.yaml` and `*.yml` files, one workspace each. Files whose name begins with "." are left out. */
  readonly dir: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly log: RegistryLog;
  /** Follow changes of the folder. */
  readonly watch: boolean;
  /** How often folder and referred files are looked at besides. Milliseconds; 10,000 unless given. */
  readonly pollMs?: number;
}

/** An editor writes a file in several steps; what it means stands when the folder has been quiet this long. */
const QUIET_MS = 200;
/** File systems without notification (NFS, some mounted config maps), and secrets in files elsewhere, are looked at this often. */
const POLL_MS = 10_000;

/**
 * Reads every workspace of a folder. Rejects with `WorkspaceError` when anything is wrong at start. Later, a bad file is logged with
 * every problem and its old settings stay; a deleted file removes its workspace; readers see all of the old or all of the new.
 */
export async function openWorkspaces(options: OpenWorkspacesOptions): Promise<WorkspaceRegistry> {
  const { dir, log } = options;
  const reader = createFileReader(options.env);
  const first = await readFolder(dir, reader);
  const loaded = new Map(first.loaded.map((entry) => [entry.file, entry]));
  const problems = first.problems.length > 0 ? first.problems : conflicts(first.loaded);
  if (problems.length > 0) throw new WorkspaceError(problems);
  if (loaded.size === 0)
    throw new WorkspaceError([{ file: dir, path: '', line: 0, message: 'holds no *.yaml file; write one workspace into one file' }]);
  logWarnings(log, first.warnings);
  logAdvice(log, first.advice);

  let files: ReadonlyMap<string, LoadedWorkspace> = loaded;
  let workspaces = byName(files);
  let fingerprint = first.fingerprint;
  const listeners: ((workspaces: ReadonlyMap<string, Workspace>) => void)[] = [];

  async function reload(): Promise<void> {
    const next = await readFolder(dir, reader);
    fingerprint = next.fingerprint;
    for (const problem of next.problems)
      log.error({ ...problem }, `workspace file not taken, old settings stay: ${formatProblem(problem)}`);

    const merged = new Map(next.loaded.map((entry) => [entry.file, entry]));
    for (const { file } of next.problems) {
      const old = files.get(file);
      if (old !== undefined) merged.set(file, old);
    }
    const clashes = conflicts([...merged.values()]);
    if (clashes.length > 0) {
      for (const clash of clashes) log.error({ ...clash }, `workspaces not reloaded, old settings stay: ${formatProblem(clash)}`);
      return;
    }
    const changed = changedFiles(files, merged);
    if (changed.size === 0) return;
    const isNews = ({ file }: Problem) => changed.has(file);
    logWarnings(log, next.warnings.filter(isNews));
    logAdvice(log, next.advice.filter(isNews));
    log.info(changeOf(files, merged, changed), 'workspaces reloaded');
    files = merged;
    workspaces = byName(merged);
    for (const listener of listeners) listener(workspaces);
  }

  const hasChanged = async () => (await readFingerprint(dir)) !== fingerprint || (await reader.hasReferredChanged());
  const follower = options.watch ? followFolder(dir, log, options.pollMs ?? POLL_MS, hasChanged, reload) : undefined;
  return {
    current: () => workspaces,
    onChange: (listener) => {
      listeners.push(listener);
    },
    close: async () => follower?.close(),
  };
}

/** A registry that never changes, for tests and for services that get their workspaces handed in. */
export function fixedWorkspaces(list: readonly Workspace[]): WorkspaceRegistry {
  const workspaces = new Map(list.map((workspace) => [workspace.name, workspace]));
  return { current: () => workspaces, onChange: () => {}, close: async () => {} };
}

interface Folder {
  readonly loaded: readonly LoadedWorkspace[];
  readonly problems: readonly Problem[];
  readonly warnings: readonly Problem[];
  readonly advice: readonly Problem[];
  readonly fingerprint: string;
}

async function readFolder(dir: string, reader: FileReader): Promise<Folder> {
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
    let text: string;
    try {
      text = await readFile(file, 'utf8');
    } catch (error) {
      // Gone between listing and reading: deleted, which is no problem. Anything else is.
      if (codeOf(error) !== 'ENOENT') problems.push({ file, path: '', line: 0, message: `cannot be read (${codeOf(error)})` });
      continue;
    }
    const result = reader.read(file, text);
    if ('problems' in result) problems.push(...result.problems);
    else {
      loaded.push({ file, workspace: result.workspace });
      warnings.push(...result.warnings);
      advice.push(...result.advice);
    }
  }
  return { loaded, problems, warnings, advice, fingerprint };
}

async function workspaceFiles(dir: string): Promise<readonly string[]> {
  return (await readdir(dir)).filter((name) => /^[^.].*\.ya?ml$/.test(name)).sort();
}

/** Names, sizes and times of the files: equal means nothing was touched. */
async function readFingerprint(dir: string): Promise<string> {
  try {
    const parts = (await workspaceFiles(dir)).map(async (name) => {
      const { mtimeMs, size, ino } = await stat(join(dir, name));
      return `${name}:${mtimeMs}:${size}:${ino}`;
    });
    return (await Promise.all(parts)).join('|');
  } catch (error) {
    return `unreadable:${codeOf(error)}`;
  }
}

function followFolder(
  dir: string,
  log: RegistryLog,
  pollMs: number,
  hasChanged: () => Promise<boolean>,
  reload: () => Promise<void>,
): { close(): Promise<void> } {
  let quiet: NodeJS.Timeout | undefined;
  let closed = false;
  let running: Promise<void> = Promise.resolve();

  function schedule(): void {
    clearTimeout(quiet);
    if (!closed) quiet = setTimeout(() => enqueue(reload), QUIET_MS).unref();
  }
  /** One look at a time: two reloads side by side could finish in the wrong order and leave the older settings. */
  function enqueue(work: () => Promise<void>): void {
    running = running
      .then(work)
      .catch((error: unknown) => log.error({ err: error }, 'workspace folder could not be looked at; the old settings stay'));
  }

  let watcher: FSWatcher | undefined;
  try {
    watcher = watch(dir, schedule);
    watcher.on('error', (error) => log.warn({ err: error }, 'file notification ended; the workspace folder is polled from here on'));
  } catch (error) {
    log.warn({ err: error }, 'no file notification here; the workspace folder is polled');
  }
  const poll = setInterval(
    () =>
      enqueue(async () => {
        if (await hasChanged()) schedule();
      }),
    pollMs,
  ).unref();

  return {
    close: async () => {
      closed = true;
      clearTimeout(quiet);
      clearInterval(poll);
      watcher?.close();
      await running;
    },
  };
}

function conflicts(loaded: readonly LoadedWorkspace[]): readonly Problem[] {
  return betweenWorkspaces(loaded).map(({ file, path, message }) => ({ file, path: path.map(String).join('.'), line: 0, message }));
}

function byName(files: ReadonlyMap<string, LoadedWorkspace>): ReadonlyMap<string, Workspace> {
  return new Map([...files.values()].map(({ workspace }) => [workspace.name, workspace]));
}

/** Files that were read anew, are new or are gone: the reader gives back what it gave before where nothing was written. */
function changedFiles(before: ReadonlyMap<string, LoadedWorkspace>, after: ReadonlyMap<string, LoadedWorkspace>): ReadonlySet<string> {
  const files = new Set([...before.keys(), ...after.keys()]);
  return new Set([...files].filter((file) => before.get(file)?.workspace !== after.get(file)?.workspace));
}

/** For the log: what changed and no more, since a folder may hold thousands. */
function changeOf(
  before: ReadonlyMap<string, LoadedWorkspace>,
  after: ReadonlyMap<string, LoadedWorkspace>,
  files: ReadonlySet<string>,
): object {
  const taken = [...files].flatMap((file) => after.get(file)?.workspace ?? []);
  const names = new Set([...after.values()].map(({ workspace }) => workspace.name));
  const removed = [...files].flatMap((file) => before.get(file)?.workspace.name ?? []).filter((name) => !names.has(name));
  return { workspaces: taken.map(({ name, revision }) => ({ name, revision })), removed, total: after.size };
}

/** One line per file: a demonstration with six defaults is one piece of news. */
function logWarnings(log: RegistryLog, warnings: readonly Problem[]): void {
  for (const [file, found] of Map.groupBy(warnings, (warning) => warning.file)) {
    log.warn(
      { file, paths: found.map(({ path }) => path) },
      'secrets take the defaults written in the workspace file, which are for demonstrations only',
    );
  }
}

function logAdvice(log: RegistryLog, advice: readonly Problem[]): void {
  for (const each of advice) log.warn({ ...each }, formatProblem(each));
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : String(error);
}
