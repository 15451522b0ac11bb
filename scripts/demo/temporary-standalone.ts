import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

export interface TemporaryStandalone {
  readonly url: string;
  readonly pid: number;
  readonly folder: string;
  /** SIGTERM, waits for the drain, removes the folder. Rejects when the exit code is not 0. */
  stop(): Promise<void>;
  /** kill -9 and nothing else: the folder stays for a restart. */
  kill(): Promise<void>;
}

const ROOT = join(import.meta.dirname, '..', '..');

/** Starts a standalone as `npm start` does, on a free port and, unless given, a new folder. */
export async function startTemporaryStandalone(
  options: { folder?: string; port?: number; env?: Record<string, string> } = {},
): Promise<TemporaryStandalone> {
  const folder = options.folder ?? mkdtempSync(join(tmpdir(), 'messtrack-'));
  const port = options.port ?? (await freePort());
  // The very command, flags of node and all; it replaces the shell, so that signals reach the standalone.
  const { scripts } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { readonly scripts: { readonly start: string } };
  const path = `${dirname(process.execPath)}:${process.env['PATH'] ?? ''}`;
  const child = spawn('/bin/sh', ['-c', scripts.start], {
    cwd: ROOT,
    env: { ...process.env, PATH: path, LOG_LEVEL: 'warn', ...options.env, PORT: String(port), MESSTRACK_DATA: folder },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  // Whoever started it may fail before stopping it; nothing is left running then.
  const killWithUs = (): void => void child.kill('SIGKILL');
  process.once('exit', killWithUs);
  let errors = '';
  child.stderr.on('data', (chunk: Buffer) => {
    errors = (errors + chunk.toString()).slice(-20_000);
  });
  const exited = once(child, 'exit').finally(() => process.off('exit', killWithUs));
  const url = `http://127.0.0.1:${port}`;
  for (;;) {
    if (child.exitCode !== null || child.signalCode !== null) throw new Error(`the standalone ended before it was ready:\n${errors}`);
    const ready = await fetch(`${url}/readyz`).then(
      (answer) => answer.ok,
      () => false,
    );
    if (ready) break;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return {
    url,
    pid: child.pid!,
    folder,
    async stop() {
      child.kill('SIGTERM');
      const [code] = await exited;
      if (options.folder === undefined) rmSync(folder, { recursive: true, force: true });
      if (code !== 0) throw new Error(`the standalone ended with ${code}:\n${errors}`);
    },
    async kill() {
      child.kill('SIGKILL');
      await exited;
    },
  };
}

async function freePort(): Promise<number> {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}
