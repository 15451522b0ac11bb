/** Options of Node's HTTP server for whatever strangers reach. Fastify's own default is no deadline at all. Milliseconds. */
export const HTTP_LIMITS = {
  /** A client that sends its head or body slowly holds a connection this long at most, give or take the half minute in which Node looks. */
  requestTimeout: 30_000,
  /** Longer than the 60 s of load balancers: the one that closes first must not be us, in the moment in which they send. */
  keepAliveTimeout: 65_000,
} as const;
