import { reached } from '../src/child-points.ts';

/** Counts to five for child.integration.test.ts; with `wait` it then stays until it is stopped. */
for (let i = 1; i <= 5; i++) {
  reached('before', String(i));
  console.log(`work ${i}`);
  reached('after', String(i));
}
if (process.argv[2] === 'wait') {
  process.on('SIGTERM', () => {
    console.log('stopped in an orderly way');
    process.exit(0);
  });
  reached('waiting');
  setInterval(() => {}, 1_000);
}
