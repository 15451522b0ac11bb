import { waIdsOf } from '@messtrack/workspace/wa-id.ts';
import type { Identifier } from '../../domain/inbound.ts';

const NUMBER = /^\+?[1-9]\d{6,14}$/;
const LID = /^\d{1,32}@lid$/;

/** A number may have several ids at WhatsApp, of which any may write back. */
export function numberIdentifiers(recipient: string): readonly Identifier[] | undefined {
  return NUMBER.test(recipient) ? waIdsOf(recipient).map((value) => ({ kind: 'wa_id', value })) : undefined;
}

/** Numbers, and people whose number is hidden by the address that linked devices know them by. */
export function jidIdentifiers(recipient: string): readonly Identifier[] | undefined {
  return LID.test(recipient) ? [{ kind: 'lid', value: recipient.slice(0, -'@lid'.length) }] : numberIdentifiers(recipient);
}

export function digitsOf(number: string): string {
  return number.replace('+', '');
}

/** `79001234567@c.us`, or `…@lid` as it stands. */
export function chatIdOf(recipient: string): string {
  return recipient.endsWith('@lid') ? recipient : `${digitsOf(recipient)}@c.us`;
}
