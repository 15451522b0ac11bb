import { anySecretEquals } from '@messtrack/runtime/secret.ts';
import type { FastifyInstance, FastifyReply, FastifyRequest, onRequestHookHandler } from 'fastify';
import { checkReport } from '../domain/account-report.ts';
import { clip } from '../domain/text.ts';
import type { IngestMetrics } from '../metrics.ts';
import type { AccountHealth, Clock, Workspaces } from '../ports.ts';

export interface AccountHealthRouteOptions {
  readonly workspaces: Workspaces;
  readonly health: AccountHealth;
  readonly clock: Clock;
  readonly metrics: IngestMetrics;
  readonly onRequest: onRequestHookHandler;
}

const PATH = '/v1/accounts/:workspace/:account/health';
const MAX_BODY_BYTES = 16_384;
const RETRY_AFTER_SECONDS = 5;

interface Params {
  readonly workspace: string;
  readonly account: string;
}

/** PUT says that an account is unwell, or well again, for the pools it is in; GET says what is known. With an API token of the workspace. */
export function accountHealthRoute(
  scope: FastifyInstance,
  { workspaces, health, clock, metrics, onRequest }: AccountHealthRouteOptions,
): void {
  scope.get<{ Params: Params }>(PATH, { onRequest }, async (request, reply) => {
    const account = authorised(request, reply);
    if (account === undefined) return reply;
    const untilMs = await health.unwellUntil(request.params.workspace, account);
    return untilMs === undefined ? { well: true } : { well: false, until: new Date(untilMs).toISOString() };
  });

  scope.put<{ Params: Params }>(PATH, { onRequest, bodyLimit: MAX_BODY_BYTES }, async (request, reply) => {
    const account = authorised(request, reply);
    if (account === undefined) return reply;
    const checked = checkReport(request.body);
    if (checked.kind !== 'ok') {
      metrics.refused.inc({ route: 'account_health', reason: 'invalid_body' });
      return reply.code(400).send({ error: 'invalid_body', message: 'the body has problems', problems: checked.problems });
    }
    const { isWell, forMs } = checked.value;
    const untilMs = isWell ? undefined : clock.now() + forMs;
    if ((await health.report(request.params.workspace, account, untilMs)) === 'kept')
      return untilMs === undefined ? { well: true } : { well: false, until: new Date(untilMs).toISOString() };
    reply.header('retry-after', RETRY_AFTER_SECONDS);
    return refuse(reply, 503, 'store_away', 'the visit store does not answer; nothing was kept, try again later');
  });

  /** The account's name; undefined when the request was answered. Whoever holds no token of the workspace learns nothing about which names exist. */
  function authorised(request: FastifyRequest<{ Params: Params }>, reply: FastifyReply): string | undefined {
    reply.header('cache-control', 'no-store');
    const token = /^bearer +(\S+) *$/i.exec(request.headers.authorization ?? '')?.[1];
    if (token === undefined) {
      reply.header('www-authenticate', 'Bearer');
      refuse(reply, 401, 'unauthorized', 'an API token of the workspace is required: Authorization: Bearer …');
      return undefined;
    }
    const workspace = workspaces.current().get(request.params.workspace);
    if (workspace === undefined || !anySecretEquals(workspace.apiTokens, token)) {
      refuse(reply, 403, 'forbidden', 'the token is none of this workspace');
      return undefined;
    }
    if (workspace.accounts.has(request.params.account)) return request.params.account;
    refuse(reply, 404, 'unknown_account', `the workspace "${workspace.name}" has no account "${clip(request.params.account, 63)}"`);
    return undefined;
  }

  function refuse(reply: FastifyReply, status: number, error: string, message: string): FastifyReply {
    metrics.refused.inc({ route: 'account_health', reason: error });
    return reply.code(status).send({ error, message });
  }
}
