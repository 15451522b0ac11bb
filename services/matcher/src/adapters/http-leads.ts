import type { FastifyInstance, FastifyReply } from 'fastify';
import { explain } from '../domain/explain.ts';
import type { Lead } from '../domain/lead.ts';
import { LEAD_ID, LEAD_ID_RULE, type Problem } from '../domain/reported-goal.ts';
import type { MatcherMetrics } from '../metrics.ts';
import { type LeadDirectory, LeadsUnavailableError, type TokenDirectory } from '../ports.ts';
import { contactCandidates } from './contact-candidates.ts';
import { refuseWithoutToken, workspaceOfBearer } from './http-token.ts';
import { leadJson } from './lead-json.ts';
import type { LeadWaiters } from './lead-waiters.ts';

/** A chatbot asks with the first message in hand; longer than half a minute nobody holds a conversation, nor a proxy a connection. */
export const MAX_WAIT_MS = 30_000;

export interface LeadRoutesParts {
  readonly directory: LeadDirectory;
  readonly tokens: TokenDirectory;
  readonly waiters: LeadWaiters;
  readonly metrics: MatcherMetrics;
}

/**
 * `GET /v1/leads/{id}` · `GET /v1/leads/{id}/explain` · `GET /v1/leads?account=&contact=&wait=5s`, each with `Authorization: Bearer TOKEN`;
 * the token decides the workspace. 200 with `{ lead }` (explain adds `sentences`), 400 with every problem, 401, 404, 429 and 503 with Retry-After.
 */
export async function registerLeadRoutes(app: FastifyInstance, parts: LeadRoutesParts): Promise<void> {
  await app.register(async (scope) => {
    // Before the server waits for its answers: one that waits for half a minute would hold back the stop, and the partitions with it.
    scope.addHook('preClose', async () => parts.waiters.close());

    scope.setErrorHandler((error, _, reply) => {
      if (!(error instanceof LeadsUnavailableError)) throw error;
      return answer(parts, reply.header('retry-after', '5'), 503, 'unavailable', {
        message: 'leads cannot be looked up now; ask again in a few seconds',
      });
    });

    scope.get<{ Params: { id: string } }>('/v1/leads/:id', async (request, reply) => {
      const found = await leadById(parts, request.headers.authorization, request.params.id, reply);
      return found === undefined ? reply : answer(parts, reply, 200, 'found', { lead: leadJson(found) });
    });

    scope.get<{ Params: { id: string } }>('/v1/leads/:id/explain', async (request, reply) => {
      const found = await leadById(parts, request.headers.authorization, request.params.id, reply);
      return found === undefined ? reply : answer(parts, reply, 200, 'found', { lead: leadJson(found), sentences: explain(found) });
    });

    scope.get<{ Querystring: Record<string, unknown> }>('/v1/leads', async (request, reply) => {
      const workspace = authorised(parts, request.headers.authorization, reply);
      if (workspace === undefined) return reply;
      const { account, contact, waitMs, problems } = readQuestion(request.query);
      if (problems.length > 0) return answer(parts, reply, 400, 'bad_request', { problems });
      const gone = new AbortController();
      reply.raw.once('close', () => gone.abort());
      const contactKeys = contactCandidates(workspace, contact);
      const found = await parts.waiters.ask({ workspace, account, contactKeys, waitMs, signal: gone.signal });
      switch (found.kind) {
        case 'found':
          return answer(parts, reply, 200, 'found', { lead: leadJson(found.lead) });
        case 'not_found':
          return answer(parts, reply, 404, 'not_found', { message: 'this contact has no lead with this account (yet)' });
        case 'busy':
          return answer(parts, reply.header('retry-after', '1'), 429, 'busy', {
            message: 'too many callers are waiting; ask again in a second',
          });
      }
    });
  });
}

async function leadById(
  parts: LeadRoutesParts,
  authorization: string | undefined,
  id: string,
  reply: FastifyReply,
): Promise<Lead | undefined> {
  const workspace = authorised(parts, authorization, reply);
  if (workspace === undefined) return undefined;
  const leadId = id.toLowerCase();
  if (!LEAD_ID.test(leadId)) {
    await answer(parts, reply, 400, 'bad_request', {
      problems: [{ field: 'id', message: LEAD_ID_RULE }],
    });
    return undefined;
  }
  const lead = await parts.directory.lead(workspace, leadId);
  if (lead === undefined) await answer(parts, reply, 404, 'not_found', { message: 'this workspace has no such lead' });
  return lead;
}

function authorised({ tokens, metrics }: LeadRoutesParts, authorization: string | undefined, reply: FastifyReply): string | undefined {
  const workspace = workspaceOfBearer(tokens, authorization);
  if (workspace === undefined) {
    metrics.asked('http', 'unauthorized');
    void refuseWithoutToken(reply);
  }
  return workspace;
}

function answer({ metrics }: LeadRoutesParts, reply: FastifyReply, status: number, outcome: string, body: object): FastifyReply {
  metrics.asked('http', outcome);
  return reply.code(status).header('cache-control', 'no-store').send(body);
}

function readQuestion(query: Record<string, unknown>) {
  const problems: Problem[] = [];
  const account = text(query, 'account', 63, problems);
  const contact = text(query, 'contact', 256, problems);
  const waitMs = readWait(query['wait'], problems);
  for (const field of Object.keys(query)) {
    if (field !== 'account' && field !== 'contact' && field !== 'wait')
      problems.push({ field, message: 'is not known; known are account, contact, wait' });
  }
  return { account, contact, waitMs, problems };
}

function text(query: Record<string, unknown>, field: string, max: number, problems: Problem[]): string {
  const value = query[field];
  if (typeof value === 'string' && value.length > 0 && value.length <= max) return value;
  problems.push({ field, message: `is required, once, with 1 to ${max} characters` });
  return '';
}

function readWait(value: unknown, problems: Problem[]): number {
  if (value === undefined) return 0;
  const match = typeof value === 'string' ? /^(\d{1,6})(ms|s)$/.exec(value) : null;
  const waitMs = match === null ? Number.NaN : Number(match[1]) * (match[2] === 's' ? 1_000 : 1);
  if (waitMs <= MAX_WAIT_MS) return waitMs;
  problems.push({ field: 'wait', message: 'must be a duration from 0s to 30s, such as 5s or 500ms' });
  return 0;
}
