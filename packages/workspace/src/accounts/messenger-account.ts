import { z } from 'zod';
import { says, text } from '../schema-text.ts';
import type { AccountBase, AccountKind } from './account-kind.ts';
import { dedicatedTo } from './account-text.ts';
import { buildMetaApp, META_SECRET_KEYS, type MetaApp, metaAppKeys } from './meta-app.ts';

/** A Facebook Page on the Messenger Platform. */
export interface MessengerAccount extends AccountBase, MetaApp {
  readonly channel: 'messenger';
  readonly provider: 'messenger';
  readonly pageId: string;
  /** What stands behind m.me/: the user name of the page, or its id where it has none. */
  readonly username: string;
}

const schema = z
  .strictObject({
    channel: z.literal('messenger', { error: says('"messenger", because the provider is "messenger"') }),
    provider: z.literal('messenger'),
    page_id: text('the id of the Facebook Page, digits in quotes, such as "108340567232421"', /^[0-9]{5,24}$/).describe(
      'Id of the Facebook Page; webhooks are told apart by it.',
    ),
    username: text('the user name of the page as in m.me/NAME, 5 to 50 letters, digits and "."', /^[A-Za-z0-9.]{5,50}$/)
      .optional()
      .describe('User name of the page, as in m.me/NAME. Default: the page id, which m.me understands too.'),
    ...metaAppKeys,
    dedicated_to: dedicatedTo,
  })
  .describe('A Facebook Page on the Messenger Platform.');

export const messengerKind: AccountKind<typeof schema, MessengerAccount> = {
  provider: 'messenger',
  schema,
  secretKeys: META_SECRET_KEYS,
  receiverKey: 'page_id',
  build: (name, file) => ({
    name,
    channel: 'messenger',
    provider: 'messenger',
    receiver: file.page_id,
    pageId: file.page_id,
    username: file.username ?? file.page_id,
    ...buildMetaApp(file),
    dedicatedTo: file.dedicated_to,
  }),
};
