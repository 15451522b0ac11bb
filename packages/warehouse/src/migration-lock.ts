import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type { ClickHouseClient } from '@clickhouse/client';
import { type ClusterMacros, fillMacros, MigrationError } from './migration-files.ts';
import { quoteString } from './sql-text.ts';

const LOCK = 'migration_lock';
const TABLE_ALREADY_EXISTS = '57';
const UNKNOWN_TABLE = '60';

export interface LockOptions {
  /** A holder that has not renewed its lease for this long is dead. Milliseconds. */
  readonly leaseMs: number;
  /** How long to wait for another holder. Milliseconds. */
  readonly waitMs: number;
  readonly pollMs: number;
}

/** A holder renews three times per lease. Large tables change in seconds: ALTERs of migrations touch metadata. */
export const DEFAULT_LOCK: LockOptions = { leaseMs: 60_000, waitMs: 300_000, pollMs: 200 };

interface Lease {
  readonly holder: string;
  /** By the server's clock. Milliseconds since the Unix epoch. */
  readonly untilMs: number;
}

/**
 * Mutual exclusion without Keeper, by the one thing every ClickHouse does atomically: of several `CREATE TABLE` of one name exactly one succeeds
 * (ON CLUSTER: the DDL queue puts them in one order). The table's comment says who holds it and until when; times are the server's, so clocks of
 * processes do not matter.
 *
 * A dead holder's lock is retired by RENAME to a name made of the holder's id. That name exists from then on, so the same lock cannot be retired twice:
 * a slow second waiter who saw the dead holder too fails to rename what is by now somebody's new lock. The retired empty tables stay for that reason.
 *
 * `work` gets a function that throws when the lock is no longer ours; call it before each step.
 */
export async function withMigrationLock<T>(
  client: ClickHouseClient,
  macros: ClusterMacros,
  options: LockOptions,
  work: (stillOurs: () => Promise<void>) => Promise<T>,
): Promise<T> {
  const holder = randomUUID();
  await acquire(client, macros, options, holder);
  const stillOurs = async () => {
    const lease = await readLease(client);
    if (lease?.holder !== holder)
      throw new MigrationError('the migration lock was taken over: this process was silent longer than its lease');
  };
  const stop = new AbortController();
  const renewing = renewUntil(stop.signal, client, macros, options, holder);
  try {
    // A lease that cannot be renewed ends the work: somebody else may have begun. A stopped renewal never wins the race.
    const lost = renewing.then((end) =>
      end === 'lost' ? Promise.reject(new MigrationError('the migration lock was lost')) : new Promise<never>(() => undefined),
    );
    return await Promise.race([work(stillOurs), lost]);
  } finally {
    stop.abort();
    await renewing.catch(() => undefined);
    const lease = await readLease(client);
    if (lease?.holder === holder) await client.command({ query: fillMacros(`DROP TABLE IF EXISTS ${LOCK} {on_cluster}`, macros) });
  }
}

async function acquire(client: ClickHouseClient, macros: ClusterMacros, options: LockOptions, holder: string): Promise<void> {
  const giveUpAt = performance.now() + options.waitMs;
  let seen: Lease | undefined;
  let seenAt = 0;
  for (;;) {
    const now = await serverTimeMs(client);
    const comment = quoteString(encodeLease({ holder, untilMs: now + options.leaseMs }));
    const create = `CREATE TABLE ${LOCK} {on_cluster} (nothing UInt8) ENGINE = MergeTree ORDER BY tuple() COMMENT ${comment}`;
    try {
      await client.command({ query: fillMacros(create, macros) });
      return;
    } catch (error) {
      if (!hasClickhouseCode(error, TABLE_ALREADY_EXISTS)) throw error;
    }
    const lease = await readLease(client);
    if (lease?.holder !== seen?.holder || lease?.untilMs !== seen?.untilMs) [seen, seenAt] = [lease, performance.now()];
    // Also what nobody has renewed for as long while we looked: the server's clock may have been set back since its holder died.
    if (lease !== undefined && (lease.untilMs < now || performance.now() - seenAt > options.leaseMs)) {
      await retire(client, macros, lease);
      continue;
    }
    if (performance.now() > giveUpAt) {
      throw new MigrationError(`another process (${lease?.holder ?? 'unknown'}) has been migrating for longer than ${options.waitMs} ms`);
    }
    await delay(options.pollMs);
  }
}

async function retire(client: ClickHouseClient, macros: ClusterMacros, lease: Lease): Promise<void> {
  const grave = `${LOCK}_of_${lease.holder.replaceAll(/[^A-Za-z0-9]/g, '')}`;
  try {
    await client.command({ query: fillMacros(`RENAME TABLE ${LOCK} TO ${grave} {on_cluster}`, macros) });
  } catch (error) {
    // Another waiter was faster; whoever creates the new lock first has it.
    if (!hasClickhouseCode(error, TABLE_ALREADY_EXISTS) && !hasClickhouseCode(error, UNKNOWN_TABLE)) throw error;
  }
}

async function renewUntil(
  signal: AbortSignal,
  client: ClickHouseClient,
  macros: ClusterMacros,
  options: LockOptions,
  holder: string,
): Promise<'stopped' | 'lost'> {
  for (;;) {
    try {
      await delay(options.leaseMs / 3, undefined, { signal });
    } catch {
      return 'stopped';
    }
    const lease = await readLease(client);
    if (lease?.holder !== holder) return 'lost';
    const comment = quoteString(encodeLease({ holder, untilMs: (await serverTimeMs(client)) + options.leaseMs }));
    await client.command({ query: fillMacros(`ALTER TABLE ${LOCK} {on_cluster} MODIFY COMMENT ${comment}`, macros) });
  }
}

async function readLease(client: ClickHouseClient): Promise<Lease | undefined> {
  const query = `SELECT comment FROM system.tables WHERE database = currentDatabase() AND name = '${LOCK}'`;
  const rows = await (await client.query({ query, format: 'JSONEachRow' })).json<{ comment: string }>();
  const [row] = rows;
  if (row === undefined) return undefined;
  const [, holder = 'unknown', until = '0'] = /^held by (\S+) until (\d+)$/.exec(row.comment) ?? [];
  return { holder, untilMs: Number(until) };
}

function encodeLease(lease: Lease): string {
  return `held by ${lease.holder} until ${lease.untilMs}`;
}

async function serverTimeMs(client: ClickHouseClient): Promise<number> {
  const rows = await (
    await client.query({ query: 'SELECT toString(toUnixTimestamp64Milli(now64(3))) AS ms', format: 'JSONEachRow' })
  ).json<{ ms: string }>();
  return Number(rows[0]?.ms);
}

function hasClickhouseCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}
