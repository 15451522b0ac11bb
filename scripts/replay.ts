/** `npm run replay`: folds the log again and says which leads change. */

import { createLogger, logStream } from '@messtrack/runtime/logger.ts';
import { HELP, readOptions } from './replay/options.ts';
import { EXIT_FAILED, run } from './replay/run.ts';

const options = readOptions(process.argv.slice(2));
if (options === 'help') {
  console.log(HELP);
} else if ('problems' in options) {
  console.error(`${options.problems.join('\n')}\nnpm run replay -- --help says how.`);
  process.exitCode = EXIT_FAILED;
} else {
  process.exitCode = await run(options, {
    env: process.env,
    nowMs: Date.now,
    // Standard output is for the report.
    log: createLogger('replay', 'warn', logStream(2)),
    print: (text) => console.log(text),
    tell: (text) => console.error(text),
  });
}
