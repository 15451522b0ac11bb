/** `npm run hooks`: tells the providers where the webhooks of every account go. */
import { runHooks } from './hooks/run.ts';

process.exitCode = await runHooks(process.argv.slice(2), { env: process.env, print: (line) => process.stdout.write(`${line}\n`) });
