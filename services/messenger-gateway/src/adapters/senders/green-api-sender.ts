/**
 * GREEN-API: `POST {apiUrl}/waInstance{id}/sendMessage/{token}`. Sources: green-api.com/en/docs/api/sending/SendMessage (`chatId`, `message`; answer `idMessage`), …/api/ratelimiter
 * (50 a second), …/telegram/docs/api/466-error-example-body (quota of the plan). The token is part of the address, so nothing of it may be logged. What is taken waits
 * at GREEN-API for up to 24 hours while the phone is away; statuses say when it went.
 */
import type { GreenApiAccount } from '@messtrack/workspace/accounts/green-api-account.ts';
import type { SendResult } from '../../domain/outbound.ts';
import { idAt, isObject } from '../json-value.ts';
import type { CallAnswer } from '../provider-call.ts';
import { jsonPost, under } from './api-address.ts';
import { byStatus, isSuccess, resultOf } from './call-result.ts';
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
    if (answered.status === 400) return { kind: 'refused', reason: 'content_refused', code: '400' };
    return byStatus(answered);
  });
}
