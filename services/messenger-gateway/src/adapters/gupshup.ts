/**
 * Gupshup's webhooks → readings, both formats it documents: version 2 (`app`, `type`, `payload`; one happening a post) and version 3, which is the Cloud API's
 * body with `gs_app_id` beside it. A subscription chooses; both are read at the same address.
 * Sources: docs.gupshup.io (inbound-messages, message-events, interactive, bsuid), partner-docs.gupshup.io (passthrough-v3-incoming-events).
 *
 * Not verified: where version 2 says of an ad: as an event `referral` of its own (so a summary of its events by others; a subscription gets it with the mode OTHERS), or on the message or its content as
 * the Cloud API writes it; both are read. Nor edits and messages taken back, nor answers of flows in version 2 (`nfm_reply`; not documented: glific/glific, which reads version 2, subscribes to
 * FLOWS_MESSAGE with version 3 and gets the Cloud API's body at the same address). Should one come, it is a message of the person without a code.
 */
import { deadLetter, drop, type Outcome, ok } from '@messtrack/runtime/outcome.ts';
import { readEventTime } from '../domain/event-time.ts';
import type { DeliveryStatus, Identifier, InboundEvent, InboundMessage, MessageKind, Reading, StatusWord } from '../domain/inbound.ts';
import { eventIdPart } from './event-id.ts';
import { readVersion3 } from './gupshup-version3.ts';
import { identifierList } from './identifier-list.ts';
import { flagAt, hasAt, idAt, isObject, type JsonObject, objectAt, stringAt } from './json-value.ts';
import { readReferral } from './whatsapp-content.ts';

const KINDS: ReadonlyMap<string, MessageKind> = new Map([
  ['text', 'text'],
  ['image', 'image'],
  ['video', 'video'],
  ['audio', 'audio'],
  ['voice', 'audio'],
  ['file', 'document'],
  ['document', 'document'],
  ['sticker', 'sticker'],
  ['location', 'location'],
  ['contact', 'contacts'],
  ['contacts', 'contacts'],
  ['quick_reply', 'button'],
  ['button', 'button'],
  ['button_reply', 'interactive'],
  ['list_reply', 'interactive'],
  ['nfm_reply', 'interactive'],
  ['reaction', 'reaction'],
  ['order', 'order'],
  ['request_welcome', 'welcome'],
]);

/** `enqueued` says that Gupshup took it, which it said when it was asked to send. */
const STATUSES: ReadonlyMap<string, StatusWord> = new Map([
  ['sent', 'sent'],
  ['delivered', 'delivered'],
  ['read', 'read'],
  ['failed', 'failed'],
  ['deleted', 'deleted'],
]);

/** Happenings of version 2 that are neither a message nor a status. */
const OTHER_TYPES: ReadonlySet<string> = new Set([
  'user-event',
  'system-event',
  'billing-event',
  'account-event',
  'template-event',
  'flow-event',
  'onboarding-event',
]);

/** Readings of one webhook body; `app` is the name of the account it was addressed to. Never throws, never empty. */
export function readGupshup(body: unknown, app: string | undefined, observedAtMs: number): readonly Reading[] {
  if (isObject(body) && hasAt(body, 'object')) return readVersion3(body, observedAtMs);
  const receiver = isObject(body) ? idAt(body, 'app', 128) : undefined;
  return [{ outcome: readVersion2(body, receiver ?? app ?? '', observedAtMs), receiver, element: body }];
}

function readVersion2(body: unknown, app: string, observedAtMs: number): Outcome<InboundEvent> {
  if (!isObject(body)) return deadLetter('schema_mismatch', 'the body is no JSON object');
  const type = body['type'];
  if (typeof type !== 'string') return deadLetter('missing_field', 'the body has no type');
  const payload = objectAt(body, 'payload');
  if (type === 'message')
    return payload === undefined ? deadLetter('missing_field', 'a message has no payload') : readMessage(body, payload, app, observedAtMs);
  if (type === 'message-event') return payload === undefined ? drop('status_update') : readMessageEvent(body, payload, app, observedAtMs);
  return drop(OTHER_TYPES.has(type) ? 'not_a_message' : 'unknown_event');
}

function readMessage(body: JsonObject, message: JsonObject, app: string, observedAtMs: number): Outcome<InboundEvent> {
  const id = idAt(message, 'id', 256);
  // Documented for every type; contact cards show none in one example of the documentation.
  const eventTimeMs = readEventTime(body['timestamp'], observedAtMs);
  if (eventTimeMs === undefined) return deadLetter('timestamp_out_of_range', 'the timestamp of a message is no unix time');
  const sender = objectAt(message, 'sender');
  const identifiers = personIdentifiers(sender, idAt(message, 'source', 150));
  if (identifiers.length === 0) return deadLetter('missing_field', 'a message has no sender');
  const messageId = id ?? `${identifiers[0]!.value}:${eventTimeMs}`;
  const content = objectAt(message, 'payload');
  const context = objectAt(message, 'context');
  const read: InboundMessage = {
    type: 'message',
    channel: 'whatsapp',
    eventId: `gs/${app}/${eventIdPart(messageId)}`,
    messageId,
    eventTimeMs,
    ...readContent(stringAt(message, 'type', 64), content),
    sender: { identifiers, name: stringAt(sender, 'name', 256), uiLanguage: '', isBot: false },
    mayBeStartCommand: false,
    referral: readReferral(objectAt(message, 'referral') ?? objectAt(content ?? {}, 'referral')),
    // What sending answered with is Gupshup's id; WhatsApp's is the fallback for messages it did not send.
    replyToMessageId: idAt(context, 'gsId', 256) ?? idAt(context, 'id', 256) ?? '',
    forwarded: flagAt(context, 'forwarded') || flagAt(context, 'frequently_forwarded'),
    editsMessageId: '',
    inviteLinkName: '',
  };
  return ok(read);
}

