import type { FastifyInstance, FastifyRequest, onRequestHookHandler } from 'fastify';
import { findPlacement } from '../domain/placement.ts';
import { qrTarget, readQrRequest } from '../domain/qr-request.ts';
import { readQuery } from '../domain/query.ts';
import type { IngestMetrics } from '../metrics.ts';
import type { Workspaces } from '../ports.ts';
import { qrPng, qrSvg } from './qr-image.ts';

export interface QrRouteOptions {
  readonly workspaces: Workspaces;
  readonly metrics: IngestMetrics;
  /** Scheme and host of links of workspaces that name none; empty: those of the request. */
  readonly publicUrl: string;
  readonly onRequest: onRequestHookHandler;
}

/** A printed code holds an address for years; what a client caches is the picture, and its settings may change. */
const MAX_AGE_SECONDS = 300;

/**
 * GET /qr/{workspace}/{placement}.svg and .png: the redirect of the placement as a picture for print. It holds no tracking code: each scan is a redirect,
 * which makes one.
 */
export function qrRoute(scope: FastifyInstance, { workspaces, metrics, publicUrl, onRequest }: QrRouteOptions): void {
  scope.get<{ Params: { workspace: string; file: string } }>('/qr/:workspace/:file', { onRequest }, async (request, reply) => {
    const file = /^(.*)\.(svg|png)$/.exec(request.params.file);
    if (file === null) {
      metrics.refused.inc({ route: 'qr', reason: 'unknown_format' });
      return reply.code(404).send({ error: 'unknown_format', message: 'the path must end with .svg or .png' });
    }
    const [, placementName = '', format] = file;
    const found = findPlacement(workspaces.current(), request.params.workspace, placementName);
    if (found.kind !== 'ok') {
      metrics.refused.inc({ route: 'qr', reason: found.error });
      return reply.code(found.status).send({ error: found.error, message: found.message });
    }
    const read = readQrRequest(readQuery(request.raw.url ?? ''));
    if (read.kind !== 'ok') {
      metrics.refused.inc({ route: 'qr', reason: 'invalid_query' });
      return reply.code(400).send({ error: 'invalid_query', message: 'the query has problems', problems: read.problems });
    }
    const settled = found.workspace.publicUrl || publicUrl;
    const base = settled || addressOf(request);
    if (base === undefined) {
      metrics.refused.inc({ route: 'qr', reason: 'no_public_url' });
      const message = 'the request names no host; set public_url in the workspace or PUBLIC_URL in the environment';
      return reply.code(400).send({ error: 'no_public_url', message });
    }
    const target = qrTarget(base, found.workspace.name, found.placement, read.request);
    reply
      // A picture that holds the address of one request is nobody else's: a shared cache would hand the next person a code of whatever host the first one named.
      .header('cache-control', `${settled === '' ? 'private' : 'public'}, max-age=${MAX_AGE_SECONDS}`)
      .header('content-disposition', `inline; filename="${found.workspace.name}-${found.placement.name}.${format}"`)
      .header('x-content-type-options', 'nosniff')
      .header('x-robots-tag', 'noindex');
    return format === 'svg'
      ? reply.type('image/svg+xml').send(qrSvg(target, read.request))
      : reply.type('image/png').send(qrPng(target, read.request));
  });
}

const HOST = /^(?:[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?|\[[0-9a-f:.]+\])(?::[0-9]{1,5})?$/i;

/** Where the request came to, for trying things out: whoever prints sets the address, for a code must not depend on who asked for it. */
function addressOf(request: FastifyRequest): string | undefined {
  return HOST.test(request.host) && /^https?$/.test(request.protocol) ? `${request.protocol}://${request.host.toLowerCase()}` : undefined;
}
