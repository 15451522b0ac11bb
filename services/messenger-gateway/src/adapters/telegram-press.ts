/** What people do without writing: they press a button under a message of the bot, or put an emoji on a message. */
import { deadLetter, drop, type Outcome, ok } from '@messtrack/runtime/outcome.ts';
import { readEventTime } from '../domain/event-time.ts';
import type { InboundEvent } from '../domain/inbound.ts';
import { flagAt, idAt, type JsonObject, listAt, objectAt, stringAt } from './json-value.ts';
import { eventIdIn, ID_LENGTH, messageIdIn, numberOf, placeOf, readChat, readSender } from './telegram-chat.ts';
import type { TelegramReader } from './telegram-reader.ts';

/**
 * A press carries no time of its own (`message.date` is that of the message with the button, 0 when it is too old): its time is that of
 * receipt. A redelivery has another time and the same id, and the first to be written stands.
 */
export function readPress(press: JsonObject, { account, groups, observedAtMs }: TelegramReader): Outcome<InboundEvent> {
  const id = idAt(press, 'id', 32);
  const from = objectAt(press, 'from');
  const user = idAt(from, 'id', ID_LENGTH);
  if (id === undefined || from === undefined || user === undefined)
    return deadLetter('missing_field', 'a callback_query has no id or no sender');
  const message = objectAt(press, 'message');
  const chat = message === undefined ? undefined : readChat(message);
  // Pressed under a message that was sent inline into some other chat: nobody is talking to the account.
  if (message === undefined || chat === undefined) return drop('not_a_message');
  if (chat.type === 'group' && !groups) return drop('group_chat');
  if (flagAt(from, 'is_bot')) return drop('bot_author');
  const place = placeOf(chat.id, message);
  if (place.connection !== undefined && user !== chat.id) return drop('outgoing');
  const payload = stringAt(press, 'data', 256);
  const number = numberOf(message);
  return ok({
    type: 'message',
    channel: 'telegram',
    eventId: eventIdIn(place, account, `press/${id}`),
    messageId: messageIdIn(place, `press/${id}`),
    eventTimeMs: observedAtMs,
    kind: 'button',
    // The words on a button are the business's; its payload may carry a code.
    text: '',
    attachments: payload === '' ? [] : [payload],
    buttonPayload: payload,
    sender: readSender(from, user),
    mayBeStartCommand: false,
    referral: undefined,
    replyToMessageId: number === undefined ? '' : messageIdIn(place, number),
    forwarded: false,
    editsMessageId: '',
    inviteLinkName: '',
  });
}

/** Taking an emoji back is nothing said. */
export function readReaction(reaction: JsonObject, { account, groups, observedAtMs }: TelegramReader): Outcome<InboundEvent> {
  const chat = readChat(reaction);
  const number = idAt(reaction, 'message_id', ID_LENGTH);
  if (chat === undefined || number === undefined) return deadLetter('missing_field', 'a reaction has no chat or no message_id');
  if (chat.type === 'group' && !groups) return drop('group_chat');
  const person = objectAt(reaction, 'user');
  const user = idAt(person, 'id', ID_LENGTH);
  // A channel or an anonymous administrator reacted.
  if (person === undefined || user === undefined) return drop('outgoing');
  if (flagAt(person, 'is_bot')) return drop('bot_author');
  // Reactions are not told of over business connections.
  const place = { chat: chat.id, connection: undefined };
  if ((listAt(reaction, 'new_reaction') ?? []).length === 0) return drop('not_a_message');
  const eventTimeMs = readEventTime(reaction['date'], observedAtMs);
  if (eventTimeMs === undefined) return deadLetter('timestamp_out_of_range', 'the date of a reaction is no unix time');
  return ok({
    type: 'message',
    channel: 'telegram',
    eventId: eventIdIn(place, account, `${number}/reaction/${user}/${eventTimeMs}`),
    messageId: messageIdIn(place, `${number}/reaction/${user}/${eventTimeMs}`),
    eventTimeMs,
    kind: 'reaction',
    text: '',
    attachments: [],
    buttonPayload: '',
    sender: readSender(person, user),
    mayBeStartCommand: false,
    referral: undefined,
    replyToMessageId: messageIdIn(place, number),
    forwarded: false,
    editsMessageId: '',
    inviteLinkName: '',
  });
}
