/** Started with a standard output that takes nothing. What the file named by the argument holds at the end was written once there was room. */
import { closeSync, openSync, writeFileSync } from 'node:fs';
import { createLogger } from '../src/logger.ts';

const [file = '', survived = ''] = process.argv.slice(2);
const log = createLogger('child', 'info');
log.info('without room');
log.fatal('without room, and before the end');
closeSync(1);
// The lowest number that is free.
if (openSync(file, 'a') !== 1) throw new Error('standard output has another number');
log.info('with room');
closeSync(1);
if (openSync('/dev/full', 'a') !== 1) throw new Error('standard output has another number');
for (let line = 0; line < 8_000; line += 1) log.info({ line, padding: 'x'.repeat(100) }, 'without room again');
writeFileSync(survived, 'yes');
