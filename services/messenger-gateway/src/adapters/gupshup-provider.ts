import { readGupshup } from './gupshup.ts';
import type { Provider } from './provider.ts';
import { hasSharedToken } from './shared-token.ts';

/**
 * WhatsApp at Gupshup. Nothing is signed: a subscription sends headers of our choice (`meta={"headers":{"Authorization":"Bearer …"}}`, partner
 * API), and where it cannot, the token stands in the callback address (`?token=…`).
 */
export const gupshupProvider: Provider = {
  name: 'gupshup',
  isAuthentic: (account, request) => account.provider === 'gupshup' && hasSharedToken(request, account.webhookToken.reveal()),
  read: (body, account, observedAtMs) => readGupshup(body, account.receiver, observedAtMs),
};
