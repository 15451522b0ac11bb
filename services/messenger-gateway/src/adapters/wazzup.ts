/**
 * Wazzup24, API v3: one webhook for all channels of an account, told apart by `channelId`.
 * Sources: wazzup24.com/help/api-documentation-en/webhooks (envelope, `Authorization: Bearer ${crmKey}`, test request, fields of messages and statuses).
 * Not verified, and read only where present: `chatType` "max", `authorType` "bot", `isDeleted`, `isEdited`, `quotedMessage.messageId`, any object of an ad (`referral`).
 * Wazzup names people of Instagram by their user name, which they may change: such a person is a new contact.
 */
import { deadLetter, drop, type Outcome } from '@messtrack/runtime/outcome.ts';
import type { Channel, Identifier, InboundEvent, MessageKind, Reading, StatusWord } from '../domain/inbound.ts';
import { readIsoTime } from '../domain/iso-time.ts';
import { messageOutcome, reading, statusOutcome, unreadable } from './gateway-events.ts';
import { identifierList } from './identifier-list.ts';
import { flagAt, idAt, isObject, listAt, objectAt, stringAt } from './json-value.ts';
import type { Provider } from './provider.ts';
import { hasSharedToken } from './shared-token.ts';
import { readReferral } from './whatsapp-content.ts';
import { peopleOf } from './whatsapp-jid.ts';

const CHANNELS: ReadonlyMap<string, Channel> = new Map<string, Channel>([
  ['whatsapp', 'whatsapp'],
  ['telegram', 'telegram'],
  ['instagram', 'instagram'],
  ['vk', 'vk'],
  ['max', 'max'],
]);
const GROUPS: ReadonlySet<string> = new Set(['whatsgroup', 'telegroup', 'maxgroup']);

const KINDS: ReadonlyMap<string, MessageKind> = new Map<string, MessageKind>([
  ['text', 'text'],
  ['image', 'image'],
  ['video', 'video'],
  ['audio', 'audio'],
  ['document', 'document'],
  ['vcard', 'contacts'],
  ['geo', 'location'],
]);

/** A call that nobody took, what the messenger itself writes into a chat, and that a message is gone. */
const NOBODY_WROTE: ReadonlySet<string> = new Set(['missing_call', 'system', 'deleted']);

const STATUSES: ReadonlyMap<string, StatusWord> = new Map<string, StatusWord>([
  ['sent', 'sent'],
  ['delivered', 'delivered'],
  ['read', 'read'],
  ['error', 'failed'],
]);

/** Keys of webhooks that are no messages; `test` is what Wazzup sends when the address is set. */
const OTHER_KEYS: readonly string[] = ['test', 'createContact', 'createDeal', 'channelsUpdates', 'templateStatus'];

/** The crmKey given to Wazzup as a bearer token, or `token` in the address (of at most 200 characters). */
export const wazzupProvider: Provider = {
  name: 'wazzup',
  isAuthentic: (account, request) => account.provider === 'wazzup' && hasSharedToken(request, account.webhookToken.reveal()),
  read: (body, account, observedAtMs) => readWazzup(body, account.channel, observedAtMs),
};

/** Readings of one webhook body, in its order; never throws, never empty. `fallback` is the channel of a status, which names none. */
export function readWazzup(body: unknown, fallback: Channel, observedAtMs: number): readonly Reading[] {
  if (!isObject(body)) return [unreadable(body, 'the body is no JSON object')];
  const readings: Reading[] = [];
  const messages = body['messages'];
  if (messages !== undefined && !Array.isArray(messages)) readings.push(unreadable(body, '"messages" is no list'));
  for (const message of listAt(body, 'messages') ?? []) {
    const channelId = isObject(message) ? idAt(message, 'channelId', 64) : undefined;
    readings.push(reading(readMessage(message, channelId, observedAtMs), channelId, message));
  }
  for (const status of listAt(body, 'statuses') ?? []) {
    const channelId = isObject(status) ? idAt(status, 'channelId', 64) : undefined;
    readings.push(reading(readStatus(status, channelId, fallback, observedAtMs), channelId, status));
  }
  if (readings.length > 0) return readings;
  return [reading(drop(OTHER_KEYS.some((key) => key in body) ? 'not_a_message' : 'unknown_event'), undefined, body)];
}

