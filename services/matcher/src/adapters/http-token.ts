import type { FastifyReply } from 'fastify';
import type { TokenDirectory } from '../ports.ts';

/** Name of the workspace whose API token stands in `Authorization: Bearer TOKEN`; undefined when it is nobody's. */
export function workspaceOfBearer(tokens: TokenDirectory, authorization: string | undefined): string | undefined {
  const token = /^bearer +(\S+) *$/i.exec(authorization ?? '')?.[1];
  return token === undefined ? undefined : tokens.workspaceOf(token);
}

export function refuseWithoutToken(reply: FastifyReply): FastifyReply {
  return reply
    .code(401)
    .header('www-authenticate', 'Bearer')
    .send({ error: 'unauthorized', message: 'an API token of a workspace is required: Authorization: Bearer TOKEN' });
}
