import { once } from 'node:events';
import { Agent, createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';

/**
 * One public HTTP entry in front of the cluster's services, as nginx is in docker-compose.yml (deploy/nginx.conf): the same routes, for machines
 * without a Docker engine. Bodies stream through, nothing is kept.
 */
export interface ReverseProxy {
  /** `http://host:port` */
  readonly url: string;
  close(): Promise<void>;
}

/** Ports of 127.0.0.1; several of one service take turns. */
export interface Upstreams {
  readonly ingest: readonly number[];
  readonly gateway: readonly number[];
  readonly matcher: readonly number[];
  /** ClickHouse's HTTP interface, read-only by what stands in this URL: its path or its parameters. */
  readonly sql: URL;
}

export interface ReverseProxyOptions {
  readonly host: string;
  /** 0 takes a free one. */
  readonly port: number;
  readonly upstreams: Upstreams;
}

/** Headers of one connection, not of the message (RFC 9110 §7.6.1). */
const HOP_BY_HOP = new Set(['connection', 'keep-alive', 'proxy-connection', 'te', 'trailer', 'transfer-encoding', 'upgrade']);

export async function startReverseProxy(options: ReverseProxyOptions): Promise<ReverseProxy> {
  const agent = new Agent({ keepAlive: true });
  const route = createRouter(options.upstreams);
  const server = createServer((incoming, outgoing) => {
    const path = incoming.url ?? '/';
    // Absolute form and `*` are for forward proxies; no service has such a path.
    if (!path.startsWith('/')) {
      answerJson(outgoing, 400, { error: 'bad_request', message: 'the request target must be a path' });
      return;
    }
    const target = route(path);
    forward(incoming, outgoing, target, agent);
  });
  server.listen({ host: options.host, port: options.port });
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the reverse proxy listens on no TCP port');
  return {
    url: `http://${options.host}:${address.port}`,
    async close() {
      const closed = once(server, 'close');
      server.close();
      server.closeIdleConnections();
      await closed;
      agent.destroy();
    },
  };
}

export interface Target {
  readonly name: string;
  readonly host: string;
  readonly port: number;
  /** As the client sent it: normalising would let `/hooks/../` choose a service by one path and ask it for another. */
  readonly path: string;
}

/** Which service answers a path. Exported for its table of cases. */
export function createRouter(upstreams: Upstreams): (path: string) => Target {
  const turns = new Map<string, number>();
  const next = (name: string, ports: readonly number[], path: string): Target => {
    const turn = turns.get(name) ?? 0;
    turns.set(name, turn + 1);
    const port = ports[turn % ports.length];
    if (port === undefined) throw new Error(`the proxy knows no port of ${name}`);
    return { name, host: '127.0.0.1', port, path };
  };
  return (path) => {
    const [pathname = '/'] = path.split('?', 1);
    if (pathname.startsWith('/hooks/')) return next('messenger-gateway', upstreams.gateway, path);
    if (pathname === '/v1/goals' || pathname === '/v1/leads' || pathname.startsWith('/v1/leads/'))
      return next('matcher', upstreams.matcher, path);
    if (pathname === '/sql' || pathname === '/sql/') {
      return {
        name: 'clickhouse',
        host: upstreams.sql.hostname,
        port: Number(upstreams.sql.port || 80),
        path: readOnlyQuery(upstreams.sql, path.slice(pathname.length)),
      };
    }
    return next('ingest', upstreams.ingest, path);
  };
}

/** Parameters that say who asks or lift the limit: what a client sends of them is dropped. */
const DECIDED_HERE = ['user', 'password', 'readonly', 'session_id', 'role', 'quota_key'];

function readOnlyQuery(sql: URL, query: string): string {
  const asked = new URLSearchParams(query);
  for (const name of DECIDED_HERE) asked.delete(name);
  for (const [name, value] of sql.searchParams) asked.set(name, value);
  return asked.size === 0 ? sql.pathname : `${sql.pathname}?${asked}`;
}

function forward(incoming: IncomingMessage, outgoing: ServerResponse, target: Target, agent: Agent): void {
  const headers: Record<string, string | string[]> = {};
  for (const [name, value] of Object.entries(incoming.headers)) {
    if (value !== undefined && !HOP_BY_HOP.has(name) && !(target.name === 'clickhouse' && isCredential(name))) headers[name] = value;
  }
  // What the client says about itself is dropped: this proxy is the outermost, so its peer is the client.
  headers['x-forwarded-for'] = incoming.socket.remoteAddress ?? '';
  headers['x-forwarded-proto'] = 'http';
  headers['x-forwarded-host'] = incoming.headers.host ?? '';

  const upstream = request({
    host: target.host,
    port: target.port,
    path: target.path,
    method: incoming.method ?? 'GET',
    headers,
    agent,
    setHost: false,
  });
  upstream.on('response', (answer) => {
    const answered = { ...answer.headers };
    for (const name of HOP_BY_HOP) delete answered[name];
    outgoing.writeHead(answer.statusCode ?? 502, answered);
    answer.on('error', () => outgoing.destroy());
    answer.pipe(outgoing);
  });
  upstream.on('error', (error: NodeJS.ErrnoException) => {
    if (outgoing.headersSent) {
      outgoing.destroy();
      return;
    }
    answerJson(outgoing, 502, { error: 'bad_gateway', message: `${target.name} does not answer: ${error.code ?? error.message}` });
  });
  // A client that leaves takes its request with it.
  outgoing.on('close', () => upstream.destroy());
  incoming.pipe(upstream);
}

function answerJson(outgoing: ServerResponse, status: number, body: { readonly error: string; readonly message: string }): void {
  outgoing.writeHead(status, { 'content-type': 'application/json' });
  outgoing.end(JSON.stringify(body));
}

function isCredential(header: string): boolean {
  return header === 'authorization' || header.startsWith('x-clickhouse-');
}
