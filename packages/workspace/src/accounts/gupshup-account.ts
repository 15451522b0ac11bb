import { type Secret, sealSecret } from '@messtrack/runtime/secret.ts';
import { z } from 'zod';
import { says, secret, text } from '../schema-text.ts';
import type { AccountBase, AccountKind } from './account-kind.ts';
import { dedicatedTo, phone } from './account-text.ts';

/** A WhatsApp app at Gupshup. */
export interface GupshupAccount extends AccountBase {
  readonly channel: 'whatsapp';
  readonly provider: 'gupshup';
  /** E.164 with "+". */
  readonly phone: string;
  /** Name of the app: what webhooks of version 2 name the account by, and what sending wants. */
  readonly app: string;
  readonly webhookToken: Secret;
  readonly apiKey: Secret | undefined;
}

const schema = z
  .strictObject({
    channel: z.literal('whatsapp', { error: says('"whatsapp", because the provider is "gupshup"') }),
    provider: z.literal('gupshup'),
    phone,
    app: text('the name of the Gupshup app, 1 to 64 letters, digits, "-" and "_"', /^[A-Za-z0-9_-]{1,64}$/).describe(
      'Name of the Gupshup app; webhooks of version 2 are told apart by it.',
    ),
    webhook_token: secret('the token that comes with every webhook, in a header or as ?token= of the callback address'),
    api_key: secret('the API key; it may send messages').optional(),
    dedicated_to: dedicatedTo,
  })
  .describe('A WhatsApp app at Gupshup.');

export const gupshupKind: AccountKind<typeof schema, GupshupAccount> = {
  provider: 'gupshup',
  schema,
  secretKeys: ['webhook_token', 'api_key'],
  receiverKey: 'app',
  build: (name, file) => ({
    name,
    channel: 'whatsapp',
    provider: 'gupshup',
    receiver: file.app,
    phone: file.phone,
    app: file.app,
    webhookToken: sealSecret(file.webhook_token),
    apiKey: file.api_key === undefined ? undefined : sealSecret(file.api_key),
    dedicatedTo: file.dedicated_to,
  }),
};
