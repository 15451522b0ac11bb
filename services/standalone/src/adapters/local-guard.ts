import type { IncomingMessage } from 'node:http';
import { type Secret, secretEquals } from '@messtrack/runtime/secret.ts';
import { isDirectLocalRequest } from '../domain/direct-request.ts';

/** Who may see rows: whoever holds the token; without a token set, only a program on this machine. */
export interface Guard {
  allows(request: IncomingMessage): boolean;
  /** What a refused caller is told. */
  readonly refusal: string;
}

export function createGuard(token: Secret | undefined): Guard {
  if (token === undefined) {
    return {
      allows: (request) =>
        isDirectLocalRequest({
          remoteAddress: request.socket.remoteAddress ?? '',
          host: request.headers.host ?? '',
          headerNames: Object.keys(request.headers),
        }),
      refusal:
        'Only requests from this machine, not through a proxy, are answered. Set MESSTRACK_SQL_TOKEN and send it as the ClickHouse password to ask from elsewhere.',
    };
  }
  return {
    allows: (request) => presented(request).some((value) => secretEquals(token, value)),
    refusal: 'Send the token of MESSTRACK_SQL_TOKEN as the ClickHouse password: header X-ClickHouse-Key, basic auth or ?password=.',
  };
}

/** The three ways in which ClickHouse's HTTP interface takes a password, so that every ClickHouse tool can log in. */
function presented(request: IncomingMessage): string[] {
  const values: string[] = [];
  const key = request.headers['x-clickhouse-key'];
  if (typeof key === 'string') values.push(key);
  const basic = /^Basic ([A-Za-z0-9+/=]+)$/i.exec(request.headers.authorization ?? '')?.[1];
  if (basic !== undefined) {
    const pair = Buffer.from(basic, 'base64').toString('utf8');
    values.push(pair.slice(pair.indexOf(':') + 1));
  }
  const query = new URL(request.url ?? '/', 'http://localhost').searchParams.get('password');
  if (query !== null) values.push(query);
  return values;
}
