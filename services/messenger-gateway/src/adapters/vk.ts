/**
 * Messages of a VK community by its Callback API: one event per request, the secret in the body, and an answer that must read "ok".
 * Sources: dev.vk.com/en/api/callback/getting-started (confirmation, secret, answer), dev.vk.com/en/api/community-messages/getting-started, VK's message object
 * (`ref`, `ref_source`, `payload`, `out`), help-cloud of Just AI, channels/vk/parameters_transfer (`vk.me/{community}?ref=` arrives as `message.ref`).
 * VK writes texts as HTML (`&quot;`, `&amp;`, `&lt;`, `&gt;`, `<br>`): negezor/vk-io, structures/contexts/message.ts, undoes it for webhooks too.
 * Buttons of type "callback" send `message_event` instead of a message: dev.vk.com/ru/api/community-events/json-schema#message_event.
 * Not verified: how long a `ref` may be. Ours are at most 64 characters.
 */
import { deadLetter, drop, type Outcome } from '@messtrack/runtime/outcome.ts';
import type { Account } from '@messtrack/workspace/accounts/account-kinds.ts';
import { readEventTime } from '../domain/event-time.ts';
import type { InboundEvent, InboundMessage, MessageKind, Reading } from '../domain/inbound.ts';
import { messageOutcome, reading, stateOutcome, unreadable } from './gateway-events.ts';
import { flagAt, idAt, isObject, type JsonObject, listAt, objectAt, stringAt } from './json-value.ts';
import { parsedBody, unprovedBody } from './parsed-body.ts';
import type { Provider } from './provider.ts';
import { isSameSecret } from './signature.ts';

/** Prefixes of events that are never a person's message to the community (dev.vk.com/en/api/community-events/json-schema). */
const OTHER_EVENTS =
  /^(?:message_(?:typing_state|read|reaction_event)|photo_|audio_|video_|wall_|like_|board_|market_|group_|user_|poll_|vkpay_|app_|donut_|lead_forms_)/;

/** Chats of several people are numbered from here. */
const FIRST_GROUP_PEER = 2_000_000_000;

/** `client_info.lang_id` (VK, client_info). */
const LANGUAGES: readonly string[] = ['ru', 'uk', 'be', 'en', 'es', 'fi', 'de', 'it'];

const ATTACHMENTS: ReadonlyMap<string, MessageKind> = new Map<string, MessageKind>([
  ['photo', 'image'],
  ['video', 'video'],
  ['video_message', 'video'],
  ['audio', 'audio'],
  ['audio_message', 'audio'],
  ['doc', 'document'],
  ['sticker', 'sticker'],
  ['geo', 'location'],
]);

export const vkProvider: Provider = {
  name: 'vk',
  isAuthentic(account, { body }) {
    if (account.provider !== 'vk') return false;
    const event = unprovedBody(body);
    const given = event?.['secret'];
    const isSecret = isSameSecret(account.secretKey.reveal(), typeof given === 'string' ? given : undefined);
    return isSecret || (given === undefined && isConfirmation(event, account));
  },
  hasSecretInBody: true,
  parse: parsedBody,
  read: (body, _account, observedAtMs) => readVk(body, observedAtMs),
  /** Anything but "ok" counts as a failure, and after some of them VK stops sending. */
  answer: (body, account) => (account.provider === 'vk' && isConfirmation(body, account) ? account.confirmation : 'ok'),
};

/** Asked before a secret may be set; it records nothing, and the answer is no secret. */
function isConfirmation(event: unknown, account: Account): boolean {
  return isObject(event) && event['type'] === 'confirmation' && idAt(event, 'group_id', 20) === account.receiver;
}

/** Readings of one event; never throws, never empty. */
export function readVk(body: unknown, observedAtMs: number): readonly Reading[] {
  if (!isObject(body)) return [unreadable(body, 'the body is no JSON object')];
  const group = idAt(body, 'group_id', 20);
  // The secret stands beside the object: the object alone is what a dead letter may keep.
  return [reading(readEvent(body, group, observedAtMs), group, body['object'] ?? null)];
}

