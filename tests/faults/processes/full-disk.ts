import { randomBytes } from 'node:crypto';
import { copyFile, mkdtemp, rm, statfs, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { openLmdbBus } from '@messtrack/runtime/bus-lmdb.ts';
import { checkLmdbFile, DamagedFileError } from '@messtrack/runtime/lmdb-file-check.ts';
import { createLogger } from '@messtrack/runtime/logger.ts';
import { freePort } from '@messtrack/testing/free-port.ts';
import { newCode } from '@messtrack/tracking-code/tracking-code.ts';
import { whatsAppMessages } from '../../../scripts/demo/webhooks.ts';
import { demoWorkspace } from '../../e2e/demo-workspace.ts';
import { startLoad } from './load.ts';
import { countLines } from './log-lines.ts';
import { readiness, type StandaloneProcess, startStandalone } from './standalone-process.ts';
import { type Books, balance, type LeadsInLog, leadsOf } from './verdict.ts';

export interface FullDisk {
  /** From the moment it was full until readiness said so; undefined when it did not. */
  readonly redAfterS: number | undefined;
  readonly reason: string;
  readonly greenAfterS: number | undefined;
  readonly answers: {
    readonly redirects: readonly { readonly status: number; readonly hasCode: boolean }[];
    readonly beacon: { readonly status: number; readonly text: string };
    readonly webhook: { readonly status: number; readonly text: string };
  };
  /** While it was full and until it was well again; `printed`: lines that are none of the log's. */
  readonly lines: { readonly total: number; readonly printed: number; readonly byMessage: Readonly<Record<string, number>> };
  readonly books: Books;
  readonly folder: string;
}

const DISK_MIB = 96;
const GREEN_DEADLINE_MS = 60_000;

/** A standalone on a disk of its own, in memory, that something else fills to the last byte, under load. */
export async function fillDisk(parameters: { seed: number; seconds: number; say: (line: string) => void }): Promise<FullDisk> {
  const { seed, seconds, say } = parameters;
  const folder = await mkdtemp(join(tmpdir(), 'messtrack-disk-'));
  let lines = countLines();
  const since = new Date();
  const standalone = await startStandalone({
    folder: join(folder, 'data'),
    port: await freePort(),
    mounts: `mount -t tmpfs -o size=${DISK_MIB}m tmpfs ${folder}`,
    onLine: (line) => lines.take('standalone', line),
  });
  try {
    // The mount is in the process's own world; this is the way into it.
    const disk = join('/proc', String(standalone.pid), 'root', folder);
    const load = startLoad({
      url: standalone.url,
      workspace: demoWorkspace(),
      runId: 'fd',
      seed,
      perSecond: 8,
      patienceMs: (seconds + 120) * 1_000,
    });
    await sleep(4_000);
    // What it says at its start is none of the disk's.
    lines = countLines();
    const ballast = join(disk, 'ballast');
    await fillWith(ballast, disk);
    const fullAt = performance.now();
    let redAfterS: number | undefined;
    let reason = '';
    while (redAfterS === undefined && performance.now() - fullAt < seconds * 1_000) {
      const ready = await readiness(standalone.url);
      if (ready.isOk) await sleep(50);
      else [redAfterS, reason] = [secondsSince(fullAt), ready.text];
    }
    const answers = await ask(standalone);
    await sleep(Math.max(0, fullAt + seconds * 1_000 - performance.now()));
    await rm(ballast);
    const roomAt = performance.now();
    let greenAfterS: number | undefined;
    while (greenAfterS === undefined && performance.now() - roomAt < GREEN_DEADLINE_MS) {
      if ((await readiness(standalone.url)).isOk) greenAfterS = secondsSince(roomAt);
      else await sleep(100);
    }
    const played = await load.stop();
    say(`full disk: red after ${redAfterS} s, green ${greenAfterS} s after there was room, ${lines.count()} lines`);
    const byMessage = lines.table(30);
    const printed = Object.entries(byMessage).reduce((sum, [key, count]) => sum + (key.includes(': printed ') ? count : 0), 0);
    const total = lines.count();
    const options = { url: standalone.url, workspace: 'demo', runId: 'fd', since, stallMs: 45_000 };
    const books = await balance(options, played, () => leadsOfCopy(join(disk, 'data', 'log', 'data.mdb'), folder));
    return { redAfterS, reason, greenAfterS, answers, lines: { total, printed, byMessage }, books, folder };
  } finally {
    await standalone.kill();
  }
}

/** To the last byte that there is: what a growing log file of something else does. */
async function fillWith(file: string, disk: string): Promise<void> {
  for (;;) {
    const { bavail, bsize } = await statfs(disk);
    if (bavail === 0) return;
    try {
      await writeFile(file, Buffer.alloc(Math.min(bavail * bsize, 4_194_304)), { flag: 'a' });
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'ENOSPC')) throw error;
      return;
    }
  }
}

/** LMDB takes real paths, and the disk has none here. A copy that was made in the middle of a commit is made again. */
async function leadsOfCopy(file: string, folder: string): Promise<LeadsInLog> {
  const path = await mkdtemp(join(folder, 'copy-'));
  for (let tries = 0; ; tries++) {
    await copyFile(file, join(path, 'data.mdb'));
    try {
      checkLmdbFile(join(path, 'data.mdb'), { advice: 'Copy it again.' });
      break;
    } catch (error) {
      if (!(error instanceof DamagedFileError) || tries === 20) throw error;
    }
  }
  const bus = await openLmdbBus({ path, log: createLogger('disk', 'error') });
  try {
    return await leadsOf(bus);
  } finally {
    await bus.close();
    await rm(path, { recursive: true });
  }
}

async function ask({ url }: StandaloneProcess): Promise<FullDisk['answers']> {
  const redirects = [];
  for (let i = 0; i < 10; i++) {
    const { status, headers } = await fetch(`${url}/t/demo/ad-redirect`, { redirect: 'manual' });
    redirects.push({ status, hasCode: headers.get('messtrack-click') !== 'not-recorded' });
  }
  const click = {
    workspace: 'demo',
    placement: 'site-button',
    click_id: randomBytes(8).toString('hex'),
    code: newCode(randomBytes),
    source: {},
  };
  const beacon = await fetch(`${url}/v1/clicks`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', origin: 'https://shop.example' },
    body: JSON.stringify(click),
  });
  const account = demoWorkspace().accounts.get('sales-wa');
  if (account?.provider !== 'whatsapp') throw new Error('the demo has no WhatsApp account sales-wa');
  // Not of the people whose books are kept: refused, it is in no book.
  const webhook = whatsAppMessages(account.appSecret.reveal(), [
    {
      phoneNumberId: account.phoneNumberId,
      displayPhone: account.phone,
      contact: { waId: '16505550199', userId: 'US.16505550199', name: 'Nobody' },
      messageId: 'wamid.refused',
      timestampS: Math.floor(Date.now() / 1_000),
      content: { type: 'text', text: { body: 'Hello' } },
      referral: undefined,
    },
  ]);
  const posted = await fetch(`${url}/hooks/whatsapp/demo/sales-wa`, {
    method: 'POST',
    headers: webhook.headers,
    body: new Uint8Array(webhook.body),
  });
  return {
    redirects,
    beacon: { status: beacon.status, text: await beacon.text() },
    webhook: { status: posted.status, text: await posted.text() },
  };
}

function secondsSince(at: number): number {
  return Math.round((performance.now() - at) / 100) / 10;
}
