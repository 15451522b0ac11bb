import { type Secret, sealSecret } from '@messtrack/runtime/secret.ts';
import { z } from 'zod';
import { says, text } from '../schema-text.ts';
import type { AccountBase, AccountKind } from './account-kind.ts';
import { dedicatedTo } from './account-text.ts';
import { checkReach, optionalPhone, type Reach, reachOf, username, webhookToken } from './gateway-text.ts';

/** A channel of Wazzup24. */
export type WazzupAccount = AccountBase &
  Reach & {
    readonly provider: 'wazzup';
    readonly channelId: string;
    readonly webhookToken: Secret;
  };

const schema = z
  .strictObject({
    channel: z.enum(['whatsapp', 'telegram', 'instagram', 'vk'], { error: says('one of: whatsapp, telegram, instagram, vk') }),
    provider: z.literal('wazzup'),
    channel_id: text(
      'the id of the channel in Wazzup, such as "c8cf90d2-0a1c-4ee9-8ac6-9b6a1d3b5d4e"',
      /^[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$/,
    ).describe('Id Wazzup gives the channel; one webhook serves all channels, and they are told apart by it.'),
    webhook_token: webhookToken,
    phone: optionalPhone,
    username,
    dedicated_to: dedicatedTo,
  })
  .superRefine(checkReach)
  .describe('A channel of Wazzup24.');

export const wazzupKind: AccountKind<typeof schema, WazzupAccount> = {
  provider: 'wazzup',
  schema,
  secretKeys: ['webhook_token'],
  receiverKey: 'channel_id',
  build: (name, file) => ({
    name,
    ...reachOf(file),
    provider: 'wazzup',
    receiver: file.channel_id,
    channelId: file.channel_id,
    webhookToken: sealSecret(file.webhook_token),
    dedicatedTo: file.dedicated_to,
  }),
};
