import { type Secret, sealSecret } from '@messtrack/runtime/secret.ts';
import { z } from 'zod';
import { says, secret, text } from '../schema-text.ts';
import type { AccountBase, AccountKind } from './account-kind.ts';
import { dedicatedTo } from './account-text.ts';

/** Messages of a VK community. */
export interface VkAccount extends AccountBase {
  readonly channel: 'vk';
  readonly provider: 'vk';
  /** Short name of the community, what stands after vk.me/. */
  readonly username: string;
  readonly groupId: string;
  /** What VK wants to read once, before it sends anything. */
  readonly confirmation: string;
  readonly secretKey: Secret;
  /** Access token of the community with the right `messages`; needed for sending only. */
  readonly accessToken: Secret | undefined;
}

const schema = z
  .strictObject({
    channel: z.literal('vk', { error: says('"vk", because the provider is "vk"') }),
    provider: z.literal('vk'),
    username: text(
      'the short name of the community, what stands after vk.me/, such as "acme" or "club123"',
      /^[A-Za-z0-9][A-Za-z0-9._]{1,63}$/,
    ).describe('Short name of the community: links lead to vk.me/NAME.'),
    group_id: text('the id of the community, digits in quotes, such as "123456789"', /^[1-9][0-9]{0,17}$/).describe(
      'Id of the community; webhooks are told apart by it.',
    ),
    confirmation: text('the string that the server must return (Manage, API usage, Callback API)', /^[A-Za-z0-9]{4,64}$/).describe(
      'String VK wants to read before it sends anything. No secret: it proves the address, not the sender.',
    ),
    secret_key: secret('the secret key of the Callback API; every event brings it').min(8, {
      error: () => 'must resolve to at least 8 characters: it is all that tells the events from those of strangers',
    }),
    access_token: secret('the access token of the community with the right "messages"; it may send').optional(),
    dedicated_to: dedicatedTo,
  })
  .describe('Messages of a VK community, by its Callback API.');

export const vkKind: AccountKind<typeof schema, VkAccount> = {
  provider: 'vk',
  schema,
  secretKeys: ['secret_key', 'access_token'],
  receiverKey: 'group_id',
  build: (name, file) => ({
    name,
    channel: 'vk',
    provider: 'vk',
    receiver: file.group_id,
    username: file.username,
    groupId: file.group_id,
    confirmation: file.confirmation,
    secretKey: sealSecret(file.secret_key),
    accessToken: file.access_token === undefined ? undefined : sealSecret(file.access_token),
    dedicatedTo: file.dedicated_to,
  }),
};
