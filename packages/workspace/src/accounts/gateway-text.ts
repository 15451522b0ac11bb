/** What accounts of gateways between a messenger and us are told in the same words. */
import { z } from 'zod';
import { says, secret, text } from '../schema-text.ts';
import { phone } from './account-text.ts';

/**
 * The secret that a gateway which signs nothing brings along, in a header it can be told to send or as `token` in the query of the webhook's address.
 * 16 characters at least: it is all that keeps strangers from writing messages into the log.
 */
export const webhookToken = secret('the secret that the webhooks bring along').min(16, {
  error: () => 'must resolve to at least 16 characters: it is all that tells the webhooks from those of strangers',
});

const riskRule =
  'true: the gateway links to the account as a second device, against the terms of the messenger, which bans such numbers without warning';

/** Nobody uses a linked-device gateway without having read what it costs. */
export const acceptBanRisk = z.literal(true, { error: says(riskRule) }).describe(`Must be ${riskRule}.`);

export const optionalPhone = phone.optional();

export const username = text('the user name without "@", 2 to 64 letters, digits, ".", "_" and "-"', /^[A-Za-z0-9][A-Za-z0-9._-]{1,63}$/)
  .optional()
  .describe('User name of the account, without "@": links lead to it. For every channel but WhatsApp.');

interface Reachable {
  readonly channel: string;
  readonly phone?: string | undefined;
  readonly username?: string | undefined;
}

/** Links to WhatsApp are made of the number, all others of the user name; either is missing or out of place. */
export function checkReach(file: Reachable, context: z.RefinementCtx): void {
  const [needed, foreign] = file.channel === 'whatsapp' ? (['phone', 'username'] as const) : (['username', 'phone'] as const);
  if (file[needed] === undefined)
    context.addIssue({ code: 'custom', path: [needed], message: `is missing; write the ${REACHED_BY[needed]}: links lead to it` });
  if (file[foreign] !== undefined)
    context.addIssue({ code: 'custom', path: [foreign], message: `has no meaning for the channel ${file.channel}; remove it` });
}

const REACHED_BY = {
  phone: 'number in E.164, in quotes, such as "+14155550100"',
  username: 'user name of the account without "@"',
} as const;

/** How people reach an account of a gateway: what links are made of. */
export type Reach =
  | { readonly channel: 'whatsapp'; readonly phone: string }
  | { readonly channel: 'telegram'; readonly username: string }
  | { readonly channel: 'instagram' | 'vk'; readonly username: string };

export function reachOf(file: { readonly channel: Reach['channel'] } & Reachable): Reach {
  switch (file.channel) {
    case 'whatsapp':
      return { channel: 'whatsapp', phone: file.phone ?? '' };
    case 'telegram':
      return { channel: 'telegram', username: file.username ?? '' };
    case 'instagram':
    case 'vk':
      return { channel: file.channel, username: file.username ?? '' };
  }
}
