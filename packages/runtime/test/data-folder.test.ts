import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { checkDataVersion, DataFolderLockedError, DataVersionError, lockDataFolder, writeDataVersion } from '../src/data-folder.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'messtrack-folder-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const MODULE = new URL('../src/data-folder.ts', import.meta.url).href;

/** A process that takes the folder and says so, then stays until it is killed. */
async function holdInAnotherProcess() {
  const script = `const { lockDataFolder } = await import(${JSON.stringify(MODULE)}); await lockDataFolder(${JSON.stringify(folder)}); console.log('held'); setInterval(() => {}, 1000);`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', script], { stdio: ['ignore', 'pipe', 'inherit'] });
  await once(child.stdout, 'data');
  return child;
}

describe('the lock of a data folder', () => {
  it('keeps another process out, tells its id, and goes with it when it is killed', { timeout: 60_000 }, async () => {
    const child = await holdInAnotherProcess();
    const refused = lockDataFolder(folder);
    await expect(refused).rejects.toBeInstanceOf(DataFolderLockedError);
    await expect(refused).rejects.toThrow(`${folder} is in use by another process (pid ${child.pid}`);
    child.kill('SIGKILL');
    await once(child, 'exit');
    const lock = await lockDataFolder(folder);
    await lock.release();
  });

  it('is exclusive in one process as well, and free after its release', async () => {
    const path = join(folder, 'made', 'by', 'the', 'lock');
    const lock = await lockDataFolder(path);
    await expect(lockDataFolder(path)).rejects.toBeInstanceOf(DataFolderLockedError);
    await lock.release();
    await lock.release();
    await (await lockDataFolder(path)).release();
  });
});

describe('the version of a data folder', () => {
  it('is written into a new folder and read from an old one', async () => {
    expect(await checkDataVersion(folder, 3)).toBe(3);
    expect(JSON.parse(await readFile(join(folder, 'data-version.json'), 'utf8'))).toEqual({ version: 3 });
    await writeDataVersion(folder, 2);
    expect(await checkDataVersion(folder, 3)).toBe(2);
  });

  it('refuses data of a newer release with a sentence that says so', async () => {
    await writeDataVersion(folder, 4);
    await expect(checkDataVersion(folder, 3)).rejects.toBeInstanceOf(DataVersionError);
    await expect(checkDataVersion(folder, 3)).rejects.toThrow(`${folder} holds data of layout 4; this release reads up to 3.`);
  });

  it.each(['', '{', '{"version":"1"}', '{"version":0}'])('refuses %j as a version file and leaves it alone', async (text) => {
    await writeFile(join(folder, 'data-version.json'), text);
    await expect(checkDataVersion(folder, 3)).rejects.toBeInstanceOf(DataVersionError);
    expect(await readFile(join(folder, 'data-version.json'), 'utf8')).toBe(text);
  });
});
