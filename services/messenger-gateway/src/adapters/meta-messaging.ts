/**
 * Messenger Platform and Instagram webhooks (objects `page` and `instagram`) → readings: one shape, two channels. Every level is a list, and every
 * element is judged for itself.
 * Sources: Meta, Messenger Platform, webhook-events reference; Instagram Platform, webhooks examples.
 *
 * The person who follows `m.me/<page>?ref=` or `ig.me/m/<name>?ref=` brings `ref` in one of three ways: with the first press of a new thread
 * (`postback.referral`), alone when the thread exists (`referral`), or on the first message (`message.referral`, also for ads).
 * Not verified: which of the three Instagram chooses when; ig.me links are reported to say nothing where the account has no ice breakers.
 */
import { deadLetter, drop, type Outcome, ok } from '@messtrack/runtime/outcome.ts';
import { readEventTime } from '../domain/event-time.ts';
import type { InboundEvent, InboundMessage, Reading } from '../domain/inbound.ts';
import { eventIdPart } from './event-id.ts';
import { flagAt, hasAt, idAt, isObject, type JsonObject, listAt, objectAt, stringAt } from './json-value.ts';
import { type MetaContent, readMetaMessage, readMetaReferral } from './meta-messaging-content.ts';
import { readMetaStatuses } from './meta-messaging-status.ts';

export type MetaChannel = 'messenger' | 'instagram';

const OBJECTS: Readonly<Record<MetaChannel, string>> = { messenger: 'page', instagram: 'instagram' };
const PERSON_KINDS = { messenger: 'psid', instagram: 'igsid' } as const;
const PREFIXES: Readonly<Record<MetaChannel, string>> = { messenger: 'ms', instagram: 'ig' };

/** Message ids of Instagram are the longest of all. */
const MAX_MESSAGE_ID = 512;

/** Happenings that are never a person's message. One in no list is `unknown_event`: worth a look at Meta's changelog. */
const OTHER_EVENTS: readonly string[] = [
  'account_linking',
  'app_roles',
  'call_permission_reply',
  'checkout_update',
  'feedback',
  'game_play',
  'in_thread_lead_form_submit',
  'lead',
  'messaging_feedback',
  'pass_thread_control',
  'payment',
  'policy-enforcement',
  'policy_enforcement',
  'pre_checkout',
  'request_thread_control',
  'response_feedback',
  'send_cart',
  'standby_notification',
  'take_thread_control',
];

/** What only a person does. */
const PERSONS_EVENTS: readonly string[] = ['message', 'message_edit', 'postback', 'reaction', 'referral', 'optin'];

/** Where messages stand in an entry; `standby` is the copy for apps that do not hold the conversation at the moment. */
const MESSAGE_LISTS: readonly string[] = ['messaging', 'standby'];

/** Readings of one webhook body, in its order; never throws, never empty. */
export function readMetaMessaging(body: unknown, channel: MetaChannel, observedAtMs: number): readonly Reading[] {
  // Meta's page of examples for Instagram's own login shows every body in a list of its own.
  if (!Array.isArray(body)) return readBody(body, channel, observedAtMs);
  return body.length === 0 ? [reading(drop('empty'), undefined, body)] : body.flatMap((each) => readBody(each, channel, observedAtMs));
}

function readBody(body: unknown, channel: MetaChannel, observedAtMs: number): readonly Reading[] {
  if (!isObject(body)) return [unreadable(body, 'the body is no JSON object')];
  if (typeof body['object'] !== 'string') return [unreadable(body, 'the body has no "object"')];
  if (body['object'] !== OBJECTS[channel]) return [reading(drop('wrong_object'), undefined, body)];
  const entries = listAt(body, 'entry');
  if (entries === undefined) return [unreadable(body, '"entry" is no list')];
  const readings = entries.flatMap((entry) => readEntry(entry, channel, observedAtMs));
  return readings.length === 0 ? [reading(drop('empty'), undefined, body)] : readings;
}

