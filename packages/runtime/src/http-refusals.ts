/**
 * Answers to requests that reach no route. Fastify's own repeat the address, query and all: providers that cannot set a header put their token there, and answers
 * stand in the logs of proxies. Ours say what is wrong and repeat nothing.
 */
import type { ServerResponse } from 'node:http';

/** What is answered: a reply of Fastify fits. */
interface HttpReply {
  /** From here on the answer is ours alone. */
  hijack(): unknown;
  readonly raw: Pick<ServerResponse, 'writeHead'>;
}

/** What answers: a Fastify instance fits. */
interface HttpRouter {
  setNotFoundHandler(handler: (request: unknown, reply: HttpReply) => void): unknown;
}

/** Option `frameworkErrors` of Fastify: the address cannot be read, or a part of it is longer than any name. */
export function refuseAddress(error: { readonly statusCode?: number | undefined }, _request: unknown, reply: HttpReply): void {
  if (error.statusCode === 414) refuse(reply, 414, 'address_too_long', 'the address is too long');
  else refuse(reply, 400, 'bad_address', 'the address cannot be read');
}

/** Every address and method that no service has. */
export function refuseUnknownRoutes(app: HttpRouter): void {
  app.setNotFoundHandler((_request, reply) => refuse(reply, 404, 'unknown_address', 'there is nothing at this address for this method'));
}

function refuse(reply: HttpReply, status: number, error: string, message: string): void {
  const body = JSON.stringify({ error, message });
  reply.hijack();
  reply.raw.writeHead(status, { 'content-type': 'application/json; charset=utf-8', 'content-length': Buffer.byteLength(body) }).end(body);
}
