import { join } from 'node:path';
import { type Browser, chromium } from 'playwright-core';
import { cached } from './cache-folder.ts';
import { run } from './command.ts';
import { NotAvailableError } from './instance.ts';

const SPARTICUZ_VERSION = '153.0.0';
const INSTALLED = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];

interface Executable {
  readonly path: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

/**
 * A real Chromium without a window: the one named by `MESSTRACK_TEST_CHROMIUM`, else one that is installed, else one from npm kept in the cache
 * folder. Rejects with a message that says what to install. It ends with the process that started it. `switches` are added to its command line.
 */
export async function startBrowser(switches: readonly string[] = []): Promise<Browser> {
  const { path, args, env } = await browserExecutable();
  return chromium.launch({
    executablePath: path,
    // The sandbox needs rights that containers and root do not have; the pages are our own.
    args: ['--no-sandbox', '--disable-dev-shm-usage', '--disable-gpu', ...args, ...switches],
    env: { ...process.env, ...env },
  });
}

/** Where the browser is and what it needs to run. */
export async function browserExecutable(): Promise<Executable> {
  const named = process.env['MESSTRACK_TEST_CHROMIUM'];
  for (const path of named === undefined ? INSTALLED : [named]) {
    const found = await run('sh', ['-c', 'command -v "$0"', path]);
    if (found.code === 0) return { path: found.output, args: [], env: {} };
  }
  if (named !== undefined) throw new NotAvailableError(`MESSTRACK_TEST_CHROMIUM names ${named}, which is no program`);
  return sparticuz();
}

/** A Chromium that needs nothing of the system: its package unpacks the libraries it brings when it believes to run on AWS Lambda. */
async function sparticuz(): Promise<Executable> {
  const hint = 'Chromium is missing: install `chromium` (Debian and Ubuntu: apt install chromium) or name one by MESSTRACK_TEST_CHROMIUM';
  const folder = await cached(`sparticuz-chromium-${SPARTICUZ_VERSION}`, async (target) => {
    const npm = await run('npm', ['install', '--no-audit', '--no-fund', '--prefix', target, `@sparticuz/chromium@${SPARTICUZ_VERSION}`]);
    if (npm.code !== 0) throw new NotAvailableError(`${hint}; npm says: ${npm.output}`);
  });
  const unpack = `
    const { default: chromium } = await import(process.argv[1]);
    const path = await chromium.executablePath();
    console.log(JSON.stringify({ path, args: chromium.args, env: { LD_LIBRARY_PATH: process.env.LD_LIBRARY_PATH ?? '' } }));`;
  const module = join(folder, 'node_modules/@sparticuz/chromium/build/index.js');
  const unpacked = await run(process.execPath, ['--input-type=module', '-e', unpack, module], {
    AWS_EXECUTION_ENV: 'AWS_Lambda_nodejs22.x',
  });
  if (unpacked.code !== 0) throw new NotAvailableError(`${hint}; @sparticuz/chromium says: ${unpacked.output}`);
  const executable: Executable = JSON.parse(unpacked.output.split('\n').at(-1) ?? '');
  // Its own list of switches is made for Lambda: with its one process the whole browser ends when the first page closes.
  return { ...executable, args: [] };
}
