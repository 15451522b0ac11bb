/** What decides whether a request came from a person at this machine. */
export interface RequestFacts {
  readonly remoteAddress: string;
  /** Host header; empty when there is none. */
  readonly host: string;
  readonly headerNames: readonly string[];
}

const FORWARDING = new Set([
  'forwarded',
  'x-forwarded-for',
  'x-forwarded-host',
  'x-forwarded-proto',
  'x-real-ip',
  'via',
  'cf-connecting-ip',
  'true-client-ip',
]);
const LOOPBACK_HOSTS = new Set(['localhost', '127.0.0.1', '[::1]']);

/**
 * True for a request that a program on this machine made to this machine. Leads are somebody's business: without a token they are shown
 * to nobody else. A reverse proxy or a tunnel also connects from the loopback address, so forwarding headers and a public Host count
 * against it; the Host also stops a foreign page that rebinds its name to 127.0.0.1.
 */
export function isDirectLocalRequest(facts: RequestFacts): boolean {
  const address = facts.remoteAddress.replace(/^::ffff:/, '');
  const isLoopback = address === '::1' || address.startsWith('127.');
  const hostname = facts.host.replace(/:\d+$/, '').toLowerCase();
  return isLoopback && LOOPBACK_HOSTS.has(hostname) && !facts.headerNames.some((name) => FORWARDING.has(name.toLowerCase()));
}
