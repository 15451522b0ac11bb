/**
 * Bots of the messenger MAX: one update per request.
 * Sources: dev.max.ru/docs-api/methods/POST/subscriptions (`secret` comes back in `X-Max-Bot-Api-Secret`), dev.max.ru/docs-api/objects/Update,
 * dev.max.ru/help/deeplinks (`https://max.ru/{bot}?start={payload}`, at most 128 characters, iOS from 2.7.0 and Android from 2.9.0),
 * max-messenger/max-bot-api-client-go schemes (payloads of message_created and bot_started, ContactAttachmentPayload). Not verified: which characters a payload may have; ours are letters,
 * digits, "-" and "_".
 */
import { deadLetter, drop, type Outcome } from '@messtrack/runtime/outcome.ts';
import { readEventTime } from '../domain/event-time.ts';
import type { Identifier, InboundEvent, InboundMessage, MessageKind, Reading } from '../domain/inbound.ts';
import { messageOutcome, reading, stateOutcome, unreadable } from './gateway-events.ts';
import { flagAt, idAt, isObject, type JsonObject, listAt, objectAt, stringAt } from './json-value.ts';
import type { Provider } from './provider.ts';
import { isSameSecret } from './signature.ts';

const OTHER_UPDATES: ReadonlySet<string> = new Set([
  'bot_added',
  'bot_admin_permissions_changed',
  'bot_removed',
  'chat_title_changed',
  'comment_created',
  'comment_edited',
  'comment_removed',
  'dialog_cleared',
  'dialog_muted',
  'dialog_removed',
  'dialog_unmuted',
  'message_chat_created',
  'message_removed',
  'user_added',
  'user_removed',
]);

const ATTACHMENTS: ReadonlyMap<string, MessageKind> = new Map<string, MessageKind>([
  ['image', 'image'],
  ['video', 'video'],
  ['audio', 'audio'],
  ['file', 'document'],
  ['sticker', 'sticker'],
  ['contact', 'contacts'],
  ['location', 'location'],
]);

export const maxProvider: Provider = {
  name: 'max',
  isAuthentic: (account, { header }) =>
    account.provider === 'max' && isSameSecret(account.webhookToken.reveal(), header('x-max-bot-api-secret')),
  read: (body, account, observedAtMs) => readMax(body, account.name, observedAtMs),
};

/** Readings of one update; never throws, always one. `account` makes the event ids: an update names no bot. */
export function readMax(body: unknown, account: string, observedAtMs: number): readonly Reading[] {
  if (!isObject(body)) return [unreadable(body, 'the body is no JSON object')];
  return [reading(readUpdate(body, account, observedAtMs), undefined, body)];
}

function readUpdate(update: JsonObject, account: string, observedAtMs: number): Outcome<InboundEvent> {
  const type = stringAt(update, 'update_type', 64);
  switch (type) {
    case 'bot_started':
      return readStart(update, account, observedAtMs);
    case 'message_created':
    case 'message_edited':
      return readMessage(update, account, type === 'message_edited', observedAtMs);
    case 'bot_stopped':
      return readStop(update, account, observedAtMs);
    case 'message_callback':
      return readPress(update, account, observedAtMs);
    case '':
      return deadLetter('missing_field', 'an update has no update_type');
    default:
      return drop(OTHER_UPDATES.has(type) ? 'not_a_message' : 'unknown_event');
  }
}

/** The button "Start", also of somebody who knows the bot already: the payload is that of the link. */
function readStart(update: JsonObject, account: string, observedAtMs: number): Outcome<InboundEvent> {
  const person = objectAt(update, 'user');
  const chat = idAt(update, 'chat_id', 32);
  if (person === undefined || chat === undefined) return deadLetter('missing_field', 'a start names no user or no chat');
  const eventTimeMs = readEventTime(update['timestamp'], observedAtMs);
  if (eventTimeMs === undefined) return deadLetter('timestamp_out_of_range', 'the timestamp of a start is no unix time in milliseconds');
  return messageOutcome({
    channel: 'max',
    eventId: `max/${account}/${chat}/start/${eventTimeMs}`,
    messageId: `${chat}:start:${eventTimeMs}`,
    eventTimeMs,
    kind: 'welcome',
    linkPayload: stringAt(update, 'payload', 128),
    ...senderOf(person, update),
  });
}

