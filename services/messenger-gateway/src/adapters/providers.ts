import type { Account } from '@messtrack/workspace/accounts/account-kinds.ts';
import type { Workspace } from '@messtrack/workspace/workspace.ts';
import type { Reading } from '../domain/inbound.ts';
import type { Provider } from './provider.ts';
import { ownerOf } from './receivers.ts';
import { telegramProvider } from './telegram-provider.ts';
import { whatsAppProvider } from './whatsapp-provider.ts';

/** Every provider whose webhooks are taken. A new one is a file and a line here. */
const PROVIDERS: ReadonlyMap<string, Provider> = new Map([whatsAppProvider, telegramProvider].map((each) => [each.name, each]));

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
  if (receiver === undefined || addressed.receiver === undefined || addressed.receiver === receiver) return addressed;
  const owner = ownerOf(workspace, addressed.provider, receiver);
  return owner !== undefined && isAuthentic(owner) ? owner : undefined;
}
