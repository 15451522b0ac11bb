import { readMetaMessaging } from './meta-messaging.ts';
import { answerHandshake, isSignedByApp, proofKeyOf } from './meta-webhook.ts';
import type { Provider } from './provider.ts';

/** Facebook Pages on the Messenger Platform: Meta's signature over the body, Meta's handshake. */
export const messengerProvider: Provider = {
  name: 'messenger',
  isAuthentic: (account, request) => account.provider === 'messenger' && isSignedByApp(account, request),
  proofKey: (account) => (account.provider === 'messenger' ? proofKeyOf(account) : undefined),
  read: (body, _account, observedAtMs) => readMetaMessaging(body, 'messenger', observedAtMs),
  verify: (account, query) => answerHandshake(account.provider === 'messenger' ? account.verifyToken.reveal() : '', query),
};
