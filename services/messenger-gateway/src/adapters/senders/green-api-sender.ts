/**
 * GREEN-API: `POST {apiUrl}/waInstance{id}/sendMessage/{token}`. Sources: green-api.com/en/docs/api/sending/SendMessage (`chatId`, `message`; answer `idMessage`), …/api/ratelimiter
 * (50 a second), …/telegram/docs/api/466-error-example-body (quota of the plan). The token is part of the address, so nothing of it may be logged. What is taken waits
 * at GREEN-API for up to 24 hours while the phone is away; statuses say when it went.
 */
import type { GreenApiAccount } from '@messtrack/workspace/accounts/green-api-account.ts';
import type { SendResult } from '../../domain/outbound.ts';
import { idAt, isObject, stringAt } from '../json-value.ts';
import type { CallAnswer } from '../provider-call.ts';
import { jsonPost, under } from './api-address.ts';
import { type Answered, byStatus, isSuccess, resultOf } from './call-result.ts';
import { gatewayIdentifiers } from './gateway-recipient.ts';
import { LINKED_DEVICE_RULES } from './linked-device-rules.ts';
import { NOT_CONFIGURED, type Sender, UNSUPPORTED } from './sender.ts';
import { chatIdOf } from './whatsapp-number.ts';

export function greenApiSender(base: URL): Sender<GreenApiAccount> {
  return {
    provider: 'green-api',
    rulesOf: () => LINKED_DEVICE_RULES,
    identifiersOf: (recipient, { channel }) => gatewayIdentifiers(channel, recipient),
    canSend: (account) => account.apiToken !== undefined,
    async send(account, { recipient, content }, call) {
      if (account.apiToken === undefined) return NOT_CONFIGURED;
      if (content.kind !== 'text') return UNSUPPORTED;
      const path = `waInstance${encodeURIComponent(account.instanceId)}/sendMessage/${encodeURIComponent(account.apiToken.reveal())}`;
      const url = under(account.apiUrl === undefined ? base : new URL(account.apiUrl), path);
      const chatId = account.channel === 'whatsapp' ? chatIdOf(recipient) : recipient;
      const request = jsonPost(url, {}, { chatId, message: content.text });
      return readGreenApiAnswer(await call(account.apiUrl === undefined ? request : { ...request, isNamedByWorkspace: true }));
    },
  };
}

export function readGreenApiAnswer(answer: CallAnswer): SendResult {
  return resultOf(answer, (answered) => {
    const messageId = isObject(answered.body) ? idAt(answered.body, 'idMessage') : undefined;
    if (isSuccess(answered) && messageId !== undefined) return { kind: 'accepted', messageId, recipient: [] };
    // The plan's month is used up: waiting 15 minutes does not help.
    if (answered.status === 466) return { kind: 'refused', reason: 'rate_limited', code: '466' };
    return answered.status === 400 ? badRequest(answered) : byStatus(answered);
  });
}

/** "instance in starting process try later". */
const STARTING = /starting process/i;
/** "instance account not authorized" (its QR code waits to be scanned), "Instance account is expired", "Instance is deleted". */
const NO_ACCOUNT = /account not authorized|account is expired|instance is deleted/i;

/** GREEN-API has one status for a bad request and for an instance that cannot send, and tells them apart by words alone (green-api.com/en/docs/api/common-errors). */
function badRequest({ body, retryAfterMs }: Answered): SendResult {
  const words = typeof body === 'string' ? body : isObject(body) ? stringAt(body, 'message') : '';
  if (STARTING.test(words))
    return { kind: 'later', reason: 'provider_unavailable', code: '400', afterMs: retryAfterMs ?? 10_000, ofAccount: true };
  return { kind: 'refused', reason: NO_ACCOUNT.test(words) ? 'credentials_refused' : 'content_refused', code: '400' };
}
