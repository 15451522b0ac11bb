import { type Secret, sealSecret } from '@messtrack/runtime/secret.ts';
import { z } from 'zod';
import { says, secret, text } from '../schema-text.ts';
import type { AccountBase, AccountKind } from './account-kind.ts';
import { dedicatedTo } from './account-text.ts';
import { checkReach, optionalPhone, type Reach, reachOf, username, webhookToken } from './gateway-text.ts';

/** A channel of Wazzup24. */
export type WazzupAccount = AccountBase &
  Reach & {
    readonly provider: 'wazzup';
    readonly channelId: string;
    readonly webhookToken: Secret;
    /** The channel is WhatsApp's official API (`wapi`), with its window and templates; false: a linked device. */
    readonly isOfficial: boolean;
    readonly apiKey: Secret | undefined;
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
    transport: z
      .enum(['whatsapp', 'wapi'], { error: says('one of: whatsapp, wapi') })
      .optional()
      .describe(
        'How Wazzup reaches WhatsApp, as GET /v3/channels says: wapi is the official API (24 h window, templates), whatsapp a linked device. Default: whatsapp.',
      ),
    api_key: secret('the API key of Wazzup; it may send messages').optional(),
    phone: optionalPhone,
    username,
    dedicated_to: dedicatedTo,
  })
  .superRefine(checkReach)
  .refine((file) => file.transport === undefined || file.channel === 'whatsapp', {
    path: ['transport'],
    error: () => 'has a meaning for the channel whatsapp alone; remove it',
  })
  .describe('A channel of Wazzup24.');

export const wazzupKind: AccountKind<typeof schema, WazzupAccount> = {
  provider: 'wazzup',
  schema,
  secretKeys: ['webhook_token', 'api_key'],
  receiverKey: 'channel_id',
  build: (name, file) => ({
    name,
    ...reachOf(file),
    provider: 'wazzup',
    receiver: file.channel_id,
    channelId: file.channel_id,
    webhookToken: sealSecret(file.webhook_token),
    isOfficial: file.transport === 'wapi',
    apiKey: file.api_key === undefined ? undefined : sealSecret(file.api_key),
    dedicatedTo: file.dedicated_to,
  }),
};
