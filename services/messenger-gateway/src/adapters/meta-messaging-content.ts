/** What a message on Messenger or Instagram holds: it has no type, its attachments and marks tell. */
import type { InboundMessage, MessageKind, Referral } from '../domain/inbound.ts';
import { flagAt, hasAt, idAt, isObject, type JsonObject, listAt, objectAt, stringAt } from './json-value.ts';

export type MetaContent = Pick<
  InboundMessage,
  'kind' | 'text' | 'attachments' | 'buttonPayload' | 'linkPayload' | 'referral' | 'replyToMessageId'
>;

/** Attachments of both platforms; shared posts and stories are pictures or films that somebody published. */
const KINDS: ReadonlyMap<string, MessageKind> = new Map([
  ['image', 'image'],
  ['video', 'video'],
  ['reel', 'video'],
  ['ig_reel', 'video'],
  ['post', 'image'],
  ['ig_post', 'image'],
  ['ig_story', 'image'],
  ['story_mention', 'image'],
  ['share', 'image'],
  ['audio', 'audio'],
  ['file', 'document'],
  ['location', 'location'],
  ['appointment_booking', 'interactive'],
  ['template', 'interactive'],
]);

/** What a link or an ad says of itself; empty when there is no referral. */
type LinkContent = Pick<InboundMessage, 'linkPayload' | 'referral'>;

export function readMetaMessage(message: JsonObject): Omit<MetaContent, 'linkPayload' | 'referral'> {
  const text = stringAt(message, 'text');
  const quickReply = stringAt(objectAt(message, 'quick_reply'), 'payload', 1024);
  const replyTo = objectAt(message, 'reply_to');
  return {
    kind: kindOf(message, text),
    // The words on a quick reply are the business's, not the person's.
    text: quickReply === '' ? text : '',
    attachments: quickReply === '' ? [] : [quickReply],
    buttonPayload: quickReply,
    // A reply to a story names the story and no message.
    replyToMessageId: idAt(replyTo, 'mid', 512) ?? '',
  };
}

function kindOf(message: JsonObject, text: string): MessageKind {
  if (flagAt(message, 'is_unsupported')) return 'unknown';
  if (objectAt(message, 'quick_reply') !== undefined) return 'button';
  const attachments = (listAt(message, 'attachments') ?? []).filter(isObject);
  if (hasAt(message, 'sticker_id') || attachments.some(isSticker)) return 'sticker';
  const [first] = attachments;
  const type = stringAt(first, 'type', 64);
  // `fallback` is the preview of a link that stands in the text.
  if (first === undefined || type === 'fallback') return text === '' ? 'unknown' : 'text';
  // Words beside a product or a shared post are the message; the card says what it is about.
  if (text !== '' && type === 'template') return 'text';
  return KINDS.get(type) ?? 'unknown';
}

/** In mid 2026 a sticker came as a picture as well, and before it; earlier ones are pictures that say which sticker they show. */
function isSticker(attachment: JsonObject): boolean {
  return attachment['type'] === 'sticker' || hasAt(objectAt(attachment, 'payload') ?? {}, 'sticker_id');
}

/**
 * `source` is ADS for an ad (with `ad_id`) and SHORTLINK, IGME or a plug-in for links. Only an ad makes a referral; of a link there is nothing to tell
 * but its `ref`.
 */
export function readMetaReferral(referral: JsonObject | undefined): LinkContent {
  if (referral === undefined) return { linkPayload: undefined, referral: undefined };
  const ref = stringAt(referral, 'ref', 2_083);
  const adId = idAt(referral, 'ad_id', 256) ?? '';
  const isAd = adId !== '' || stringAt(referral, 'source', 64).toUpperCase() === 'ADS';
  return { linkPayload: ref === '' ? undefined : ref, referral: isAd ? adReferral(referral, adId) : undefined };
}

function adReferral(referral: JsonObject, adId: string): Referral {
  const ad = objectAt(referral, 'ads_context_data');
  return {
    ctwaClid: '',
    sourceId: adId,
    sourceType: 'ad',
    sourceUrl: stringAt(referral, 'referer_uri', 2_048),
    headline: stringAt(ad, 'ad_title', 1_024),
  };
}
