import { STATUS_CODES } from 'node:http';
import { plainPosts, plainTypes } from '@messtrack/runtime/plain-post.ts';
import type { FastifyInstance, FastifyReply, FastifyRequest, onRequestHookHandler } from 'fastify';
import type { Logger } from 'pino';
import type { RateLimitSettings } from '../config.ts';
import type { Checked } from '../domain/beacon.ts';
import { checkClicks, checkVisit } from '../domain/beacon.ts';
import { isListedAnywhere } from '../domain/placement.ts';
import type { RequestFacts } from '../domain/visitor.ts';
import type { IngestMetrics } from '../metrics.ts';
import type { Accepted, Answer, Pipeline } from '../pipeline.ts';
import type { AccountHealth, Clock, Workspaces } from '../ports.ts';
import { accountHealthRoute } from './account-health-route.ts';
import { requestFacts, traced } from './http-request.ts';
import { qrRoute } from './qr-route.ts';
import { createRateLimits } from './rate-limits.ts';
import { redirectRoutes } from './redirect-routes.ts';
import { sendbackRoute } from './sendback-route.ts';
import { snippetRoute } from './snippet-route.ts';
import { createSnippetScripts } from './snippet-scripts.ts';
import { isKeptNowhere, SpoolFullError } from './spool.ts';

export interface RouteOptions {
  readonly pipeline: Pipeline;
  readonly workspaces: Workspaces;
  readonly health: AccountHealth;
  readonly clock: Clock;
  readonly metrics: IngestMetrics;
  readonly log: Logger;
  /** Record a span per request. */
  readonly isTracing: boolean;
  readonly limits: RateLimitSettings;
  /** Scheme and host of links of workspaces that name none; empty where it is not set. */
  readonly publicUrl: string;
}

type Route = 'redirect' | 'clicks' | 'visits' | 'sendback' | 'snippet' | 'qr' | 'account_health';

/** Fifty clicks of a snippet that was offline for a day take 15 KB. */
const MAX_BODY_BYTES = 16_384;
const BODY_TYPES = ['application/json', 'text/plain'];
const PLAIN_TYPES = plainTypes(...BODY_TYPES);
const RETRY_AFTER_SECONDS = 5;
const PREFLIGHT_SECONDS = 600;

/** Registers ingest's routes in a scope of their own, so that its body parsers touch no other service's. */
export async function registerRoutes(app: FastifyInstance, options: RouteOptions): Promise<void> {
  await app.register(async (scope) => {
    acceptBeaconBodies(scope);
    scope.setErrorHandler((error, request, reply) => answerError(error, request, reply, options));
    const limits = createRateLimits(options.limits, options.metrics);
    // Before anything can refuse: a page that cannot read why takes a refusal for an outage and sends the same for a day.
    const mayBeRead: onRequestHookHandler = (request, reply, done) => {
      allowReading(reply, options.workspaces, request.headers.origin);
      done();
    };
    const ofPages = [mayBeRead, limits.beacons];
    redirectRoutes(scope, { ...options, onRequest: limits.redirects }, (reply, { status, error, message }) =>
      refuse(reply, options.metrics, 'redirect', status, error, message),
    );
    qrRoute(scope, { ...options, onRequest: limits.qr });
    accountHealthRoute(scope, { ...options, onRequest: limits.qr });
    snippetRoute(scope, options.workspaces, createSnippetScripts(options.health), options.clock, (reply, { status, error, message }) =>
      refuse(reply, options.metrics, 'snippet', status, error, message),
    );
    beaconRoute(scope, '/v1/clicks', 'clicks', options, ofPages, checkClicks, (bodies, facts) => options.pipeline.clicks(bodies, facts));
    sendbackRoute(scope, {
      ...options,
      onRequest: ofPages,
      refuse: (reply, { status, error, message, link, retryAfterSeconds }) => {
        if (retryAfterSeconds !== undefined) reply.header('retry-after', retryAfterSeconds);
        options.metrics.refused.inc({ route: 'sendback', reason: error });
        return reply.code(status).send({ error, message, ...(link === undefined ? {} : { link }) });
      },
    });
    preflightRoute(scope, '/v1/sendback', options.workspaces);
    beaconRoute(scope, '/v1/visits', 'visits', options, ofPages, checkVisit, (body, facts) => options.pipeline.visit(body, facts));
  });
}

