import { SendRequest, type SendResponse, SendResponse_State } from '@messtrack/proto/gen/messtrack/v1/messenger_service.ts';
import type { WriteFirstAnswer, WriteFirstRequest } from '../ports.ts';
import { toClassifiedSource } from './codec.ts';

/** The visitor waits for the answer; what takes longer goes out all the same. */
const ANSWER_WITHIN_MS = 8_000;
/** A message that comes much later than the form was sent finds nobody waiting for it. */
const MAX_WAIT_MS = 15 * 60_000;

/** What the gateway is asked for: the template, the consent, and the click that made us write. */
export function toSendRequest({ workspace, account, recipient, key, template, click }: WriteFirstRequest): SendRequest {
  return SendRequest.create({
    workspace: workspace.name,
    account,
    recipient,
    idempotencyKey: key,
    content: {
      $case: 'template',
      value: { name: template.template, language: template.language, bodyParameters: [...template.parameters] },
    },
    optIn: { atMs: click.observedAtMs, where: click.placement },
    origin: {
      clickId: click.clickId,
      clickedAtMs: click.eventTimeMs,
      source: toClassifiedSource(click.source, click.placement, click.sourceClass),
    },
    maxWaitMs: MAX_WAIT_MS,
    answerWithinMs: ANSWER_WITHIN_MS,
  });
}

export function toWriteFirstAnswer({ state }: SendResponse): WriteFirstAnswer {
  return { kind: state === SendResponse_State.STATE_SENT ? 'sent' : 'queued' };
}

export function refusedAnswer(reason: string, retryAfterMs: string | undefined): WriteFirstAnswer {
  if (reason === 'unconfirmed') return { kind: 'unconfirmed' };
  return { kind: 'refused', reason, retryAfterMs: Number(retryAfterMs ?? 0) };
}
