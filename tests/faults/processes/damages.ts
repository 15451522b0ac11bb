import { randomBytes } from 'node:crypto';
import { cp, mkdtemp, open, readdir, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort } from '@messtrack/testing/free-port.ts';
import { demoWorkspace } from '../../e2e/demo-workspace.ts';
import { startLoad } from './load.ts';
import { readiness, spawnStandalone, startStandalone } from './standalone-process.ts';

interface Damage {
  readonly name: string;
  /** Done to a copy of a folder that has data in it. */
  readonly damage: (folder: string) => Promise<unknown>;
  /** Mounts, where the damage is one. */
  readonly mounts?: (folder: string) => string;
  /** What the error has to say: the file, and what to do. */
  readonly says: RegExp;
}

const BACKUP = 'from a backup';
const gone = (part: string) => (folder: string) => rm(join(folder, part), { recursive: true });
const cut = (file: string, share: number) => async (folder: string) => {
  const { size } = await stat(join(folder, file));
  await truncate(join(folder, file), Math.floor((size * share) / 4_096) * 4_096);
};
const noise = (file: string, at: number, bytes: number) => async (folder: string) => {
  const opened = await open(join(folder, file), 'r+');
  await opened.write(randomBytes(bytes), 0, bytes, at);
  await opened.close();
};

export const DAMAGES: readonly Damage[] = [
  { name: 'log cut in half', damage: cut('log/data.mdb', 0.5), says: new RegExp(`log/data\\.mdb is damaged: .*cut.*${BACKUP}`) },
  { name: 'log emptied', damage: cut('log/data.mdb', 0), says: new RegExp(`log/data\\.mdb is damaged: it is empty.*${BACKUP}`) },
  {
    name: 'log overwritten at its beginning',
    damage: noise('log/data.mdb', 0, 8_192),
    says: new RegExp(`log/data\\.mdb is damaged.*${BACKUP}`),
  },
  {
    name: 'log overwritten in the middle',
    damage: noise('log/data.mdb', 65_536, 262_144),
    says: new RegExp(`log/data\\.mdb is damaged.*${BACKUP}`),
  },
  { name: 'log gone', damage: gone('log'), says: new RegExp(`log/data\\.mdb is missing.*${BACKUP}`) },
  { name: 'sessions cut', damage: cut('sessions/data.mdb', 0.4), says: /sessions\/data\.mdb is damaged.*rebuild-sessions/ },
  { name: 'sessions gone', damage: gone('sessions'), says: /sessions\/data\.mdb is missing.*rebuild-sessions/ },
  { name: 'visits overwritten', damage: noise('visits/data.mdb', 0, 8_192), says: /visits\/data\.mdb is damaged.*aside/ },
  { name: 'warehouse gone', damage: gone('warehouse'), says: new RegExp(`warehouse/store.* missing.*${BACKUP}`) },
  { name: 'tables of the warehouse gone', damage: emptyStore, says: new RegExp(`warehouse holds no tables.*${BACKUP}`) },
  { name: 'rows of the warehouse cut', damage: cutParts, says: new RegExp(`warehouse has lost rows: .*${BACKUP}`) },
  { name: 'a table of the warehouse overwritten', damage: spoilTables, says: new RegExp(`warehouse cannot be opened.*${BACKUP}`) },
  { name: 'version gone', damage: gone('data-version.json'), says: new RegExp(`data-version\\.json is missing.*${BACKUP}`) },
  {
    name: 'version overwritten',
    damage: (folder) => writeFile(join(folder, 'data-version.json'), '{"vers'),
    says: /data-version\.json is not a version file.*backup/,
  },
  { name: 'lock overwritten', damage: noiseLock, says: /lock\.sqlite is damaged.*remove it/ },
  {
    name: 'folder not to be written',
    damage: async () => undefined,
    mounts: (folder) => `mount --bind ${folder} ${folder}\nmount -o remount,bind,ro ${folder}`,
    says: /cannot be used as a data folder: .*read-only.*may write/,
  },
];

