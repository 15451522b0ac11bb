import type { Dialog360Account } from '@messtrack/workspace/accounts/dialog360-account.ts';
import {
  cloudApiBody,
  readCloudApiAnswer,
  WHATSAPP_LIMITS,
  WHATSAPP_MAX_TEXT,
  WHATSAPP_WINDOW_MS,
  whatsAppIdentifiers,
} from './cloud-api-messages.ts';
import type { Sender } from './sender.ts';

/** `POST {base}/messages` with the bodies of the Cloud API and the key in `D360-API-KEY`. Source: docs.360dialog.com, "Messaging" of the Cloud API. */
export function dialog360Sender(base: URL): Sender<Dialog360Account> {
  return {
    provider: '360dialog',
    limits: WHATSAPP_LIMITS,
    windowMs: WHATSAPP_WINDOW_MS,
    maxTextLength: WHATSAPP_MAX_TEXT,
    hasTemplates: true,
    identifiersOf: whatsAppIdentifiers,
    canSend: (account) => account.apiKey !== undefined,
    async send(account, message, call) {
      if (account.apiKey === undefined) return { kind: 'refused', reason: 'not_configured', code: '' };
      const url = new URL(`${base.pathname.replace(/\/$/, '')}/messages`, base);
      const headers = { 'd360-api-key': account.apiKey.reveal(), 'content-type': 'application/json' };
      return readCloudApiAnswer(await call({ url, headers, body: cloudApiBody(message) }));
    },
  };
}