/** The person stopped the bot: it may not write to them until they start it again. */
function readStop(update: JsonObject, account: string, observedAtMs: number): Outcome<InboundEvent> {
  const user = idAt(objectAt(update, 'user'), 'user_id', 32);
  const eventTimeMs = readEventTime(update['timestamp'], observedAtMs);
  if (user === undefined || eventTimeMs === undefined) return drop('not_a_message');
  return stateOutcome({
    channel: 'max',
    eventId: `max/${account}/blocked/${user}/${eventTimeMs}`,
    eventTimeMs,
    state: 'blocked',
    identifiers: [{ kind: 'max_user', value: user }],
  });
}

function readMessage(update: JsonObject, account: string, isEdit: boolean, observedAtMs: number): Outcome<InboundEvent> {
  const message = objectAt(update, 'message');
  if (message === undefined) return deadLetter('schema_mismatch', 'the message of an update is no object');
  const elsewhere = notInDialog(message);
  if (elsewhere !== undefined) return elsewhere;
  const sender = objectAt(message, 'sender');
  if (sender === undefined) return deadLetter('missing_field', 'a message has no sender');
  if (flagAt(sender, 'is_bot')) return drop('bot_author');
  const link = objectAt(message, 'link');
  const linkType = stringAt(link, 'type', 16);
  const linked = link === undefined ? undefined : objectAt(link, 'message');
  const body = objectAt(message, 'body') ?? (linkType === 'forward' ? {} : undefined);
  if (body === undefined) return deadLetter('missing_field', 'a message has no body');
  const id = idAt(body, 'mid', 100) ?? ('mid' in body ? undefined : forwardId(message, sender, linked, observedAtMs));
  if (id === undefined) return deadLetter('missing_field', 'a message has no body.mid');
  const eventTimeMs = readEventTime(isEdit ? update['timestamp'] : (message['timestamp'] ?? update['timestamp']), observedAtMs);
  if (eventTimeMs === undefined) return deadLetter('timestamp_out_of_range', 'the timestamp of a message is no unix time in milliseconds');

  // Words of its own stand above what is forwarded, and a code in them is the person's; without any, what it says is somebody else's.
  const isForward = linkType === 'forward' && stringAt(body, 'text') === '';
  const suffix = isEdit ? `/edit/${eventTimeMs}` : '';
  return messageOutcome({
    channel: 'max',
    eventId: `max/${account}/${id}${suffix}`,
    messageId: `${id}${suffix}`,
    eventTimeMs,
    ...contentOf(isForward && linked !== undefined ? linked : body),
    ...senderOf(sender, update),
    sharedPhone: sharedPhone(body, idAt(sender, 'user_id', 32)),
    replyToMessageId: linkType === 'reply' ? (idAt(linked, 'mid', 100) ?? '') : '',
    forwarded: isForward,
    editsMessageId: isEdit ? id : '',
  });
}

/**
 * A message that only forwards may come with no body at all (max-bot-api-java 0.4.0), and so with no id. Who forwards what and when is the same at every
 * delivery, and of nobody else's message.
 */
function forwardId(message: JsonObject, sender: JsonObject, linked: JsonObject | undefined, observedAtMs: number): string | undefined {
  const user = idAt(sender, 'user_id', 32);
  const mid = idAt(linked, 'mid', 100);
  const moment = readEventTime(message['timestamp'], observedAtMs);
  return user === undefined || mid === undefined || moment === undefined ? undefined : `forward:${user}:${mid}:${moment}`;
}

