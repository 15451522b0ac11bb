import { chatAppKind } from './chatapp-account.ts';
import { dialog360Kind } from './dialog360-account.ts';
import { ednaKind } from './edna-account.ts';
import { evolutionKind } from './evolution-account.ts';
import { greenApiKind } from './green-api-account.ts';
import { gupshupKind } from './gupshup-account.ts';
import { instagramKind } from './instagram-account.ts';
import { maxKind } from './max-account.ts';
import { messengerKind } from './messenger-account.ts';
import { telegramKind } from './telegram-account.ts';
import { telegramBusinessKind } from './telegram-business-account.ts';
import { twilioKind } from './twilio-account.ts';
import { vkKind } from './vk-account.ts';
import { wahaKind } from './waha-account.ts';
import { wazzupKind } from './wazzup-account.ts';
import { whatsAppKind } from './whatsapp-account.ts';
import { zApiKind } from './z-api-account.ts';

/** Every provider that an account may have, in the order in which errors list them. A new one is a file beside this one and a line in both lists. */
export const ACCOUNT_KINDS = [
  whatsAppKind,
  telegramKind,
  telegramBusinessKind,
  messengerKind,
  instagramKind,
  dialog360Kind,
  twilioKind,
  gupshupKind,
  wazzupKind,
  ednaKind,
  greenApiKind,
  chatAppKind,
  wahaKind,
  evolutionKind,
  zApiKind,
  vkKind,
  maxKind,
] as const;
export const ACCOUNT_SCHEMAS = [
  whatsAppKind.schema,
  telegramKind.schema,
  telegramBusinessKind.schema,
  messengerKind.schema,
  instagramKind.schema,
  dialog360Kind.schema,
  twilioKind.schema,
  gupshupKind.schema,
  wazzupKind.schema,
  ednaKind.schema,
  greenApiKind.schema,
  chatAppKind.schema,
  wahaKind.schema,
  evolutionKind.schema,
  zApiKind.schema,
  vkKind.schema,
  maxKind.schema,
] as const;

/** An account as services see it; `provider` tells the kinds apart. */
export type Account = ReturnType<(typeof ACCOUNT_KINDS)[number]['build']>;
type AccountFile = Parameters<(typeof ACCOUNT_KINDS)[number]['build']>[1];

export function buildAccount(name: string, file: AccountFile): Account {
  // The kind is found by the discriminator of the union, which the compiler cannot follow through a list.
  const kind = ACCOUNT_KINDS.find(({ provider }) => provider === file.provider)!;
  return kind.build(name, file as never);
}
