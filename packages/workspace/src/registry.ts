import type { FSWatcher } from 'node:fs';
import { watch } from 'node:fs';
import type { LoadedWorkspace } from './cross-references.ts';
import { betweenWorkspaces } from './cross-references.ts';
import { createFileReader } from './file-reader.ts';
import { readFingerprint, readFolder } from './folder.ts';
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

const NO_FILE = 'holds no *.yaml file; write one workspace into one file';

/** An editor writes a file in several steps; what it means stands when the folder has been quiet this long. */
const QUIET_MS = 200;
/** A folder that is never quiet, because something else is written there all the time, is read after this long. */
const LATEST_MS = 2_000;
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
  if (loaded.size === 0) throw new WorkspaceError([{ file: dir, path: '', line: 0, message: NO_FILE }]);
  logWarnings(log, first.warnings);
  logAdvice(log, first.advice);

  let files: ReadonlyMap<string, LoadedWorkspace> = loaded;
  let workspaces = byName(files);
  let fingerprint = first.fingerprint;
  const listeners: ((workspaces: ReadonlyMap<string, Workspace>) => void)[] = [];

  async function reload(): Promise<void> {
    const next = await readFolder(dir, reader);
    fingerprint = next.fingerprint;
    const { merged, clashes } = withoutClashes(files, next.loaded, new Set(next.problems.map(({ file }) => file)));
    const refusals = [...next.problems, ...clashes];
    // A volume that is not mounted looks like this too, and nobody means every client's webhooks to be turned away.
    if (merged.size === 0 && refusals.length === 0) refusals.push({ file: dir, path: '', line: 0, message: NO_FILE });
    for (const problem of refusals) log.error({ ...problem }, `workspace file not taken, old settings stay: ${formatProblem(problem)}`);
    if (merged.size === 0) return;
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

function followFolder(
  dir: string,
  log: RegistryLog,
  pollMs: number,
  hasChanged: () => Promise<boolean>,
  reload: () => Promise<void>,
): { close(): Promise<void> } {
  let quiet: NodeJS.Timeout | undefined;
  let touchedAtMs: number | undefined;
  let closed = false;
  let running: Promise<void> = Promise.resolve();

  function schedule(): void {
    clearTimeout(quiet);
    if (closed) return;
    const nowMs = performance.now();
    touchedAtMs ??= nowMs;
    quiet = setTimeout(take, Math.max(0, Math.min(QUIET_MS, touchedAtMs + LATEST_MS - nowMs))).unref();
  }
  function take(): void {
    touchedAtMs = undefined;
    enqueue(reload);
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

/**
 * What is in force from now on: of every file what it says now, except of those that are spoilt or would take what another file has. These stay as they were, and hold up nobody else's. What stood
 * before comes first in every comparison, so that it is the newcomer who is refused; of two newcomers the later by name.
 */
function withoutClashes(
  before: ReadonlyMap<string, LoadedWorkspace>,
  read: readonly LoadedWorkspace[],
  spoilt: ReadonlySet<string>,
): { readonly merged: ReadonlyMap<string, LoadedWorkspace>; readonly clashes: readonly Problem[] } {
  const refused = new Set(spoilt);
  const clashes: Problem[] = [];
  for (;;) {
    const kept = [...refused].flatMap((file) => before.get(file) ?? []);
    const all = [...kept, ...read.filter(({ file }) => !refused.has(file))];
    const isOld = ({ file, workspace }: LoadedWorkspace) => before.get(file)?.workspace === workspace;
    const found = conflicts([...all.filter(isOld), ...all.filter((entry) => !isOld(entry))]);
    if (found.length === 0) {
      const inOrder = all.toSorted((a, b) => (a.file < b.file ? -1 : 1));
      return { merged: new Map(inOrder.map((entry) => [entry.file, entry])), clashes };
    }
    clashes.push(...found);
    for (const { file } of found) refused.add(file);
  }
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
