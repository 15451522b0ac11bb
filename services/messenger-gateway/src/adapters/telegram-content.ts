/** What a Telegram message holds: it has no type, the field that is there tells. */
import type { InboundMessage, MessageKind } from '../domain/inbound.ts';
import { type JsonObject, objectAt, stringAt } from './json-value.ts';

/** In the order of precedence: an animation also comes as `document`, a venue also as `location`. */
const KINDS: readonly (readonly [string, MessageKind])[] = [
  ['text', 'text'],
  ['photo', 'image'],
  ['live_photo', 'image'],
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
  ['checklist', 'unknown'],
  ['dice', 'unknown'],
  ['game', 'unknown'],
  ['giveaway', 'unknown'],
  ['invoice', 'unknown'],
  ['paid_media', 'unknown'],
  ['poll', 'unknown'],
  ['rich_message', 'unknown'],
  ['story', 'unknown'],
];

type Content = Pick<InboundMessage, 'kind' | 'text' | 'attachments'>;

/** Undefined for service messages (somebody joined, a payment went through, a topic was closed): they are nobody's words. */
export function readContent(message: JsonObject): Content | undefined {
  for (const [field, kind] of KINDS) {
    const value = message[field];
    if (value === undefined || value === null) continue;
    if (kind === 'text') return typeof value === 'string' ? { kind, text: stringAt(message, 'text'), attachments: [] } : undefined;
    const fileName = stringAt(objectAt(message, 'document'), 'file_name', 512);
    return { kind, text: stringAt(message, 'caption'), attachments: fileName === '' ? [] : [fileName] };
  }
  return undefined;
}