type Content = Pick<InboundMessage, 'kind' | 'text' | 'attachments' | 'buttonPayload'>;

function readContent(type: string, content: JsonObject | undefined): Content {
  const kind = KINDS.get(type) ?? 'unknown';
  if (kind === 'button' || kind === 'interactive') {
    // `id` and `postbackText` are the business's own; the words on the button are too.
    const payload = stringAt(content, 'postbackText', 1_024) || stringAt(content, 'id', 1_024);
    return { kind, text: '', attachments: payload === '' ? [] : [payload], buttonPayload: payload };
  }
  const fileName = kind === 'document' ? stringAt(content, 'name', 512) || stringAt(content, 'filename', 512) : '';
  return {
    kind,
    text: kind === 'reaction' ? '' : stringAt(content, 'text') || stringAt(content, 'caption'),
    attachments: fileName === '' ? [] : [fileName],
    buttonPayload: '',
  };
}

function readMessageEvent(body: JsonObject, event: JsonObject, app: string, observedAtMs: number): Outcome<InboundEvent> {
  return stringAt(event, 'type', 64) === 'referral'
    ? readAdVisit(body, event, app, observedAtMs)
    : readStatus(body, event, app, observedAtMs);
}

/** Somebody came by an ad or a post, whose message comes beside it and names neither. It has no id: one person did it at one moment. */
function readAdVisit(body: JsonObject, event: JsonObject, app: string, observedAtMs: number): Outcome<InboundMessage> {
  const referral = readReferral(objectAt(event, 'payload'));
  const identifiers = personIdentifiers({ userId: event['userId'], parentUserId: event['parentUserId'] }, idAt(event, 'destination', 150));
  const [person] = identifiers;
  if (referral === undefined || person === undefined) return deadLetter('missing_field', 'a referral names no person or no ad');
  const eventTimeMs = readEventTime(body['timestamp'], observedAtMs);
  if (eventTimeMs === undefined) return deadLetter('timestamp_out_of_range', 'the timestamp of a referral is no unix time');
  const messageId = `referral:${person.value}:${eventTimeMs}`;
  return ok({
    type: 'message',
    channel: 'whatsapp',
    eventId: `gs/${app}/${eventIdPart(messageId)}`,
    messageId,
    eventTimeMs,
    kind: 'welcome',
    text: '',
    attachments: [],
    buttonPayload: '',
    sender: { identifiers, name: '', uiLanguage: '', isBot: false },
    mayBeStartCommand: false,
    referral,
    replyToMessageId: '',
    forwarded: false,
    editsMessageId: '',
    inviteLinkName: '',
  });
}

function readStatus(body: JsonObject, event: JsonObject, app: string, observedAtMs: number): Outcome<DeliveryStatus> {
  const status = STATUSES.get(stringAt(event, 'type', 64));
  // `gsId` is what sending answered with; where it is missing `id` is it (failed), or WhatsApp's (a week after sending).
  const messageId = idAt(event, 'gsId', 256) ?? idAt(event, 'id', 256);
  if (status === undefined || messageId === undefined) return drop('status_update');
  const detail = objectAt(event, 'payload');
  // `ts` stands in the details, and since 2024 beside them; without it the time is that of sending the webhook.
  const eventTimeMs = readEventTime(detail?.['ts'] ?? event['ts'] ?? body['timestamp'], observedAtMs);
  if (eventTimeMs === undefined) return deadLetter('timestamp_out_of_range', 'the timestamp of a status is no unix time');
  return ok({
    type: 'delivery_status',
    channel: 'whatsapp',
    eventId: `gs/${app}/${eventIdPart(messageId)}/${status}`,
    eventTimeMs,
    messageId,
    status,
    recipient: personIdentifiers({ userId: event['userId'], parentUserId: event['parentUserId'] }, idAt(event, 'destination', 150)),
    errorCode: status === 'failed' ? (idAt(detail, 'code', 64) ?? '') : '',
    pricingType: stringAt(objectAt(event, 'pricing'), 'type', 64),
    correlation: '',
  });
}

/** Strongest first; the number may be withheld, and a business-scoped id stand in its place. */
function personIdentifiers(sender: JsonObject | undefined, address: string | undefined): readonly Identifier[] {
  const phone = idAt(sender, 'phone', 32);
  return identifierList([
    ['bsuid', idAt(sender, 'userId')],
    ['bsuid', address !== undefined && !isNumber(address) ? address : undefined],
    ['wa_id', phone !== undefined && isNumber(phone) ? phone.replace('+', '') : undefined],
    ['wa_id', address !== undefined && isNumber(address) ? address.replace('+', '') : undefined],
    ['parent_bsuid', idAt(sender, 'parentUserId')],
  ]);
}

/** The documentation blots numbers out with x. */
function isNumber(value: string): boolean {
  return /^\+?[0-9xX*]{4,20}$/.test(value);
}
