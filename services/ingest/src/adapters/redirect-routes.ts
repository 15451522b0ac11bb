import { createHash } from 'node:crypto';
import type { FastifyInstance, FastifyReply, FastifyRequest, onRequestHookHandler } from 'fastify';
import { OPEN_APP_STYLE, openAppPage } from '../domain/open-app-page.ts';
import type { Refusal } from '../domain/placement.ts';
import type { RequestFacts } from '../domain/visitor.ts';
import type { IngestMetrics } from '../metrics.ts';
import type { Answer, Pipeline, Redirect } from '../pipeline.ts';
import { requestFacts, traced } from './http-request.ts';

export interface RedirectRouteOptions {
  readonly pipeline: Pipeline;
  readonly metrics: IngestMetrics;
  /** Record a span per request. */
  readonly isTracing: boolean;
  readonly onRequest: onRequestHookHandler;
}

type Refuse = (reply: FastifyReply, refusal: Refusal) => FastifyReply;

const PAGE_POLICY = [
  "default-src 'none'",
  `style-src 'sha256-${createHash('sha256').update(OPEN_APP_STYLE).digest('base64')}'`,
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

/** GET /t/{workspace}/{placement} and its short form GET /go/{name}. Fastify answers HEAD by the same handlers. */
export function redirectRoutes(
  scope: FastifyInstance,
  { pipeline, metrics, isTracing, onRequest }: RedirectRouteOptions,
  refuse: Refuse,
): void {
  scope.get<{ Params: { workspace: string; placement: string } }>('/t/:workspace/:placement', { onRequest }, (request, reply) =>
    sendOn(request, reply, 'GET /t', (facts) => pipeline.redirect(request.params.workspace, request.params.placement, facts)),
  );
  scope.get<{ Params: { name: string } }>('/go/:name', { onRequest }, (request, reply) =>
    sendOn(request, reply, 'GET /go', (facts) => pipeline.vanity(request.params.name, facts)),
  );

  /** The reply is sent and not returned: a promise that gives a reply waits for it once more. */
  async function sendOn(
    request: FastifyRequest,
    reply: FastifyReply,
    span: string,
    click: (facts: RequestFacts) => Promise<Answer<Redirect>>,
  ): Promise<void> {
    const startedAtMs = performance.now();
    const answer = await traced(isTracing, span, requestFacts(request), click);
    // A stored answer would send the next person on with this person's code.
    reply.header('cache-control', 'no-store').header('referrer-policy', 'no-referrer');
    if (answer.kind !== 'ok') {
      refuse(reply, answer);
      return;
    }
    const { link, app, languages, isRecorded } = answer.value;
    if (isRecorded) metrics.durableSeconds.observe((performance.now() - startedAtMs) / 1_000);
    else reply.header('messtrack-click', 'not-recorded');
    if (app === undefined) {
      reply.code(302).header('location', link).send();
      return;
    }
    reply
      .code(200)
      .header('content-security-policy', PAGE_POLICY)
      .header('x-content-type-options', 'nosniff')
      .header('x-robots-tag', 'noindex')
      .header('vary', 'User-Agent, Accept-Language')
      .type('text/html; charset=utf-8')
      .send(openAppPage(app, languages));
  }
}
