/**
 * Telegram Bot API updates → readings. One update holds one happening; what no person did to the account is a counted drop.
 * Source: core.telegram.org/bots/api, version 10.3.
 */
import { deadLetter, drop, type Outcome } from '@messtrack/runtime/outcome.ts';
import type { InboundEvent, Reading } from '../domain/inbound.ts';
import { idAt, isObject, type JsonObject, objectAt } from './json-value.ts';
import { readConnection } from './telegram-business.ts';
import { CONNECTION_ID_LENGTH } from './telegram-chat.ts';
import { readBotMembership, readJoin } from './telegram-membership.ts';
import { readMessage } from './telegram-message.ts';
import { readPress, readReaction } from './telegram-press.ts';
import type { TelegramReader } from './telegram-reader.ts';

type ReadUpdate = (value: JsonObject, reader: TelegramReader) => Outcome<InboundEvent>;

const READERS: ReadonlyMap<string, ReadUpdate> = new Map<string, ReadUpdate>([
  ['message', (value, reader) => readMessage(value, reader, { isEdit: false, isBusiness: false })],
  ['edited_message', (value, reader) => readMessage(value, reader, { isEdit: true, isBusiness: false })],
  ['business_message', (value, reader) => readMessage(value, reader, { isEdit: false, isBusiness: true })],
  ['edited_business_message', (value, reader) => readMessage(value, reader, { isEdit: true, isBusiness: true })],
  // A channel writes to its readers; no person wrote to the account.
  ['channel_post', () => drop('group_chat')],
  ['edited_channel_post', () => drop('group_chat')],
  ['callback_query', readPress],
  ['message_reaction', readReaction],
  ['chat_member', (value, reader) => readJoin(value, reader, 'join')],
  ['chat_join_request', (value, reader) => readJoin(value, reader, 'request')],
  ['my_chat_member', readBotMembership],
  ['business_connection', readConnection],
]);

/** Updates that are never a person's message. One in no list is `unknown_event`: worth a look at the Bot API's changelog. */
const OTHER_UPDATES: ReadonlySet<string> = new Set([
  'chat_boost',
  'chosen_inline_result',
  // Either side may delete, and the update does not say which did: nothing a decision could hang on.
  'deleted_business_messages',
  'guest_message',
  'inline_query',
  'managed_bot',
  'message_reaction_count',
  'poll',
  'poll_answer',
  'pre_checkout_query',
  'purchased_paid_media',
  'removed_chat_boost',
  'shipping_query',
  'subscription',
]);

/**
 * Every kind of update that is asked of Telegram. Named, because an empty list leaves out `chat_member` (joins through invite links) and
 * `message_reaction`, and an omitted one keeps whatever was asked last. Kinds that are dropped here are not asked for.
 */
export const ALLOWED_UPDATES: readonly string[] = [...READERS.keys()].filter((kind) => !kind.endsWith('channel_post'));

/** Readings of one update; never throws, always one. The receiver is the business connection, where the update came over one. */
export function readTelegram(body: unknown, settings: Omit<TelegramReader, 'updateId'>): readonly Reading[] {
  const reader = { ...settings, updateId: isObject(body) ? (idAt(body, 'update_id', 20) ?? '') : '' };
  const kind = isObject(body) ? kindOf(body) : undefined;
  const value = isObject(body) && kind !== undefined ? objectAt(body, kind) : undefined;
  return [{ outcome: readUpdate(body, kind, value, reader), receiver: connectionOf(kind, value), element: body }];
}

function readUpdate(
  update: unknown,
  kind: string | undefined,
  value: JsonObject | undefined,
  reader: TelegramReader,
): Outcome<InboundEvent> {
  if (!isObject(update)) return deadLetter('schema_mismatch', 'the update is no JSON object');
  if (kind === undefined) return update['update_id'] === undefined ? deadLetter('schema_mismatch', 'the update is empty') : drop('empty');
  const read = READERS.get(kind);
  if (read === undefined) return drop(OTHER_UPDATES.has(kind) ? 'not_a_message' : 'unknown_event');
  return value === undefined ? deadLetter('schema_mismatch', `${kind} of an update is no object`) : read(value, reader);
}

/** The field beside `update_id`; one that is known wins over fields of tomorrow. */
function kindOf(update: JsonObject): string | undefined {
  const kinds = Object.keys(update).filter((key) => key !== 'update_id');
  return kinds.find((kind) => READERS.has(kind)) ?? kinds[0];
}

function connectionOf(kind: string | undefined, value: JsonObject | undefined): string | undefined {
  if (value === undefined) return undefined;
  if (kind === 'business_connection') return idAt(value, 'id', CONNECTION_ID_LENGTH);
  const message = kind === 'callback_query' ? objectAt(value, 'message') : value;
  return idAt(message, 'business_connection_id', CONNECTION_ID_LENGTH);
}
