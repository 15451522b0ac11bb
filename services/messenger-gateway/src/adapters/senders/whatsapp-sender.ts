import type { WhatsAppAccount } from '@messtrack/workspace/accounts/whatsapp-account.ts';
import { jsonPostText, under } from './api-address.ts';
import { cloudApiBody, readCloudApiAnswer, WHATSAPP_RULES, whatsAppIdentifiers } from './cloud-api-messages.ts';
import { NOT_CONFIGURED, type Sender } from './sender.ts';

/** `POST {base}/{phone number id}/messages`, the token as a bearer. `base` holds the version of the Graph API. */
export function whatsAppSender(base: URL): Sender<WhatsAppAccount> {
  return {
    provider: 'whatsapp',
    rulesOf: () => WHATSAPP_RULES,
    identifiersOf: whatsAppIdentifiers,
    canSend: (account) => account.accessToken !== undefined,
    async send(account, message, call) {
      const token = account.accessToken;
      if (token === undefined) return NOT_CONFIGURED;
      const url = under(base, `${encodeURIComponent(account.phoneNumberId)}/messages`);
      return readCloudApiAnswer(await call(jsonPostText(url, { authorization: `Bearer ${token.reveal()}` }, cloudApiBody(message))));
    },
  };
}
