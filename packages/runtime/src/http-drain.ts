import type { Server } from 'node:http';

const SWEEP_MS = 50;

/** What is closed: a Fastify instance fits. */
export interface HttpServer {
  readonly server: Pick<Server, 'closeIdleConnections'>;
  close(): PromiseLike<unknown>;
}

/**
 * Closes the server: requests in progress get their answer, and no connection keeps the process from ending. Closing alone ends the connections that are idle
 * at that moment; one whose answer was just under way stays open for the keep-alive time (72 s) and outlives every drain deadline.
 */
export async function drainHttp(app: HttpServer): Promise<void> {
  const sweep = setInterval(() => app.server.closeIdleConnections(), SWEEP_MS);
  try {
    await app.close();
  } finally {
    clearInterval(sweep);
  }
}
