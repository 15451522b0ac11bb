import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { busContract } from '@messtrack/testing/bus-contract.ts';
import { afterAll } from 'vitest';
import { openLmdbBus } from '../src/bus-lmdb.ts';
import { createLogger } from '../src/logger.ts';

const path = await mkdtemp(join(tmpdir(), 'messtrack-bus-'));
afterAll(() => rm(path, { recursive: true, force: true }));

const open = () => openLmdbBus({ path, log: createLogger('test', 'silent'), stalledAfterMs: 2_000, retentionIntervalMs: 100 });

busContract('LMDB', {
  open,
  sharedLog: false,
  stalledOwnerLosesPartition: true,
  child: { module: new URL('./bus-lmdb-child.ts', import.meta.url).href, settings: () => ({ path }) },
  async restart(bus) {
    await bus.close();
    return open();
  },
});
