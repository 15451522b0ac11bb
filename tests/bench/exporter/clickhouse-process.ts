import { readFile } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { probeClickhouse } from '@messtrack/testing/clickhouse.ts';
import { freePort } from '@messtrack/testing/free-port.ts';
import { startGuarded } from '@messtrack/testing/guarded-process.ts';

const SERVER = fileURLToPath(new URL('../../../packages/testing/src/clickhouse-server.ts', import.meta.url));
/** Linux counts the CPU time of a process in hundredths of a second, whatever the kernel's own tick is. */
const TICKS_PER_SECOND = 100;

/** ClickHouse over HTTP in a process whose CPU time can be read, so that both sides of an insert are counted. */
export interface ClickhouseProcess {
  readonly url: string;
  /** User and system time since its start, all threads. */
  cpuSeconds(): Promise<number>;
  stop(): Promise<void>;
}

export async function startClickhouseProcess(dataDir: string): Promise<ClickhouseProcess> {
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const server = await startGuarded({ command: process.execPath, args: [SERVER, dataDir, String(port)] });
  for (;;) {
    if (!server.isRunning()) throw new Error(`ClickHouse does not start: ${server.output()}`);
    const isUp = await probeClickhouse(url).then(
      () => true,
      () => false,
    );
    if (isUp) break;
    await delay(100);
  }
  return {
    url,
    async cpuSeconds() {
      const stat = await readFile(`/proc/${server.pid}/stat`, 'utf8');
      // The name in parentheses may hold spaces; utime and stime are fields 14 and 15, 12th and 13th behind it.
      const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
      return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND;
    },
    async stop() {
      await server.stop();
    },
  };
}
