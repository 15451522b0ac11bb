import type { Account } from '@messtrack/workspace/accounts/account-kinds.ts';
import { chatAppSender } from './chatapp-sender.ts';
import { dialog360Sender } from './dialog360-sender.ts';
import { ednaSender } from './edna-sender.ts';
import { evolutionSender } from './evolution-sender.ts';
import { greenApiSender } from './green-api-sender.ts';
import { gupshupSender } from './gupshup-sender.ts';
import { maxSender } from './max-sender.ts';
import { instagramSender, messengerSender } from './meta-messaging-sender.ts';
import type { ProviderUrls } from './provider-urls.ts';
import type { Sender } from './sender.ts';
import { telegramBusinessSender } from './telegram-business-sender.ts';
import { telegramSender } from './telegram-sender.ts';
import { twilioSender } from './twilio-sender.ts';
import { vkSender } from './vk-sender.ts';
import { wahaSender } from './waha-sender.ts';
import { wazzupSender } from './wazzup-sender.ts';
import { whatsAppSender } from './whatsapp-sender.ts';
import { zApiSender } from './z-api-sender.ts';

export type SenderOf = (account: Account) => Sender | undefined;

/** Every provider that messages can be sent through. A new one is a file and a line here. */
export function createSenders(urls: ProviderUrls, clock: () => number): SenderOf {
  const senders = new Map<string, Sender>();
  // The compiler cannot follow that a sender is given accounts of its own provider alone; the map's key sees to it.
  for (const sender of [
    whatsAppSender(urls.whatsapp),
    telegramSender(urls.telegram),
    telegramBusinessSender(urls.telegram, clock),
    messengerSender(urls.messenger),
    instagramSender(urls.instagram, urls.messenger),
    dialog360Sender(urls.dialog360),
    twilioSender(urls.twilio),
    gupshupSender(urls.gupshup),
    wazzupSender(urls.wazzup),
    ednaSender(urls.edna),
    greenApiSender(urls.greenApi),
    chatAppSender(urls.chatApp, clock),
    wahaSender(),
    evolutionSender(),
    zApiSender(urls.zApi),
    vkSender(urls.vk),
    maxSender(urls.max),
  ])
    senders.set(sender.provider, sender as Sender);
  return (account) => senders.get(account.provider);
}
