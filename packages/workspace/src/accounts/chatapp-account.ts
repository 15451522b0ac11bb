import { type Secret, sealSecret } from '@messtrack/runtime/secret.ts';
import { z } from 'zod';
import { says, text } from '../schema-text.ts';
import type { AccountBase, AccountKind } from './account-kind.ts';
import { dedicatedTo } from './account-text.ts';
import { checkReach, optionalPhone, type Reach, reachOf, username, webhookToken } from './gateway-text.ts';

/** A messenger of a licence of ChatApp. */
export type ChatAppAccount = AccountBase &
  Reach & {
    readonly provider: 'chatapp';
    readonly licenseId: string;
    readonly webhookToken: Secret;
  };

const schema = z
  .strictObject({
    channel: z.enum(['whatsapp', 'telegram', 'instagram', 'vk'], { error: says('one of: whatsapp, telegram, instagram, vk') }),
    provider: z.literal('chatapp'),
    license_id: text('the id of the licence (licenseId), digits in quotes, such as "1229"', /^[0-9]{1,18}$/).describe(
      'Id ChatApp gives the licence (line). A licence has one account per messenger.',
    ),
    webhook_token: webhookToken,
    phone: optionalPhone,
    username,
    dedicated_to: dedicatedTo,
  })
  .superRefine(checkReach)
  .describe('A messenger of a licence of ChatApp.');

export const chatAppKind: AccountKind<typeof schema, ChatAppAccount> = {
  provider: 'chatapp',
  schema,
  secretKeys: ['webhook_token'],
  // Two accounts may share a licence: it is the pair of licence and messenger that is one account.
  receiverKey: undefined,
  build: (name, file) => ({
    name,
    ...reachOf(file),
    provider: 'chatapp',
    receiver: `${file.license_id}/${file.channel}`,
    licenseId: file.license_id,
    webhookToken: sealSecret(file.webhook_token),
    dedicatedTo: file.dedicated_to,
  }),
};
