import { type Secret, sealSecret } from '@messtrack/runtime/secret.ts';
import { z } from 'zod';
import { says, secret, text } from '../schema-text.ts';
import type { AccountBase, AccountKind } from './account-kind.ts';
import { dedicatedTo } from './account-text.ts';

/** A Telegram bot. */
export interface TelegramAccount extends AccountBase {
  readonly channel: 'telegram';
  readonly provider: 'telegram';
  /** Without "@". */
  readonly username: string;
  /** Always there when `updates` is `polling`: it authorises the polls. */
  readonly botToken: Secret | undefined;
  /** Always there when `updates` is `webhook`: it authenticates the webhooks. */
  readonly secretToken: Secret | undefined;
  /** How updates reach us: Telegram calls us, or we ask. Telegram allows one of the two per bot. */
  readonly updates: 'webhook' | 'polling';
  /** Messages that people write in groups the bot is in are messages to the account. */
  readonly groups: boolean;
}

const schema = z
  .strictObject({
    channel: z.literal('telegram', { error: says('"telegram", because the provider is "telegram"') }),
    provider: z.literal('telegram'),
    username: text('the bot\'s user name without "@", 5 to 32 letters, digits and "_"', /^[A-Za-z][A-Za-z0-9_]{4,31}$/).describe(
      'User name of the bot, without "@".',
    ),
    bot_token: secret("the bot's token from BotFather; it may send messages").optional(),
    secret_token: secret('the secret_token given to setWebhook; it authenticates the webhooks')
      .regex(/^[A-Za-z0-9_-]{1,256}$/, {
        error: () => 'must resolve to 1 to 256 characters of A-Z, a-z, 0-9, "_" and "-": Telegram accepts no others in secret_token',
      })
      .optional(),
    updates: z
      .enum(['webhook', 'polling'], { error: says('one of: webhook, polling') })
      .optional()
      .describe(
        'How updates arrive: webhook (Telegram calls this machine; needs secret_token) or polling (this machine asks; needs bot_token). Default: webhook.',
      ),
    groups: z
      .boolean({ error: says('true or false') })
      .optional()
      .describe('Take messages from groups the bot is in. Default false: only private chats count.'),
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
    secretToken: file.secret_token === undefined ? undefined : sealSecret(file.secret_token),
    updates: file.updates ?? 'webhook',
    groups: file.groups ?? false,
    dedicatedTo: file.dedicated_to,
  }),
};
