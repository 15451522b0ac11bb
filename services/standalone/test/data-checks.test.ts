import { mkdir, mkdtemp, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openLmdbBus } from '@messtrack/runtime/bus-lmdb.ts';
import { beginRebuild, finishRebuild } from '@messtrack/runtime/data-folder.ts';
import { createLogger } from '@messtrack/runtime/logger.ts';
import { openLmdbJoinStore } from '@messtrack/sessions/join-store-lmdb.ts';
import { openLmdbVisitStore } from '@messtrack/sessions/visit-store-lmdb.ts';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { checkDataFolder, noteDataFolder } from '../src/adapters/data-checks.ts';

const LAYOUT = 1;
let data: string;

beforeEach(async () => {
  data = await mkdtemp(join(tmpdir(), 'messtrack-data-'));
});
afterEach(() => rm(data, { recursive: true, force: true }));

/** As a first start leaves it. */
async function fill(): Promise<void> {
  await checkDataFolder(data, LAYOUT);
  const stores = [
    await openLmdbBus({ path: join(data, 'log'), log: createLogger('test', 'silent') }),
    await openLmdbJoinStore({ path: join(data, 'sessions') }),
    await openLmdbVisitStore({ path: join(data, 'visits') }),
  ];
  for (const store of stores) await store.close();
  for (const part of ['metadata', 'store']) await mkdir(join(data, 'warehouse', part), { recursive: true });
  await noteDataFolder(data, LAYOUT);
}

describe('the check of a data folder', () => {
  it('takes a new folder, a filled one, and one whose first start was cut off anywhere', async () => {
    await checkDataFolder(data, LAYOUT);
    for (const folder of ['log', 'sessions', 'visits']) {
      await mkdir(join(data, folder));
      await checkDataFolder(data, LAYOUT);
      await writeFile(join(data, folder, 'data.mdb'), '');
      await checkDataFolder(data, LAYOUT);
      await rm(join(data, folder), { recursive: true });
    }
    await fill();
    await checkDataFolder(data, LAYOUT);
  });

  it('takes a folder of an earlier layout, and from then on lets no release in that knows that one alone', async () => {
    await fill();
    await checkDataFolder(data, LAYOUT + 1);
    await expect(checkDataFolder(data, LAYOUT)).rejects.toThrow(`holds data of layout ${LAYOUT + 1}`);
    await rm(join(data, 'log'), { recursive: true });
    await expect(checkDataFolder(data, LAYOUT + 1)).rejects.toThrow(`${join(data, 'log/data.mdb')} is missing`);
  });

  it('refuses a folder whose sessions are half rebuilt, until they are whole', async () => {
    await fill();
    await beginRebuild(data);
    await expect(checkDataFolder(data, LAYOUT)).rejects.toThrow(/rebuild-sessions was broken off. Run it again/);
    await finishRebuild(data);
    await checkDataFolder(data, LAYOUT);
  });

  it('misses each part that was there, by name and with what to do', async () => {
    for (const [part, advice] of [
      ['log/data.mdb', 'Restore the whole data folder from a backup'],
      ['sessions/data.mdb', 'npm run rebuild-sessions -- --data'],
      ['warehouse/store', 'Restore the whole data folder from a backup'],
      ['data-version.json', 'Restore the whole data folder from a backup'],
    ] as const) {
      await fill();
      await rm(join(data, part), { recursive: true });
      await expect(checkDataFolder(data, LAYOUT)).rejects.toThrow(`${join(data, part)} is missing`);
      await expect(checkDataFolder(data, LAYOUT)).rejects.toThrow(advice);
      await rm(data, { recursive: true });
      await mkdir(data);
    }
  });

  it('goes on without the visits, which are a refinement', async () => {
    await fill();
    await rm(join(data, 'visits'), { recursive: true });
    await checkDataFolder(data, LAYOUT);
  });

  it('names the file of each store that was emptied or overwritten', async () => {
    await fill();
    for (const file of ['log/data.mdb', 'sessions/data.mdb', 'visits/data.mdb']) {
      await writeFile(join(data, file), 'no database'.repeat(1_000));
      await expect(checkDataFolder(data, LAYOUT)).rejects.toThrow(`${join(data, file)} is damaged`);
      await rm(data, { recursive: true });
      await mkdir(data);
      await fill();
    }
    await truncate(join(data, 'log/data.mdb'), 0);
    await expect(checkDataFolder(data, LAYOUT)).rejects.toThrow('it is empty');
  });
});
