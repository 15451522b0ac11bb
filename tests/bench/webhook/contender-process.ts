/** The other side of contender.ts: what a contender does in its process. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createInterface } from 'node:readline';

export interface Serving {
  readonly port: number;
  close(): Promise<void>;
}

/** Starts the contender that argv names, on the brokers that it names; prints its port, then, at each line on standard input, the microseconds of CPU used; ends when standard input does. */
export async function serveContender(start: (contender: string, brokers: string[]) => Promise<Serving>): Promise<void> {
  const [contender = '', brokerList = ''] = process.argv.slice(2);
  const serving = await start(contender, brokerList.split(','));
  console.log(serving.port);
  for await (const _ of createInterface({ input: process.stdin })) {
    const { user, system } = process.cpuUsage();
    console.log(user + system);
  }
  await serving.close();
}

/** Node's own HTTP server and nothing else: `answer` gets each request with its whole body. */
export async function serveBare(
  answer: (body: Buffer, request: IncomingMessage, response: ServerResponse) => void,
  close: () => Promise<void>,
): Promise<Serving> {
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => answer(Buffer.concat(chunks), request, response));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    async close() {
      server.closeAllConnections();
      server.close();
      await close();
    },
  };
}
