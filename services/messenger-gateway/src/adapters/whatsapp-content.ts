/** What a WhatsApp message holds, by its type. Captions and comments are text; file names, payloads and ids may hold a code too. */
import type { InboundMessage, MessageKind, Referral } from '../domain/inbound.ts';
import { idAt, type JsonObject, objectAt, stringAt } from './json-value.ts';

const KINDS: ReadonlyMap<string, MessageKind> = new Map([
  ['text', 'text'],
  ['image', 'image'],
  ['video', 'video'],
  ['audio', 'audio'],
  ['document', 'document'],
  ['sticker', 'sticker'],
  ['location', 'location'],
  ['contacts', 'contacts'],
  ['button', 'button'],
  ['interactive', 'interactive'],
  ['reaction', 'reaction'],
  ['order', 'order'],
  ['request_welcome', 'welcome'],
]);

export type Content = Pick<InboundMessage, 'kind' | 'text' | 'attachments' | 'buttonPayload'>;

export function readContent(message: JsonObject): Content {
  const kind = KINDS.get(stringAt(message, 'type')) ?? 'unknown';
  const payload = stringAt(message, 'type') === '' ? undefined : objectAt(message, stringAt(message, 'type'));
  const content = { kind, text: '', attachments: [], buttonPayload: '' };
  switch (kind) {
    case 'text':
      return { ...content, text: stringAt(payload, 'body') };
    case 'image':
    case 'video':
      return { ...content, text: stringAt(payload, 'caption') };
    case 'document': {
      const fileName = stringAt(payload, 'filename', 512);
      return { ...content, text: stringAt(payload, 'caption'), attachments: fileName === '' ? [] : [fileName] };
    }
    case 'order':
      return { ...content, text: stringAt(payload, 'text') };
    case 'button':
      return withPayload(content, stringAt(payload, 'payload', 1024));
    case 'interactive':
      return readInteractive(content, payload);
    case 'audio':
    case 'sticker':
    case 'location':
    case 'contacts':
    case 'reaction':
    case 'welcome':
    case 'join':
    case 'poll':
    case 'checklist':
    case 'story':
    case 'giveaway':
    case 'unknown':
      return content;
  }
}

/** The words on a button are the business's, not the person's: they are no text, but their payload may carry a code. */
export function withPayload(content: Content, payload: string): Content {
  return { ...content, buttonPayload: payload, attachments: payload === '' ? [] : [payload] };
}

/** A flow's answers are the person's, and its `flow_token` is ours: a code may stand in it, but the whole is no payload of a button. */
function readInteractive(content: Content, interactive: JsonObject | undefined): Content {
  if (interactive === undefined) return content;
  const answers = stringAt(objectAt(interactive, 'nfm_reply'), 'response_json', 8_192);
  if (answers !== '') return { ...content, attachments: [answers] };
  const reply = objectAt(interactive, 'button_reply') ?? objectAt(interactive, 'list_reply');
  return withPayload(content, stringAt(reply, 'id', 1024));
}

/** Documented on most types, seen on the others too (button, audio, request_welcome): it is read on any. */
export function readReferral(referral: JsonObject | undefined): Referral | undefined {
  if (referral === undefined) return undefined;
  return {
    ctwaClid: stringAt(referral, 'ctwa_clid', 1024),
    sourceId: stringAt(referral, 'source_id', 256),
    sourceType: stringAt(referral, 'source_type', 64).toLowerCase(),
    sourceUrl: stringAt(referral, 'source_url', 2048),
    headline: stringAt(referral, 'headline', 1024),
  };
}

/** "Message business" on the page of a product: `context.referred_product`, with or without a message that it replies to. */
export function readReferredProduct(context: JsonObject | undefined): InboundMessage['referredProduct'] {
  const product = context === undefined ? undefined : objectAt(context, 'referred_product');
  const catalogId = idAt(product, 'catalog_id', 64) ?? '';
  const productRetailerId = idAt(product, 'product_retailer_id', 256) ?? '';
  return catalogId === '' && productRetailerId === '' ? undefined : { catalogId, productRetailerId };
}
