/**
 * The body of a webhook as every messenger sends it: its type is one of two, its length stands in the header. Read here, before Fastify reads it, which parses the
 * type into an object, keeps an async resource per body and runs five more stages that have nothing to do for a route of raw bytes: 5 of the 42 µs that signature,
 * JSON and answer of a post take together. Whatever else a post may be goes Fastify's way, and so does every error.
 */
import type { IncomingMessage } from 'node:http';

const TYPES: ReadonlySet<string> = new Set([
  'application/json',
  'application/json; charset=utf-8',
  'application/json;charset=utf-8',
  'application/json; charset=UTF-8',
  'application/json;charset=UTF-8',
  'application/x-www-form-urlencoded',
  'application/x-www-form-urlencoded; charset=utf-8',
  'application/x-www-form-urlencoded; charset=UTF-8',
]);

/** A length that ends nowhere, or has a sign or a space, is no plain post's. */
const LENGTH = /^[1-9]\d{0,9}$/;

/** Whether `readPlainBody` may read it. */
export function isPlainPost({ headers }: Pick<IncomingMessage, 'headers'>, maxBytes: number): boolean {
  const length = headers['content-length'];
  const type = headers['content-type'];
  return (
    type !== undefined &&
    TYPES.has(type) &&
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
export function readPlainBody(request: IncomingMessage, done: (error: Error | null, body: Buffer) => void): void {
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
