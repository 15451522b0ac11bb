import { refuseAddress } from './http-refusals.ts';

/** Options of Fastify for whatever strangers reach; its own default is no deadline at all. Times in milliseconds. */
export const HTTP_LIMITS = {
  /** A client that sends its head or body slowly holds a connection this long at most, and up to 30 s more, because Node looks every 30 s. */
  requestTimeout: 30_000,
  /** Node takes the longer of the two for the whole request, and its own for the head is 60 s: without this one a slow body has twice as long. */
  http: { headersTimeout: 30_000 },
  /** Longer than the 60 s of load balancers: the one that closes first must not be us, in the moment in which they send. */
  keepAliveTimeout: 65_000,
  frameworkErrors: refuseAddress,
} as const;
