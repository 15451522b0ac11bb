/**
 * Addresses of WhatsApp as linked devices see them: `79001234567@c.us` and `…@s.whatsapp.net` are people by number, `…@lid` people whose number is hidden,
 * everything else is no person (WhiskeySockets/Baileys, WABinary/jid-utils). The part after ":" names a device of the person.
 */
import type { Identifier } from '../domain/inbound.ts';

export type Address =
  | { readonly kind: 'phone'; readonly value: string }
  | { readonly kind: 'lid'; readonly value: string }
  | { readonly kind: 'group' | 'status' | 'other'; readonly value: '' };

const JID = /^([^@:]{1,64})(?::\d{1,5})?@([a-z.]{1,32})$/;
const NUMBER = /^[1-9]\d{6,14}$/;
const LID = /^\d{1,32}$/;
const NOBODY: Address = { kind: 'other', value: '' };

/** A bare number counts as one; what cannot be an address is `other`. */
export function readAddress(text: string | undefined): Address {
  if (text === undefined || text === '') return NOBODY;
  if (NUMBER.test(text)) return { kind: 'phone', value: text };
  if (text.endsWith('-group')) return { kind: 'group', value: '' };
  const match = JID.exec(text);
  if (match === null) return NOBODY;
  const [, user = '', server] = match;
  switch (server) {
    case 'c.us':
    case 's.whatsapp.net':
      return NUMBER.test(user) ? { kind: 'phone', value: user } : NOBODY;
    case 'lid':
      return LID.test(user) ? { kind: 'lid', value: user } : NOBODY;
    case 'g.us':
      return { kind: 'group', value: '' };
    case 'broadcast':
      return { kind: 'status', value: '' };
    default:
      return NOBODY;
  }
}

/**
 * Identifiers of the person behind several addresses. The number comes first where it is known: lids are of linked devices only, a number joins what
 * the person does elsewhere.
 */
export function peopleOf(addresses: readonly (string | undefined)[]): readonly Identifier[] {
  const numbers: Identifier[] = [];
  const lids: Identifier[] = [];
  for (const address of addresses) {
    if (address === undefined) continue;
    const { kind, value } = readAddress(address);
    if (kind === 'phone' && !numbers.some((other) => other.value === value)) numbers.push({ kind: 'wa_id', value });
    else if (kind === 'lid' && !lids.some((other) => other.value === value)) lids.push({ kind: 'lid', value });
  }
  return lids.length === 0 ? numbers : [...numbers, ...lids];
}
