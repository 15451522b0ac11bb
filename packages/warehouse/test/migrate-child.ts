import { createLogger } from '@messtrack/runtime/logger.ts';
import { reached } from '@messtrack/testing/child-points.ts';
import { connectWarehouse } from '../src/connect.ts';
import { migrate } from '../src/migrate.ts';

/** `migrate-child.ts <url> <database> <folder> <leaseMs>`: one process that migrates and tells what it applied. */
const [url = '', database = '', dir = '', leaseMs = ''] = process.argv.slice(2);
const warehouse = await connectWarehouse({ url, database });
reached('connected');
const { applied } = await migrate(warehouse, dir, createLogger('migrate-child', 'silent'), {
  lock: { leaseMs: Number(leaseMs), pollMs: 20 },
});
reached('migrated', applied.join(','));
await warehouse.close();
