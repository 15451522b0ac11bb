import { mkdir } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { freePort } from './free-port.ts';
import { type InstanceOptions, type ServiceInstance, startInstance } from './instance.ts';

export interface ClickhouseInstance extends ServiceInstance {
  /** `http://host:port`, user `default` without a password. */
  readonly url: string;
  /** The same for callers one does not know: it only reads. */
  readonly readOnlyUrl: string;
}

const SERVER = fileURLToPath(new URL('./clickhouse-server.ts', import.meta.url));

/** ClickHouse's HTTP interface over chDB in a process of its own: the same engine, one query at a time. */
export async function startNativeClickhouse(options: InstanceOptions = {}): Promise<ClickhouseInstance> {
  const port = options.port ?? (await freePort());
  const url = `http://127.0.0.1:${port}`;
  const instance = await startInstance({
    name: 'clickhouse',
    dataDir: options.dataDir,
    async prepare(dataDir) {
      await mkdir(dataDir, { recursive: true });
    },
    launch: (dataDir) => ({ command: process.execPath, args: [SERVER, dataDir, String(port)] }),
    probe: () => probeClickhouse(url),
  });
  return { ...instance, url, readOnlyUrl: `${url}/sql` };
}

/** Resolves when a query is answered, not only a connection accepted. */
export async function probeClickhouse(url: string): Promise<void> {
  const response = await fetch(new URL('/?query=SELECT%201', url), { signal: AbortSignal.timeout(5_000) });
  const body = (await response.text()).trim();
  if (!response.ok || body !== '1') throw new Error(`ClickHouse answers ${response.status}: ${body.slice(0, 500)}`);
}