function beaconRoute<T>(
  scope: FastifyInstance,
  path: string,
  route: Route,
  { workspaces, metrics, isTracing }: RouteOptions,
  onRequest: readonly onRequestHookHandler[],
  check: (body: unknown) => Checked<T>,
  accept: (body: T, facts: RequestFacts) => Promise<Answer<Accepted>>,
): void {
  preflightRoute(scope, path, workspaces);

  // The reply is sent and not returned: a promise that gives a reply waits for it once more.
  const answer = async (request: FastifyRequest, reply: FastifyReply, body: unknown): Promise<void> => {
    const facts = requestFacts(request);
    const checked = check(body);
    if (checked.kind !== 'ok') {
      metrics.refused.inc({ route, reason: 'invalid_body' });
      reply.code(400).send({ error: 'invalid_body', message: 'the body has problems', problems: checked.problems });
      return;
    }
    const startedAtMs = performance.now();
    const outcome = await traced(isTracing, `POST ${path}`, facts, (within) => accept(checked.value, within));
    if (outcome.kind !== 'ok') {
      refuse(reply, metrics, route, outcome.status, outcome.error, outcome.message);
      return;
    }
    metrics.durableSeconds.observe((performance.now() - startedAtMs) / 1_000);
    reply.code(202).send(outcome.value);
  };
  const plain = plainPosts(PLAIN_TYPES, MAX_BODY_BYTES, async (request: FastifyRequest, reply: FastifyReply, body) =>
    answer(request, reply, parseJson(body.toString())),
  );
  scope.post(path, { bodyLimit: MAX_BODY_BYTES, onRequest: [...onRequest, plain] }, (request, reply) =>
    answer(request, reply, request.body),
  );
}

/** Whether a page may ask at all; which placement it may ask for is decided on the body. */
function preflightRoute(scope: FastifyInstance, path: string, workspaces: Workspaces): void {
  scope.options(path, async (request, reply) => {
    reply.header('vary', 'Origin');
    const { origin } = request.headers;
    if (origin === undefined || !isListedAnywhere(workspaces.current(), origin)) return reply.code(204).send();
    return reply
      .code(204)
      .header('access-control-allow-origin', origin)
      .header('access-control-allow-methods', 'POST')
      .header('access-control-allow-headers', 'content-type, traceparent')
      .header('access-control-max-age', PREFLIGHT_SECONDS)
      .send();
  });
}

/** `sendBeacon` and simple requests without preflight come as text/plain. Text that is no JSON is answered like JSON that is no click. */
function acceptBeaconBodies(scope: FastifyInstance): void {
  scope.removeAllContentTypeParsers();
  scope.addContentTypeParser(BODY_TYPES, { parseAs: 'string' }, (_request, body, done) => {
    try {
      done(null, parseJson(body.toString()));
    } catch (error) {
      done(error as NotJsonError);
    }
  });
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new NotJsonError();
  }
}

class NotJsonError extends Error {
  override readonly name = 'NotJsonError';
  readonly statusCode = 400;
}

/**
 * A preflight names no placement, so any listed origin may ask; which placement the origin may write to is decided on the body.
 * Answers carry event ids and problems only: reading them tells a foreign page nothing.
 */
function allowReading(reply: FastifyReply, workspaces: Workspaces, origin: string | undefined): void {
  reply.header('vary', 'Origin').header('cache-control', 'no-store');
  if (origin !== undefined && isListedAnywhere(workspaces.current(), origin)) reply.header('access-control-allow-origin', origin);
}

function answerError(error: unknown, request: FastifyRequest, reply: FastifyReply, { metrics, log }: RouteOptions): FastifyReply {
  const route = routeOf(request);
  if (isKeptNowhere(error)) {
    reply.header('retry-after', RETRY_AFTER_SECONDS);
    const reason = error instanceof SpoolFullError ? 'spool_full' : 'spool_failed';
    const message = 'the log is away and the local spool cannot take more; nothing was accepted, try again later';
    return refuse(reply, metrics, route, 503, reason, message);
  }
  const status = statusOf(error);
  if (error instanceof NotJsonError) {
    const encoding = request.headers['content-encoding'] ?? 'identity';
    if (encoding !== 'identity') return refuse(reply, metrics, route, 415, 'content_encoding', 'content-encoding is not supported');
    return refuse(reply, metrics, route, 400, 'not_json', 'the body is not JSON');
  }
  if (status === 413) return refuse(reply, metrics, route, 413, 'too_large', `the body is larger than ${MAX_BODY_BYTES} bytes`);
  if (status === 415) {
    const found = request.headers['content-type'] ?? 'none';
    return refuse(
      reply,
      metrics,
      route,
      415,
      'media_type',
      `content-type must be ${BODY_TYPES.join(' or ')}, not ${JSON.stringify(found)}`,
    );
  }
  if (status >= 400 && status < 500) return refuse(reply, metrics, route, status, 'bad_request', STATUS_CODES[status] ?? 'bad request');
  // Ours to mend, and caused by one request: the others go on. The answer tells nothing, the log tells no personal data.
  log.error({ err: error, route }, 'request failed');
  return refuse(reply, metrics, route, 500, 'internal', 'internal error');
}

function refuse(reply: FastifyReply, metrics: IngestMetrics, route: Route, status: number, reason: string, message: string): FastifyReply {
  metrics.refused.inc({ route, reason });
  return reply.code(status).send({ error: reason, message });
}

function routeOf(request: FastifyRequest): Route {
  const path = request.routeOptions.url;
  if (path === '/v1/clicks') return 'clicks';
  if (path === '/v1/visits') return 'visits';
  if (path === '/qr/:workspace/:file') return 'qr';
  if (path === '/v1/accounts/:workspace/:account/health') return 'account_health';
  return path?.startsWith('/s/') === true ? 'snippet' : 'redirect';
}

function statusOf(error: unknown): number {
  return typeof error === 'object' && error !== null && 'statusCode' in error && typeof error.statusCode === 'number'
    ? error.statusCode
    : 500;
}
