import { type Secret, sealSecret } from '@messtrack/runtime/secret.ts';
import { z } from 'zod';
import { says, secret, text } from '../schema-text.ts';
import type { AccountBase, AccountKind } from './account-kind.ts';
import { dedicatedTo, phone } from './account-text.ts';
import { acceptBanRisk, webhookToken } from './gateway-text.ts';
import { needsOneOf, ownApiUrl } from './linked-device-text.ts';

/** A session of WAHA: a WhatsApp number linked as a second device. Unofficial. */
export interface WahaAccount extends AccountBase {
  readonly channel: 'whatsapp';
  readonly provider: 'waha';
  /** E.164 with "+". */
  readonly phone: string;
  /** Key of `X-Webhook-Hmac`; when there is one, nothing else proves a webhook. */
  readonly hmacKey: Secret | undefined;
  readonly webhookToken: Secret | undefined;
  /** Needed for sending only. */
  readonly apiUrl: string | undefined;
  /** `X-Api-Key` of the server; needed for sending only. */
  readonly apiKey: Secret | undefined;
}

const schema = z
  .strictObject({
    channel: z.literal('whatsapp', { error: says('"whatsapp", because the provider is "waha"') }),
    provider: z.literal('waha'),
    accept_ban_risk: acceptBanRisk,
    phone,
    session: text('the name of the session in WAHA, such as "default"', /^[A-Za-z0-9_-]{1,64}$/)
      .optional()
      .describe('Name of the session. Without it the address of the webhook alone decides.'),
    hmac_key: secret('the key of the webhook (hmac.key); it signs the webhooks').optional(),
    webhook_token: webhookToken.optional(),
    api_url: ownApiUrl('WAHA'),
    api_key: secret('the API key of WAHA (WAHA_API_KEY); it may send messages').optional(),
    dedicated_to: dedicatedTo,
  })
  .superRefine(needsOneOf('hmac_key', 'webhook_token'))
  .describe('A session of WAHA. Unofficial: WhatsApp may ban the number.');

export const wahaKind: AccountKind<typeof schema, WahaAccount> = {
  provider: 'waha',
  schema,
  secretKeys: ['hmac_key', 'webhook_token', 'api_key'],
  // Every installation has a session "default": names are unique within one, not between workspaces.
  receiverKey: undefined,
  build: (name, file) => ({
    name,
    channel: 'whatsapp',
    provider: 'waha',
    receiver: file.session,
    phone: file.phone,
    hmacKey: file.hmac_key === undefined ? undefined : sealSecret(file.hmac_key),
    webhookToken: file.webhook_token === undefined ? undefined : sealSecret(file.webhook_token),
    apiUrl: file.api_url,
    apiKey: file.api_key === undefined ? undefined : sealSecret(file.api_key),
    dedicatedTo: file.dedicated_to,
  }),
};
