import { readMetaMessaging } from './meta-messaging.ts';
import { answerHandshake, isSignedByApp, proofKeyOf } from './meta-webhook.ts';
import type { Provider } from './provider.ts';

/** Instagram professional accounts: Meta's signature over the body (with Instagram login it is the Instagram app's secret), Meta's handshake. */
export const instagramProvider: Provider = {
  name: 'instagram',
  isAuthentic: (account, request) => account.provider === 'instagram' && isSignedByApp(account, request),
  proofKey: (account) => (account.provider === 'instagram' ? proofKeyOf(account) : undefined),
  read: (body, _account, observedAtMs) => readMetaMessaging(body, 'instagram', observedAtMs),
  verify: (account, query) => answerHandshake(account.provider === 'instagram' ? account.verifyToken.reveal() : '', query),
};
