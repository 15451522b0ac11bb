/**
 * edna Pulse: one webhook for incoming messages, one for statuses, of all channels of an account, told apart by `subjectId`.
 * Sources: docs-pulse.edna.io/docs/api/callback/get-message (15 June 2026: fields, retries after 4, 128 and 2,048 s) and …/get-status.
 * Seen in integrations of others, and read: lists of events (answers of flows come so), `referral`, `product`, `catalog` and `order` beside the text in `messageContent`, and that edna's account asks an
 * address by GET and HEAD before it takes it. Not verified: any proof of origin (nothing is documented, so the token stands in the address), fields of `referral` other than body, headline, sourceId,
 * sourceType, sourceUrl (no click id was seen), business-scoped ids as `subscriber.identifier`, names of ids in `product` and `catalog`, and words of statuses other than DELIVERED. All are optional.
 */
import { deadLetter, drop, type Outcome } from '@messtrack/runtime/outcome.ts';
import type { Identifier, InboundEvent, InboundMessage, MessageKind, Reading, Referral, StatusWord } from '../domain/inbound.ts';
import { readIsoTime } from '../domain/iso-time.ts';
import { messageOutcome, reading, statusOutcome, unreadable } from './gateway-events.ts';
import { hasAt, idAt, isObject, type JsonObject, listAt, objectAt, stringAt } from './json-value.ts';
import type { Provider } from './provider.ts';
import { hasSharedToken } from './shared-token.ts';
import { peopleOf } from './whatsapp-jid.ts';

const KINDS: ReadonlyMap<string, MessageKind> = new Map<string, MessageKind>([
  ['TEXT', 'text'],
  ['IMAGE', 'image'],
  ['VIDEO', 'video'],
  ['AUDIO', 'audio'],
  ['VOICE', 'audio'],
  ['DOCUMENT', 'document'],
  ['STICKER', 'sticker'],
  ['LOCATION', 'location'],
  ['CONTACT', 'contacts'],
  ['BUTTON', 'button'],
  ['LIST_PICKER', 'interactive'],
  // A question about one product: words with a product beside them.
  ['PRODUCT', 'text'],
  ['CATALOG', 'text'],
  ['ORDER', 'order'],
  ['STORY', 'text'],
  // What the person filled in, as JSON in `text`.
  ['FLOW', 'interactive'],
  ['CALL_PERMISSION_REPLY', 'interactive'],
]);

const STATUSES: ReadonlyMap<string, StatusWord> = new Map<string, StatusWord>([
  ['enqueued', 'sent'],
  ['sent', 'sent'],
  ['delivered', 'delivered'],
  ['read', 'read'],
  ['undelivered', 'failed'],
  ['failed', 'failed'],
  ['expired', 'failed'],
  ['cancelled', 'failed'],
]);

export const ednaProvider: Provider = {
  name: 'edna',
  isAuthentic: (account, request) => account.provider === 'edna' && hasSharedToken(request, account.webhookToken.reveal()),
  read: (body, _account, observedAtMs) => readEdna(body, observedAtMs),
  isProbed: true,
};

/** Readings of one webhook body; never throws, never empty. */
export function readEdna(body: unknown, observedAtMs: number): readonly Reading[] {
  if (!Array.isArray(body)) return [readEvent(body, observedAtMs)];
  return body.length === 0 ? [reading(drop('empty'), undefined, body)] : body.map((event) => readEvent(event, observedAtMs));
}

function readEvent(body: unknown, observedAtMs: number): Reading {
  if (!isObject(body)) return unreadable(body, 'an event is no JSON object');
  const subject = idAt(body, 'subjectId', 32);
  if (hasAt(body, 'messageContent')) return reading(readMessage(body, subject, observedAtMs), subject, body);
  if (hasAt(body, 'status')) return reading(readStatus(body, subject, observedAtMs), subject, body);
  return reading(drop('unknown_event'), subject, body);
}

