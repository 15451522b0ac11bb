import type { FastifyInstance, FastifyReply, onRequestHookHandler } from 'fastify';
import type { Refusal } from '../domain/placement.ts';
import { checkSendback } from '../domain/sendback.ts';
import type { RequestFacts } from '../domain/visitor.ts';
import type { IngestMetrics } from '../metrics.ts';
import type { Pipeline } from '../pipeline.ts';
import { requestFacts, traced } from './http-request.ts';
import { addressKey } from './rate-limits.ts';
import { createRequestWindows } from './request-windows.ts';

export interface SendbackRouteOptions {
  readonly pipeline: Pipeline;
  readonly metrics: IngestMetrics;
  readonly isTracing: boolean;
  readonly onRequest: onRequestHookHandler[];
  readonly refuse: (reply: FastifyReply, refusal: Refusal) => FastifyReply;
}

const MAX_BODY_BYTES = 16_384;
const HOUR_MS = 3_600_000;
/** Messages are paid for and reach people: somebody who fills the form for others is stopped long before a provider notices. */
const PER_NUMBER = 5;
const PER_ADDRESS = 30;

/** POST /v1/sendback. Counted per number, whoever asks, and per address besides what all beacons are counted by. */
export function sendbackRoute(scope: FastifyInstance, options: SendbackRouteOptions): void {
  const { pipeline, metrics, isTracing, onRequest, refuse } = options;
  const perNumber = createRequestWindows(PER_NUMBER, HOUR_MS);
  const perAddress = createRequestWindows(PER_ADDRESS, HOUR_MS);

  scope.post('/v1/sendback', { bodyLimit: MAX_BODY_BYTES, onRequest }, async (request, reply) => {
    const facts: RequestFacts = requestFacts(request);
    const checked = checkSendback(request.body);
    if (checked.kind !== 'ok') {
      metrics.refused.inc({ route: 'sendback', reason: 'invalid_body' });
      return reply.code(400).send({ error: 'invalid_body', message: 'the body has problems', problems: checked.problems });
    }
    const { workspace, phone, telegram } = checked.value;
    const now = performance.now();
    const excessMs = perNumber.excess(`${workspace} ${phone ?? telegram}`, now) || perAddress.excess(addressKey(request.ip), now);
    if (excessMs > 0) {
      return refuse(reply, {
        kind: 'refused',
        status: 429,
        error: 'too_many_messages',
        message: 'messages were asked for too often; try again later',
        retryAfterSeconds: Math.ceil(excessMs / 1_000),
      });
    }
    const answer = await traced(isTracing, 'POST /v1/sendback', facts, (within) => pipeline.sendback(checked.value, within));
    if (answer.kind !== 'ok') return refuse(reply, answer);
    return reply.code(202).send({ accepted: [answer.value.eventId], state: answer.value.state });
  });
}
