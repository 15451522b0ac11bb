/**
 * The body of a post as nearly every client sends it: its type is one of a few spellings, its length stands in the header. Read here, before Fastify reads it, which
 * parses the type into an object, keeps an async resource per body and runs five more stages that have nothing to do for a route that wants the bytes: 5 to 13 µs of a
 * post. Whatever else a post may be goes Fastify's way, and so does every error.
 */
import type { IncomingMessage } from 'node:http';

/** A length that ends nowhere, or has a sign or a space, is no plain post's. */
const LENGTH = /^[1-9]\d{0,9}$/;

/** What this file knows of Fastify's request. */
interface Posted {
  readonly raw: IncomingMessage;
}

type OnRequest<Request extends Posted, Reply> = (request: Request, reply: Reply, done: (error?: Error) => void) => void;

/** How types of bodies are usually written; `charset` as libraries and browsers spell it. */
export function plainTypes(...types: readonly string[]): ReadonlySet<string> {
  return new Set(
    types.flatMap((type) => [
      type,
      ...['utf-8', 'UTF-8'].flatMap((charset) => [`${type}; charset=${charset}`, `${type};charset=${charset}`]),
    ]),
  );
}

/**
 * A hook `onRequest` of Fastify, the last of its route, that reads plain posts and has them answered. `answer` replies; what it rejects with is the error handler's, as a
 * handler's. Posts that are not plain go on to the route's handler, which has to answer the same.
 *
 * @param types exact values of Content-Type
 * @param maxBytes longer bodies are not read here: Fastify refuses them
 */
export function plainPosts<Request extends Posted, Reply>(
  types: ReadonlySet<string>,
  maxBytes: number,
  answer: (request: Request, reply: Reply, body: Buffer) => Promise<unknown>,
): OnRequest<Request, Reply> {
  return (request, reply, done) => {
    if (!isPlainPost(request.raw, types, maxBytes)) return done();
    readPlainBody(request.raw, (error, body) => {
      if (error === null) answer(request, reply, body).catch(done);
      else done(error);
    });
  };
}

export function isPlainPost({ headers }: Pick<IncomingMessage, 'headers'>, types: ReadonlySet<string>, maxBytes: number): boolean {
  const length = headers['content-length'];
  const type = headers['content-type'];
  return (
    type !== undefined &&
    types.has(type) &&
    length !== undefined &&
    LENGTH.test(length) &&
    Number(length) <= maxBytes &&
    headers['transfer-encoding'] === undefined
  );
}

/**
 * The parser of HTTP hands out as many bytes as the header says, or an error: the length needs no second look. Errors carry the 400 of a body that broke off; one
 * that comes after the body is about a connection whose answer nobody reads.
 */
function readPlainBody(request: IncomingMessage, done: (error: Error | null, body: Buffer) => void): void {
  let isOver = false;
  let body: Buffer = NOTHING;
  let pieces: Buffer[] | undefined;
  request.on('data', (chunk: Buffer) => {
    if (body === NOTHING) body = chunk;
    else if (pieces === undefined) pieces = [body, chunk];
    else pieces.push(chunk);
  });
  request.on('end', () => {
    isOver = true;
    done(null, pieces === undefined ? body : Buffer.concat(pieces));
  });
  request.on('error', (error: Error) => {
    if (isOver) return;
    isOver = true;
    done(Object.assign(error, { statusCode: 400 }), NOTHING);
  });
}

const NOTHING = Buffer.alloc(0);
