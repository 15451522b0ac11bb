import type { Channel, Identifier, IdentifierKind } from '../../domain/inbound.ts';
import { digitsOf, numberIdentifiers } from './whatsapp-number.ts';

/** Recipients of gateways to several messengers, as their webhooks name people: number, id, or user name on Instagram. */
export function gatewayIdentifiers(channel: Channel, recipient: string): readonly Identifier[] | undefined {
  if (channel === 'whatsapp') return numberIdentifiers(recipient);
  const { kind, pattern } = FORMS[channel];
  return pattern.test(recipient) ? [{ kind, value: recipient }] : undefined;
}

export function gatewayChatId(channel: Channel, recipient: string): string {
  return channel === 'whatsapp' ? digitsOf(recipient) : recipient;
}

const ID = /^[1-9]\d{0,18}$/;
const FORMS: Readonly<Record<Exclude<Channel, 'whatsapp'>, { readonly kind: IdentifierKind; readonly pattern: RegExp }>> = {
  telegram: { kind: 'tg_user', pattern: ID },
  instagram: { kind: 'igsid', pattern: /^[A-Za-z0-9._]{1,64}$/ },
  messenger: { kind: 'psid', pattern: ID },
  vk: { kind: 'vk_user', pattern: ID },
  max: { kind: 'max_user', pattern: ID },
};
