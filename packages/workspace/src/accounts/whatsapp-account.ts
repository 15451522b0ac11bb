import { sealSecret } from '@messtrack/runtime/secret.ts';
import { z } from 'zod';
import { says, secret, text } from '../schema-text.ts';
import type { Secret } from '../workspace.ts';
import type { AccountBase, AccountKind } from './account-kind.ts';
import { dedicatedTo, phone } from './account-text.ts';

/** A number on the WhatsApp Cloud API. */
export interface WhatsAppAccount extends AccountBase {
  readonly channel: 'whatsapp';
  readonly provider: 'whatsapp';
  /** E.164 with "+". */
  readonly phone: string;
  readonly phoneNumberId: string;
  readonly appSecret: Secret;
  readonly verifyToken: Secret;
  readonly accessToken: Secret | undefined;
}

const schema = z
  .strictObject({
    channel: z.literal('whatsapp', { error: says('"whatsapp", because the provider is "whatsapp"') }),
    provider: z.literal('whatsapp'),
    phone,
    phone_number_id: text(
      'the id of the number in Meta\'s app dashboard, digits in quotes, such as "106540352242922"',
      /^[0-9]{5,24}$/,
    ).describe('Id Meta gives the number; webhooks are told apart by it.'),
    app_secret: secret('the secret of the Meta app; it signs the webhooks'),
    verify_token: secret("the token that answers Meta's verification of the webhook"),
    access_token: secret('the token that may send messages').optional(),
    dedicated_to: dedicatedTo,
  })
  .describe('A number on the WhatsApp Cloud API.');

export const whatsAppKind: AccountKind<typeof schema, WhatsAppAccount> = {
  provider: 'whatsapp',
  schema,
  secretKeys: ['app_secret', 'verify_token', 'access_token'],
  receiverKey: 'phone_number_id',
  build: (name, file) => ({
    name,
    channel: 'whatsapp',
    provider: 'whatsapp',
    receiver: file.phone_number_id,
    phone: file.phone,
    phoneNumberId: file.phone_number_id,
    appSecret: sealSecret(file.app_secret),
    verifyToken: sealSecret(file.verify_token),
    accessToken: file.access_token === undefined ? undefined : sealSecret(file.access_token),
    dedicatedTo: file.dedicated_to,
  }),
};
