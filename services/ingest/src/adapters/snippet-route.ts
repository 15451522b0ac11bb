import type { FastifyInstance, FastifyReply } from 'fastify';
import { findWorkspace, type Refusal } from '../domain/placement.ts';
import type { Workspaces } from '../ports.ts';
import type { SnippetScripts } from './snippet-scripts.ts';

/**
 * Five minutes of browser cache: a changed greeting or account is everywhere within them, and a page view costs no request. Behind that a cached
 * script serves for a day while it is asked for anew, and for a week where ingest cannot be reached: links must work without it.
 */
const CACHE_CONTROL = 'public, max-age=300, stale-while-revalidate=86400, stale-if-error=604800';
const SUFFIX = '.js';

/** GET /s/{workspace}.js. Public: it holds what a visitor of the site sees anyway. */
export function snippetRoute(
  scope: FastifyInstance,
  workspaces: Workspaces,
  scripts: SnippetScripts,
  refuse: (reply: FastifyReply, refusal: Refusal) => FastifyReply,
): void {
  scope.get<{ Params: { file: string } }>('/s/:file', async (request, reply) => {
    const { file } = request.params;
    const found = findWorkspace(workspaces.current(), file.endsWith(SUFFIX) ? file.slice(0, -SUFFIX.length) : '');
    // Tags with `crossorigin`, and whoever compares it with a hash.
    reply.header('access-control-allow-origin', '*').header('cross-origin-resource-policy', 'cross-origin');
    if (found.kind !== 'ok') {
      // The workspace may come with the next reload of its file.
      reply.header('cache-control', 'public, max-age=30');
      return refuse(reply, found);
    }
    const { plain, gzipped, tag } = await scripts.of(found.workspace);
    const isGzip = acceptsGzip(request.headers['accept-encoding']);
    const etag = isGzip ? `"${tag}-gz"` : `"${tag}"`;
    reply
      .header('cache-control', CACHE_CONTROL)
      .header('etag', etag)
      .header('vary', 'Accept-Encoding')
      .header('x-content-type-options', 'nosniff')
      .type('text/javascript; charset=utf-8');
    if (isSameTag(request.headers['if-none-match'], etag)) return reply.code(304).send();
    if (isGzip) reply.header('content-encoding', 'gzip');
    return reply.send(isGzip ? gzipped : plain);
  });
}

function acceptsGzip(header: string | string[] | undefined): boolean {
  return /(?:^|,)\s*(?:gzip|\*)\s*(?:;\s*q=(?!0(?:\.0*)?\s*(?:,|$))[^,]*)?(?:,|$)/i.test(String(header ?? ''));
}

/** RFC 9110: a list, weak tags compare by their text, "*" is any. */
function isSameTag(header: string | undefined, etag: string): boolean {
  return (header ?? '').split(',').some((each) => each.trim() === '*' || each.trim().replace(/^W\//, '') === etag);
}
