/** Who joined where: people who came through a named invite link, and people who stopped or allowed the bot. */
import { deadLetter, drop, type Outcome, ok } from '@messtrack/runtime/outcome.ts';
import { readEventTime } from '../domain/event-time.ts';
import type { InboundEvent } from '../domain/inbound.ts';
import { flagAt, idAt, type JsonObject, objectAt, stringAt } from './json-value.ts';
import { ID_LENGTH, readChat, readSender } from './telegram-chat.ts';
import type { TelegramReader } from './telegram-reader.ts';

/**
 * A person who joined, or asked to, through a link that has a name: the name is the source. The URL of the link says nothing: Telegram masks it when
 * another administrator made the link. Without a name (public link, link of the chat, added by hand) there is nothing to attribute and no
 * conversation with the account.
 */
export function readJoin(change: JsonObject, { account, observedAtMs }: TelegramReader, step: 'join' | 'request'): Outcome<InboundEvent> {
  const member = step === 'join' ? objectAt(change, 'new_chat_member') : undefined;
  // `from` of a membership is whoever made the change, often an administrator.
  const person = step === 'join' ? objectAt(member ?? {}, 'user') : objectAt(change, 'from');
  const user = idAt(person, 'id', ID_LENGTH);
  const chat = readChat(change);
  if (person === undefined || user === undefined || chat === undefined)
    return deadLetter('missing_field', 'a join names no person or no chat');
  if (flagAt(person, 'is_bot')) return drop('bot_author');
  const linkName = stringAt(objectAt(change, 'invite_link'), 'name', 64);
  const isJoin = step === 'request' || (isMember(member) && !isMember(objectAt(change, 'old_chat_member')));
  if (!isJoin || linkName === '') return drop('not_a_message');
  const eventTimeMs = readEventTime(change['date'], observedAtMs);
  if (eventTimeMs === undefined) return deadLetter('timestamp_out_of_range', 'the date of a join is no unix time');
  // A request and the membership it leads to are one joining in two updates; both are kept, apart by their kind and time.
  return ok({
    type: 'message',
    channel: 'telegram',
    eventId: `tg/${account}/${chat.id}/${step}/${user}/${eventTimeMs}`,
    messageId: `${chat.id}:${step}:${user}:${eventTimeMs}`,
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
    inviteChat: { id: chat.id, username: chat.username },
  });
}

function isMember(member: JsonObject | undefined): boolean {
  const status = stringAt(member, 'status');
  return status === 'restricted' ? flagAt(member, 'is_member') : ['creator', 'administrator', 'member'].includes(status);
}

/** In a private chat the bot's own membership is the person's permission to be written to: `kicked` is blocked. Elsewhere it concerns no person. */
export function readBotMembership(change: JsonObject, { account, observedAtMs }: TelegramReader): Outcome<InboundEvent> {
  const chat = readChat(change);
  const person = objectAt(change, 'from');
  const user = idAt(person, 'id', ID_LENGTH);
  if (chat === undefined || person === undefined || user === undefined)
    return deadLetter('missing_field', 'my_chat_member names no person or no chat');
  if (chat.type !== 'private') return drop('not_a_message');
  const before = stringAt(objectAt(change, 'old_chat_member'), 'status');
  const after = stringAt(objectAt(change, 'new_chat_member'), 'status');
  const state = after === 'kicked' ? 'blocked' : before === 'kicked' && after === 'member' ? 'unblocked' : undefined;
  if (state === undefined) return drop('not_a_message');
  const eventTimeMs = readEventTime(change['date'], observedAtMs);
  if (eventTimeMs === undefined) return deadLetter('timestamp_out_of_range', 'the date of a block is no unix time');
  return ok({
    type: 'contact_state',
    channel: 'telegram',
    eventId: `tg/${account}/${chat.id}/${state}/${eventTimeMs}`,
    eventTimeMs,
    state,
    contact: readSender(person, user),
    connectionId: '',
    canReply: undefined,
  });
}
