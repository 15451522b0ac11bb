import { randomInt } from 'node:crypto';
import { createServer } from 'node:net';

/**
 * Below every common ephemeral range (Linux 32768+, macOS and Windows 49152+). A port of the ephemeral range can be handed to any outgoing
 * connection while a restarted service is down, and a client that keeps knocking at a dead ephemeral port may even connect to itself.
 */
const FIRST = 20_000;
const LAST = 32_000;

const handedOut = new Set<number>();

/** A TCP port of 127.0.0.1 nobody listens on now; never the same one twice in this process. */
export async function freePort(): Promise<number> {
  for (let attempt = 0; attempt < 1_000; attempt++) {
    const port = randomInt(FIRST, LAST);
    if (handedOut.has(port) || !(await canListen(port))) continue;
    handedOut.add(port);
    return port;
  }
  throw new Error(`no free TCP port between ${FIRST} and ${LAST}`);
}

function canListen(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen({ port, host: '127.0.0.1', exclusive: true }, () => server.close(() => resolve(true)));
  });
}
