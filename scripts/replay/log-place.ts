import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Bus } from '@messtrack/runtime/bus.ts';
import { openKafkaBus } from '@messtrack/runtime/bus-kafka.ts';
import { openLmdbBus } from '@messtrack/runtime/bus-lmdb.ts';
import { lockDataFolder } from '@messtrack/runtime/data-folder.ts';
import type { KafkaConnection } from '@messtrack/runtime/kafka-variables.ts';
import type { Logger } from 'pino';

/** Where the log is. */
export type LogPlace =
  | { readonly kind: 'folder'; readonly path: string }
  | { readonly kind: 'cluster'; readonly connection: KafkaConnection };

export interface OpenLog {
  readonly bus: Bus;
  close(): Promise<void>;
}

/** What the command was told to read is not there; the message says what to do. */
export class LogPlaceError extends Error {
  override readonly name = 'LogPlaceError';
}

/**
 * Opens the log. A standalone's folder is taken for this process alone: the standalone must be stopped, or the two would write over each
 * other. `read` leaves the folder as it is; under the real clock opening it would remove what its retention lets go.
 *
 * @throws LogPlaceError, DataFolderLockedError
 */
export async function openLogPlace(place: LogPlace, purpose: 'read' | 'append', log: Logger): Promise<OpenLog> {
  if (place.kind === 'cluster') {
    const bus = await openKafkaBus({ ...place.connection, clientId: 'replay', log });
    return { bus, close: () => bus.close() };
  }
  const path = join(place.path, 'log');
  if (!existsSync(path)) {
    throw new LogPlaceError(
      `${place.path} is no data folder of a standalone: it holds no log. Name one with --data, or a cluster with KAFKA_BROKERS.`,
    );
  }
  const lock = await lockDataFolder(place.path);
  try {
    const bus = await openLmdbBus({ path, log, ...(purpose === 'read' ? { now: () => 0 } : {}) });
    return {
      bus,
      close: async () => {
        await bus.close();
        await lock.release();
      },
    };
  } catch (error) {
    await lock.release();
    throw error;
  }
}
