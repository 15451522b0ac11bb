import { reached } from '../src/child-points.ts';
import { startGuarded } from '../src/guarded-process.ts';

/** Starts a process that would run for an hour and tells its pid; child.integration.test.ts then kills this one without a goodbye. */
const orphan = await startGuarded({ command: 'sleep', args: ['3600'] });
reached('started', String(orphan.pid));
setInterval(() => {}, 1_000);