function readMessage(body: JsonObject, subject: string | undefined, observedAtMs: number): Outcome<InboundEvent> {
  const content = objectAt(body, 'messageContent');
  if (content === undefined) return deadLetter('schema_mismatch', 'messageContent is no object');
  if (subject === undefined) return deadLetter('missing_field', 'a message has no subjectId');
  const id = idAt(body, 'id', 64);
  if (id === undefined) return deadLetter('missing_field', 'a message has no id');
  const eventTimeMs = readIsoTime(body['receivedAt'], observedAtMs);
  if (eventTimeMs === undefined) return deadLetter('timestamp_out_of_range', 'receivedAt of a message is no time');
  const user = objectAt(body, 'userInfo');
  const payload = payloadOf(content);
  const fileName = stringAt(objectAt(content, 'attachment'), 'name', 512);
  const type = stringAt(content, 'type');
  const isButton = type === 'BUTTON';
  // The answers of a flow are no words of a greeting, but our code may stand in them.
  const answers = type === 'FLOW' ? stringAt(content, 'text', 8_192) : '';
  return messageOutcome({
    channel: 'whatsapp',
    eventId: `edna/${subject}/${id}`,
    messageId: id,
    eventTimeMs,
    kind: KINDS.get(type) ?? 'unknown',
    // The words on a button are the business's.
    text: isButton || answers !== '' ? '' : stringAt(content, 'text') || stringAt(content, 'caption'),
    attachments: [payload, fileName, answers].filter((each) => each !== ''),
    buttonPayload: payload,
    identifiers: personOf(idAt(objectAt(body, 'subscriber'), 'identifier')),
    name: nameOf(user),
    referredProduct: productOf(content),
    referral: readEdnaReferral(objectAt(body, 'referral') ?? objectAt(content, 'referral')),
    replyToMessageId: idAt(body, 'replyOutMessageId', 64) ?? idAt(body, 'replyInMessageId', 64) ?? '',
  });
}

/** Country, a dot, up to 128 letters and digits (Meta, business-scoped user ids). */
const BUSINESS_SCOPED = /^[A-Z]{2}\.[A-Za-z0-9]{1,128}$/;

/** A number, as documented without "+"; a person who shows none at WhatsApp has Meta's id alone. */
function personOf(identifier: string | undefined): readonly Identifier[] {
  if (identifier !== undefined && BUSINESS_SCOPED.test(identifier)) return [{ kind: 'bsuid', value: identifier }];
  return peopleOf([identifier?.replace(/^\+/, '')]);
}

function payloadOf(content: JsonObject): string {
  const payload = stringAt(content, 'payload', 1024);
  const item = (listAt(content, 'items') ?? []).find(isObject);
  return payload === '' ? stringAt(item, 'identifier', 1024) : payload;
}

/** The product a question is about, or the catalogue that it was asked from. */
function productOf(content: JsonObject): InboundMessage['referredProduct'] {
  const product = objectAt(content, 'product');
  const catalog = objectAt(content, 'catalog');
  const catalogId = idAt(product, 'catalogId', 64) ?? idAt(catalog, 'catalogId', 64) ?? idAt(catalog, 'id', 64) ?? '';
  const productRetailerId = idAt(product, 'productRetailerId', 256) ?? idAt(product, 'productId', 256) ?? idAt(product, 'id', 256) ?? '';
  return catalogId === '' && productRetailerId === '' ? undefined : { catalogId, productRetailerId };
}

function nameOf(user: JsonObject | undefined): string {
  const full = [stringAt(user, 'firstName', 128), stringAt(user, 'lastName', 128)].filter((part) => part !== '').join(' ');
  return full === '' ? stringAt(user, 'userName', 256) : full;
}

function readEdnaReferral(referral: JsonObject | undefined): Referral | undefined {
  const sourceId = stringAt(referral, 'sourceId', 256);
  const ctwaClid = stringAt(referral, 'ctwaClid', 1024);
  if (sourceId === '' && ctwaClid === '') return undefined;
  return {
    ctwaClid,
    sourceId,
    sourceType: stringAt(referral, 'sourceType', 64).toLowerCase(),
    sourceUrl: stringAt(referral, 'sourceUrl', 2048),
    headline: stringAt(referral, 'headline', 1024),
  };
}

function readStatus(body: JsonObject, subject: string | undefined, observedAtMs: number): Outcome<InboundEvent> {
  return statusOutcome({
    channel: 'whatsapp',
    prefix: subject === undefined ? 'edna' : `edna/${subject}`,
    messageId: idAt(body, 'messageId', 64),
    word: stringAt(body, 'status', 32),
    words: STATUSES,
    eventTimeMs: readIsoTime(body['statusAt'], observedAtMs),
    errorCode: stringAt(body, 'error', 64),
    correlation: stringAt(body, 'requestId', 512),
  });
}
