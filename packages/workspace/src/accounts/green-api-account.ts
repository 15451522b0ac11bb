import { type Secret, sealSecret } from '@messtrack/runtime/secret.ts';
import { z } from 'zod';
import { says, secret, text } from '../schema-text.ts';
import type { AccountBase, AccountKind } from './account-kind.ts';
import { baseUrl, dedicatedTo } from './account-text.ts';
import { acceptBanRisk, checkReach, optionalPhone, type Reach, reachOf, username, webhookToken } from './gateway-text.ts';

/** An instance of GREEN-API: a number or a Telegram account linked by QR code. Unofficial. */
export type GreenApiAccount = AccountBase &
  Extract<Reach, { channel: 'whatsapp' | 'telegram' }> & {
    readonly provider: 'green-api';
    readonly instanceId: string;
    readonly webhookToken: Secret;
    /** Host of the instance where its page names one (`apiUrl`); undefined: the general one. */
    readonly apiUrl: string | undefined;
    /** `apiTokenInstance`; needed for sending only. */
    readonly apiToken: Secret | undefined;
  };

const schema = z
  .strictObject({
    channel: z.enum(['whatsapp', 'telegram'], { error: says('one of: whatsapp, telegram') }),
    provider: z.literal('green-api'),
    accept_ban_risk: acceptBanRisk,
    instance_id: text('the id of the instance (idInstance), digits in quotes, such as "1101000001"', /^[0-9]{4,20}$/).describe(
      'Id GREEN-API gives the instance; webhooks are told apart by it.',
    ),
    webhook_token: webhookToken,
    api_url: baseUrl('apiUrl of the instance, such as "https://1101.api.green-api.com"')
      .optional()
      .describe('apiUrl as the page of the instance shows it. Default: https://api.green-api.com.'),
    api_token: secret('apiTokenInstance; it may send messages').optional(),
    phone: optionalPhone,
    username,
    dedicated_to: dedicatedTo,
  })
  .superRefine(checkReach)
  .describe('An instance of GREEN-API. Unofficial: the messenger may ban the account.');

export const greenApiKind: AccountKind<typeof schema, GreenApiAccount> = {
  provider: 'green-api',
  schema,
  secretKeys: ['webhook_token', 'api_token'],
  receiverKey: 'instance_id',
  build: (name, file) => ({
    name,
    ...(reachOf(file) as Extract<Reach, { channel: 'whatsapp' | 'telegram' }>),
    provider: 'green-api',
    receiver: file.instance_id,
    instanceId: file.instance_id,
    webhookToken: sealSecret(file.webhook_token),
    apiUrl: file.api_url,
    apiToken: file.api_token === undefined ? undefined : sealSecret(file.api_token),
    dedicatedTo: file.dedicated_to,
  }),
};
