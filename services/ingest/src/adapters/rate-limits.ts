import { BlockList, isIP } from 'node:net';
import type { FastifyRequest, onRequestHookHandler } from 'fastify';
import type { RateLimitSettings } from '../config.ts';
import { ipv6Network } from '../domain/ip-number.ts';
import { isPrivateAddress } from '../domain/private-address.ts';
import { plainIp } from '../domain/visitor.ts';
import type { IngestMetrics } from '../metrics.ts';
import { createRequestWindows } from './request-windows.ts';

const WINDOW_MS = 60_000;

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
export function createRateLimits(settings: RateLimitSettings, metrics: IngestMetrics): RateLimits {
  const isExempt = exemption(settings.exempt);
  const address = ({ ip }: FastifyRequest) => {
    const plain = plainIp(ip);
    return isExempt(plain) ? undefined : addressKey(plain);
  };
  const perAddress = limit('beacons', settings.beaconsPerMinute, address, metrics);
  const perOrigin = limit('beacons', settings.originPerMinute, ({ headers }) => headers.origin, metrics);
  return {
    redirects: limit('redirect', settings.redirectsPerMinute, address, metrics),
    qr: limit('qr', settings.qrPerMinute, address, metrics),
    beacons(request, reply, done) {
      perAddress.call(this, request, reply, (error) => (error === undefined ? perOrigin.call(this, request, reply, done) : done(error)));
    },
  };
}

type Kind = 'redirect' | 'beacons' | 'qr';

/** Counts by `keyOf`; who has no key is not counted. 0 as limit: none. */
function limit(
  route: Kind,
  max: number,
  keyOf: (request: FastifyRequest) => string | undefined,
  metrics: IngestMetrics,
): onRequestHookHandler {
  if (max === 0) return (_request, _reply, done) => done();
  const windows = createRequestWindows(max, WINDOW_MS);
  return (request, reply, done) => {
    const key = keyOf(request);
    const excessMs = key === undefined ? 0 : windows.excess(key, performance.now());
    if (excessMs <= 0) return done();
    metrics.refused.inc({ route, reason: 'too_many_requests' });
    const seconds = Math.ceil(excessMs / 1_000);
    reply
      .code(429)
      .header('retry-after', seconds)
      .header('cache-control', 'no-store')
      .send({ error: 'too_many_requests', message: `more than ${max} requests within a minute; try again in ${seconds} s` });
  };
}

/** What is counted as one address. A provider gives a household, and a data centre a machine, a /64 of IPv6. */
export function addressKey(ip: string): string {
  const plain = plainIp(ip);
  return plain.includes(':') ? ipv6Network(plain).join(':') : plain;
}

function exemption(exempt: readonly string[]): (ip: string) => boolean {
  const isPrivateExempt = exempt.includes('private');
  const networks = exempt.filter((entry) => isIP(entry.split('/', 1)[0]!) !== 0);
  const list = new BlockList();
  for (const network of networks) {
    const [address = '', prefix] = network.split('/');
    const family = isIP(address);
    list.addSubnet(address, prefix === undefined ? (family === 4 ? 32 : 128) : Number(prefix), family === 4 ? 'ipv4' : 'ipv6');
  }
  return (ip) => {
    if (isPrivateExempt && isPrivateAddress(ip)) return true;
    if (networks.length === 0) return false;
    const family = isIP(ip);
    return family !== 0 && list.check(ip, family === 4 ? 'ipv4' : 'ipv6');
  };
}
