/**
 * WhatsApp Cloud API webhooks (Graph API, object `whatsapp_business_account`) → readings. Every level is a list, and every element is judged for itself.
 * Sources: Meta, WhatsApp Business Platform, webhooks/reference/messages and business-scoped-user-ids.
 */
import { deadLetter, drop, type Outcome, ok } from '@messtrack/runtime/outcome.ts';
import { readEventTime } from '../domain/event-time.ts';
import type { Identifier, IdentifierKind, InboundEvent, Reading } from '../domain/inbound.ts';
import { identifierList } from './identifier-list.ts';
import { flagAt, idAt, isObject, type JsonObject, listAt, objectAt, stringAt } from './json-value.ts';
import { readAutomaticEvent } from './whatsapp-automatic-event.ts';
import { type Contacts, contactOf, readContacts } from './whatsapp-contacts.ts';
import { readContent, readReferral, readReferredProduct } from './whatsapp-content.ts';
import { readSystem, readUserIdUpdate } from './whatsapp-identity.ts';
import { readStatus } from './whatsapp-status.ts';

/** Fields whose value has the shape of `messages`: `standby` is the copy for those who listen while Meta's own agent answers, `automatic_events` what Meta detected, `user_id_update` who got another id. */
const MESSAGE_FIELDS: ReadonlySet<string> = new Set(['messages', 'standby', 'automatic_events', 'user_id_update']);

/** What the business wrote: in its app, or through any API. */
const ECHO_FIELDS: ReadonlySet<string> = new Set(['smb_message_echoes', 'message_echoes']);

/** Lists of the field `messages` that hold nothing a person wrote: `user_actions` are clicks on links of marketing messages. */
const OTHER_LISTS: readonly string[] = ['calls', 'errors', 'user_preferences', 'user_actions', 'history'];

/** Subscribable fields that are never a person's message. A field in no list is `unknown_event`: worth a look at Meta's changelog. */
const OTHER_FIELDS: ReadonlySet<string> = new Set([
  'account_alerts',
  'account_review_update',
  'account_settings_update',
  'account_update',
  'billing-event',
  'business_capability_update',
  'business_status_update',
  'business_username_update',
  'calls',
  'consumer_profile',
  'flows',
  'group_lifecycle_update',
  'group_participants_update',
  'group_settings_update',
  'group_status_update',
  'history',
  'message_template_components_update',
  'message_template_quality_update',
  'message_template_status_update',
  'messaging_handovers',
  'partner_solutions',
  'payment_configuration_update',
  'phone_number_name_update',
  'phone_number_quality_update',
  'security',
  'smb_app_state_sync',
  'template_category_update',
  'template_correct_category_detection',
  'tracking_events',
  'user_actions',
  'user_preferences',
]);

/** Readings of one webhook body, in its order; never throws, never empty. */
export function readWhatsApp(body: unknown, observedAtMs: number): readonly Reading[] {
  if (!isObject(body)) return [unreadable(body, 'the body is no JSON object')];
  if (typeof body['object'] !== 'string') return [unreadable(body, 'the body has no "object"')];
  if (body['object'] !== 'whatsapp_business_account') return [reading(drop('wrong_object'), undefined, body)];
  const entries = listAt(body, 'entry');
  if (entries === undefined) return [unreadable(body, '"entry" is no list')];

  const readings: Reading[] = [];
  for (const entry of entries) {
    const changes = isObject(entry) ? listAt(entry, 'changes') : undefined;
    if (changes === undefined) readings.push(unreadable(entry, 'an entry has no list of changes'));
    else for (const change of changes) readChange(change, observedAtMs, readings);
  }
  return readings.length === 0 ? [reading(drop('empty'), undefined, body)] : readings;
}

function readChange(change: unknown, observedAtMs: number, readings: Reading[]): void {
  const field = isObject(change) ? change['field'] : undefined;
  if (!isObject(change) || typeof field !== 'string') {
    readings.push(unreadable(change, 'a change has no field'));
    return;
  }
  if (ECHO_FIELDS.has(field)) {
    const echoes = listAt(objectAt(change, 'value') ?? {}, 'message_echoes') ?? [change];
    for (const echo of echoes) readings.push(reading(drop('echo'), undefined, echo));
    return;
  }
  if (!MESSAGE_FIELDS.has(field)) {
    readings.push(reading(drop(OTHER_FIELDS.has(field) ? 'not_a_message' : 'unknown_event'), undefined, change));
    return;
  }
  const value = objectAt(change, 'value');
  if (value === undefined) {
    readings.push(unreadable(change, 'a change has no value'));
    return;
  }
  readValue(value, observedAtMs, readings);
}

/** The value of the field `messages`: any of its lists may be there, several at once. */
function readValue(value: JsonObject, observedAtMs: number, readings: Reading[]): void {
  const before = readings.length;
  const metadata = objectAt(value, 'metadata');
  const receiver = idAt(metadata, 'phone_number_id', 64);
  const ours = stringAt(metadata, 'display_phone_number', 32).replaceAll(/\D/g, '');
  const contacts = readContacts(value);

  const messages = value['messages'];
  if (Array.isArray(messages))
    for (const message of messages) readings.push(reading(readMessage(message, contacts, receiver, ours, observedAtMs), receiver, message));
  else if (messages !== undefined && messages !== null) readings.push(unreadable(value, '"messages" is no list'));

  for (const status of listAt(value, 'statuses') ?? [])
    readings.push(reading(readStatus(status, contacts, receiver, observedAtMs), receiver, status));
  for (const event of listAt(value, 'automatic_events') ?? [])
    readings.push(reading(readAutomaticEvent(event, contacts.all, receiver, observedAtMs), receiver, event));
  for (const update of listAt(value, 'user_id_update') ?? [])
    readings.push(reading(readUserIdUpdate(update, receiver, observedAtMs), receiver, update));
  for (const echo of listAt(value, 'message_echoes') ?? []) readings.push(reading(drop('echo'), receiver, echo));
  for (const other of OTHER_LISTS)
    for (const element of listAt(value, other) ?? []) readings.push(reading(drop('not_a_message'), receiver, element));
  if (readings.length === before) readings.push(reading(drop('empty'), receiver, value));
}

