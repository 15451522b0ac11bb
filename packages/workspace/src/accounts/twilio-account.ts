import { type Secret, sealSecret } from '@messtrack/runtime/secret.ts';
import { z } from 'zod';
import { says, secret, text } from '../schema-text.ts';
import type { AccountBase, AccountKind } from './account-kind.ts';
import { baseUrl, dedicatedTo, phone } from './account-text.ts';

/** A WhatsApp sender at Twilio. */
export interface TwilioAccount extends AccountBase {
  readonly channel: 'whatsapp';
  readonly provider: 'twilio';
  /** E.164 with "+". */
  readonly phone: string;
  /** Needed for sending only. */
  readonly accountSid: string | undefined;
  /** Signs the webhooks and may send. */
  readonly authToken: Secret;
  /** Scheme, host, port and path before `/hooks` as Twilio was given them; undefined: taken from the request. No "/" at the end. */
  readonly publicUrl: string | undefined;
}

const publicUrlRule = 'the address before /hooks as Twilio knows it, such as "https://hooks.acme.example"';

const schema = z
  .strictObject({
    channel: z.literal('whatsapp', { error: says('"whatsapp", because the provider is "twilio"') }),
    provider: z.literal('twilio'),
    phone,
    account_sid: text('the account SID, "AC" and 32 hex digits', /^AC[0-9a-fA-F]{32}$/)
      .optional()
      .describe('Account SID in the Twilio console; without it nothing can be sent.'),
    auth_token: secret('the primary auth token; it signs the webhooks and may send messages'),
    public_url: baseUrl(publicUrlRule)
      .optional()
      .describe(
        'Address before /hooks as Twilio knows it: its signature is over the address. Default: from the request and X-Forwarded-*.',
      ),
    dedicated_to: dedicatedTo,
  })
  .describe('A WhatsApp sender at Twilio.');

export const twilioKind: AccountKind<typeof schema, TwilioAccount> = {
  provider: 'twilio',
  schema,
  secretKeys: ['auth_token'],
  receiverKey: 'phone',
  build: (name, file) => ({
    name,
    channel: 'whatsapp',
    provider: 'twilio',
    receiver: file.phone,
    phone: file.phone,
    accountSid: file.account_sid,
    authToken: sealSecret(file.auth_token),
    publicUrl: file.public_url?.replace(/\/+$/, ''),
    dedicatedTo: file.dedicated_to,
  }),
};