/** A press on a button of ours: its payload is what the business wrote, and it may hold a code. */
function readPress(update: JsonObject, account: string, observedAtMs: number): Outcome<InboundEvent> {
  const callback = objectAt(update, 'callback');
  const person = callback === undefined ? undefined : objectAt(callback, 'user');
  const id = idAt(callback, 'callback_id', 150);
  if (callback === undefined || person === undefined || id === undefined)
    return deadLetter('missing_field', 'a press names no user or no callback_id');
  const message = objectAt(update, 'message');
  const elsewhere = message === undefined ? undefined : notInDialog(message);
  if (elsewhere !== undefined) return elsewhere;
  const eventTimeMs = readEventTime(callback['timestamp'] ?? update['timestamp'], observedAtMs);
  if (eventTimeMs === undefined) return deadLetter('timestamp_out_of_range', 'the timestamp of a press is no unix time in milliseconds');
  const payload = stringAt(callback, 'payload', 1024);
  return messageOutcome({
    channel: 'max',
    eventId: `max/${account}/press/${id}`,
    messageId: `press:${id}`,
    eventTimeMs,
    kind: 'button',
    attachments: payload === '' ? [] : [payload],
    buttonPayload: payload,
    ...senderOf(person, update),
  });
}

function contentOf(body: JsonObject): Pick<InboundMessage, 'kind' | 'text' | 'attachments'> {
  const text = stringAt(body, 'text');
  // A keyboard under a message and the preview of its link are no content.
  const items = (listAt(body, 'attachments') ?? [])
    .filter(isObject)
    .filter((item) => !['inline_keyboard', 'share'].includes(stringAt(item, 'type')));
  const [first] = items;
  const kind = first === undefined ? (text === '' ? 'unknown' : 'text') : (ATTACHMENTS.get(stringAt(first, 'type', 32)) ?? 'unknown');
  const fileNames = items.map((item) => stringAt(item, 'filename', 512)).filter((name) => name !== '');
  return { kind, text, attachments: fileNames };
}

/**
 * Digits of the number a person shared of themselves (button `request_contact`, or their own card); that of somebody else's card is not theirs. The card is a
 * vCard as text, `max_info` says whose it is.
 */
function sharedPhone(body: JsonObject, user: string | undefined): string | undefined {
  for (const item of (listAt(body, 'attachments') ?? []).filter(isObject)) {
    const payload = stringAt(item, 'type', 16) === 'contact' ? objectAt(item, 'payload') : undefined;
    const owner = payload === undefined ? undefined : idAt(objectAt(payload, 'max_info'), 'user_id', 32);
    if (owner === undefined || owner !== user) continue;
    const number = /^TEL[^:\r\n]*:([^\r\n]*)/im.exec(stringAt(payload, 'vcf_info', 8_192))?.[1] ?? '';
    const digits = number.replaceAll(/\D/g, '');
    if (/^[1-9]\d{6,14}$/.test(digits)) return digits;
  }
  return undefined;
}

/** Undefined for what is said to the bot alone. A message that does not say where it was written may be a person's: kept for whoever looks, not counted as a group's. */
function notInDialog(message: JsonObject): Outcome<InboundEvent> | undefined {
  const type = stringAt(objectAt(message, 'recipient'), 'chat_type', 16);
  if (type === '') return deadLetter('missing_field', 'a message has no recipient.chat_type');
  return type === 'dialog' ? undefined : drop('group_chat');
}

function senderOf(
  person: JsonObject,
  update: JsonObject,
): { readonly identifiers: readonly Identifier[]; readonly name: string; readonly uiLanguage: string } {
  const user = idAt(person, 'user_id', 32);
  const full = [stringAt(person, 'first_name', 128), stringAt(person, 'last_name', 128)].filter((part) => part !== '').join(' ');
  return {
    identifiers: user === undefined ? [] : [{ kind: 'max_user', value: user }],
    name: full === '' ? stringAt(person, 'name', 256) : full,
    uiLanguage: stringAt(update, 'user_locale', 16),
  };
}
