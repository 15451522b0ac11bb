import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { checkOpenFiles } from '../src/adapters/open-files.ts';

async function limits(line: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'messtrack-limits-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const file = join(folder, 'limits');
  await writeFile(
    file,
    `Limit                     Soft Limit           Hard Limit           Units     \nMax processes             96202                96202                processes \n${line}\nMax locked memory         8388608              8388608              bytes     \n`,
  );
  return file;
}

it('refuses to start where too few files may be opened, and says how to raise the limit', async () => {
  const file = await limits('Max open files            64                   64                   files     ');
  await expect(checkOpenFiles(file)).rejects.toThrow(/may open 64 files, and needs 512.*ulimit -n/);
});

it.each(['512', '1024', '1048576', 'unlimited'])('starts where %s may be', async (limit) => {
  await checkOpenFiles(await limits(`Max open files            ${limit.padEnd(20)} ${limit.padEnd(20)} files     `));
});

it('starts where nobody says', async () => {
  await checkOpenFiles(join(tmpdir(), 'messtrack-no-such-file'));
});
