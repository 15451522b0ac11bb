import { z } from 'zod';
import { NAME_PATTERN, NAME_RULE, says, text } from '../schema-text.ts';
import type { AccountBase, AccountKind } from './account-kind.ts';
import { dedicatedTo } from './account-text.ts';

/** A person's Telegram account with Telegram Business, read through a bot they connected to it. The bot's account receives the updates. */
export interface TelegramBusinessAccount extends AccountBase {
  readonly channel: 'telegram';
  readonly provider: 'telegram-business';
  /** Without "@". */
  readonly username: string;
  /** Account of this workspace (provider `telegram`) whose bot is connected. */
  readonly bot: string;
  /** The connection whose messages it takes; undefined: every connection of the bot that no other account names. */
  readonly connectionId: string | undefined;
}

const schema = z
  .strictObject({
    channel: z.literal('telegram', { error: says('"telegram", because the provider is "telegram-business"') }),
    provider: z.literal('telegram-business'),
    username: text('the user name people write to, without "@", 5 to 32 letters, digits and "_"', /^[A-Za-z][A-Za-z0-9_]{4,31}$/).describe(
      'User name of the person or business, without "@".',
    ),
    bot: text(NAME_RULE, NAME_PATTERN).describe('Account of the bot that is connected in Settings, Telegram Business, Chatbots.'),
    connection_id: text('the id of the business connection, 1 to 64 letters, digits, "_" and "-"', /^[A-Za-z0-9_-]{1,64}$/)
      .optional()
      .describe(
        'Business connection, as the column connection_id of contact_states shows it. Needed only where several people connect one bot.',
      ),
    dedicated_to: dedicatedTo,
  })
  .describe("A person's account with Telegram Business, read through a connected bot.");

export const telegramBusinessKind: AccountKind<typeof schema, TelegramBusinessAccount> = {
  provider: 'telegram-business',
  schema,
  secretKeys: [],
  receiverKey: 'connection_id',
  build: (name, file) => ({
    name,
    channel: 'telegram',
    provider: 'telegram-business',
    receiver: file.connection_id,
    username: file.username,
    bot: file.bot,
    connectionId: file.connection_id,
    dedicatedTo: file.dedicated_to,
  }),
};