async function emptyStore(folder: string): Promise<void> {
  const store = join(folder, 'warehouse', 'store');
  for (const name of await readdir(store)) await rm(join(store, name), { recursive: true });
}

async function filesOf(folder: string, name: RegExp): Promise<string[]> {
  const store = join(folder, 'warehouse', 'store');
  return (await readdir(store, { recursive: true })).filter((file) => name.test(file)).map((file) => join(store, file));
}

async function cutParts(folder: string): Promise<void> {
  for (const file of await filesOf(folder, /\/data\.bin$/)) await truncate(file, 10);
}

async function spoilTables(folder: string): Promise<void> {
  for (const file of await filesOf(folder, /_records\.sql$/)) await writeFile(file, 'no statement');
}

async function noiseLock(folder: string): Promise<void> {
  await writeFile(join(folder, 'lock.sqlite'), randomBytes(8_192));
}

export interface Damaged {
  readonly name: string;
  /** Ended by itself and was never ready. */
  readonly wasRefused: boolean;
  readonly exitCode: number | null;
  /** The error as it was found in the log; empty when it says something else. */
  readonly says: string;
}

export interface Damages {
  readonly damages: readonly Damaged[];
  readonly second: { readonly isRefused: boolean; readonly isFirstReady: boolean };
  readonly folder: string;
}

const START_DEADLINE_MS = 60_000;

export async function playDamages(seed: number, say: (line: string) => void): Promise<Damages> {
  const folder = await mkdtemp(join(tmpdir(), 'messtrack-data-'));
  const whole = join(folder, 'whole');
  const second = await fill(whole, seed);
  const damages: Damaged[] = [];
  for (const each of DAMAGES) {
    const copy = join(folder, 'copy');
    await rm(copy, { recursive: true, force: true });
    await cp(whole, copy, { recursive: true });
    await each.damage(copy);
    const damaged = await startOn(copy, each);
    damages.push(damaged);
    say(`${each.name}: exit code ${damaged.exitCode}${damaged.says === '' ? ', not the words that were expected' : ''}`);
  }
  return { damages, second, folder };
}

/** A folder as an ordinary day leaves it; while it is in use, a second process tries to use it. */
async function fill(folder: string, seed: number): Promise<Damages['second']> {
  const standalone = await startStandalone({ folder, port: await freePort() });
  const load = startLoad({ url: standalone.url, workspace: demoWorkspace(), runId: 'da', seed, perSecond: 12, patienceMs: 60_000 });
  await sleep(6_000);
  await load.stop();
  const other = await spawnStandalone({ folder, port: await freePort() });
  const { code } = await other.exited;
  const isRefused = code === 1 && /is in use by another process \(pid \d+/.test(other.output());
  const isFirstReady = (await readiness(standalone.url)).isOk;
  await standalone.stop();
  return { isRefused, isFirstReady };
}

async function startOn(folder: string, { name, mounts, says }: Damage): Promise<Damaged> {
  const standalone = await spawnStandalone({ folder, port: await freePort(), ...(mounts === undefined ? {} : { mounts: mounts(folder) }) });
  const endsAt = performance.now() + START_DEADLINE_MS;
  let wasReady = false;
  while (standalone.isRunning() && !wasReady && performance.now() < endsAt) {
    wasReady = (await readiness(standalone.url)).isOk;
    await sleep(50);
  }
  const wasRefused = !standalone.isRunning() && !wasReady;
  if (!wasRefused) await standalone.kill();
  const { code } = await standalone.exited;
  const fatal =
    standalone
      .output()
      .split('\n')
      .find((line) => line.includes('"level":"fatal"')) ?? '';
  return { name, wasRefused, exitCode: code, says: says.exec(fatal)?.[0] ?? '' };
}
