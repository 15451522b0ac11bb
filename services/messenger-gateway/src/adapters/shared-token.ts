/**
 * The proof of providers that sign nothing: a secret given to both sides, sent along with every webhook. In a header where the provider can set one;
 * else in the query (`?token=…`), which ends up in the logs of every proxy on the way and is the second choice for that reason.
 */
import type { ReceivedRequest } from './provider.ts';
import { isSameSecret } from './signature.ts';

/** `Authorization: Bearer <token>`, the bare token in that header (some providers know no scheme), or `?token=<token>`. Constant time in the token. */
export function hasSharedToken(request: Pick<ReceivedRequest, 'url' | 'header'>, token: string): boolean {
  const authorization = request.header('authorization');
  // A header decides alone: a wrong one is not made good by the query.
  if (authorization !== undefined) return isSameSecret(token, authorization.replace(/^bearer +/i, ''));
  const query = request.url.indexOf('?');
  const given = query < 0 ? [] : new URLSearchParams(request.url.slice(query)).getAll('token');
  return isSameSecret(token, given.length === 1 ? given[0] : undefined);
}
