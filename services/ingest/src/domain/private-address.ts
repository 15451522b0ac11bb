/** Loopback, private, link-local and carrier-grade NAT addresses: RFC 1918, 3927, 4193, 4291, 6598. */
const PRIVATE =
  /^(?:127\.|10\.|192\.168\.|169\.254\.|172\.(?:1[6-9]|2\d|3[01])\.|100\.(?:6[4-9]|[7-9]\d|1[01]\d|12[0-7])\.|f[cd][0-9a-f]{2}:|fe[89ab][0-9a-f]:|::1$)/i;

/**
 * An address that no person on the internet has: a proxy in front whose X-Forwarded-For is not trusted, a test, the machine itself. Everybody behind it looks like one, so
 * nothing may be concluded from how often it comes.
 */
export function isPrivateAddress(ip: string): boolean {
  return PRIVATE.test(ip);
}
