import { type Secret, sealSecret } from '@messtrack/runtime/secret.ts';
import { z } from 'zod';
import { says, secret, text } from '../schema-text.ts';
import type { AccountBase, AccountKind } from './account-kind.ts';
import { dedicatedTo, phone } from './account-text.ts';

/** A WhatsApp number at 360dialog. At least one of the two proofs is there. */
export interface Dialog360Account extends AccountBase {
  readonly channel: 'whatsapp';
  readonly provider: '360dialog';
  /** E.164 with "+". */
  readonly phone: string;
  readonly phoneNumberId: string;
  /** Sent along by 360dialog as a header set with the webhook. */
  readonly webhookToken: Secret | undefined;
  /** Signs the body for partners of 360dialog. */
  readonly platformSecret: Secret | undefined;
  readonly apiKey: Secret | undefined;
}

const schema = z
  .strictObject({
    channel: z.literal('whatsapp', { error: says('"whatsapp", because the provider is "360dialog"') }),
    provider: z.literal('360dialog'),
    phone,
    phone_number_id: text(
      'the phone number id that 360dialog shows, digits in quotes, such as "106540352242922"',
      /^[0-9]{5,24}$/,
    ).describe('Id Meta gives the number; webhooks are told apart by it.'),
    webhook_token: secret('the token that 360dialog sends in the header Authorization of every webhook').optional(),
    platform_secret: secret('the platform secret of a 360dialog partner; it signs the webhooks').optional(),
    api_key: secret('the API key (D360-API-KEY); it may send messages').optional(),
    dedicated_to: dedicatedTo,
  })
  .refine((file) => file.webhook_token !== undefined || file.platform_secret !== undefined, {
    path: ['webhook_token'],
    error: () => 'is missing; write webhook_token, or platform_secret for partners: without one anybody could send messages',
  })
  .describe('A WhatsApp number at 360dialog.');

export const dialog360Kind: AccountKind<typeof schema, Dialog360Account> = {
  provider: '360dialog',
  schema,
  secretKeys: ['webhook_token', 'platform_secret', 'api_key'],
  receiverKey: 'phone_number_id',
  build: (name, file) => ({
    name,
    channel: 'whatsapp',
    provider: '360dialog',
    receiver: file.phone_number_id,
    phone: file.phone,
    phoneNumberId: file.phone_number_id,
    webhookToken: file.webhook_token === undefined ? undefined : sealSecret(file.webhook_token),
    platformSecret: file.platform_secret === undefined ? undefined : sealSecret(file.platform_secret),
    apiKey: file.api_key === undefined ? undefined : sealSecret(file.api_key),
    dedicatedTo: file.dedicated_to,
  }),
};