function readMessage(message: unknown, channelId: string | undefined, observedAtMs: number): Outcome<InboundEvent> {
  if (!isObject(message)) return deadLetter('schema_mismatch', 'a message is no object');
  if (flagAt(message, 'isEcho')) return drop('echo');
  const status = stringAt(message, 'status');
  if (status !== '' && status !== 'inbound') return drop('outgoing');
  if (stringAt(message, 'authorType') === 'bot') return drop('bot_author');
  const type = stringAt(message, 'type');
  if (flagAt(message, 'isDeleted') || NOBODY_WROTE.has(type)) return drop('not_a_message');
  const chatType = stringAt(message, 'chatType');
  if (GROUPS.has(chatType)) return drop('group_chat');
  const channel = CHANNELS.get(chatType);
  if (channel === undefined)
    return chatType === '' ? deadLetter('missing_field', 'a message has no chatType') : drop('unsupported_channel');
  if (channelId === undefined) return deadLetter('missing_field', 'a message has no channelId');
  const id = idAt(message, 'messageId', 80);
  if (id === undefined) return deadLetter('missing_field', 'a message has no messageId');
  const eventTimeMs = readIsoTime(message['dateTime'], observedAtMs);
  if (eventTimeMs === undefined) return deadLetter('timestamp_out_of_range', 'the dateTime of a message is no time');

  const contact = objectAt(message, 'contact');
  const isEdit = flagAt(message, 'isEdited');
  const suffix = isEdit ? `/edit/${eventTimeMs}` : '';
  return messageOutcome({
    channel,
    eventId: `wazzup/${channelId}/${id}${suffix}`,
    messageId: `${id}${suffix}`,
    eventTimeMs,
    kind: KINDS.get(type) ?? 'unknown',
    // What Wazzup cannot show it replaces by a sentence of its own ("Вам что-то прислали …").
    text: type === 'unsupported' ? '' : stringAt(message, 'text'),
    identifiers: peopleIn(channel, idAt(message, 'chatId'), stringAt(contact, 'phone', 32)),
    name: stringAt(contact, 'name', 256),
    referral: readReferral(objectAt(message, 'referral')),
    replyToMessageId: idAt(objectAt(message, 'quotedMessage'), 'messageId', 80) ?? '',
    forwarded: flagAt(message, 'isForwarded'),
    editsMessageId: isEdit ? id : '',
  });
}

/** `chatId` is what the messenger knows the person by: digits of the number, the id in Telegram and VK, the user name in Instagram. */
export function peopleIn(channel: Channel, chatId: string | undefined, phone: string): readonly Identifier[] {
  switch (channel) {
    case 'whatsapp':
      return peopleOf([chatId, phone.replaceAll(/\D/g, '')]);
    case 'telegram':
      return identifierList([['tg_user', chatId]]);
    case 'instagram':
      return identifierList([['igsid', chatId]]);
    case 'vk':
      return identifierList([['vk_user', chatId]]);
    case 'max':
      return identifierList([['max_user', chatId]]);
    case 'messenger':
      return identifierList([['psid', chatId]]);
  }
}

/** A status names no messenger; where it names no channel either, the address it came to decides. */
function readStatus(status: unknown, channelId: string | undefined, fallback: Channel, observedAtMs: number): Outcome<InboundEvent> {
  if (!isObject(status)) return drop('status_update');
  const error = objectAt(status, 'error');
  return statusOutcome({
    channel: fallback,
    prefix: channelId === undefined ? 'wazzup' : `wazzup/${channelId}`,
    messageId: idAt(status, 'messageId', 80),
    word: stringAt(status, 'status', 32),
    words: STATUSES,
    eventTimeMs: readIsoTime(status['timestamp'], observedAtMs),
    errorCode: idAt(error, 'error', 64) ?? '',
  });
}
