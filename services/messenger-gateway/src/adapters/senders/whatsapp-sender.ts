import type { WhatsAppAccount } from '@messtrack/workspace/accounts/whatsapp-account.ts';
import {
  cloudApiBody,
  readCloudApiAnswer,
  WHATSAPP_LIMITS,
  WHATSAPP_MAX_TEXT,
  WHATSAPP_WINDOW_MS,
  whatsAppIdentifiers,
} from './cloud-api-messages.ts';
import type { Sender } from './sender.ts';

/** `POST {base}/{phone number id}/messages`, the token as a bearer. `base` holds the version of the Graph API. */
export function whatsAppSender(base: URL): Sender<WhatsAppAccount> {
  return {
    provider: 'whatsapp',
    limits: WHATSAPP_LIMITS,
    windowMs: WHATSAPP_WINDOW_MS,
    maxTextLength: WHATSAPP_MAX_TEXT,
    hasTemplates: true,
    identifiersOf: whatsAppIdentifiers,
    canSend: (account) => account.accessToken !== undefined,
    async send(account, message, call) {
      const token = account.accessToken;
      if (token === undefined) return { kind: 'refused', reason: 'not_configured', code: '' };
      const url = new URL(`${base.pathname.replace(/\/$/, '')}/${encodeURIComponent(account.phoneNumberId)}/messages`, base);
      const headers = { authorization: `Bearer ${token.reveal()}`, 'content-type': 'application/json' };
      return readCloudApiAnswer(await call({ url, headers, body: cloudApiBody(message) }));
    },
  };
}
