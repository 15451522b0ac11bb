import { readFile } from 'node:fs/promises';

/** At rest the process has 150 files open: the engine of the warehouse, stores, threads. Connections and parts that are merged come on top. */
const MIN_OPEN_FILES = 512;

/** The process may open too few files; the message says how many and what to do. */
export class OpenFilesError extends Error {
  override readonly name = 'OpenFilesError';
}

/**
 * With less it would start or not by chance, and refuse people and rows once there are some.
 *
 * @throws OpenFilesError
 */
export async function checkOpenFiles(limitsFile = '/proc/self/limits'): Promise<void> {
  let text: string;
  try {
    text = await readFile(limitsFile, 'utf8');
  } catch {
    // Not Linux: there is no such file, and limits are higher.
    return;
  }
  const limit = Number(/^Max open files\s+(\d+)/m.exec(text)?.[1] ?? Number.POSITIVE_INFINITY);
  if (limit < MIN_OPEN_FILES)
    throw new OpenFilesError(
      `this process may open ${limit} files, and needs ${MIN_OPEN_FILES} at least. Raise the limit: \`ulimit -n 65536\` in the shell, LimitNOFILE=65536 for systemd, --ulimit nofile=65536 for Docker.`,
    );
}
