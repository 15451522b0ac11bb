import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { findWorkspace, type Refusal } from '../domain/placement.ts';
import type { Clock, Workspaces } from '../ports.ts';
import type { SnippetFile, SnippetScripts } from './snippet-scripts.ts';

/**
 * Five minutes of browser cache: a changed greeting or account is everywhere within them, and a page view costs no request. Behind that a cached
 * script serves for a day while it is asked for anew, and for a week where ingest cannot be reached: links must work without it.
 */
const CACHE_CONTROL = 'public, max-age=300, stale-while-revalidate=86400, stale-if-error=604800';
/**
 * A script with a pool in it says which of its accounts are well: a page view within a minute of the last costs no request, one within ten more takes the cached
 * script and has it asked for anew (304 unless something changed), a later one waits for the answer.
 */
const POOL_CACHE_CONTROL = 'public, max-age=60, stale-while-revalidate=600, stale-if-error=604800';
const SUFFIX = '.js';

/** GET /s/{workspace}.js and, for what pages load only at a tap, /s/{workspace}/widget.js. Public: they hold what a visitor of the site sees anyway. */
export function snippetRoute(
  scope: FastifyInstance,
  workspaces: Workspaces,
  scripts: SnippetScripts,
  clock: Clock,
  refuse: (reply: FastifyReply, refusal: Refusal) => FastifyReply,
): void {
  scope.get<{ Params: { file: string } }>('/s/:file', async (request, reply) => {
    const { file } = request.params;
    const found = findWorkspace(workspaces.current(), file.endsWith(SUFFIX) ? file.slice(0, -SUFFIX.length) : '');
    if (found.kind !== 'ok') return refuseFor(reply, found);
    const { workspace } = found;
    const hasPool = [...workspace.placements.values()].some(({ kind, pool }) => kind === 'site' && pool.length > 1);
    return answer(request, reply, await scripts.of(workspace, clock.now()), hasPool ? POOL_CACHE_CONTROL : CACHE_CONTROL);
  });

  scope.get<{ Params: { workspace: string } }>('/s/:workspace/widget.js', async (request, reply) => {
    const found = findWorkspace(workspaces.current(), request.params.workspace);
    if (found.kind !== 'ok') return refuseFor(reply, found);
    const file = await scripts.widgetOf(found.workspace);
    if (file !== undefined) return answer(request, reply, file, CACHE_CONTROL);
    const message = `no placement of "${found.workspace.name}" has a widget`;
    return refuseFor(reply, { kind: 'refused', status: 404, error: 'no_widget', message });
  });

  function refuseFor(reply: FastifyReply, refusal: Refusal): FastifyReply {
    // The workspace may come with the next reload of its file.
    return refuse(allowAll(reply).header('cache-control', 'public, max-age=30'), refusal);
  }
}

/** Tags with `crossorigin`, imports of modules, and whoever compares it with a hash. */
function allowAll(reply: FastifyReply): FastifyReply {
  return reply.header('access-control-allow-origin', '*').header('cross-origin-resource-policy', 'cross-origin');
}

function answer(request: FastifyRequest, reply: FastifyReply, { plain, gzipped, tag }: SnippetFile, cacheControl: string): FastifyReply {
  const isGzip = acceptsGzip(request.headers['accept-encoding']);
  const etag = isGzip ? `"${tag}-gz"` : `"${tag}"`;
  allowAll(reply)
    .header('cache-control', cacheControl)
    .header('etag', etag)
    .header('vary', 'Accept-Encoding')
    .header('x-content-type-options', 'nosniff')
    .type('text/javascript; charset=utf-8');
  if (isSameTag(request.headers['if-none-match'], etag)) return reply.code(304).send();
  if (isGzip) reply.header('content-encoding', 'gzip');
  return reply.send(isGzip ? gzipped : plain);
}

function acceptsGzip(header: string | string[] | undefined): boolean {
  return /(?:^|,)\s*(?:gzip|\*)\s*(?:;\s*q=(?!0(?:\.0*)?\s*(?:,|$))[^,]*)?(?:,|$)/i.test(String(header ?? ''));
}

/** RFC 9110: a list, weak tags compare by their text, "*" is any. */
function isSameTag(header: string | undefined, etag: string): boolean {
  return (header ?? '').split(',').some((each) => each.trim() === '*' || each.trim().replace(/^W\//, '') === etag);
}
