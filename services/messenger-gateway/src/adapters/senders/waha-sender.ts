/**
 * WAHA: `POST {api_url}/api/sendText` with `{session, chatId, text}` and the key in `X-Api-Key`. Sources: waha.devlike.pro/docs/how-to/send-messages, …/security. The answer is
 * the engine's own message: WEBJS has `id._serialized`, NOWEB `key.id`, GOWS an `id` of its webhooks' form; of each it is WhatsApp's id that counts, as in webhooks.
 * 422 says that the session is not connected: nothing was sent.
 */
import type { WahaAccount } from '@messtrack/workspace/accounts/waha-account.ts';
import type { SendResult } from '../../domain/outbound.ts';
import { idAt, isObject, type JsonObject, objectAt } from '../json-value.ts';
import type { CallAnswer } from '../provider-call.ts';
import { stanzaOf } from '../waha-message-id.ts';
import { jsonPost, under } from './api-address.ts';
import { byStatus, isSuccess, resultOf } from './call-result.ts';
import { LINKED_DEVICE_RULES } from './linked-device-rules.ts';
import { NOT_CONFIGURED, type Sender, UNSUPPORTED } from './sender.ts';
import { chatIdOf, jidIdentifiers } from './whatsapp-number.ts';

export function wahaSender(): Sender<WahaAccount> {
  return {
    provider: 'waha',
    rulesOf: () => LINKED_DEVICE_RULES,
    identifiersOf: jidIdentifiers,
    canSend: (account) => account.apiUrl !== undefined && account.apiKey !== undefined,
    async send(account, { recipient, content }, call) {
      if (account.apiUrl === undefined || account.apiKey === undefined) return NOT_CONFIGURED;
      if (content.kind !== 'text') return UNSUPPORTED;
      const url = under(new URL(account.apiUrl), 'api/sendText');
      const body = { session: account.receiver ?? 'default', chatId: chatIdOf(recipient), text: content.text };
      const request = jsonPost(url, { 'x-api-key': account.apiKey.reveal() }, body);
      return readWahaAnswer(await call({ ...request, isNamedByWorkspace: true }));
    },
  };
}

export function readWahaAnswer(answer: CallAnswer): SendResult {
  return resultOf(answer, (answered) => {
    const messageId = isObject(answered.body) ? sentIdOf(answered.body) : undefined;
    if (isSuccess(answered) && messageId !== undefined) return { kind: 'accepted', messageId, recipient: [] };
    if (answered.status === 422) return { kind: 'later', reason: 'provider_unavailable', code: '422', afterMs: 30_000, ofAccount: true };
    if (answered.status === 404) return { kind: 'refused', reason: 'credentials_refused', code: '404' };
    return byStatus(answered);
  });
}

function sentIdOf(body: JsonObject): string | undefined {
  const id = objectAt(body, 'id');
  const key = objectAt(body, 'key') ?? objectAt(objectAt(body, '_data') ?? {}, 'key');
  return stanzaOf(idAt(body, 'id')) ?? stanzaOf(idAt(id, '_serialized')) ?? idAt(id, 'id') ?? idAt(key, 'id');
}
