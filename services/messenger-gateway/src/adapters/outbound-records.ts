/** Records of outbound.v1, and what they mean for the queue of an account. */
import { createHash, randomBytes } from 'node:crypto';
import type { SendRequest } from '@messtrack/proto/gen/messtrack/v1/messenger_service.ts';
import { OutboundRecord, type SendAsked, type SendEnded, SendEnded_Result } from '@messtrack/proto/gen/messtrack/v1/outbound.ts';
import { encodeHeaders } from '@messtrack/proto/headers.ts';
import { TOPICS } from '@messtrack/proto/topics.ts';
import type { OutRecord } from '@messtrack/runtime/bus.ts';
import type { DeliveryStatus } from '../domain/inbound.ts';
import type { Content } from '../domain/outbound.ts';
import type { Asked, Ended, Send } from '../domain/outbound-book.ts';
import { readReason } from '../domain/send-reason.ts';
import { type Reception, recipientContact } from './touchpoint-record.ts';

/** Which queue and which Send in it a record is of. */
export interface SendName {
  readonly workspace: string;
  readonly account: string;
  readonly key: string;
}

export type OutboundKind = NonNullable<OutboundRecord['kind']>;

export function outboundRecord({ workspace, account, key }: SendName, atMs: number, kind: OutboundKind): OutRecord {
  const eventId = `outbound/${newId()}`;
  return {
    topic: TOPICS.outbound.name,
    key: `${workspace}/${account}`,
    value: OutboundRecord.encode({ workspace, account, idempotencyKey: key, atMs, kind }).finish(),
    headers: encodeHeaders({ eventId, type: `OutboundRecord.${kind.$case}`, producedAtMs: atMs, traceparent: undefined }),
  };
}

/** A status that names one of our keys proves that the message went out, whether or not its answer ever came back. */
export function confirmationRecords(event: DeliveryStatus, { workspace, account, observedAtMs }: Reception): readonly OutRecord[] {
  const { status, correlation, messageId, recipient, channel } = event;
  if (correlation === '' || correlation.length > 128 || (status !== 'sent' && status !== 'delivered' && status !== 'read')) return [];
  const contact = recipient.length === 0 ? undefined : recipientContact(recipient, channel, undefined, workspace);
  const name = { workspace: workspace.name, account, key: correlation };
  return [outboundRecord(name, observedAtMs, { $case: 'confirmed', value: { messageId, contact } })];
}

/** 22 characters of base64url that nobody has used before. */
export function newId(): string {
  return randomBytes(16).toString('base64url');
}

const DEFAULT_MAX_WAIT_MS = 900_000;

/** Undefined when the request holds no content: no version of the gateway accepts one. */
export function toAsked(key: string, atMs: number, { request }: SendAsked): Asked | undefined {
  const content = contentOf(request);
  if (request === undefined || content === undefined) return undefined;
  return {
    key,
    recipient: request.recipient,
    content,
    digest: createHash('sha256')
      .update(JSON.stringify([request.recipient, content]))
      .digest('base64url'),
    askedAtMs: atMs,
    waitUntilMs: atMs + (request.maxWaitMs === 0 ? DEFAULT_MAX_WAIT_MS : request.maxWaitMs),
    isOptedIn: request.optIn !== undefined,
  };
}

export function contentOf(request: SendRequest | undefined): Content | undefined {
  switch (request?.content?.$case) {
    case 'text':
      return { kind: 'text', text: request.content.value };
    case 'template': {
      const { name, language, bodyParameters } = request.content.value;
      return { kind: 'template', name, language, parameters: bodyParameters };
    }
    case undefined:
      return undefined;
  }
}

/** Undefined for a mere answer, and for a result that a later version writes. */
export function toEnded({ result, messageId, reason, providerCode, retryAtMs, ofAccount, askId }: SendEnded): Ended | undefined {
  if (askId !== '') return undefined;
  const refused = { reason: readReason(reason), code: providerCode, retryAtMs };
  switch (result) {
    case SendEnded_Result.RESULT_SENT:
      return { result: 'sent', messageId };
    case SendEnded_Result.RESULT_FAILED:
      return { result: 'failed', ...refused };
    case SendEnded_Result.RESULT_UNCONFIRMED:
      return { result: 'unconfirmed', ...refused };
    case SendEnded_Result.RESULT_DEFERRED:
      return { result: 'deferred', ...refused, ofAccount };
    case SendEnded_Result.RESULT_QUEUED:
    case SendEnded_Result.RESULT_NONE:
    case SendEnded_Result.RESULT_UNSPECIFIED:
    case SendEnded_Result.UNRECOGNIZED:
      return undefined;
  }
}

/** What is known of a Send, as an answer to one who asks. */
export function answerOf(send: Send | undefined, askId: string): SendEnded {
  if (send === undefined) return ended(SendEnded_Result.RESULT_NONE, { askId });
  switch (send.phase) {
    case 'waiting':
    case 'attempting':
      return ended(SendEnded_Result.RESULT_QUEUED, { askId });
    case 'sent':
      return ended(SendEnded_Result.RESULT_SENT, { askId, messageId: send.messageId });
    case 'failed':
    case 'unconfirmed':
      return ended(send.phase === 'failed' ? SendEnded_Result.RESULT_FAILED : SendEnded_Result.RESULT_UNCONFIRMED, {
        askId,
        reason: send.reason ?? '',
        providerCode: send.code,
        retryAtMs: send.retryAtMs,
      });
  }
}

export function ended(result: SendEnded_Result, part: Partial<SendEnded> = {}): SendEnded {
  return {
    result,
    messageId: '',
    reason: '',
    providerCode: '',
    retryAtMs: 0,
    ofAccount: false,
    askId: '',
    contact: undefined,
    ...part,
  };
}
