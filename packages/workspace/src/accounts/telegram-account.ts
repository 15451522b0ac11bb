import { sealSecret } from '@messtrack/runtime/secret.ts';
import { z } from 'zod';
import { says, secret, text } from '../schema-text.ts';
import type { Secret } from '../workspace.ts';
import type { AccountBase, AccountKind } from './account-kind.ts';
import { dedicatedTo } from './account-text.ts';

/** A Telegram bot. */
export interface TelegramAccount extends AccountBase {
  readonly channel: 'telegram';
  readonly provider: 'telegram';
  /** Without "@". */
  readonly username: string;
  readonly botToken: Secret | undefined;
  readonly secretToken: Secret;
}

const schema = z
  .strictObject({
    channel: z.literal('telegram', { error: says('"telegram", because the provider is "telegram"') }),
    provider: z.literal('telegram'),
    username: text('the bot\'s user name without "@", 5 to 32 letters, digits and "_"', /^[A-Za-z][A-Za-z0-9_]{4,31}$/).describe(
      'User name of the bot, without "@".',
    ),
    bot_token: secret("the bot's token from BotFather; it may send messages").optional(),
    secret_token: secret('the secret_token given to setWebhook; it authenticates the webhooks').regex(/^[A-Za-z0-9_-]{1,256}$/, {
      error: () => 'must resolve to 1 to 256 characters of A-Z, a-z, 0-9, "_" and "-": Telegram accepts no others in secret_token',
    }),
    dedicated_to: dedicatedTo,
  })
  .describe('A Telegram bot.');

export const telegramKind: AccountKind<typeof schema, TelegramAccount> = {
  provider: 'telegram',
  schema,
  secretKeys: ['bot_token', 'secret_token'],
  receiverKey: undefined,
  build: (name, file) => ({
    name,
    channel: 'telegram',
    provider: 'telegram',
    receiver: undefined,
    username: file.username,
    botToken: file.bot_token === undefined ? undefined : sealSecret(file.bot_token),
    secretToken: sealSecret(file.secret_token),
    dedicatedTo: file.dedicated_to,
  }),
};
