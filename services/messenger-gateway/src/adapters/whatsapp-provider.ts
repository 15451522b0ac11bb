import type { Account } from '@messtrack/workspace/accounts/account-kinds.ts';
import type { Provider } from './provider.ts';
import { isHubSignature, isSameSecret } from './signature.ts';
import { readWhatsApp } from './whatsapp.ts';

/** WhatsApp Cloud API: Meta's signature over the body, Meta's handshake. */
export const whatsAppProvider: Provider = {
  name: 'whatsapp',
  isAuthentic: (account, { body, header }) =>
    account.provider === 'whatsapp' && isHubSignature(body, account.appSecret.reveal(), header('x-hub-signature-256')),
  read: (body, _account, observedAtMs) => readWhatsApp(body, observedAtMs),
  /** `hub.mode=subscribe`, our verify token, and a challenge to give back (Meta, webhooks/create-webhook-endpoint). */
  verify(account, query) {
    const challenge = query('hub.challenge');
    const isVerified = isSameSecret(verifyTokenOf(account), query('hub.verify_token'));
    return isVerified && query('hub.mode') === 'subscribe' && challenge !== undefined && challenge.length <= 256
      ? { status: 200, text: challenge }
      : { status: 403, text: 'verify token missing or wrong\n' };
  },
};

function verifyTokenOf(account: Account): string {
  return account.provider === 'whatsapp' ? account.verifyToken.reveal() : '';
}
