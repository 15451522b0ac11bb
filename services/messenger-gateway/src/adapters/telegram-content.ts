/** What a Telegram message holds: it has no type, the field that is there tells. Source: Telegram Bot API 10.2, Message, PaidMediaInfo, Poll, Checklist, RichMessage. */
import type { InboundMessage, MessageKind } from '../domain/inbound.ts';
import { idAt, isObject, type JsonObject, listAt, objectAt, stringAt } from './json-value.ts';
import { ID_LENGTH } from './telegram-chat.ts';

/** What people send, in the order of precedence: an animation also comes as `document`, a venue also as `location`. */
const KINDS: readonly (readonly [string, MessageKind])[] = [
  ['text', 'text'],
  ['rich_message', 'text'],
  ['photo', 'image'],
  ['live_photo', 'image'],
  ['paid_media', 'image'],
  ['animation', 'video'],
  ['video', 'video'],
  ['video_note', 'video'],
  ['audio', 'audio'],
  ['voice', 'audio'],
  ['sticker', 'sticker'],
  ['document', 'document'],
  ['venue', 'location'],
  ['location', 'location'],
  ['contact', 'contacts'],
  ['web_app_data', 'interactive'],
  ['user_shared', 'interactive'],
  ['users_shared', 'interactive'],
  ['chat_shared', 'interactive'],
  ['passport_data', 'interactive'],
  ['poll', 'poll'],
  ['checklist', 'checklist'],
  ['story', 'story'],
  ['giveaway', 'giveaway'],
  ['giveaway_winners', 'giveaway'],
  // An emoji that Telegram animates and throws dice with.
  ['dice', 'sticker'],
  ['game', 'interactive'],
  ['invoice', 'order'],
];

/** Service messages: Telegram tells that something happened, nobody wrote anything. */
const SERVICE_FIELDS: readonly string[] = [
  'boost_added',
  'channel_chat_created',
  'chat_background_set',
  'chat_owner_changed',
  'chat_owner_left',
  'checklist_tasks_added',
  'checklist_tasks_done',
  'community_chat_added',
  'community_chat_joined',
  'community_chat_removed',
  'connected_website',
  'delete_chat_photo',
  'direct_message_price_changed',
  'forum_topic_closed',
  'forum_topic_created',
  'forum_topic_edited',
  'forum_topic_reopened',
  'general_forum_topic_hidden',
  'general_forum_topic_unhidden',
  'gift',
  'gift_upgrade_sent',
  'giveaway_completed',
  'giveaway_created',
  'group_chat_created',
  'left_chat_member',
  'managed_bot_created',
  'message_auto_delete_timer_changed',
  'migrate_from_chat_id',
  'migrate_to_chat_id',
  'new_chat_member',
  'new_chat_members',
  'new_chat_participant',
  'new_chat_photo',
  'new_chat_title',
  'paid_message_price_changed',
  'pinned_message',
  'poll_option_added',
  'poll_option_deleted',
  'proximity_alert_triggered',
  'refunded_payment',
  'successful_payment',
  'suggested_post_approval_failed',
  'suggested_post_approved',
  'suggested_post_declined',
  'suggested_post_paid',
  'suggested_post_refunded',
  'supergroup_chat_created',
  'unique_gift',
  'video_chat_ended',
  'video_chat_participants_invited',
  'video_chat_scheduled',
  'video_chat_started',
  'voice_chat_ended',
  'voice_chat_participants_invited',
  'voice_chat_scheduled',
  'voice_chat_started',
  'write_access_allowed',
];

/** Fields any message may have, whatever it holds. */
const COMMON_FIELDS: ReadonlySet<string> = new Set([
  'author_signature',
  'business_connection_id',
  'caption_entities',
  'chat',
  'date',
  'direct_messages_topic',
  'edit_date',
  'effect_id',
  'entities',
  'ephemeral_message_id',
  'external_reply',
  'forward_date',
  'forward_from',
  'forward_from_chat',
  'forward_from_message_id',
  'forward_origin',
  'forward_sender_name',
  'forward_signature',
  'from',
  'guest_bot_caller_chat',
  'guest_bot_caller_user',
  'guest_query_id',
  'has_media_spoiler',
  'has_protected_content',
  'is_automatic_forward',
  'is_from_offline',
  'is_paid_post',
  'is_topic_message',
  'link_preview_options',
  'media_group_id',
  'message_id',
  'message_thread_id',
  'paid_star_count',
  'quote',
  'receiver_user',
  'reply_markup',
  'reply_to_checklist_task_id',
  'reply_to_message',
  'reply_to_poll_option_id',
  'reply_to_story',
  'sender_boost_count',
  'sender_business_bot',
  'sender_chat',
  'sender_tag',
  'show_caption_above_media',
  'suggested_post_info',
  'via_bot',
]);

type Content = Pick<InboundMessage, 'kind' | 'text' | 'attachments' | 'buttonPayload'>;

