/**
 * Telegram Bot API updates → readings. One update holds one happening; what is no private message of a person is a counted drop.
 * Source: core.telegram.org/bots/api, version 10.1.
 */
import { deadLetter, drop, type Outcome, ok } from '@messtrack/runtime/outcome.ts';
import { readEventTime } from '../domain/event-time.ts';
import type { InboundEvent, Reading, Sender } from '../domain/inbound.ts';
import { flagAt, idAt, isObject, type JsonObject, objectAt, stringAt } from './json-value.ts';
import { readContent } from './telegram-content.ts';

/** Updates that are never a person's message. One in no list is `unknown_event`: worth a look at the Bot API's changelog. */
const OTHER_UPDATES: ReadonlySet<string> = new Set([
  'business_connection',
  'callback_query',
  'chat_boost',
  'chosen_inline_result',
  'deleted_business_messages',
  'guest_message',
  'inline_query',
  'managed_bot',
  'message_reaction',
  'message_reaction_count',
  'my_chat_member',
  'poll',
  'poll_answer',
  'pre_checkout_query',
  'purchased_paid_media',
  'removed_chat_boost',
  'shipping_query',
  'subscription',
]);

/** Readings of one update; never throws, always one. `account` makes the event ids: Telegram's message ids are unique within a bot's chat only. */
export function readTelegram(body: unknown, account: string, observedAtMs: number): readonly Reading[] {
  return [{ outcome: readUpdate(body, account, observedAtMs), receiver: undefined, element: body }];
}

function readUpdate(update: unknown, account: string, observedAtMs: number): Outcome<InboundEvent> {
  if (!isObject(update)) return deadLetter('schema_mismatch', 'the update is no JSON object');
  const kind = Object.keys(update).find((key) => key !== 'update_id');
  if (kind === undefined) return update['update_id'] === undefined ? deadLetter('schema_mismatch', 'the update is empty') : drop('empty');
  const value = objectAt(update, kind);
  switch (kind) {
    case 'message':
    case 'edited_message':
    case 'business_message':
    case 'edited_business_message':
      if (value === undefined) return deadLetter('schema_mismatch', 'the message of an update is no object');
      return readMessage(value, account, observedAtMs, kind.startsWith('edited_'), kind.endsWith('business_message'));
    case 'channel_post':
    case 'edited_channel_post':
      return drop('group_chat');
    case 'chat_member':
      return value === undefined ? deadLetter('schema_mismatch', 'chat_member is no object') : readJoin(value, account, observedAtMs);
    case 'chat_join_request':
      return value === undefined ? deadLetter('schema_mismatch', 'chat_join_request is no object') : readJoin(value, account, observedAtMs);
    default:
      return drop(OTHER_UPDATES.has(kind) ? 'not_a_message' : 'unknown_event');
  }
}

function readMessage(
  message: JsonObject,
  account: string,
  observedAtMs: number,
  isEdit: boolean,
  isBusiness: boolean,
): Outcome<InboundEvent> {
  const chat = objectAt(message, 'chat');
  const chatId = idAt(chat, 'id', 32);
  const number = idAt(message, 'message_id', 32);
  if (chat === undefined || chatId === undefined || number === undefined)
    return deadLetter('missing_field', 'a message has no chat or no message_id');
  // Updates from before chat types were sent (2015) leave the type out; group ids are negative.
  const chatType = stringAt(chat, 'type') || (chatId.startsWith('-') ? 'group' : 'private');
  if (chatType !== 'private') return drop('group_chat');

  const from = objectAt(message, 'from');
  const user = idAt(from, 'id', 32);
  if (from === undefined || user === undefined) return deadLetter('missing_field', 'a private message has no sender');
  // In a private chat the chat's id is the other side's: a bot under another id is ours, one under this id is somebody else's that writes to us.
  if (flagAt(from, 'is_bot') && user !== chatId) return drop('bot_author');
  // A business connection delivers the owner's own messages too. In a private chat the chat's id is the other person's.
  if (isBusiness && (user !== chatId || message['sender_business_bot'] !== undefined)) return drop('outgoing');

  const content = readContent(message);
  if (content === 'service') return drop('not_a_message');
  if (content === 'empty') return drop('empty');
  const sentAt = isEdit ? (message['edit_date'] ?? message['date']) : message['date'];
  const eventTimeMs = readEventTime(sentAt, observedAtMs);
  if (eventTimeMs === undefined) return deadLetter('timestamp_out_of_range', 'the date of a message is no unix time');

  // Numbers of a connected account's chats are the account's own, not the bot's: without the connection two messages could share an id.
  const connection = isBusiness ? idAt(message, 'business_connection_id', 80) : undefined;
  const chatKey = connection === undefined ? chatId : `${connection}/${chatId}`;
  const idOf = (messageNumber: string) => `${connection === undefined ? chatId : `${connection}:${chatId}`}:${messageNumber}`;
  const suffix = isEdit ? `/edit/${eventTimeMs}` : '';
  const repliedTo = idAt(objectAt(message, 'reply_to_message'), 'message_id', 32);
  return ok({
    type: 'message',
    channel: 'telegram',
    eventId: `tg/${account}/${chatKey}/${number}${suffix}`,
    messageId: `${idOf(number)}${suffix}`,
    eventTimeMs,
    ...content,
    buttonPayload: '',
    sender: readSender(from, user),
    mayBeStartCommand: true,
    referral: undefined,
    replyToMessageId: repliedTo === undefined ? '' : idOf(repliedTo),
    forwarded: isForwarded(message),
    editsMessageId: isEdit ? idOf(number) : '',
    inviteLinkName: '',
  });
}