function readMessage(
  message: unknown,
  contacts: Contacts,
  receiver: string | undefined,
  ours: string,
  observedAtMs: number,
): Outcome<InboundEvent> {
  if (!isObject(message)) return deadLetter('schema_mismatch', 'a message is no object');
  if (receiver === undefined) return deadLetter('missing_field', 'metadata.phone_number_id is missing');
  const id = idAt(message, 'id');
  if (id === undefined) return deadLetter('missing_field', 'a message has no usable id');
  const type = message['type'];
  if (typeof type !== 'string') return deadLetter('missing_field', 'a message has no type');
  const eventTimeMs = readEventTime(message['timestamp'], observedAtMs);
  if (eventTimeMs === undefined) return deadLetter('timestamp_out_of_range', 'the timestamp of a message is no unix time');
  const eventId = `wa/${receiver}/${id}`;

  if (type === 'system') return readSystem(message, eventId, eventTimeMs);
  if (type === 'revoke') return drop('not_a_message');
  // Numbers in coexistence: what the owner writes in the app is an echo, under whichever field it comes.
  if (ours !== '' && idAt(message, 'from')?.replaceAll(/\D/g, '') === ours) return drop('echo');
  if (idAt(message, 'group_id') !== undefined) return drop('group_chat');

  const contact = contactOf(contacts, idAt(message, 'from'), idAt(message, 'from_user_id'));
  const identifiers = senderIdentifiers(message, contact);
  if (identifiers.length === 0) return deadLetter('missing_field', 'a message has no sender');

  const edit = type === 'edit' ? objectAt(message, 'edit') : undefined;
  if (type === 'edit' && edit === undefined) return deadLetter('missing_field', 'an edit has no content');
  const original = edit === undefined ? '' : (idAt(edit, 'original_message_id') ?? '');
  if (edit !== undefined && original === '') return deadLetter('missing_field', 'an edit does not say which message it edits');
  const inner = edit === undefined ? message : (objectAt(edit, 'message') ?? {});
  const context = objectAt(message, 'context') ?? objectAt(inner, 'context');

  return ok({
    type: 'message',
    channel: 'whatsapp',
    // An edit has a wamid of its own.
    eventId,
    messageId: id,
    eventTimeMs,
    ...readContent(inner),
    sender: {
      identifiers,
      name: stringAt(contact === undefined ? undefined : objectAt(contact, 'profile'), 'name', 256),
      uiLanguage: '',
      isBot: false,
    },
    mayBeStartCommand: false,
    referral: readReferral(objectAt(message, 'referral')),
    referredProduct: readReferredProduct(context),
    replyToMessageId: edit === undefined ? (idAt(context, 'id') ?? '') : '',
    forwarded: flagAt(context, 'forwarded') || flagAt(context, 'frequently_forwarded'),
    editsMessageId: original,
    inviteLinkName: '',
  });
}

function senderIdentifiers(message: JsonObject, contact: JsonObject | undefined): readonly Identifier[] {
  return identifierList([
    ['bsuid', idAt(message, 'from_user_id')],
    ['bsuid', idAt(contact, 'user_id')],
    personId(idAt(contact, 'wa_id')),
    personId(idAt(message, 'from')),
    ['wa_id', sharedNumber(message)],
    ['parent_bsuid', idAt(message, 'from_parent_user_id')],
    ['parent_bsuid', idAt(contact, 'parent_user_id')],
  ]);
}

/** Country, a dot, letters and digits (Meta, business-scoped user ids). Fields of numbers hold one where a proxy puts what it has. */
const BUSINESS_SCOPED = /^[A-Z]{2}\.[A-Za-z0-9.]+$/;

function personId(value: string | undefined): readonly [IdentifierKind, string | undefined] {
  return [value !== undefined && BUSINESS_SCOPED.test(value) ? 'bsuid' : 'wa_id', value];
}

/** The person's own number, given when we asked for it by the button REQUEST_CONTACT_INFO; any other card may be of anybody. */
function sharedNumber(message: JsonObject): string | undefined {
  const cards = message['type'] === 'contacts' ? (listAt(message, 'contacts') ?? []) : [];
  const [card] = cards;
  if (cards.length !== 1 || !isObject(card) || card['origin'] !== 'contact_request') return undefined;
  const phone = (listAt(card, 'phones') ?? []).find(isObject);
  const digits = (idAt(phone, 'wa_id', 32) ?? idAt(phone, 'phone', 32) ?? '').replaceAll(/\D/g, '');
  return digits === '' ? undefined : digits;
}

function reading(outcome: Outcome<InboundEvent>, receiver: string | undefined, element: unknown): Reading {
  return { outcome, receiver, element };
}

function unreadable(element: unknown, detail: string): Reading {
  return reading(deadLetter('schema_mismatch', detail), undefined, element);
}
