import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from '@messtrack/testing/free-port.ts';
import { startGuarded } from '@messtrack/testing/guarded-process.ts';
import { redisBinary } from '@messtrack/testing/redis.ts';
import { Cluster, Redis } from 'ioredis';
import { afterAll } from 'vitest';
import { openRedisJoinStore } from '../src/join-store-redis.ts';
import { openRedisVisitStore } from '../src/visit-store-redis.ts';
import { joinContract, until } from './join-contract.ts';
import { visitContract } from './visit-contract.ts';

// One node that owns all slots is a whole cluster as far as commands go: it refuses keys of two slots in one command, as any cluster does.
const dir = await mkdtemp(join(tmpdir(), 'messtrack-cluster-'));
const port = await freePort();
const node = await startGuarded({
  command: await redisBinary(),
  args: [
    ...['--port', String(port), '--bind', '127.0.0.1', '--dir', dir, '--save', ''],
    ...['--cluster-enabled', 'yes', '--cluster-announce-ip', '127.0.0.1', '--cluster-port', String(await freePort())],
  ],
});
const admin = new Redis(port, '127.0.0.1');
admin.on('error', () => undefined);
await admin.call('CLUSTER', 'ADDSLOTSRANGE', '0', '16383');
await until(async () => String(await admin.call('CLUSTER', 'INFO')).includes('cluster_state:ok'));
admin.disconnect();

const client = new Cluster([{ host: '127.0.0.1', port }], { redisOptions: { maxRetriesPerRequest: null } });
afterAll(async () => {
  client.disconnect();
  await node.stop();
  await rm(dir, { recursive: true, force: true });
});

joinContract('Redis Cluster', { open: () => openRedisJoinStore({ client }) });
visitContract('Redis Cluster', { open: () => openRedisVisitStore({ client }) });
