/**
 * Statuses of messages that we sent, from the same field `messages` of a Cloud API webhook.
 * Source: Meta, WhatsApp Business Platform, webhooks/reference/messages/status and business-scoped-user-ids; of payments: partner-docs.gupshup.io, Event - Payment
 * Transaction, and Wati's support article 11822291 (`type` payment, `status` pending, captured or failed).
 */
import { deadLetter, drop, type Outcome, ok } from '@messtrack/runtime/outcome.ts';
import { readEventTime } from '../domain/event-time.ts';
import type { DeliveryStatus, Identifier, IdentifierKind, StatusWord } from '../domain/inbound.ts';
import { idAt, isObject, type JsonObject, listAt, objectAt, stringAt } from './json-value.ts';
import { type Contacts, contactOf } from './whatsapp-contacts.ts';

const WORDS: ReadonlySet<string> = new Set<StatusWord>(['sent', 'delivered', 'read', 'played', 'failed', 'deleted']);

/** A status without message or word tells nothing and is dropped: it would never say more, however often it came. */
export function readStatus(
  status: unknown,
  contacts: Contacts,
  receiver: string | undefined,
  observedAtMs: number,
): Outcome<DeliveryStatus> {
  const messageId = isObject(status) ? idAt(status, 'id') : undefined;
  if (!isObject(status) || messageId === undefined || typeof status['status'] !== 'string') return drop('status_update');
  // What became of a payment, in the words of messages and under the id of one: read as a message's, one that was read and not paid for would have failed.
  if (status['type'] === 'payment' || objectAt(status, 'payment') !== undefined) return drop('status_update');
  if (receiver === undefined) return deadLetter('missing_field', 'metadata.phone_number_id is missing');
  const eventTimeMs = readEventTime(status['timestamp'], observedAtMs);
  if (eventTimeMs === undefined) return deadLetter('timestamp_out_of_range', 'the timestamp of a status is no unix time');
  const word = status['status'].toLowerCase();
  const known = WORDS.has(word) ? (word as StatusWord) : 'unknown';
  return ok({
    type: 'delivery_status',
    channel: 'whatsapp',
    eventId: `wa/${receiver}/${messageId}/${known}`,
    eventTimeMs,
    messageId,
    status: known,
    recipient: recipientOf(status, contacts),
    errorCode: known === 'failed' ? errorCodeOf(status) : '',
    pricingType: stringAt(objectAt(status, 'pricing'), 'type', 64),
    correlation: stringAt(status, 'biz_opaque_callback_data', 512),
  });
}

/** In a group `recipient_id` names the group, and the person stands beside it. */
function recipientOf(status: JsonObject, contacts: Contacts): readonly Identifier[] {
  const isGroup = status['recipient_type'] === 'group';
  const contact = isGroup ? undefined : contactOf(contacts, idAt(status, 'recipient_id'), idAt(status, 'recipient_user_id'));
  const candidates: readonly (readonly [IdentifierKind, string | undefined])[] = [
    ['bsuid', idAt(status, 'recipient_user_id')],
    ['bsuid', idAt(contact, 'user_id')],
    ['wa_id', idAt(contact, 'wa_id')],
    ['wa_id', idAt(status, isGroup ? 'recipient_participant_id' : 'recipient_id')],
    ['parent_bsuid', idAt(status, 'parent_recipient_user_id')],
    ['parent_bsuid', idAt(contact, 'parent_user_id')],
  ];
  const found: Identifier[] = [];
  for (const [kind, value] of candidates) {
    if (value !== undefined && !found.some((other) => other.kind === kind && other.value === value)) found.push({ kind, value });
  }
  return found;
}

function errorCodeOf(status: JsonObject): string {
  const first = (listAt(status, 'errors') ?? []).find(isObject);
  return idAt(first, 'code', 64) ?? '';
}
