import { randomBytes } from 'node:crypto';
import { copyFile, mkdtemp, open, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { open as openLmdb } from 'lmdb';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { checkLmdbFile, DamagedFileError } from '../src/lmdb-file-check.ts';

const PAGE = 4_096;
const OPTIONS = { advice: 'Restore it.' };

let folder: string;
let whole: string;
let copy: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'messtrack-check-'));
  whole = join(folder, 'whole', 'data.mdb');
  copy = join(folder, 'copy.mdb');
  const env = openLmdb({ path: join(folder, 'whole'), maxDbs: 4, overlappingSync: false });
  const small = env.openDB<string, string>({ name: 'small' });
  const large = env.openDB<Buffer, number>({ name: 'large', encoding: 'binary' });
  // Two levels of branches, records of several pages, and pages freed by rewriting.
  for (let round = 0; round < 3; round++) {
    await env.transaction(() => {
      for (let i = 0; i < 2_000; i++) void small.put(`key ${i}`, `value ${i} of round ${round}`.repeat(3));
      for (let i = 0; i < 20; i++) void large.put(i, Buffer.alloc(9_000 + i, round));
    });
  }
  await env.close();
});

afterAll(() => rm(folder, { recursive: true, force: true }));

async function damaged(work: (path: string) => Promise<unknown>): Promise<string> {
  await copyFile(whole, copy);
  await work(copy);
  try {
    checkLmdbFile(copy, OPTIONS);
    return 'whole';
  } catch (error) {
    if (!(error instanceof DamagedFileError)) throw error;
    return error.message;
  }
}

async function overwrite(path: string, position: number, bytes: Buffer): Promise<void> {
  const file = await open(path, 'r+');
  await file.write(bytes, 0, bytes.length, position);
  await file.close();
}

describe('the check of a file of LMDB', () => {
  it('looks at every page of what LMDB wrote and finds nothing', () => {
    expect(checkLmdbFile(whole, OPTIONS)).toBeGreaterThan(60);
  });

  it('finds each page of the trees, and both at the beginning, when noise is in its place', async () => {
    const pages = (await stat(whole)).size / PAGE;
    let found = 0;
    for (let number = 0; number < pages; number++) {
      const said = await damaged((path) => overwrite(path, number * PAGE, randomBytes(PAGE)));
      if (said !== 'whole') found += 1;
    }
    // Free pages and the later pages of large records may hold anything.
    expect(found).toBe(checkLmdbFile(whole, OPTIONS) + 2);
  });

  it('names the file, what is wrong and what to do, wherever the file was cut', async () => {
    const { size } = await stat(whole);
    for (let pages = 3; pages * PAGE < size - 40 * PAGE; pages += 7) {
      const said = await damaged((path) => truncate(path, pages * PAGE));
      expect(said).toMatch(
        new RegExp(`^${copy} is damaged: page \\d+ lies behind its end at ${pages * PAGE} bytes: it was cut. Restore it.$`),
      );
    }
    expect(await damaged((path) => truncate(path, 100))).toContain('it ends after 100 bytes');
    expect(await damaged((path) => truncate(path, PAGE))).toContain('it ends after 4096 bytes');
    expect(await damaged((path) => truncate(path, 0))).toContain('it is empty');
    expect(await damaged((path) => writeFile(path, '{"not": "a database"}'.repeat(50)))).toContain('does not begin as a file of LMDB');
  });

  it('says of a path that is no file that it cannot be read', () => {
    expect(() => checkLmdbFile(folder, OPTIONS)).toThrow(/is damaged: it cannot be read \(EISDIR.*Restore it\.$/);
    expect(() => checkLmdbFile(join(folder, 'none'), OPTIONS)).toThrow(/is damaged: it cannot be read \(ENOENT/);
  });

  it('ends when its time is over, and calls what it has not seen whole', async () => {
    let nowMs = 0;
    const hurried = checkLmdbFile(whole, {
      ...OPTIONS,
      budgetMs: 0,
      now: () => {
        nowMs += 1;
        return nowMs;
      },
    });
    expect(hurried).toBe(0);
  });
});
