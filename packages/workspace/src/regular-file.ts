import type { Stats } from 'node:fs';

/** A file that has an end. Reading from a pipe waits for its writer, from a device such as /dev/zero for ever. */
export function regular(stats: Stats): Stats {
  if (stats.isFile()) return stats;
  throw Object.assign(new Error('not a regular file'), { code: stats.isDirectory() ? 'EISDIR' : 'not a regular file' });
}

export function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : String(error);
}
