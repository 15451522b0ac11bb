/**
 * `automatic_events`: Meta reads conversations that began at its ads and says that somebody became a lead or bought something.
 * Source: Meta, WhatsApp Business Platform, webhooks/reference/automatic_events (May 21 2026): `{id: wamid, event_name, timestamp, ctwa_clid, custom_data {currency, value}}`. Opt-in at
 * Embedded Signup; not in the EU, the UK and Japan. Not verified: whether `metadata` and `contacts` stand beside the list: without the first the
 * address of the webhook decides whose it is, the second is read where it names one person.
 */

import { minorUnits } from '@messtrack/proto/minor-units.ts';
import { deadLetter, type Outcome, ok } from '@messtrack/runtime/outcome.ts';
import { readEventTime } from '../domain/event-time.ts';
import type { InboundEvent } from '../domain/inbound.ts';
import { eventIdPart } from './event-id.ts';
import { identifierList } from './identifier-list.ts';
import { idAt, isObject, type JsonObject, objectAt, stringAt } from './json-value.ts';

export function readAutomaticEvent(
  event: unknown,
  contacts: readonly JsonObject[],
  receiver: string | undefined,
  observedAtMs: number,
): Outcome<InboundEvent> {
  if (!isObject(event)) return deadLetter('schema_mismatch', 'an automatic event is no object');
  const messageId = idAt(event, 'id');
  const name = stringAt(event, 'event_name', 32);
  if (messageId === undefined || name === '') return deadLetter('missing_field', 'an automatic event has no id or no event_name');
  const eventTimeMs = readEventTime(event['timestamp'], observedAtMs);
  if (eventTimeMs === undefined) return deadLetter('timestamp_out_of_range', 'the timestamp of an automatic event is no unix time');
  const value = minorUnits(objectAt(event, 'custom_data') ?? {});
  const person = contacts.length === 1 ? contacts[0] : undefined;
  return ok({
    type: 'automatic_event',
    channel: 'whatsapp',
    eventId: `wa/${receiver ?? ''}/${eventIdPart(messageId)}/${name}`,
    eventTimeMs,
    messageId,
    name,
    ctwaClid: stringAt(event, 'ctwa_clid', 1_024),
    ...value,
    contact: identifierList([
      ['bsuid', idAt(person, 'user_id')],
      ['wa_id', idAt(person, 'wa_id')],
    ]),
  });
}
