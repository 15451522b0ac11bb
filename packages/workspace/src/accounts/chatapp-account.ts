import { type Secret, sealSecret } from '@messtrack/runtime/secret.ts';
import { z } from 'zod';
import { says, secret, text } from '../schema-text.ts';
import type { AccountBase, AccountKind } from './account-kind.ts';
import { dedicatedTo } from './account-text.ts';
import { checkReach, optionalPhone, type Reach, reachOf, username, webhookToken } from './gateway-text.ts';

/** A messenger of a licence of ChatApp. */
export type ChatAppAccount = AccountBase &
  Reach & {
    readonly provider: 'chatapp';
    readonly licenseId: string;
    readonly webhookToken: Secret;
    /** ChatApp's name of the messenger in its addresses; needed for sending only. */
    readonly messengerType: string | undefined;
    /** Login of the cabinet and id of the application, for which ChatApp gives a token for a day. Needed for sending only. */
    readonly login: { readonly email: string; readonly password: Secret; readonly appId: string } | undefined;
  };

/** Keys that make sense together alone. */
const LOGIN_KEYS = ['messenger_type', 'email', 'password', 'app_id'] as const;

const schema = z
  .strictObject({
    channel: z.enum(['whatsapp', 'telegram', 'instagram', 'vk'], { error: says('one of: whatsapp, telegram, instagram, vk') }),
    provider: z.literal('chatapp'),
    license_id: text('the id of the licence (licenseId), digits in quotes, such as "1229"', /^[0-9]{1,18}$/).describe(
      'Id ChatApp gives the licence (line). A licence has one account per messenger.',
    ),
    webhook_token: webhookToken,
    messenger_type: text('the messenger in words of ChatApp, such as "caWhatsApp", "grWhatsApp" or "telegram"', /^[A-Za-z]{2,32}$/)
      .optional()
      .describe('Messenger in the addresses of the API: caWhatsApp is the official WhatsApp, grWhatsApp a linked device.'),
    email: text('the e-mail of the cabinet', /^[^\s@]{1,128}@[^\s@]{1,128}$/)
      .optional()
      .describe('E-mail of the cabinet; with password and app_id it may send.'),
    password: secret('the password of the cabinet').optional(),
    app_id: text('the id of the application, as the cabinet shows it', /^[A-Za-z0-9_-]{1,64}$/)
      .optional()
      .describe('Id of the application that the cabinet made for the API.'),
    phone: optionalPhone,
    username,
    dedicated_to: dedicatedTo,
  })
  .superRefine(checkReach)
  .superRefine((file, context) => {
    const missing = LOGIN_KEYS.filter((key) => file[key] === undefined);
    if (missing.length === LOGIN_KEYS.length) return;
    for (const key of missing)
      context.addIssue({ code: 'custom', path: [key], message: `is missing; to send write ${LOGIN_KEYS.join(', ')}, or none of them` });
  })
  .describe('A messenger of a licence of ChatApp.');

export const chatAppKind: AccountKind<typeof schema, ChatAppAccount> = {
  provider: 'chatapp',
  schema,
  secretKeys: ['webhook_token', 'password'],
  // Two accounts may share a licence: it is the pair of licence and messenger that is one account.
  receiverKey: undefined,
  build: (name, file) => ({
    name,
    ...reachOf(file),
    provider: 'chatapp',
    receiver: `${file.license_id}/${file.channel}`,
    licenseId: file.license_id,
    webhookToken: sealSecret(file.webhook_token),
    messengerType: file.messenger_type,
    login:
      file.email === undefined || file.password === undefined || file.app_id === undefined
        ? undefined
        : { email: file.email, password: sealSecret(file.password), appId: file.app_id },
    dedicatedTo: file.dedicated_to,
  }),
};
