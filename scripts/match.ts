/** `npm run match`: history files in, leads out. */

import { HELP, readOptions } from './match/options.ts';
import { EXIT_FAILED, run } from './match/run.ts';

const options = readOptions(process.argv.slice(2));
if (options === 'help') {
  console.log(HELP);
} else if ('problems' in options) {
  console.error(`${options.problems.join('\n')}\nnpm run match -- --help says how.`);
  process.exitCode = EXIT_FAILED;
} else {
  process.exitCode = await run(options, {
    env: process.env,
    tell: (text) => console.error(text),
    elapsedMs: () => performance.now(),
    peakMemoryBytes: () => process.resourceUsage().maxRSS * 1_024,
  });
}
