import type { Server } from 'node:http';
import { createInterface } from 'node:readline';

/** Prints the port a contender listens on, then, at each line on standard input, the microseconds of CPU it has used. */
export function announce(server: Server): void {
  const address = server.address();
  console.log(`listening ${typeof address === 'object' && address !== null ? address.port : 0}`);
  createInterface({ input: process.stdin }).on('line', () => {
    const { user, system } = process.cpuUsage();
    console.log(`cpu ${user + system}`);
  });
}
