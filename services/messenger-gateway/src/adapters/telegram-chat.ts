/** Chats and people of the Bot API, and the ids that events get from them. */
import type { Sender } from '../domain/inbound.ts';
import { flagAt, idAt, type JsonObject, objectAt, stringAt } from './json-value.ts';

/** Telegram's ids have at most 52 bits and a sign. With the lengths below the longest event id stays within 200 characters. */
export const ID_LENGTH = 20;
export const CONNECTION_ID_LENGTH = 64;

export interface Chat {
  readonly id: string;
  /** `direct`: a person's own corner of a channel's direct messages, a conversation of two although the chat is a supergroup. */
  readonly type: 'private' | 'direct' | 'group';
  /** Without "@"; empty when it has none. */
  readonly username: string;
}

/** Undefined when the chat has no id. */
export function readChat(parent: JsonObject): Chat | undefined {
  const chat = objectAt(parent, 'chat');
  const id = idAt(chat, 'id', ID_LENGTH);
  if (chat === undefined || id === undefined) return undefined;
  const username = stringAt(chat, 'username', 64);
  if (flagAt(chat, 'is_direct_messages')) return { id, type: 'direct', username };
  // Updates from before chat types were sent (2015) leave the type out; group ids are negative.
  const type = stringAt(chat, 'type') || (id.startsWith('-') ? 'group' : 'private');
  return { id, type: type === 'private' ? 'private' : 'group', username };
}

/**
 * Where a message stands. Numbers of a connected account's chats are the account's own, not the bot's: without the connection two messages
 * could share an id.
 */
export interface Place {
  readonly chat: string;
  readonly connection: string | undefined;
}

export function placeOf(chat: string, message: JsonObject): Place {
  return { chat, connection: idAt(message, 'business_connection_id', CONNECTION_ID_LENGTH) };
}

/**
 * What tells a message from the others of its chat. Messages that one member and the bot alone see (ephemeral commands in groups, Bot API 10.2) all have the
 * number 0, and an id of their own that is given anew once one is gone: with its sender and second it is given once. Undefined for one that nothing
 * can name: `sender` is who wrote it, left out where only a message that others can name is wanted.
 */
export function numberOf(message: JsonObject | undefined, sender?: string): string | undefined {
  const number = idAt(message, 'message_id', ID_LENGTH);
  if (number !== undefined && number !== '0') return number;
  const ephemeral = idAt(message, 'ephemeral_message_id', ID_LENGTH);
  if (ephemeral === undefined) return number;
  return sender === undefined ? undefined : `ephemeral/${ephemeral}/${sender}/${idAt(message, 'date', ID_LENGTH) ?? ''}`;
}

export function messageIdIn({ chat, connection }: Place, messageNumber: string): string {
  return connection === undefined ? `${chat}:${messageNumber}` : `${connection}:${chat}:${messageNumber}`;
}

export function eventIdIn({ chat, connection }: Place, account: string, rest: string): string {
  return connection === undefined ? `tg/${account}/${chat}/${rest}` : `tg/${account}/${connection}/${chat}/${rest}`;
}

/** `phone`: digits of the number the person shared; undefined otherwise. */
export function readSender(person: JsonObject, user: string, phone?: string): Sender {
  const name = [stringAt(person, 'first_name', 128), stringAt(person, 'last_name', 128)].filter((part) => part !== '').join(' ');
  return {
    identifiers: [{ kind: 'tg_user', value: user }],
    name,
    uiLanguage: stringAt(person, 'language_code', 16),
    isBot: flagAt(person, 'is_bot'),
    ...(phone === undefined ? {} : { sharedPhone: phone }),
  };
}
