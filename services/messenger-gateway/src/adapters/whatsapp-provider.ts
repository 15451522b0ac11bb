import { answerHandshake, isSignedByApp, proofKeyOf } from './meta-webhook.ts';
import type { Provider } from './provider.ts';
import { readWhatsApp } from './whatsapp.ts';

/** WhatsApp Cloud API: Meta's signature over the body, Meta's handshake. */
export const whatsAppProvider: Provider = {
  name: 'whatsapp',
  isAuthentic: (account, request) => account.provider === 'whatsapp' && isSignedByApp(account, request),
  proofKey: (account) => (account.provider === 'whatsapp' ? proofKeyOf(account) : undefined),
  read: (body, _account, observedAtMs) => readWhatsApp(body, observedAtMs),
  verify: (account, query) => answerHandshake(account.provider === 'whatsapp' ? account.verifyToken.reveal() : '', query),
};
