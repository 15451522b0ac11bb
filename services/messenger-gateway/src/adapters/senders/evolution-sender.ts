/**
 * Evolution API 2: `POST {api_url}/message/sendText/{instance}` with `{number, text}` and the token of the instance in `apikey`. Sources: doc.evolution-api.com
 * v2/api-reference/message-controller/send-text, evolution-foundation/evolution-api issue 1412 (version 1 wants `textMessage` and fails with 500: update it). The answer holds WhatsApp's
 * id in `key.id`; 400 with `exists: false` says that the number has no WhatsApp.
 */
import type { EvolutionAccount } from '@messtrack/workspace/accounts/evolution-account.ts';
import type { SendResult } from '../../domain/outbound.ts';
import { idAt, isObject, listAt, objectAt } from '../json-value.ts';
import type { CallAnswer } from '../provider-call.ts';
import { jsonPost, under } from './api-address.ts';
import { byStatus, isSuccess, resultOf } from './call-result.ts';
import { LINKED_DEVICE_RULES } from './linked-device-rules.ts';
import { NOT_CONFIGURED, type Sender, UNSUPPORTED } from './sender.ts';
import { digitsOf, numberIdentifiers } from './whatsapp-number.ts';

export function evolutionSender(): Sender<EvolutionAccount> {
  return {
    provider: 'evolution',
    rulesOf: () => LINKED_DEVICE_RULES,
    identifiersOf: numberIdentifiers,
    canSend: (account) => account.apiUrl !== undefined && account.apiKey !== undefined && account.receiver !== undefined,
    async send(account, { recipient, content }, call) {
      const { apiUrl, apiKey, receiver } = account;
      if (apiUrl === undefined || apiKey === undefined || receiver === undefined) return NOT_CONFIGURED;
      if (content.kind !== 'text') return UNSUPPORTED;
      const url = under(new URL(apiUrl), `message/sendText/${encodeURIComponent(receiver)}`);
      const request = jsonPost(url, { apikey: apiKey.reveal() }, { number: digitsOf(recipient), text: content.text });
      return readEvolutionAnswer(await call({ ...request, isNamedByWorkspace: true }));
    },
  };
}

export function readEvolutionAnswer(answer: CallAnswer): SendResult {
  return resultOf(answer, (answered) => {
    const body = isObject(answered.body) ? answered.body : {};
    const messageId = idAt(objectAt(body, 'key'), 'id');
    if (isSuccess(answered) && messageId !== undefined) return { kind: 'accepted', messageId, recipient: [] };
    const found = listAt(objectAt(body, 'response') ?? {}, 'message') ?? [];
    if (answered.status === 400 && found.some((each) => isObject(each) && each['exists'] === false))
      return { kind: 'refused', reason: 'recipient_unknown', code: '400' };
    if (answered.status === 404) return { kind: 'refused', reason: 'credentials_refused', code: '404' };
    return byStatus(answered);
  });
}
