/**
 * One connection of kafkajs where it would open several. Each request looks whether its connection stands and, if not, connects it; requests that come while it is being connected see none standing and
 * connect it again. Each of those sockets is overwritten by the next, used by nobody and closed by nobody: it keeps the process alive after everything has been closed, until the broker ends it for
 * idleness after ten minutes. Partitions that are read side by side begin like that, as does whoever goes on after a broker was away. So whoever comes meanwhile waits for the connection that is being made.
 *
 * And one without what the connection before has left: kafkajs keeps the beginning of an answer that broke off, as when a broker is killed while it sends, and takes what comes over the next connection for the rest of it. Every
 * answer from then on is cut at the wrong places and matches no request: the consumer neither fetches nor sends heartbeats again.
 */
import ConnectionPool, { type Connection } from 'kafkajs/src/network/connectionPool.js';

interface Attempt {
  readonly done: Promise<unknown>;
  /** By `performance.now()`. */
  readonly startedAtMs: number;
}

const attempts = new WeakMap<Connection, Attempt>();

/** From here on every kafkajs client of this process connects once at a time. Safe to call again. */
export function installSharedConnect(): void {
  ConnectionPool.prototype.getConnection = async function (this: ConnectionPool, index = 0): Promise<Connection> {
    const connection = this.pool[index]!;
    if (!connection.isConnected()) await connectOnce(connection);
    return connection;
  };
}

function connectOnce(connection: Connection): Promise<unknown> {
  const before = attempts.get(connection);
  // A peer that ends the connection during the handshake of TLS leaves an attempt that never settles: nobody joins one whose own time is over.
  if (before !== undefined && performance.now() - before.startedAtMs < connection.connectionTimeout) return before.done;
  forgetBytes(connection);
  const attempt: Attempt = { done: connection.connect(), startedAtMs: performance.now() };
  attempts.set(connection, attempt);
  const forget = () => {
    if (attempts.get(connection) === attempt) attempts.delete(connection);
  };
  attempt.done.then(forget, forget);
  return attempt.done;
}

/** Of the size that stands before an answer. Bytes. */
const SIZE_BYTES = 4;

function forgetBytes(connection: Connection): void {
  // What the old one may still bring belongs to requests that have failed.
  connection.socket?.removeAllListeners('data');
  connection.chunks = [];
  connection.bytesBuffered = 0;
  connection.bytesNeeded = SIZE_BYTES;
}
