import { type Secret, sealSecret } from '@messtrack/runtime/secret.ts';
import { z } from 'zod';
import { says, secret, text } from '../schema-text.ts';
import type { AccountBase, AccountKind } from './account-kind.ts';
import { dedicatedTo, phone } from './account-text.ts';
import { acceptBanRisk, webhookToken } from './gateway-text.ts';

/** An instance of Z-API: a WhatsApp number linked as a second device. Unofficial. */
export interface ZApiAccount extends AccountBase {
  readonly channel: 'whatsapp';
  readonly provider: 'z-api';
  /** E.164 with "+". */
  readonly phone: string;
  readonly instanceId: string;
  readonly webhookToken: Secret;
  /** Token of the instance; needed for sending only. */
  readonly instanceToken: Secret | undefined;
  /** The account's security token, where it is switched on at Z-API. */
  readonly clientToken: Secret | undefined;
}

const schema = z
  .strictObject({
    channel: z.literal('whatsapp', { error: says('"whatsapp", because the provider is "z-api"') }),
    provider: z.literal('z-api'),
    accept_ban_risk: acceptBanRisk,
    phone,
    instance_id: text('the id of the instance, such as "A20DA9C0183A2D35A260F53F5D2B9244"', /^[A-Za-z0-9]{8,64}$/).describe(
      'Id Z-API gives the instance; webhooks are told apart by it.',
    ),
    webhook_token: webhookToken,
    instance_token: secret('the token of the instance, as in the addresses of its API; it may send messages').optional(),
    client_token: secret('the account security token (Client-Token), where it is switched on').optional(),
    dedicated_to: dedicatedTo,
  })
  .describe('An instance of Z-API. Unofficial: WhatsApp may ban the number.');

export const zApiKind: AccountKind<typeof schema, ZApiAccount> = {
  provider: 'z-api',
  schema,
  secretKeys: ['webhook_token', 'instance_token', 'client_token'],
  receiverKey: 'instance_id',
  build: (name, file) => ({
    name,
    channel: 'whatsapp',
    provider: 'z-api',
    receiver: file.instance_id,
    phone: file.phone,
    instanceId: file.instance_id,
    webhookToken: sealSecret(file.webhook_token),
    instanceToken: file.instance_token === undefined ? undefined : sealSecret(file.instance_token),
    clientToken: file.client_token === undefined ? undefined : sealSecret(file.client_token),
    dedicatedTo: file.dedicated_to,
  }),
};