function readEvent(body: JsonObject, group: string | undefined, observedAtMs: number): Outcome<InboundEvent> {
  const type = stringAt(body, 'type', 64);
  switch (type) {
    case 'message_new':
    case 'message_edit': {
      const object = objectAt(body, 'object');
      if (object === undefined) return deadLetter('schema_mismatch', 'the object of an event is no object');
      if (group === undefined) return deadLetter('missing_field', 'an event has no group_id');
      return readMessage(object, group, type === 'message_edit', observedAtMs);
    }
    case 'message_event':
      return readPress(body, group, observedAtMs);
    case 'message_allow':
    case 'message_deny':
      return readPermission(body, group, type === 'message_allow' ? 'unblocked' : 'blocked', observedAtMs);
    case 'message_reply':
      return drop('echo');
    case 'confirmation':
      return drop('not_a_message');
    case '':
      return deadLetter('missing_field', 'an event has no type');
    default:
      return drop(OTHER_EVENTS.test(type) ? 'not_a_message' : 'unknown_event');
  }
}

function readMessage(object: JsonObject, group: string, isEdit: boolean, observedAtMs: number): Outcome<InboundEvent> {
  // Since version 5.103 the message stands beside what is known of the client; before, and in message_edit, it is the object itself.
  const message = objectAt(object, 'message') ?? object;
  const from = idAt(message, 'from_id', 20);
  const peer = idAt(message, 'peer_id', 20) ?? from;
  if (from === undefined || peer === undefined) return deadLetter('missing_field', 'a message has no from_id');
  if (Number(peer) >= FIRST_GROUP_PEER) return drop('group_chat');
  if (flagAt(message, 'out') || from === `-${group}`) return drop('outgoing');
  if (from.startsWith('-')) return drop('bot_author');
  const id = idAt(message, 'id', 20);
  const number = id === undefined || id === '0' ? numberInChat(message, peer) : id;
  if (number === undefined) return deadLetter('missing_field', 'a message has no id');
  const sentAt = isEdit ? (message['update_time'] ?? message['date']) : message['date'];
  const eventTimeMs = readEventTime(sentAt, observedAtMs);
  if (eventTimeMs === undefined) return deadLetter('timestamp_out_of_range', 'the date of a message is no unix time');

  const client = objectAt(object, 'client_info');
  const language = Number(idAt(client, 'lang_id', 4));
  const repliedTo = objectAt(message, 'reply_message');
  const suffix = isEdit ? `/edit/${eventTimeMs}` : '';
  return messageOutcome({
    channel: 'vk',
    eventId: `vk/${group}/${number}${suffix}`,
    messageId: `${number}${suffix}`,
    eventTimeMs,
    ...contentOf(message),
    identifiers: [{ kind: 'vk_user', value: from }],
    uiLanguage: LANGUAGES[language] ?? '',
    linkPayload: stringAt(message, 'ref', 512) || stringAt(message, 'ref_source', 512),
    replyToMessageId: idAt(repliedTo, 'id', 20) ?? '',
    // Words of its own stand above what is forwarded; without any, what it says is somebody else's.
    forwarded: textOf(message) === '' && (listAt(message, 'fwd_messages')?.length ?? 0) > 0,
    editsMessageId: isEdit ? number : '',
  });
}

/** A press that writes nothing into the chat. It carries no time of its own: that of receipt is taken, and VK's id of the press is the same at every delivery. */
function readPress(body: JsonObject, group: string | undefined, observedAtMs: number): Outcome<InboundEvent> {
  const press = objectAt(body, 'object');
  const user = idAt(press, 'user_id', 20);
  const id = idAt(press, 'event_id', 80);
  if (press === undefined || user === undefined || id === undefined || group === undefined)
    return deadLetter('missing_field', 'a press names no user, no event_id or no group_id');
  if (Number(idAt(press, 'peer_id', 20) ?? user) >= FIRST_GROUP_PEER) return drop('group_chat');
  if (user.startsWith('-')) return drop('bot_author');
  const payload = payloadOf(press);
  return messageOutcome({
    channel: 'vk',
    eventId: `vk/${group}/press/${id}`,
    messageId: `press:${id}`,
    eventTimeMs: observedAtMs,
    kind: 'button',
    attachments: payload === '' ? [] : [payload],
    buttonPayload: payload,
    identifiers: [{ kind: 'vk_user', value: user }],
  });
}

