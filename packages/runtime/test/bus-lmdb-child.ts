import type { OpenChildBus } from '@messtrack/testing/bus-harness.ts';
import { openLmdbBus } from '../src/bus-lmdb.ts';
import { createLogger } from '../src/logger.ts';

/** The bus of the process the contract suite kills. */
export const openChildBus: OpenChildBus = async (settings, onPhase) => {
  if (typeof settings !== 'object' || settings === null || !('path' in settings) || typeof settings.path !== 'string')
    throw new Error('no path');
  return openLmdbBus({ path: settings.path, log: createLogger('child', 'warn'), onPhase });
};
