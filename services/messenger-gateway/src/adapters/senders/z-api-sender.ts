/**
 * Z-API: `POST {base}/instances/{id}/token/{token}/send-text` with `{phone, message}`, `Client-Token` where the account has one. Source: developer.z-api.io/en/message/send-message-text
 * (answer `zaapId`, `messageId`). The token is part of the address, so nothing of it may be logged. `messageId` is WhatsApp's and what replies name.
 * Not verified: codes of errors (`error` is kept as it stands; the HTTP status decides).
 */
import type { ZApiAccount } from '@messtrack/workspace/accounts/z-api-account.ts';
import type { SendResult } from '../../domain/outbound.ts';
import { idAt, isObject } from '../json-value.ts';
import type { CallAnswer } from '../provider-call.ts';
import { jsonPost, under } from './api-address.ts';
import { byStatus, isSuccess, resultOf } from './call-result.ts';
import { LINKED_DEVICE_RULES } from './linked-device-rules.ts';
import { NOT_CONFIGURED, type Sender, UNSUPPORTED } from './sender.ts';
import { digitsOf, numberIdentifiers } from './whatsapp-number.ts';

export function zApiSender(base: URL): Sender<ZApiAccount> {
  return {
    provider: 'z-api',
    rulesOf: () => LINKED_DEVICE_RULES,
    identifiersOf: numberIdentifiers,
    canSend: (account) => account.instanceToken !== undefined,
    async send(account, { recipient, content }, call) {
      if (account.instanceToken === undefined) return NOT_CONFIGURED;
      if (content.kind !== 'text') return UNSUPPORTED;
      const token = encodeURIComponent(account.instanceToken.reveal());
      const url = under(base, `instances/${encodeURIComponent(account.instanceId)}/token/${token}/send-text`);
      const headers: Readonly<Record<string, string>> =
        account.clientToken === undefined ? {} : { 'client-token': account.clientToken.reveal() };
      return readZApiAnswer(await call(jsonPost(url, headers, { phone: digitsOf(recipient), message: content.text })));
    },
  };
}

export function readZApiAnswer(answer: CallAnswer): SendResult {
  return resultOf(answer, (answered) => {
    const messageId = isObject(answered.body) ? (idAt(answered.body, 'messageId') ?? idAt(answered.body, 'id')) : undefined;
    return isSuccess(answered) && messageId !== undefined ? { kind: 'accepted', messageId, recipient: [] } : byStatus(answered);
  });
}
