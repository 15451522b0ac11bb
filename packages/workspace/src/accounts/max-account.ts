import { type Secret, sealSecret } from '@messtrack/runtime/secret.ts';
import { z } from 'zod';
import { says, secret, text } from '../schema-text.ts';
import type { AccountBase, AccountKind } from './account-kind.ts';
import { dedicatedTo } from './account-text.ts';
import { webhookToken } from './gateway-text.ts';

/** A bot of the messenger MAX. */
export interface MaxAccount extends AccountBase {
  readonly channel: 'max';
  readonly provider: 'max';
  /** Nickname of the bot, what stands after max.ru/. */
  readonly username: string;
  readonly webhookToken: Secret;
  /** Token of the bot; needed for sending only. */
  readonly accessToken: Secret | undefined;
}

const schema = z
  .strictObject({
    channel: z.literal('max', { error: says('"max", because the provider is "max"') }),
    provider: z.literal('max'),
    username: text('the nickname of the bot, what stands after max.ru/', /^[A-Za-z0-9][A-Za-z0-9_-]{1,63}$/).describe(
      'Nickname of the bot: links lead to max.ru/NAME.',
    ),
    webhook_token: webhookToken.describe('Reference to the secret given to POST /subscriptions; never the value itself.'),
    access_token: secret('the token of the bot; it may send messages').optional(),
    dedicated_to: dedicatedTo,
  })
  .describe('A bot of the messenger MAX.');

export const maxKind: AccountKind<typeof schema, MaxAccount> = {
  provider: 'max',
  schema,
  secretKeys: ['webhook_token', 'access_token'],
  receiverKey: undefined,
  build: (name, file) => ({
    name,
    channel: 'max',
    provider: 'max',
    receiver: undefined,
    username: file.username,
    webhookToken: sealSecret(file.webhook_token),
    accessToken: file.access_token === undefined ? undefined : sealSecret(file.access_token),
    dedicatedTo: file.dedicated_to,
  }),
};
