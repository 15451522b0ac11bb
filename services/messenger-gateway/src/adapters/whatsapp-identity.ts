/**
 * People who get other identifiers, in webhooks of the Cloud API. Sources: Meta, WhatsApp Business Platform, webhooks/reference/messages/system (Aug 11 2026) and
 * business-scoped-user-ids, whose earlier versions announced the field `user_id_update`: Meta no longer lists it, resellers still document it (8x8) and pass it on.
 */
import { deadLetter, drop, type Outcome, ok } from '@messtrack/runtime/outcome.ts';
import { readEventTime } from '../domain/event-time.ts';
import type { IdentityChange, InboundEvent } from '../domain/inbound.ts';
import { eventIdPart } from './event-id.ts';
import { identifierList } from './identifier-list.ts';
import { idAt, isObject, type JsonObject, objectAt, stringAt } from './json-value.ts';

/** Types of system messages that move a person. `customer_changed_number` is what the reference of the webhook's components calls it; examples and traffic say `user_…`. */
const REASONS: ReadonlyMap<string, IdentityChange['reason']> = new Map<string, IdentityChange['reason']>([
  ['user_changed_number', 'changed_number'],
  ['customer_changed_number', 'changed_number'],
  ['user_changed_user_id', 'changed_user_id'],
]);

/** Every other system message is no message. */
export function readSystem(message: JsonObject, eventId: string, eventTimeMs: number): Outcome<InboundEvent> {
  const system = objectAt(message, 'system');
  const reason = REASONS.get(stringAt(system, 'type'));
  if (system === undefined || reason === undefined) return drop('not_a_message');

  const from = idAt(message, 'from');
  const newNumber = idAt(system, 'wa_id') ?? idAt(system, 'new_wa_id');
  const previousUser = idAt(system, 'previous_user_id');
  const previous = identifierList([
    ['bsuid', previousUser],
    ['wa_id', idAt(system, 'customer')],
    // `from` is the old number, or already the new one, by version.
    ['wa_id', from === newNumber ? undefined : from],
    ['parent_bsuid', idAt(system, 'previous_parent_user_id')],
  ]);
  const user = idAt(system, 'user_id') ?? idAt(message, 'from_user_id');
  const parent = idAt(system, 'parent_user_id') ?? idAt(message, 'from_parent_user_id');
  const current = identifierList([
    ['bsuid', user === previousUser ? undefined : user],
    ['wa_id', newNumber],
    ['parent_bsuid', parent],
  ]);
  return identityChange({ eventId, eventTimeMs, previous, current, reason });
}

/** `{wa_id?, user_id {previous, current}, parent_user_id? {previous, current}, timestamp}`; `wa_id` is the number of now. Not verified: whether there is always a time. */
export function readUserIdUpdate(update: unknown, receiver: string | undefined, observedAtMs: number): Outcome<InboundEvent> {
  if (!isObject(update)) return deadLetter('schema_mismatch', 'a change of identifiers is no object');
  if (receiver === undefined) return deadLetter('missing_field', 'metadata.phone_number_id is missing');
  const user = objectAt(update, 'user_id');
  const parent = objectAt(update, 'parent_user_id');
  const [before, after] = [idAt(user, 'previous'), idAt(user, 'current')];
  return identityChange({
    // It has no id of its own: a person gets an id once.
    eventId: `wa/${receiver}/user_id/${eventIdPart(`${before ?? ''}/${after ?? ''}`)}`,
    eventTimeMs: readEventTime(update['timestamp'], observedAtMs) ?? observedAtMs,
    previous: identifierList([
      ['bsuid', before],
      ['parent_bsuid', idAt(parent, 'previous')],
    ]),
    current: identifierList([
      ['bsuid', after],
      ['wa_id', idAt(update, 'wa_id')],
      ['parent_bsuid', idAt(parent, 'current')],
    ]),
    reason: 'changed_user_id',
  });
}

function identityChange(change: Omit<IdentityChange, 'type' | 'channel'>): Outcome<InboundEvent> {
  if (change.previous.length === 0 || change.current.length === 0)
    return deadLetter('missing_field', 'a change of identifiers names no old or no new one');
  return ok({ type: 'identity_change', channel: 'whatsapp', ...change });
}