/** `service` for Telegram's own messages, `empty` when there is nothing but the frame. What is unknown here is a message all the same: a person sent it. */
export function readContent(message: JsonObject): Content | 'service' | 'empty' {
  for (const [field, kind] of KINDS) {
    const value = message[field];
    if (!isFilled(value)) continue;
    if (field === 'web_app_data') return readWebAppData(objectAt(message, field));
    const content = { kind, text: stringAt(message, kind === 'text' ? 'text' : 'caption'), attachments: [], buttonPayload: '' };
    switch (field) {
      case 'rich_message':
        return { ...content, text: richText(value) };
      case 'paid_media':
        return { ...content, kind: paidKind(objectAt(message, field)) };
      case 'poll':
        return { ...content, attachments: textsOf(objectAt(message, field), ['question', 'description'], 'options') };
      case 'checklist':
        return { ...content, attachments: textsOf(objectAt(message, field), ['title'], 'tasks') };
      default: {
        const fileName = stringAt(objectAt(message, 'document'), 'file_name', 512);
        return { ...content, attachments: fileName === '' ? [] : [fileName] };
      }
    }
  }
  if (SERVICE_FIELDS.some((field) => isFilled(message[field]))) return 'service';
  const hasOther = Object.entries(message).some(([key, value]) => !COMMON_FIELDS.has(key) && isFilled(value));
  return hasOther ? { kind: 'unknown', text: stringAt(message, 'caption'), attachments: [], buttonPayload: '' } : 'empty';
}

/** Relays that write a whole message of their library's write null, "" and [] for what Telegram left out: neither content nor a happening. */
function isFilled(value: unknown): boolean {
  return value !== undefined && value !== null && value !== '' && !(Array.isArray(value) && value.length === 0);
}

/** Videos among paid media make it a video; what is hidden behind the price may be either, and is a picture in every client. */
function paidKind(info: JsonObject | undefined): MessageKind {
  const media = info === undefined ? [] : (listAt(info, 'paid_media') ?? []);
  return media.some((each) => isObject(each) && each['type'] === 'video') ? 'video' : 'image';
}

/** Where a code may stand in a poll or a list: its heads and the text of each entry. Telegram allows 12 options and 30 tasks. */
function textsOf(parent: JsonObject | undefined, heads: readonly string[], list: string): readonly string[] {
  const entries = parent === undefined ? [] : (listAt(parent, list) ?? []).slice(0, MAX_ENTRIES);
  const texts = [
    ...heads.map((key) => stringAt(parent, key, 1024)),
    ...entries.map((each) => stringAt(isObject(each) ? each : undefined, 'text', 512)),
  ];
  return texts.filter((text) => text !== '');
}

const MAX_ENTRIES = 40;
/** Telegram nests at most 16 deep, lists and captions beside it. */
const MAX_DEPTH = 48;
const MAX_RICH_TEXT = 32_768;

/**
 * The words of a message that is made of blocks: strings under `text`, and in lists of such, in their order. Marks of one line (bold, links) are joined without a space, blocks by a new line: a
 * code is found where the reader sees it.
 */
function richText(message: unknown): string {
  const lines: string[] = [];
  let length = 0;
  const inline = (value: unknown, depth: number): string => {
    if (typeof value === 'string') return value;
    if (depth > MAX_DEPTH) return '';
    if (Array.isArray(value)) return value.map((each) => inline(each, depth + 1)).join('');
    return isObject(value) ? inline(value['text'], depth + 1) : '';
  };
  const visit = (value: unknown, depth: number): void => {
    if (depth > MAX_DEPTH || length > MAX_RICH_TEXT) return;
    if (Array.isArray(value)) for (const each of value) visit(each, depth + 1);
    if (!isObject(value)) return;
    for (const [key, inner] of Object.entries(value)) {
      if (key !== 'text') {
        visit(inner, depth + 1);
        continue;
      }
      const line = inline(inner, depth + 1).slice(0, MAX_RICH_TEXT - length);
      length += line.length + 1;
      if (line !== '') lines.push(line);
    }
  };
  visit(message, 0);
  return lines.join('\n');
}

/** A mini app sends up to 4,096 bytes of its own making; one that was opened with `startapp` may hand its code on in them. */
function readWebAppData(data: JsonObject | undefined): Content {
  const payload = stringAt(data, 'data', 4096);
  return { kind: 'interactive', text: '', attachments: payload === '' ? [] : [payload], buttonPayload: payload };
}

/** Digits of the number a person shared of themselves; a card of somebody else is not theirs. */
export function sharedPhone(message: JsonObject, user: string): string | undefined {
  const contact = objectAt(message, 'contact');
  if (idAt(contact, 'user_id', ID_LENGTH) !== user) return undefined;
  const digits = stringAt(contact, 'phone_number', 32).replaceAll(/\D/g, '');
  return /^[1-9]\d{6,14}$/.test(digits) ? digits : undefined;
}
