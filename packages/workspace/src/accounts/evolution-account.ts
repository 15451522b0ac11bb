import { type Secret, sealSecret } from '@messtrack/runtime/secret.ts';
import { z } from 'zod';
import { says, secret, text } from '../schema-text.ts';
import type { AccountBase, AccountKind } from './account-kind.ts';
import { dedicatedTo, phone } from './account-text.ts';
import { acceptBanRisk, webhookToken } from './gateway-text.ts';
import { needsOneOf, ownApiUrl } from './linked-device-text.ts';

/** An instance of Evolution API: a WhatsApp number linked as a second device. Unofficial. */
export interface EvolutionAccount extends AccountBase {
  readonly channel: 'whatsapp';
  readonly provider: 'evolution';
  /** E.164 with "+". */
  readonly phone: string;
  /** Token of the instance, which the body of a webhook brings; it may send, too. */
  readonly apiKey: Secret | undefined;
  /** A header of our own, or `token` in the query. */
  readonly webhookToken: Secret | undefined;
  /** Needed for sending only. */
  readonly apiUrl: string | undefined;
}

const schema = z
  .strictObject({
    channel: z.literal('whatsapp', { error: says('"whatsapp", because the provider is "evolution"') }),
    provider: z.literal('evolution'),
    accept_ban_risk: acceptBanRisk,
    phone,
    instance: text('the name of the instance in Evolution API', /^[^\s/?#]{1,100}$/)
      .optional()
      .describe('Name of the instance. Without it the address of the webhook alone decides.'),
    api_key: secret('the token of the instance; the webhooks bring it in their body, and it may send messages').optional(),
    webhook_token: webhookToken.optional(),
    api_url: ownApiUrl('Evolution API'),
    dedicated_to: dedicatedTo,
  })
  .superRefine(needsOneOf('webhook_token', 'api_key'))
  .describe('An instance of Evolution API. Unofficial: WhatsApp may ban the number.');

export const evolutionKind: AccountKind<typeof schema, EvolutionAccount> = {
  provider: 'evolution',
  schema,
  secretKeys: ['api_key', 'webhook_token'],
  // Names are unique within an installation, not between workspaces.
  receiverKey: undefined,
  build: (name, file) => ({
    name,
    channel: 'whatsapp',
    provider: 'evolution',
    receiver: file.instance,
    phone: file.phone,
    apiKey: file.api_key === undefined ? undefined : sealSecret(file.api_key),
    webhookToken: file.webhook_token === undefined ? undefined : sealSecret(file.webhook_token),
    apiUrl: file.api_url,
    dedicatedTo: file.dedicated_to,
  }),
};
