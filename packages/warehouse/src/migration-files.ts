import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

export interface Migration {
  /** The number in front of the file name, from 1, without gaps. */
  readonly version: number;
  /** File name. */
  readonly name: string;
  /** SHA-256 of the file before macros are filled in, hexadecimal. Line ends count as LF: a checkout on Windows is the same migration. */
  readonly checksum: string;
  readonly statements: readonly string[];
}

/** The folder or the database is not as migrations need it; the message says what to do. */
export class MigrationError extends Error {
  override readonly name = 'MigrationError';
}

const FILE = /^(\d{4})_[a-z0-9_]+\.sql$/;

/** @throws MigrationError for a wrong name, a gap or a number given twice */
export async function readMigrations(dir: string): Promise<readonly Migration[]> {
  const names = (await readdir(dir)).filter((name) => name.endsWith('.sql')).sort();
  const migrations: Migration[] = [];
  for (const name of names) {
    const version = Number(FILE.exec(name)?.[1] ?? 0);
    if (version === 0) throw new MigrationError(`${name}: migrations are named NNNN_words.sql, numbered from 0001`);
    if (version !== migrations.length + 1) {
      throw new MigrationError(`${name}: expected number ${migrations.length + 1}; migrations have no gaps and no number twice`);
    }
    const text = (await readFile(join(dir, name), 'utf8')).replaceAll('\r\n', '\n');
    const checksum = createHash('sha256').update(text).digest('hex');
    migrations.push({ version, name, checksum, statements: splitStatements(text) });
  }
  return migrations;
}

/** A statement ends with `;` at the end of a line. Lines that begin with `--` are comments. */
export function splitStatements(text: string): readonly string[] {
  return text
    .split('\n')
    .filter((line) => !line.trimStart().startsWith('--'))
    .join('\n')
    .split(/;[ \t]*(?:\n|$)/)
    .map((statement) => statement.trim())
    .filter((statement) => statement !== '');
}

export interface ClusterMacros {
  /** Cluster of ON CLUSTER; undefined on a single server and in the process. */
  readonly cluster?: string | undefined;
}

/**
 * `{on_cluster}` → `ON CLUSTER name` or nothing, `{engine_prefix}` → `Replicated` or nothing. The replicated engines take their Keeper path and replica
 * name from the server's `default_replica_path` and `default_replica_name`.
 */
export function fillMacros(statement: string, macros: ClusterMacros): string {
  const onCluster = macros.cluster === undefined ? '' : `ON CLUSTER '${macros.cluster.replaceAll("'", "\\'")}'`;
  return statement.replaceAll('{on_cluster}', onCluster).replaceAll('{engine_prefix}', macros.cluster === undefined ? '' : 'Replicated');
}
