import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { Logger } from 'pino';
import type { Registry } from 'prom-client';
import type { Health, HealthReport } from './health.ts';
import type { Running } from './lifecycle.ts';

export interface AdminOptions {
  /** 0 takes a free port. */
  readonly port: number;
  readonly host: string;
  readonly health: Health;
  readonly registry: Registry;
  readonly log: Logger;
}

export interface AdminServer {
  /** The port it listens on. */
  readonly port: number;
}

/**
 * Serves /healthz, /readyz and /metrics on a port of its own, so that the public port can be exposed without them.
 * Bare node:http: three routes need no framework, and probes must answer even when the public server is saturated with connections.
 * Start it first, so that it stops last and readiness turns red while the rest drains.
 */
export async function startAdmin(options: AdminOptions): Promise<Running<AdminServer>> {
  const { health, registry, log } = options;
  const server = createServer((request, response) => {
    answer(request, response, health, registry).catch((error: unknown) => {
      log.error({ err: error, path: request.url }, 'admin request failed');
      if (!response.headersSent) send(response, 500, 'text/plain', 'internal error\n');
      else response.destroy();
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port, options.host, () => {
      server.off('error', reject);
      resolve();
    });
  });
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : options.port;
  return {
    value: { port },
    close: () =>
      new Promise<void>((resolve, reject) => {
        server.close((error) => (error === undefined ? resolve() : reject(error)));
        // Scrapers keep their connections open for minutes; a stop must not wait for them.
        server.closeAllConnections();
      }),
  };
}

async function answer(request: IncomingMessage, response: ServerResponse, health: Health, registry: Registry): Promise<void> {
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    response.setHeader('allow', 'GET, HEAD');
    send(response, 405, 'text/plain', 'method not allowed\n');
    return;
  }
  switch (request.url?.split('?', 1)[0]) {
    case '/healthz':
      sendReport(response, health.live());
      return;
    case '/readyz':
      sendReport(response, await health.ready());
      return;
    case '/metrics':
      send(response, 200, registry.contentType, await registry.metrics());
      return;
    default:
      send(response, 404, 'text/plain', 'not found: /healthz, /readyz and /metrics are here\n');
  }
}

function sendReport(response: ServerResponse, report: HealthReport): void {
  const checks = report.findings.map(({ name, isOk, detail }) => ({ name, ok: isOk, detail }));
  send(response, report.isOk ? 200 : 503, 'application/json', `${JSON.stringify({ ok: report.isOk, checks })}\n`);
}

function send(response: ServerResponse, status: number, type: string, body: string): void {
  response.writeHead(status, { 'content-type': type, 'content-length': Buffer.byteLength(body), 'cache-control': 'no-store' });
  response.end(response.req.method === 'HEAD' ? undefined : body);
}
