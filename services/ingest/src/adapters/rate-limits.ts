import { BlockList, isIP } from 'node:net';
import rateLimit from '@fastify/rate-limit';
import type { FastifyInstance, FastifyRequest, onRequestHookHandler } from 'fastify';
import type { RateLimitSettings } from '../config.ts';
import { isPrivateAddress } from '../domain/private-address.ts';
import type { IngestMetrics } from '../metrics.ts';

const WINDOW_MS = 60_000;
/** A provider gives a household, and a data centre a machine, a network of this size. */
const IPV6_PREFIX = 64;

export interface RateLimits {
  readonly redirects: onRequestHookHandler;
  /** Per address, and per origin over all addresses. */
  readonly beacons: onRequestHookHandler;
  readonly qr: onRequestHookHandler;
}

/**
 * Requests per minute and address. Counted in this process, for the 5,000 addresses seen last: whoever comes often stays among them. Behind a balancer each
 * instance allows as many. An address that no person on the internet has is
 * exempt unless the settings say otherwise, because a proxy whose X-Forwarded-For is not believed would make one of everybody.
 */
export async function createRateLimits(scope: FastifyInstance, settings: RateLimitSettings, metrics: IngestMetrics): Promise<RateLimits> {
  await scope.register(rateLimit, { global: false, ipv6Subnet: IPV6_PREFIX });
  const isExempt = exemption(settings.exempt);
  const byAddress = (route: Kind, max: number) => limit(scope, route, max, (request) => !isExempt(request.ip), undefined, metrics);
  const perAddress = byAddress('beacons', settings.beaconsPerMinute);
  const perOrigin = limit(
    scope,
    'beacons',
    settings.originPerMinute,
    ({ headers }) => headers.origin !== undefined,
    ({ headers }) => headers.origin ?? '',
    metrics,
  );
  return {
    redirects: byAddress('redirect', settings.redirectsPerMinute),
    qr: byAddress('qr', settings.qrPerMinute),
    beacons(request, reply, done) {
      perAddress.call(this, request, reply, (error) => (error === undefined ? perOrigin.call(this, request, reply, done) : done(error)));
    },
  };
}

type Kind = 'redirect' | 'beacons' | 'qr';

/** Counts by `keyOf`, by address where there is none. 0 as limit: none. */
function limit(
  scope: FastifyInstance,
  route: Kind,
  max: number,
  isCounted: (request: FastifyRequest) => boolean,
  keyOf: ((request: FastifyRequest) => string) | undefined,
  metrics: IngestMetrics,
): onRequestHookHandler {
  if (max === 0) return (_request, _reply, done) => done();
  const count = scope.createRateLimit({ max, timeWindow: WINDOW_MS, ...(keyOf === undefined ? {} : { keyGenerator: keyOf }) });
  return (request, reply, done) => {
    // The usual case on a test machine and behind some proxies: no promise for what is not counted.
    if (!isCounted(request)) return done();
    count(request).then((counted) => {
      if (counted.isAllowed || !counted.isExceeded) return done();
      metrics.refused.inc({ route, reason: 'too_many_requests' });
      const seconds = Math.max(1, counted.ttlInSeconds);
      reply
        .code(429)
        .header('retry-after', seconds)
        .header('cache-control', 'no-store')
        .send({ error: 'too_many_requests', message: `more than ${max} requests within a minute; try again in ${seconds} s` });
    }, done);
  };
}

function exemption(exempt: readonly string[]): (ip: string) => boolean {
  const isPrivateExempt = exempt.includes('private');
  const list = new BlockList();
  for (const entry of exempt) {
    const [address = '', prefix] = entry.split('/');
    const family = isIP(address);
    if (family === 0) continue;
    const type = family === 4 ? 'ipv4' : 'ipv6';
    list.addSubnet(address, prefix === undefined ? (family === 4 ? 32 : 128) : Number(prefix), type);
  }
  return (ip) => {
    const plain = ip.startsWith('::ffff:') && ip.includes('.') ? ip.slice('::ffff:'.length) : ip;
    if (isPrivateExempt && isPrivateAddress(plain)) return true;
    const family = isIP(plain);
    return family !== 0 && list.check(plain, family === 4 ? 'ipv4' : 'ipv6');
  };
}
