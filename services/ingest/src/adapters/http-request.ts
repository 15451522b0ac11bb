import { currentTraceparent, inSpan } from '@messtrack/runtime/tracing.ts';
import type { FastifyRequest } from 'fastify';
import type { RequestFacts } from '../domain/visitor.ts';

const TRACEPARENT = /^[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$/;

/** The part of a request ingest looks at. `request.ip` follows the app's `trustProxy`. */
export function requestFacts(request: FastifyRequest): RequestFacts {
  const { headers } = request.raw;
  return {
    method: request.raw.method ?? 'GET',
    target: request.raw.url ?? '',
    ip: request.ip,
    userAgent: headers['user-agent'] ?? '',
    acceptLanguage: headers['accept-language'] ?? '',
    acceptEncoding: text(headers['accept-encoding']) ?? '',
    accept: headers.accept ?? '',
    fetchMode: text(headers['sec-fetch-mode']) ?? '',
    brands: text(headers['sec-ch-ua']) ?? '',
    platform: text(headers['sec-ch-ua-platform']) ?? '',
    mobile: text(headers['sec-ch-ua-mobile']) ?? '',
    referrer: headers.referer,
    origin: headers.origin,
    purposes: [text(headers['purpose']), text(headers['sec-purpose']), text(headers['x-purpose']), text(headers['x-moz'])],
    traceparent: traceparentOf(text(headers['traceparent'])),
  };
}

/**
 * Answers within a span that continues the caller's trace, and hands that trace on with the records. Without a collector and without a
 * caller's header there is nothing to carry, and the path of a redirect does not pay for it.
 */
export function traced<T>(isTracing: boolean, name: string, facts: RequestFacts, work: (facts: RequestFacts) => Promise<T>): Promise<T> {
  if (!isTracing) return work(facts);
  return inSpan(name, 'server', facts.traceparent, {}, () => work({ ...facts, traceparent: currentTraceparent() ?? facts.traceparent }));
}

/** A malformed header would be refused by every reader downstream. */
function traceparentOf(header: string | undefined): string | undefined {
  return header !== undefined && TRACEPARENT.test(header) ? header : undefined;
}

function text(value: string | readonly string[] | undefined): string | undefined {
  return typeof value === 'string' ? value : value?.[0];
}
