/**
 * ChatApp: messages of the messengers of a licence, in and out, as lists.
 * Sources: help.chatapp.online/en/old/api-events-message (the message: id, fromMe, side, time, type, message, quotedMessage, fromUser, chat), …/api-events (which
 * events there are; one messenger of one licence is one channel), chatapp.online/en/help/api-events-message-status (`meta` with its type, `licenseId` and `messengerType`; the word of
 * a status stands in `type`, and a chat of Telegram is `private-{id of the person}h{hash}`).
 * Not verified, and read only where present: `meta` of messages (without it the address of the webhook decides), words of failed statuses, the id of `fromUser` in Telegram (as the chat's, or
 * alone), any trace of an ad, any proof of origin: the token stands in the address.
 */
import { deadLetter, drop, type Outcome } from '@messtrack/runtime/outcome.ts';
import { readEventTime } from '../domain/event-time.ts';
import type { Channel, InboundEvent, MessageKind, Reading, StatusWord } from '../domain/inbound.ts';
import { messageOutcome, reading, statusOutcome, unreadable } from './gateway-events.ts';
import { flagAt, idAt, isObject, type JsonObject, listAt, objectAt, stringAt } from './json-value.ts';
import type { Provider } from './provider.ts';
import { hasSharedToken } from './shared-token.ts';
import { peopleIn } from './wazzup.ts';
import { readReferral } from './whatsapp-content.ts';

/** Telegram's bots are a messenger of their own, beside the accounts of people. */
const TELEGRAM_BOT = 'telegramBot';

/** ChatApp's names of a messenger and of the ways it connects to it ("gr" linked device, "ca" Cloud API). */
const CHANNELS: ReadonlyMap<string, Channel> = new Map<string, Channel>([
  ['grWhatsApp', 'whatsapp'],
  ['caWhatsApp', 'whatsapp'],
  ['whatsApp', 'whatsapp'],
  ['telegram', 'telegram'],
  [TELEGRAM_BOT, 'telegram'],
  ['instagram', 'instagram'],
  ['vkontakte', 'vk'],
  ['vk', 'vk'],
]);

const KINDS: ReadonlyMap<string, MessageKind> = new Map<string, MessageKind>([
  ['text', 'text'],
  ['image', 'image'],
  ['video', 'video'],
  ['audio', 'audio'],
  ['voice', 'audio'],
  ['file', 'document'],
  ['document', 'document'],
  ['sticker', 'sticker'],
  ['location', 'location'],
  ['contact', 'contacts'],
  ['button', 'button'],
  ['reaction', 'reaction'],
]);

const STATUSES: ReadonlyMap<string, StatusWord> = new Map<string, StatusWord>([
  ['sent', 'sent'],
  ['delivered', 'delivered'],
  ['viewed', 'read'],
  ['read', 'read'],
  ['failed', 'failed'],
  ['error', 'failed'],
  ['undelivered', 'failed'],
]);

const TELEGRAM_CHAT = /^private-(\d{1,20})(?:h-?\d+)?$/;

/** Events other than messages and their statuses (chatapp.online/help/api-events). */
const OTHER_EVENTS: ReadonlySet<string> = new Set(['chatTag', 'chatConversation']);

export const chatAppProvider: Provider = {
  name: 'chatapp',
  isAuthentic: (account, request) => account.provider === 'chatapp' && hasSharedToken(request, account.webhookToken.reveal()),
  read: (body, account, observedAtMs) => readChatApp(body, account.channel, account.name, observedAtMs),
};

interface Origin {
  readonly channel: Channel;
  /** `{licence}/{channel}`; undefined where the payload names no licence. */
  readonly receiver: string | undefined;
  readonly isBot: boolean;
  /** Makes the ids: ids of messages are the messenger's, unique within a licence. */
  readonly prefix: string;
  readonly observedAtMs: number;
}

/** Readings of one webhook body, in its order; never throws, never empty. `fallback` is the channel where the payload names no messenger. */
export function readChatApp(body: unknown, fallback: Channel, account: string, observedAtMs: number): readonly Reading[] {
  if (!isObject(body)) return [unreadable(body, 'the body is no JSON object')];
  const meta = objectAt(body, 'meta');
  const event = stringAt(meta, 'type', 64);
  if (OTHER_EVENTS.has(event)) return [reading(drop('not_a_message'), undefined, body)];
  const elements = listAt(body, 'data');
  if (elements === undefined) return [unreadable(body, '"data" is no list')];
  if (elements.length === 0) return [reading(drop('empty'), undefined, body)];
  return elements.map((element) => {
    const origin = originOf(isObject(element) ? element : undefined, meta, fallback, account, observedAtMs);
    if (origin === undefined) return reading(drop('unsupported_channel'), undefined, element);
    return reading(readElement(element, event, origin), origin.receiver, element);
  });
}

