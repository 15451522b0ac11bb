import { BusUnavailableError, type Producer } from '@messtrack/runtime/bus.ts';
import { currentTraceparent, inSpan } from '@messtrack/runtime/tracing.ts';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Logger } from 'pino';
import type { Lead } from '../domain/lead.ts';
import { checkGoal, type ReportedGoal } from '../domain/reported-goal.ts';
import type { MatcherMetrics } from '../metrics.ts';
import { type Clock, type LeadDirectory, LeadsUnavailableError, type TokenDirectory } from '../ports.ts';
import { contactCandidates } from './contact-candidates.ts';
import { reportedGoalRecord } from './goal-record.ts';
import { refuseWithoutToken, workspaceOfBearer } from './http-token.ts';

export interface GoalRoutesParts {
  readonly directory: LeadDirectory;
  readonly tokens: TokenDirectory;
  readonly producer: Pick<Producer, 'send'>;
  readonly metrics: MatcherMetrics;
  readonly clock: Clock;
  readonly log: Logger;
}

/** A goal takes some hundred bytes. */
const MAX_BODY_BYTES = 16_384;
const RETRY_AFTER_SECONDS = 5;

declare module 'fastify' {
  interface FastifyRequest {
    /** Whose token it came with; set before the body is read. */
    workspaceOfToken: string;
  }
}

/**
 * `POST /v1/goals` with `Authorization: Bearer TOKEN`; the token decides the workspace. 202 with `{ accepted: [event id], lead_id }` once the goal is durable in
 * goals.v1; 400 with every problem, 401, 404 while the person has no lead, 413, 415, and 503 with Retry-After. The same `id` and `time` again is the same goal.
 */
export async function registerGoalRoutes(app: FastifyInstance, parts: GoalRoutesParts): Promise<void> {
  const { tokens, metrics } = parts;
  await app.register(async (scope) => {
    scope.decorateRequest('workspaceOfToken', '');
    // Before the body: who has no token need not be read.
    scope.addHook('onRequest', async (request, reply) => {
      const workspace = workspaceOfBearer(tokens, request.headers.authorization);
      if (workspace === undefined) {
        metrics.goal('unauthorized');
        return refuseWithoutToken(reply);
      }
      request.workspaceOfToken = workspace;
    });
    scope.setErrorHandler((error, _, reply) => answerError(parts, error, reply));
    scope.post('/v1/goals', { bodyLimit: MAX_BODY_BYTES }, async (request, reply) =>
      inSpan('POST /v1/goals', 'server', traceparentOf(request), {}, () => take(parts, request, reply)),
    );
  });
}

async function take(parts: GoalRoutesParts, request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
  const workspace = request.workspaceOfToken;
  const nowMs = parts.clock();
  const checked = checkGoal(request.body, nowMs);
  if (checked.kind === 'invalid')
    return answer(parts, reply, 400, 'invalid_body', { message: 'the body has problems', problems: checked.problems });
  const { goal } = checked;
  const lead = await leadOf(parts.directory, workspace, goal);
  if (lead === undefined)
    return answer(parts, reply, 404, 'unknown_lead', {
      message: 'leadId' in goal.of ? 'this workspace has no such lead' : 'this contact has no lead with this account (yet)',
    });
  const { leadId } = lead;
  const { eventId, record } = reportedGoalRecord({ workspace, leadId, goal, nowMs, traceparent: currentTraceparent() });
  await parts.producer.send([record]);
  parts.metrics.goal('accepted');
  return reply.code(202).send({ accepted: [eventId], lead_id: leadId });
}

function traceparentOf({ headers }: FastifyRequest): string | undefined {
  const header = headers['traceparent'];
  return typeof header === 'string' ? header : undefined;
}

/** What happened then happened to the lead of then: a person who has come back since has another one. */
function leadOf(directory: LeadDirectory, workspace: string, { of, atMs }: ReportedGoal): Promise<Lead | undefined> {
  return 'leadId' in of
    ? directory.lead(workspace, of.leadId)
    : directory.leadOfContact(workspace, of.account, contactCandidates(workspace, of.contact), atMs);
}

function answerError(parts: GoalRoutesParts, error: unknown, reply: FastifyReply): FastifyReply {
  if (error instanceof LeadsUnavailableError || error instanceof BusUnavailableError) {
    reply.header('retry-after', RETRY_AFTER_SECONDS);
    return answer(parts, reply, 503, 'unavailable', {
      message: 'the goal cannot be stored now and was not; send it again in a few seconds',
    });
  }
  switch (statusOf(error)) {
    case 413:
      return answer(parts, reply, 413, 'too_large', { message: `the body is larger than ${MAX_BODY_BYTES} bytes` });
    case 415:
      return answer(parts, reply, 415, 'media_type', { message: 'content-type must be application/json' });
    case 400:
      return answer(parts, reply, 400, 'not_json', { message: 'the body is not JSON' });
    default:
      // Ours to mend, and caused by one request: the others go on. The answer tells nothing, the log no personal data.
      parts.log.error({ err: error }, 'a goal could not be taken');
      return answer(parts, reply, 500, 'internal', { message: 'internal error' });
  }
}

function statusOf(error: unknown): unknown {
  return typeof error === 'object' && error !== null && 'statusCode' in error ? error.statusCode : undefined;
}

function answer({ metrics }: GoalRoutesParts, reply: FastifyReply, status: number, error: string, body: object): FastifyReply {
  metrics.goal(error);
  return reply.code(status).send({ error, ...body });
}
