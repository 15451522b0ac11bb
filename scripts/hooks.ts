/** `npm run hooks`: tells Telegram where the updates of every bot go. */
import { runHooks } from './hooks/run.ts';

process.exitCode = await runHooks(process.argv.slice(2), { env: process.env, print: (line) => process.stdout.write(`${line}\n`) });
