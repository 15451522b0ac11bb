import type { Account } from '@messtrack/workspace/accounts/account-kinds.ts';
import type { Workspace } from '@messtrack/workspace/workspace.ts';
import type { Reading } from '../domain/inbound.ts';
import { chatAppProvider } from './chatapp.ts';
import { dialog360Provider } from './dialog360-provider.ts';
import { ednaProvider } from './edna.ts';
import { evolutionProvider } from './evolution.ts';
import { greenApiProvider } from './green-api.ts';
import { gupshupProvider } from './gupshup-provider.ts';
import { instagramProvider } from './instagram-provider.ts';
import { maxProvider } from './max.ts';
import { messengerProvider } from './messenger-provider.ts';
import type { Provider } from './provider.ts';
import { ownerOf } from './receivers.ts';
import { telegramProvider } from './telegram-provider.ts';
import { twilioProvider } from './twilio-provider.ts';
import { vkProvider } from './vk.ts';
import { wahaProvider } from './waha.ts';
import { wazzupProvider } from './wazzup.ts';
import { whatsAppProvider } from './whatsapp-provider.ts';
import { zApiProvider } from './z-api.ts';

/** Every provider whose webhooks are taken. A new one is a file and a line here. */
const PROVIDERS: ReadonlyMap<string, Provider> = new Map(
  [
    whatsAppProvider,
    telegramProvider,
    messengerProvider,
    instagramProvider,
    dialog360Provider,
    twilioProvider,
    gupshupProvider,
    wazzupProvider,
    ednaProvider,
    greenApiProvider,
    chatAppProvider,
    wahaProvider,
    evolutionProvider,
    zApiProvider,
    vkProvider,
    maxProvider,
  ].map((each) => [each.name, each]),
);

export function providerOf(name: string): Provider | undefined {
  return PROVIDERS.get(name);
}

/**
 * The account an element is for; undefined when it is none of the workspace's that accept the same proof. One app may serve several
 * numbers and knows one callback: the number decides, not the path.
 */
export function receiverOf(
  { receiver }: Reading,
  workspace: Workspace,
  addressed: Account,
  isAuthentic: (account: Account) => boolean,
): Account | undefined {
  const routed = receiver === undefined ? undefined : providerOf(addressed.provider)?.route?.(receiver, workspace, addressed);
  if (routed !== undefined) return routed;
  if (receiver === undefined || addressed.receiver === undefined || addressed.receiver === receiver) return addressed;
  const owner = ownerOf(workspace, addressed.provider, receiver);
  return owner !== undefined && isAuthentic(owner) ? owner : undefined;
}