/** JSON as text in messages, the JSON itself in presses. */
function payloadOf(parent: JsonObject): string {
  const payload = parent['payload'];
  return isObject(payload) ? JSON.stringify(payload).slice(0, MAX_PAYLOAD) : stringAt(parent, 'payload', MAX_PAYLOAD);
}

/** VK takes 255 characters. */
const MAX_PAYLOAD = 1024;

/** Whether the community may write to a person. The event has no time of its own: that of receipt is taken, and the id of the event tells deliveries apart from events. */
function readPermission(
  body: JsonObject,
  group: string | undefined,
  state: 'blocked' | 'unblocked',
  observedAtMs: number,
): Outcome<InboundEvent> {
  const user = idAt(objectAt(body, 'object'), 'user_id', 20);
  const id = idAt(body, 'event_id', 80);
  if (user === undefined || id === undefined || group === undefined) return drop('not_a_message');
  return stateOutcome({
    channel: 'vk',
    eventId: `vk/${group}/${state}/${id}`,
    eventTimeMs: observedAtMs,
    state,
    identifiers: [{ kind: 'vk_user', value: user }],
  });
}

function numberInChat(message: JsonObject, peer: string): string | undefined {
  const number = idAt(message, 'conversation_message_id', 20);
  return number === undefined ? undefined : `${peer}:${number}`;
}

function contentOf(message: JsonObject): Pick<InboundMessage, 'kind' | 'text' | 'attachments' | 'buttonPayload'> {
  const payload = payloadOf(message);
  // The button "Start" writes a word of VK's choice; the person wrote nothing.
  if (isStartButton(payload)) return { kind: 'welcome', text: '', attachments: [], buttonPayload: '' };
  // The words on a button are the business's.
  if (payload !== '') return { kind: 'button', text: '', attachments: [payload], buttonPayload: payload };
  const text = textOf(message);
  const items = (listAt(message, 'attachments') ?? []).filter(isObject);
  const fileNames = items.map((item) => stringAt(objectAt(item, 'doc'), 'title', 512)).filter((name) => name !== '');
  return { kind: kindOf(message, items, text), text, attachments: fileNames, buttonPayload: '' };
}

function kindOf(message: JsonObject, items: readonly JsonObject[], text: string): MessageKind {
  const [first] = items;
  if (first !== undefined) return ATTACHMENTS.get(stringAt(first, 'type', 32)) ?? (text === '' ? 'unknown' : 'text');
  if (isObject(message['geo'])) return 'location';
  const isForward = (listAt(message, 'fwd_messages')?.length ?? 0) > 0;
  return text === '' && !isForward ? 'unknown' : 'text';
}

const WRITTEN: ReadonlyMap<string, string> = new Map([
  ['&quot;', '"'],
  ['&amp;', '&'],
  ['&lt;', '<'],
  ['&gt;', '>'],
  ['<br>', '\n'],
]);

/** As the person wrote it: quotes around a printed word are no letters. In one pass, so that a typed "&lt;" stays one. */
function textOf(message: JsonObject): string {
  return stringAt(message, 'text').replace(/&(?:quot|amp|lt|gt);|<br>/g, (mark) => WRITTEN.get(mark)!);
}

function isStartButton(payload: string): boolean {
  if (payload.length > 64 || !payload.includes('start')) return false;
  try {
    const value: unknown = JSON.parse(payload);
    return isObject(value) && value['command'] === 'start';
  } catch {
    return false;
  }
}