function originOf(
  element: JsonObject | undefined,
  meta: JsonObject | undefined,
  fallback: Channel,
  account: string,
  observedAtMs: number,
): Origin | undefined {
  const type = stringAt(element, 'messengerType', 64) || stringAt(meta, 'messengerType', 64);
  const channel = type === '' ? fallback : CHANNELS.get(type);
  if (channel === undefined) return undefined;
  const licence = idAt(element, 'licenseId', 32) ?? idAt(meta, 'licenseId', 32);
  const receiver = licence === undefined ? undefined : `${licence}/${channel}`;
  const isBot = type === TELEGRAM_BOT;
  // A bot and a person of one licence number their messages each for themselves.
  return { channel, receiver, isBot, prefix: `chatapp/${receiver ?? account}${isBot ? '/bot' : ''}`, observedAtMs };
}

function readElement(element: unknown, event: string, origin: Origin): Outcome<InboundEvent> {
  if (!isObject(element)) return deadLetter('schema_mismatch', 'an element is no object');
  if (event === 'messageStatus' || (event === '' && !('message' in element) && STATUSES.has(wordOf(element))))
    return readStatus(element, origin);
  return event === '' || event === 'message' ? readMessage(element, origin) : drop('unknown_event');
}

function readMessage(element: JsonObject, origin: Origin): Outcome<InboundEvent> {
  if (flagAt(element, 'fromMe') || stringAt(element, 'side') === 'out') return drop('echo');
  const chat = objectAt(element, 'chat');
  const chatType = stringAt(chat, 'type', 32);
  if (chatType !== '' && chatType !== 'private') return drop('group_chat');
  const id = idAt(element, 'id');
  if (id === undefined) return deadLetter('missing_field', 'a message has no id');
  const eventTimeMs = readEventTime(element['time'], origin.observedAtMs);
  if (eventTimeMs === undefined) return deadLetter('timestamp_out_of_range', 'the time of a message is no unix time');

  const user = objectAt(element, 'fromUser');
  const message = objectAt(element, 'message');
  const type = stringAt(element, 'type', 32);
  const fileName = stringAt(message === undefined ? undefined : objectAt(message, 'file'), 'name', 512);
  const phone = stringAt(user, 'phone', 32) || stringAt(chat, 'phone', 32);
  return messageOutcome({
    channel: origin.channel,
    eventId: `${origin.prefix}/${id}`,
    messageId: id,
    eventTimeMs,
    kind: KINDS.get(type) ?? 'unknown',
    text: stringAt(message, 'text') || stringAt(message, 'caption'),
    attachments: fileName === '' ? [] : [fileName],
    mayBeStartCommand: origin.isBot,
    identifiers: peopleIn(origin.channel, personOf(user) ?? personOf(chat), phone),
    name: stringAt(user, 'name', 256) || stringAt(chat, 'name', 256),
    referral: readReferral(objectAt(element, 'referral')),
    replyToMessageId: idAt(objectAt(element, 'quotedMessage'), 'id') ?? '',
    forwarded: flagAt(element, 'isForwarded'),
  });
}

/** The messenger's own id of the person of a chat, so that a bot of the same workspace knows them too. */
function personOf(chat: JsonObject | undefined): string | undefined {
  const id = idAt(chat, 'id');
  return id === undefined ? undefined : (TELEGRAM_CHAT.exec(id)?.[1] ?? id);
}

function wordOf(element: JsonObject): string {
  return stringAt(element, 'type', 32) || stringAt(element, 'status', 32);
}

function readStatus(element: JsonObject, origin: Origin): Outcome<InboundEvent> {
  const chat = objectAt(element, 'chat');
  return statusOutcome({
    channel: origin.channel,
    prefix: origin.prefix,
    messageId: idAt(element, 'id'),
    word: wordOf(element),
    words: STATUSES,
    eventTimeMs: readEventTime(element['time'] ?? origin.observedAtMs, origin.observedAtMs),
    recipient: peopleIn(origin.channel, personOf(chat), stringAt(chat, 'phone', 32)),
    errorCode: idAt(objectAt(element, 'error'), 'code', 64) ?? '',
  });
}
