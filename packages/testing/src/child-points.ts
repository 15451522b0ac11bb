import { writeSync } from 'node:fs';

/** The child's side of child.ts. Lines that start with it are points, everything else is output. */
export const POINT_PREFIX = '@point ';
export const KILL_AT = 'MESSTRACK_TEST_KILL_AT';

const passed = new Map<string, number>();

/**
 * Marks a place in a child's script. At the place and the occurrence the parent named, the process ends by SIGKILL inside this call: nothing that
 * stands after it runs, no handler, no flush. `detail` reaches the parent.
 */
export function reached(point: string, detail = ''): void {
  // Synchronous, past any buffer: the parent has read it even when the next instruction is the kill.
  writeSync(1, `${POINT_PREFIX}${point} ${detail}\n`);
  const times = (passed.get(point) ?? 0) + 1;
  passed.set(point, times);
  if (process.env[KILL_AT] === `${point}#${times}`) process.kill(process.pid, 'SIGKILL');
}
