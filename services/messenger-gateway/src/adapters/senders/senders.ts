import type { Account } from '@messtrack/workspace/accounts/account-kinds.ts';
import { dialog360Sender } from './dialog360-sender.ts';
import type { Sender } from './sender.ts';
import { telegramSender } from './telegram-sender.ts';
import { twilioSender } from './twilio-sender.ts';
import { whatsAppSender } from './whatsapp-sender.ts';

/** Where providers take messages. Overridden for tests, for a Bot API server of one's own, and for proxies. */
export interface ProviderUrls {
  readonly whatsapp: URL;
  readonly telegram: URL;
  readonly dialog360: URL;
  readonly twilio: URL;
}

export const DEFAULT_PROVIDER_URLS: ProviderUrls = {
  whatsapp: new URL('https://graph.facebook.com/v24.0'),
  telegram: new URL('https://api.telegram.org'),
  dialog360: new URL('https://waba-v2.360dialog.io'),
  twilio: new URL('https://api.twilio.com'),
};

export type SenderOf = (account: Account) => Sender | undefined;

/** Every provider that messages can be sent through. A new one is a file and a line here. */
export function createSenders(urls: ProviderUrls): SenderOf {
  const senders = new Map<string, Sender>();
  // The compiler cannot follow that a sender is given accounts of its own provider alone; the map's key sees to it.
  for (const sender of [
    whatsAppSender(urls.whatsapp),
    telegramSender(urls.telegram),
    dialog360Sender(urls.dialog360),
    twilioSender(urls.twilio),
  ])
    senders.set(sender.provider, sender as Sender);
  return (account) => senders.get(account.provider);
}
