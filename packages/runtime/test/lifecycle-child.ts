import { setTimeout as delay } from 'node:timers/promises';
import { runService } from '../src/lifecycle.ts';
import { createLogger } from '../src/logger.ts';
import { processHandle } from '../src/process-handle.ts';

/** A service of its own process for the lifecycle test: says what happens on standard output, one word a line. */
const mode = process.argv[2];
const say = (word: string): void => void process.stdout.write(`${word}\n`);

await runService(createLogger('child', 'silent'), { drainTimeoutMs: 5_000 }, processHandle(process), async (use) => {
  // Holds the process open as a server would.
  const timer = setInterval(() => undefined, 60_000);
  await use('store', {
    value: 'store',
    close: async () => {
      clearInterval(timer);
      say('store closed');
    },
  });
  await use('consumer', {
    value: 'consumer',
    close: async () => {
      say('draining');
      await delay(mode === 'stuck' ? 60_000 : 50);
      say('drained');
    },
  });
  if (mode === 'throws') {
    setImmediate(() => {
      throw new Error('a defect');
    });
  }
  if (mode === 'rejects') void Promise.reject(new Error('a forgotten promise'));
  say('ready');
});
