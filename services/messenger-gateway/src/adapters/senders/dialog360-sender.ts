import type { Dialog360Account } from '@messtrack/workspace/accounts/dialog360-account.ts';
import { jsonPostText, under } from './api-address.ts';
import { cloudApiBody, readCloudApiAnswer, WHATSAPP_RULES, whatsAppIdentifiers } from './cloud-api-messages.ts';
import { NOT_CONFIGURED, type Sender } from './sender.ts';

/** `POST {base}/messages` with the bodies of the Cloud API and the key in `D360-API-KEY`. Source: docs.360dialog.com, "Messaging" of the Cloud API. */
export function dialog360Sender(base: URL): Sender<Dialog360Account> {
  return {
    provider: '360dialog',
    rulesOf: () => WHATSAPP_RULES,
    identifiersOf: whatsAppIdentifiers,
    canSend: (account) => account.apiKey !== undefined,
    async send(account, message, call) {
      if (account.apiKey === undefined) return NOT_CONFIGURED;
      const headers = { 'd360-api-key': account.apiKey.reveal() };
      return readCloudApiAnswer(await call(jsonPostText(under(base, 'messages'), headers, cloudApiBody(message))));
    },
  };
}
