import { z } from 'zod';
import { says, text } from '../schema-text.ts';
import type { AccountBase, AccountKind } from './account-kind.ts';
import { dedicatedTo } from './account-text.ts';
import { buildMetaApp, META_SECRET_KEYS, type MetaApp, metaAppKeys } from './meta-app.ts';

/** An Instagram professional account that takes direct messages through the API. */
export interface InstagramAccount extends AccountBase, MetaApp {
  readonly channel: 'instagram';
  readonly provider: 'instagram';
  readonly instagramId: string;
  /** Without "@"; what stands behind ig.me/m/. */
  readonly username: string;
  /** Facebook page that the account is connected to: then the token is the page's. Undefined with Instagram login. */
  readonly pageId: string | undefined;
}

const schema = z
  .strictObject({
    channel: z.literal('instagram', { error: says('"instagram", because the provider is "instagram"') }),
    provider: z.literal('instagram'),
    instagram_id: text(
      'the id of the Instagram professional account, digits in quotes, such as "17841405822304914"',
      /^[0-9]{5,24}$/,
    ).describe('Id of the Instagram professional account as webhooks name it; they are told apart by it.'),
    username: text('the Instagram user name without "@", 1 to 30 letters, digits, "_" and "."', /^[A-Za-z0-9._]{1,30}$/).describe(
      'Instagram user name, without "@".',
    ),
    page_id: text('the id of the connected Facebook page, digits in quotes, such as "108340567232421"', /^[0-9]{5,24}$/)
      .optional()
      .describe(
        'Connected Facebook page, where access_token is the token of that page (Facebook login). Leave it out with Instagram login.',
      ),
    ...metaAppKeys,
    dedicated_to: dedicatedTo,
  })
  .describe('An Instagram professional account.');

export const instagramKind: AccountKind<typeof schema, InstagramAccount> = {
  provider: 'instagram',
  schema,
  secretKeys: META_SECRET_KEYS,
  receiverKey: 'instagram_id',
  build: (name, file) => ({
    name,
    channel: 'instagram',
    provider: 'instagram',
    receiver: file.instagram_id,
    instagramId: file.instagram_id,
    username: file.username,
    pageId: file.page_id,
    ...buildMetaApp(file),
    dedicatedTo: file.dedicated_to,
  }),
};