function readEntry(entry: unknown, channel: MetaChannel, observedAtMs: number): readonly Reading[] {
  if (!isObject(entry)) return [unreadable(entry, 'an entry is no object')];
  const where: EntryFacts = { channel, receiver: idAt(entry, 'id', 64), sentAt: entry['time'], observedAtMs };
  const { receiver } = where;
  const readings: Reading[] = [];
  for (const name of MESSAGE_LISTS) {
    const events = listAt(entry, name);
    for (const event of events ?? []) readings.push(...readEvent(event, where));
    // Somebody's message may stand in it, where Meta has never written one.
    if (events === undefined && hasAt(entry, name))
      readings.push(reading(deadLetter('schema_mismatch', `"${name}" is no list`), receiver, entry));
  }
  // Instagram's own login delivers single fields like every other Graph webhook; what a field of messages holds is the same. Its documentation shows a field without the list as well, and
  // Messenger's shows its fields so. Posts and comments have no `sender`.
  for (const change of listAt(entry, 'changes') ?? (hasAt(entry, 'field') ? [entry] : [])) {
    const value = isObject(change) ? objectAt(change, 'value') : undefined;
    const isMessage = value !== undefined && objectAt(value, 'sender') !== undefined;
    readings.push(...(isMessage ? readEvent(value, where) : [reading(drop('not_a_message'), receiver, change)]));
  }
  return readings.length === 0 ? [reading(drop('empty'), receiver, entry)] : readings;
}

interface EntryFacts {
  readonly channel: MetaChannel;
  readonly receiver: string | undefined;
  /** When Meta sent the entry, as written. */
  readonly sentAt: unknown;
  readonly observedAtMs: number;
}

function readEvent(event: unknown, where: EntryFacts): readonly Reading[] {
  const { channel, receiver, observedAtMs } = where;
  if (!isObject(event)) return [reading(deadLetter('schema_mismatch', 'an event is no object'), receiver, event)];
  // Nothing that a person did comes with a mark of what they have read, unless a proxy in between writes the fields of all events into each.
  const isStatus = hasAt(event, 'delivery') || hasAt(event, 'read');
  if (isStatus && !PERSONS_EVENTS.some((name) => objectAt(event, name) !== undefined))
    return readMetaStatuses(event, channel, PREFIXES[channel], receiver, observedAtMs);
  return [reading(readMessageEvent(event, where), receiver, event)];
}

function readMessageEvent(event: JsonObject, { channel, receiver, sentAt, observedAtMs }: EntryFacts): Outcome<InboundEvent> {
  const content = readContent(event);
  if (content === undefined) return drop(OTHER_EVENTS.some((name) => hasAt(event, name)) ? 'not_a_message' : 'unknown_event');
  if (content === 'echo') return drop('echo');
  if (content === 'withdrawn') return drop('not_a_message');
  if (receiver === undefined) return deadLetter('missing_field', 'an entry has no id');

  const sender = objectAt(event, 'sender');
  const person = idAt(sender, 'id', 64);
  // A guest of a plug-in on a web page has a reference of the page's own and no id that any later message will carry.
  if (person === undefined) return isGuest(event, sender) ? drop('not_a_message') : deadLetter('missing_field', 'a message has no sender');
  if (person === receiver) return drop('outgoing');
  // Only where the id does not hang on it: an entry that is sent again has another time.
  const eventTimeMs = readEventTime(event['timestamp'] ?? (content.mid === '' ? undefined : sentAt), observedAtMs);
  if (eventTimeMs === undefined) return deadLetter('timestamp_out_of_range', 'the timestamp of a message is no unix time');

  const { mid, editOf, ...rest } = content;
  // What has no id of its own happened to one person at one millisecond.
  const messageId = mid === '' ? `${rest.kind}:${person}:${eventTimeMs}` : editOf === '' ? mid : `${mid}/edit/${eventTimeMs}`;
  const idPart = editOf === '' ? eventIdPart(messageId) : `${eventIdPart(mid)}/edit/${eventTimeMs}`;
  const message: InboundMessage = {
    type: 'message',
    channel,
    eventId: `${PREFIXES[channel]}/${receiver}/${idPart}`,
    messageId,
    eventTimeMs,
    sender: { identifiers: [{ kind: PERSON_KINDS[channel], value: person }], name: '', uiLanguage: '', isBot: false },
    mayBeStartCommand: false,
    forwarded: false,
    editsMessageId: editOf,
    inviteLinkName: '',
    ...rest,
  };
  return ok(message);
}

