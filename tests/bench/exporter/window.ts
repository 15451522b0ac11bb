import { loadavg } from 'node:os';
import type { Bus } from '@messtrack/runtime/bus.ts';
import type { ClickhouseProcess } from './clickhouse-process.ts';

/** What is measured of one contender: from its first record in hand to its last insert confirmed. */
export interface Measured {
  readonly seconds: number;
  readonly more: {
    /** CPU time of this process, which is the contender's: user and system, all threads, garbage collection included. */
    readonly clientCpuMsPer1000Rows: number;
    readonly clickhouseCpuMsPer1000Rows: number;
    /** Load of the machine over the last minute when the window closed; above the number of cores others were working too. */
    readonly load1: number;
  };
}

/** Opens the window; what it returns closes it. */
export async function openWindow(clickhouse: ClickhouseProcess, rows: number): Promise<() => Promise<Measured>> {
  const serverBefore = await clickhouse.cpuSeconds();
  const before = process.cpuUsage();
  const startedAt = performance.now();
  return async () => {
    const seconds = (performance.now() - startedAt) / 1_000;
    const { user, system } = process.cpuUsage(before);
    const server = (await clickhouse.cpuSeconds()) - serverBefore;
    return {
      seconds,
      more: {
        clientCpuMsPer1000Rows: (user + system) / rows,
        clickhouseCpuMsPer1000Rows: (server * 1_000_000) / rows,
        load1: loadavg()[0] ?? 0,
      },
    };
  };
}

/** The bus, telling when the first batch is in hand, before it is handled. */
export function withFirstBatch(bus: Bus, onFirst: () => Promise<void>): Bus {
  let first: Promise<void> | undefined;
  return {
    ...bus,
    consume: (options) =>
      bus.consume({
        ...options,
        onBatch: async (batch, consumer) => {
          first ??= onFirst();
          await first;
          await options.onBatch(batch, consumer);
        },
      }),
  };
}
