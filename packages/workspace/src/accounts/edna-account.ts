import { type Secret, sealSecret } from '@messtrack/runtime/secret.ts';
import { z } from 'zod';
import { says, secret, text } from '../schema-text.ts';
import type { AccountBase, AccountKind } from './account-kind.ts';
import { dedicatedTo, phone } from './account-text.ts';
import { webhookToken } from './gateway-text.ts';

/** A WhatsApp channel of edna Pulse. */
export interface EdnaAccount extends AccountBase {
  readonly channel: 'whatsapp';
  readonly provider: 'edna';
  /** E.164 with "+". */
  readonly phone: string;
  readonly subjectId: string;
  readonly webhookToken: Secret;
  /** Needed for sending only. */
  readonly cascadeId: string | undefined;
  readonly apiKey: Secret | undefined;
}

const schema = z
  .strictObject({
    channel: z.literal('whatsapp', {
      error: says('"whatsapp": payloads of edna do not name the messenger, and only its ids of WhatsApp are documented'),
    }),
    provider: z.literal('edna'),
    phone,
    subject_id: text('the id of the channel in edna (subjectId), digits in quotes, such as "345"', /^[0-9]{1,18}$/).describe(
      'Id edna gives the channel; one webhook serves all channels, and they are told apart by it.',
    ),
    webhook_token: webhookToken,
    cascade_id: text('the id of the cascade that consists of this channel alone, digits in quotes, such as "1001"', /^[0-9]{1,18}$/)
      .optional()
      .describe('Cascade of the channel: edna sends through cascades, and makes one for every channel. Without it nothing can be sent.'),
    api_key: secret('the API key (X-API-KEY); it may send messages').optional(),
    dedicated_to: dedicatedTo,
  })
  .describe('A WhatsApp channel of edna Pulse.');

export const ednaKind: AccountKind<typeof schema, EdnaAccount> = {
  provider: 'edna',
  schema,
  secretKeys: ['webhook_token', 'api_key'],
  receiverKey: 'subject_id',
  build: (name, file) => ({
    name,
    channel: 'whatsapp',
    provider: 'edna',
    receiver: file.subject_id,
    phone: file.phone,
    subjectId: file.subject_id,
    webhookToken: sealSecret(file.webhook_token),
    cascadeId: file.cascade_id,
    apiKey: file.api_key === undefined ? undefined : sealSecret(file.api_key),
    dedicatedTo: file.dedicated_to,
  }),
};
