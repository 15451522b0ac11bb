import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { type ClickHouseClient, ClickHouseLogLevel, createClient } from '@clickhouse/client';
import { type Environment, loadConfig, secret, url } from '@messtrack/runtime/config.ts';
import { lockDataFolder } from '@messtrack/runtime/data-folder.ts';
import { connectWarehouse } from '@messtrack/warehouse/connect.ts';
import { z } from 'zod';
import { LogPlaceError } from './log-place.ts';

export interface OpenWarehouse {
  /** In words; no password. */
  readonly name: string;
  readonly client: ClickHouseClient;
  close(): Promise<void>;
}

const variables = z.object({
  CLICKHOUSE_URL: url('http', 'https').describe('HTTP interface of ClickHouse'),
  CLICKHOUSE_USER: z.string().default('default').describe('user of ClickHouse; may read'),
  CLICKHOUSE_PASSWORD: secret().optional().describe('password of that user'),
  CLICKHOUSE_DATABASE: z.string().default('messtrack').describe('database'),
});

/** A sorted year of clicks takes the server its time before the first row comes. */
const REQUEST_TIMEOUT_MS = 600_000;

/**
 * The ClickHouse server of CLICKHOUSE_URL, else the warehouse of a standalone's folder, which is taken for this process alone.
 *
 * @throws ConfigError, LogPlaceError, DataFolderLockedError
 */
export async function openWarehouse(folder: string | undefined, env: Environment): Promise<OpenWarehouse> {
  if (folder === undefined) {
    const config = loadConfig(variables, env);
    const client = createClient({
      url: config.CLICKHOUSE_URL,
      username: config.CLICKHOUSE_USER,
      password: config.CLICKHOUSE_PASSWORD?.reveal() ?? '',
      database: config.CLICKHOUSE_DATABASE,
      request_timeout: REQUEST_TIMEOUT_MS,
      // The client's own log writes to the console and repeats what it throws.
      log: { level: ClickHouseLogLevel.OFF },
    });
    return { name: `${config.CLICKHOUSE_URL}/${config.CLICKHOUSE_DATABASE}`, client, close: () => client.close() };
  }
  const path = join(folder, 'warehouse');
  if (!existsSync(path))
    throw new LogPlaceError(
      `${folder} is no data folder of a standalone: it holds no warehouse. Name one with --data, or a server with CLICKHOUSE_URL.`,
    );
  const lock = await lockDataFolder(folder);
  try {
    const warehouse = await connectWarehouse({ path });
    return {
      name: path,
      client: warehouse.client,
      close: async () => {
        await warehouse.close();
        await lock.release();
      },
    };
  } catch (error) {
    await lock.release();
    throw error;
  }
}
