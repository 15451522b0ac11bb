import { createLogger } from '@messtrack/runtime/logger.ts';
import { reached } from '@messtrack/testing/child-points.ts';
import { connectWarehouse, type Warehouse } from '@messtrack/warehouse/connect.ts';
import { Registry } from 'prom-client';
import { DEFAULT_EXPORTER_SETTINGS } from '../src/config.ts';
import { startExporter } from '../src/service.ts';
import { openChildBus } from './child-bus.ts';

/** `exporter-child.ts <bus place, JSON> <ClickHouse url> <database> <group>`: an exporter to kill. Points: `inserting`, `inserted`. */
const [place = '', url = '', database = '', groupId = ''] = process.argv.slice(2);
const bus = await openChildBus(place);
const warehouse = await connectWarehouse({ url, database });
const { exec } = warehouse.client;
const client: Warehouse['client'] = Object.assign(Object.create(warehouse.client), {
  async exec(params: Parameters<typeof exec>[0]) {
    reached('inserting');
    const result = await exec.call(warehouse.client, params);
    reached('inserted');
    return result;
  },
});
const settings = { ...DEFAULT_EXPORTER_SETTINGS, groupId, maxRows: 50, maxAgeMs: 50 };
const log = createLogger('exporter-child', 'warn');
const running = await startExporter({ bus, warehouse: { ...warehouse, client }, settings, log, registry: new Registry() });
reached('started');
await running.failed;
