/** What people write: messages, their edits, and the same over business connections. */
import { deadLetter, drop, type Outcome, ok } from '@messtrack/runtime/outcome.ts';
import { readEventTime } from '../domain/event-time.ts';
import type { InboundEvent } from '../domain/inbound.ts';
import { flagAt, hasAt, idAt, type JsonObject, objectAt } from './json-value.ts';
import { type Chat, eventIdIn, ID_LENGTH, messageIdIn, numberOf, placeOf, readChat, readSender } from './telegram-chat.ts';
import { readContent, sharedPhone } from './telegram-content.ts';
import type { TelegramReader } from './telegram-reader.ts';

export interface MessageUpdate {
  readonly isEdit: boolean;
  readonly isBusiness: boolean;
}

export function readMessage(message: JsonObject, reader: TelegramReader, { isEdit, isBusiness }: MessageUpdate): Outcome<InboundEvent> {
  const chat = readChat(message);
  const from = objectAt(message, 'from');
  const user = idAt(from, 'id', ID_LENGTH);
  const number = isBusiness ? idAt(message, 'message_id', ID_LENGTH) : numberOf(message, user);
  if (chat === undefined || number === undefined) return deadLetter('missing_field', 'a message has no chat or no message_id');
  if (chat.type === 'group' && !reader.groups) return drop('group_chat');
  if (from === undefined || user === undefined) return deadLetter('missing_field', 'a message of a person has no sender');
  const refusal =
    chat.type === 'private' ? refuseInPrivate(message, from, user, chat, isBusiness) : refuseInGroup(message, from, user, chat);
  if (refusal !== undefined) return drop(refusal);

  const content = readContent(message);
  if (content === 'service') return drop('not_a_message');
  if (content === 'empty') return drop('empty');
  const sentAt = isEdit ? (message['edit_date'] ?? message['date']) : message['date'];
  const eventTimeMs = readEventTime(sentAt, reader.observedAtMs);
  if (eventTimeMs === undefined) return deadLetter('timestamp_out_of_range', 'the date of a message is no unix time');

  const place = isBusiness ? placeOf(chat.id, message) : { chat: chat.id, connection: undefined };
  const suffix = isEdit ? `/edit/${eventTimeMs}` : '';
  const repliedTo = numberOf(objectAt(message, 'reply_to_message'));
  return ok({
    type: 'message',
    channel: 'telegram',
    eventId: eventIdIn(place, reader.account, `${number}${suffix}`),
    messageId: `${messageIdIn(place, number)}${suffix}`,
    eventTimeMs,
    ...content,
    sender: readSender(from, user, sharedPhone(message, user)),
    // A person has no /start button in a chat with a person: there it is a word like any other.
    mayBeStartCommand: !isBusiness && !isForOtherBot(content.text, reader.username),
    referral: undefined,
    replyToMessageId: repliedTo === undefined ? '' : messageIdIn(place, repliedTo),
    forwarded: isForwarded(message),
    editsMessageId: isEdit ? messageIdIn(place, number) : '',
    inviteLinkName: '',
  });
}

/** In a private chat the chat's id is the other side's, whoever writes. */
function refuseInPrivate(
  message: JsonObject,
  from: JsonObject,
  user: string,
  chat: Chat,
  isBusiness: boolean,
): 'bot_author' | 'outgoing' | undefined {
  // A bot under another id is ours, one under this id is somebody else's that writes to us.
  if (flagAt(from, 'is_bot') && user !== chat.id) return 'bot_author';
  // A business connection delivers what the owner writes too: by hand, by the connected bot, or as an away message.
  const isOwners = user !== chat.id || hasAt(message, 'sender_business_bot') || flagAt(message, 'is_from_offline');
  return isBusiness && isOwners ? 'outgoing' : undefined;
}

/** In a group the owner's side speaks as the group itself, as its channel, or through a bot. */
function refuseInGroup(message: JsonObject, from: JsonObject, user: string, chat: Chat): 'bot_author' | 'outgoing' | undefined {
  if (hasAt(message, 'sender_chat') || flagAt(message, 'is_automatic_forward')) return 'outgoing';
  if (flagAt(from, 'is_bot')) return 'bot_author';
  // The topic of a channel's direct messages belongs to one person; everybody else in it answers for the channel.
  const owner =
    chat.type === 'direct' ? idAt(objectAt(objectAt(message, 'direct_messages_topic') ?? {}, 'user'), 'id', ID_LENGTH) : undefined;
  return owner !== undefined && owner !== user ? 'outgoing' : undefined;
}

/** `/start@other_bot`: a bot without privacy mode hears the commands of the others in its group. */
function isForOtherBot(text: string, username: string): boolean {
  const named = /^\/start@(\w+)/i.exec(text)?.[1];
  return named !== undefined && named.toLowerCase() !== username.toLowerCase();
}

/** `forward_origin` since Bot API 7.0, the others before. */
function isForwarded(message: JsonObject): boolean {
  return ['forward_origin', 'forward_date', 'forward_from', 'forward_from_chat', 'forward_sender_name'].some((key) => hasAt(message, key));
}