interface Content extends MetaContent {
  /** Id of the message; empty where the event has none. */
  readonly mid: string;
  /** Set on edits. */
  readonly editOf: string;
}

const EMPTY: Content = {
  mid: '',
  editOf: '',
  kind: 'welcome',
  text: '',
  attachments: [],
  buttonPayload: '',
  linkPayload: undefined,
  referral: undefined,
  replyToMessageId: '',
};

/** What a person did; `withdrawn` for a message or a consent taken back; undefined when it was no person, or nothing that this version knows. */
function readContent(event: JsonObject): Content | 'echo' | 'withdrawn' | undefined {
  const message = objectAt(event, 'message');
  if (message !== undefined) {
    if (flagAt(message, 'is_echo')) return 'echo';
    if (flagAt(message, 'is_deleted')) return 'withdrawn';
    const mid = idAt(message, 'mid', MAX_MESSAGE_ID) ?? '';
    // An extension beside the message: the person came back through a link and wrote at once.
    const referral = readMetaReferral(objectAt(message, 'referral') ?? objectAt(event, 'referral'));
    return { ...EMPTY, mid, ...readMetaMessage(message), ...referral };
  }
  const edit = objectAt(event, 'message_edit');
  if (edit !== undefined) {
    const mid = idAt(edit, 'mid', MAX_MESSAGE_ID) ?? '';
    return mid === '' ? undefined : { ...EMPTY, mid, editOf: mid, kind: 'text', text: stringAt(edit, 'text') };
  }
  const postback = objectAt(event, 'postback');
  if (postback !== undefined) {
    const payload = stringAt(postback, 'payload', 1024);
    return {
      ...EMPTY,
      mid: idAt(postback, 'mid', MAX_MESSAGE_ID) ?? '',
      kind: 'button',
      buttonPayload: payload,
      attachments: payload === '' ? [] : [payload],
      ...readMetaReferral(objectAt(postback, 'referral') ?? objectAt(event, 'referral')),
    };
  }
  const reaction = objectAt(event, 'reaction');
  if (reaction !== undefined) return { ...EMPTY, kind: 'reaction', replyToMessageId: idAt(reaction, 'mid', MAX_MESSAGE_ID) ?? '' };
  const referral = objectAt(event, 'referral');
  if (referral !== undefined) return { ...EMPTY, ...readMetaReferral(referral) };
  const optin = objectAt(event, 'optin');
  return optin === undefined ? undefined : readOptin(optin);
}

/** A plug-in on a page brings the `ref` of the page; a request in the thread (`one_time_notif_req`, `notification_messages`) is pressed like a button, and pressed again to stop it. */
function readOptin(optin: JsonObject): Content | 'withdrawn' {
  if (stringAt(optin, 'notification_messages_status', 64) === 'STOP_NOTIFICATIONS') return 'withdrawn';
  const payload = stringAt(optin, 'payload', 1024);
  if (payload !== '') return { ...EMPTY, kind: 'button', buttonPayload: payload, attachments: [payload] };
  return { ...EMPTY, ...readMetaReferral({ ref: optin['ref'] }) };
}

function isGuest(event: JsonObject, sender: JsonObject | undefined): boolean {
  return (idAt(sender, 'user_ref') ?? idAt(objectAt(event, 'optin'), 'user_ref')) !== undefined;
}

function reading(outcome: Outcome<InboundEvent>, receiver: string | undefined, element: unknown): Reading {
  return { outcome, receiver, element };
}

function unreadable(element: unknown, detail: string): Reading {
  return reading(deadLetter('schema_mismatch', detail), undefined, element);
}