/** `forward_origin` since Bot API 7.0, the others before. */
function isForwarded(message: JsonObject): boolean {
  return ['forward_origin', 'forward_date', 'forward_from', 'forward_from_chat', 'forward_sender_name'].some(
    (key) => message[key] !== undefined && message[key] !== null,
  );
}

/**
 * A person who joined, or asked to, through a link that has a name: the name is the source. Without a name (public link, link of the chat, added by hand) there is
 * nothing to attribute and no conversation with the account.
 */
function readJoin(change: JsonObject, account: string, observedAtMs: number): Outcome<InboundEvent> {
  const member = objectAt(change, 'new_chat_member');
  const person = member === undefined ? objectAt(change, 'from') : objectAt(member, 'user');
  const user = idAt(person, 'id', 32);
  const chatId = idAt(objectAt(change, 'chat'), 'id', 32);
  if (person === undefined || user === undefined || chatId === undefined)
    return deadLetter('missing_field', 'a join names no person or no chat');
  if (flagAt(person, 'is_bot')) return drop('bot_author');
  const linkName = stringAt(objectAt(change, 'invite_link'), 'name', 64);
  const isJoin = member === undefined || (isMember(member) && !isMember(objectAt(change, 'old_chat_member')));
  if (!isJoin || linkName === '') return drop('not_a_message');
  const eventTimeMs = readEventTime(change['date'], observedAtMs);
  if (eventTimeMs === undefined) return deadLetter('timestamp_out_of_range', 'the date of a join is no unix time');
  // A request and the membership it leads to are one joining in two updates; both are kept, apart by their kind and time.
  const step = member === undefined ? 'request' : 'join';
  return ok({
    type: 'message',
    channel: 'telegram',
    eventId: `tg/${account}/${chatId}/${step}/${user}/${eventTimeMs}`,
    messageId: `${chatId}:${step}:${user}:${eventTimeMs}`,
    eventTimeMs,
    kind: 'join',
    text: '',
    attachments: [],
    buttonPayload: '',
    sender: readSender(person, user),
    mayBeStartCommand: false,
    referral: undefined,
    replyToMessageId: '',
    forwarded: false,
    editsMessageId: '',
    inviteLinkName: linkName,
  });
}

function isMember(member: JsonObject | undefined): boolean {
  const status = stringAt(member, 'status');
  return status === 'restricted' ? flagAt(member, 'is_member') : ['creator', 'administrator', 'member'].includes(status);
}

function readSender(person: JsonObject, user: string): Sender {
  const name = [stringAt(person, 'first_name', 128), stringAt(person, 'last_name', 128)].filter((part) => part !== '').join(' ');
  return {
    identifiers: [{ kind: 'tg_user', value: user }],
    name,
    uiLanguage: stringAt(person, 'language_code', 16),
    isBot: flagAt(person, 'is_bot'),
  };
}
