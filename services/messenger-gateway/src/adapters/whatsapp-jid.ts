/**
 * Addresses of WhatsApp as linked devices see them: `79001234567@c.us` and `…@s.whatsapp.net` are people by number, `…@lid` people whose number is hidden, `…@hosted` and
 * `…@hosted.lid` the same where the person's app is one of the Cloud API's, everything else is no person (WhiskeySockets/Baileys, WABinary/jid-utils). The parts after "_" and
 * ":" name an agent and a device of the person; "0" and `…@bot` are WhatsApp itself.
 */
import type { Identifier } from '../domain/inbound.ts';

export type Address =
  | { readonly kind: 'phone'; readonly value: string }
  | { readonly kind: 'lid'; readonly value: string }
  | { readonly kind: 'group' | 'status' | 'service' | 'other'; readonly value: '' };

const JID = /^([^@:_]{1,64})(?:_\d{1,3})?(?::\d{1,5})?@([a-z.]{1,32})$/;
const NUMBER = /^[1-9]\d{6,14}$/;
const LID = /^\d{1,32}$/;
const NOBODY: Address = { kind: 'other', value: '' };
const SERVICE: Address = { kind: 'service', value: '' };

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
    case 'hosted':
      if (user === '0') return SERVICE;
      return NUMBER.test(user) ? { kind: 'phone', value: user } : NOBODY;
    case 'lid':
    case 'hosted.lid':
      return LID.test(user) ? { kind: 'lid', value: user } : NOBODY;
    case 'g.us':
    case 'newsletter':
      return { kind: 'group', value: '' };
    case 'bot':
      return SERVICE;
    case 'broadcast':
      return { kind: 'status', value: '' };
    default:
      return NOBODY;
  }
}

/** Why nothing that is written at an address is a message to us; undefined where it may be one. */
export function dropReasonOf(address: string | undefined): 'group_chat' | 'not_a_message' | undefined {
  const { kind } = readAddress(address);
  if (kind === 'group' || kind === 'status') return 'group_chat';
  return kind === 'service' ? 'not_a_message' : undefined;
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
