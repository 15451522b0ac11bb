import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { freePort } from './free-port.ts';

/**
 * A TCP proxy in front of one dependency, to take it away and give it back. For Kafka start the broker with `advertisedPort` set to the
 * proxy's port.
 */
export interface FaultProxy {
  readonly port: number;
  /** Open connections break now; new ones work. As a restarted load balancer or a dropped NAT entry. */
  cut(): void;
  /** Every chunk in both directions arrives this much later, in order. 0 ends it. Milliseconds. */
  delay(ms: number): void;
  /** Connections stay open and are accepted, and no byte passes until `heal`: what timeouts are for. */
  hold(): void;
  /** What the service answers reaches the client changed, chunk by chunk as it comes from the socket, until `heal`: a bad cable, or a disk that has rotted. */
  alter(change: (chunk: Buffer) => Buffer): void;
  /** Bytes that have arrived and wait for `heal` or their delay. */
  heldBytes(): number;
  /** Open connections break and new ones are refused until `heal`. As a stopped service. */
  refuse(): Promise<void>;
  /** Ends `refuse`, `hold`, `delay` and `alter`; bytes held back go on. */
  heal(): Promise<void>;
  close(): Promise<void>;
}

export interface FaultProxyOptions {
  readonly targetPort: number;
  readonly targetHost?: string;
  readonly port?: number;
}

/**
 * Breaks a connection as a network does. One that is just being ended is closed instead: libuv refuses to reset it, and Node then holds its handle for closed while it is open, so that the other side
 * hears nothing and the process never ends (`Environment::CleanupHandles` goes round without end; seen under Node 24.21).
 */
export function breakOff(socket: Socket): void {
  if (socket.writableEnded) socket.destroy();
  else socket.resetAndDestroy();
}

export async function startFaultProxy(options: FaultProxyOptions): Promise<FaultProxy> {
  const port = options.port ?? (await freePort());
  const sockets = new Set<Socket>();
  let delayMs = 0;
  let held = 0;
  let change: ((chunk: Buffer) => Buffer) | undefined;
  let healed: PromiseWithResolvers<void> | undefined;
  let server: Server | undefined;

  const pass = async (from: Socket, to: Socket, isAnswer: boolean) => {
    // Reading one chunk at a time bounds what is held back here; TCP holds back the rest.
    for await (const chunk of from) {
      held += chunk.length;
      if (delayMs > 0) await new Promise((resolve) => setTimeout(resolve, delayMs));
      await healed?.promise;
      held -= chunk.length;
      if (!to.write(isAnswer && change !== undefined ? change(chunk) : chunk)) await once(to, 'drain');
    }
    to.end();
  };
  const join = (client: Socket) => {
    const upstream = connect({ port: options.targetPort, host: options.targetHost ?? '127.0.0.1' });
    for (const [socket, other] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      sockets.add(socket);
      socket.setNoDelay(true);
      // One side broken breaks the other: half a connection would hide the fault from the client.
      socket.on('error', () => other.destroy());
      socket.on('close', () => {
        sockets.delete(socket);
        other.destroy();
      });
    }
    // A broken connection ends the loops by an error that the handlers above have dealt with.
    pass(client, upstream, false).catch(() => client.destroy());
    pass(upstream, client, true).catch(() => upstream.destroy());
  };
  const listen = async () => {
    if (server !== undefined) return;
    server = createServer({ allowHalfOpen: true }, join);
    server.listen({ port, host: '127.0.0.1' });
    await once(server, 'listening');
  };
  const cut = () => {
    for (const socket of sockets) breakOff(socket);
  };
  const release = () => {
    delayMs = 0;
    change = undefined;
    healed?.resolve();
    healed = undefined;
  };
  const refuse = async () => {
    const closing = server;
    server = undefined;
    if (closing === undefined) return;
    const closed = once(closing, 'close');
    closing.close();
    cut();
    await closed;
  };
  await listen();
  return {
    port,
    cut,
    delay(ms) {
      delayMs = ms;
    },
    hold() {
      healed ??= Promise.withResolvers();
    },
    alter(next) {
      change = next;
    },
    heldBytes: () => held,
    refuse,
    async heal() {
      release();
      await listen();
    },
    async close() {
      release();
      await refuse();
    },
  };
}
