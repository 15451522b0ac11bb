import type { Account } from '@messtrack/workspace/accounts/account-kinds.ts';
import type { Sender } from './sender.ts';
import { telegramSender } from './telegram-sender.ts';
import { whatsAppSender } from './whatsapp-sender.ts';

/** Where providers take messages. Overridden for tests, for a Bot API server of one's own, and for proxies. */
export interface ProviderUrls {
  readonly whatsapp: URL;
  readonly telegram: URL;
}

export const DEFAULT_PROVIDER_URLS: ProviderUrls = {
  whatsapp: new URL('https://graph.facebook.com/v24.0'),
  telegram: new URL('https://api.telegram.org'),
};

export type SenderOf = (account: Account) => Sender | undefined;

/** Every provider that messages can be sent through. A new one is a file and a line here. */
export function createSenders(urls: ProviderUrls): SenderOf {
  const senders = new Map<string, Sender>();
  // The compiler cannot follow that a sender is given accounts of its own provider alone; the map's key sees to it.
  for (const sender of [whatsAppSender(urls.whatsapp), telegramSender(urls.telegram)]) senders.set(sender.provider, sender as Sender);
  return (account) => senders.get(account.provider);
}
