import { z } from 'zod';
import { says, text } from '../schema-text.ts';
import type { AccountBase, AccountKind } from './account-kind.ts';
import { dedicatedTo, phone } from './account-text.ts';
import { buildMetaApp, META_SECRET_KEYS, type MetaApp, metaAppKeys } from './meta-app.ts';

/** A number on the WhatsApp Cloud API. */
export interface WhatsAppAccount extends AccountBase, MetaApp {
  readonly channel: 'whatsapp';
  readonly provider: 'whatsapp';
  /** E.164 with "+". */
  readonly phone: string;
  readonly phoneNumberId: string;
  /** WhatsApp business account of the number: asked whether the app is subscribed to it. */
  readonly wabaId: string | undefined;
  /** The Meta app of `app_secret`: asked when the token expires. */
  readonly appId: string | undefined;
}

const schema = z
  .strictObject({
    channel: z.literal('whatsapp', { error: says('"whatsapp", because the provider is "whatsapp"') }),
    provider: z.literal('whatsapp'),
    phone,
    phone_number_id: text(
      'the id of the number in Meta\'s app dashboard, digits in quotes, such as "106540352242922"',
      /^[0-9]{5,24}$/,
    ).describe('Id Meta gives the number; webhooks are told apart by it.'),
    waba_id: text('the id of the WhatsApp business account, digits in quotes, such as "102290129340398"', /^[0-9]{5,24}$/)
      .optional()
      .describe('WhatsApp business account of the number. With it and access_token the gateway sees a lost webhook subscription.'),
    app_id: text('the id of the Meta app, digits in quotes, such as "634974688087057"', /^[0-9]{5,24}$/)
      .optional()
      .describe('Meta app that app_secret belongs to. With it and access_token the gateway sees when the token expires.'),
    ...metaAppKeys,
    dedicated_to: dedicatedTo,
  })
  .describe('A number on the WhatsApp Cloud API.');

export const whatsAppKind: AccountKind<typeof schema, WhatsAppAccount> = {
  provider: 'whatsapp',
  schema,
  secretKeys: META_SECRET_KEYS,
  receiverKey: 'phone_number_id',
  build: (name, file) => ({
    name,
    channel: 'whatsapp',
    provider: 'whatsapp',
    receiver: file.phone_number_id,
    phone: file.phone,
    phoneNumberId: file.phone_number_id,
    wabaId: file.waba_id,
    appId: file.app_id,
    ...buildMetaApp(file),
    dedicatedTo: file.dedicated_to,
  }),
};
