/**
 * Twilio's webhooks for WhatsApp senders → readings: one form, one happening, either an inbound message or the status of one that was sent.
 * Sources: twilio.com/docs/messaging/guides/webhook-request, /docs/whatsapp, changelog of July 20 2026 (ExternalUserId).
 *
 * What differs from the Cloud API: a message has no time of its own (that of receipt counts; Twilio does not send again unless the address asks for it with
 * `#rc=`, and the log keeps the first by its id); a reaction, an edit and a message taken back are not delivered; an order arrives as text.
 * Not verified: names of the fields of products and of `user_changed_*`; both read as what they are not, a message without text. Nor those of the answers of a
 * form (`InteractiveData`, `FlowData`: JSON as text), which are looked through for a code where they come.
 */
import { deadLetter, drop, type Outcome, ok } from '@messtrack/runtime/outcome.ts';
import type {
  DeliveryStatus,
  Identifier,
  InboundEvent,
  InboundMessage,
  MessageKind,
  Reading,
  Referral,
  StatusWord,
} from '../domain/inbound.ts';
import type { FormFields } from './form-body.ts';
import { identifierList } from './identifier-list.ts';

const WHATSAPP = 'whatsapp:';

/** Twilio's words for the states of a message; those before it left Twilio say nothing of its arrival. */
const STATUSES: ReadonlyMap<string, StatusWord | undefined> = new Map([
  ['accepted', undefined],
  ['scheduled', undefined],
  ['queued', undefined],
  ['sending', undefined],
  ['sent', 'sent'],
  ['delivered', 'delivered'],
  ['read', 'read'],
  ['undelivered', 'failed'],
  ['failed', 'failed'],
  ['canceled', 'failed'],
]);

const INBOUND: ReadonlySet<string> = new Set(['receiving', 'received']);

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
  ['order', 'order'],
]);

export function readTwilio(form: unknown, observedAtMs: number): readonly Reading[] {
  if (!(form instanceof Map))
    return [{ outcome: deadLetter('schema_mismatch', 'the body is no form'), receiver: undefined, element: form }];
  const fields: FormFields = form;
  const field = (name: string, maxLength = 256): string => (fields.get(name)?.[0] ?? '').slice(0, maxLength);
  const status = (field('MessageStatus') || field('SmsStatus')).toLowerCase();
  // An inbound message has no MessageStatus, or one that says so: a word of tomorrow is a state of what we sent, and its sender is ourselves.
  const isStatus = STATUSES.has(status) || (field('MessageStatus') !== '' && !INBOUND.has(status));
  const ours = field(isStatus ? 'From' : 'To');
  const receiver = numberOf(ours);
  const outcome = isStatus ? readStatus(field, status, receiver, observedAtMs) : readMessage(field, receiver, observedAtMs);
  // A plain object only for whoever writes it down: a letter of what cannot be read.
  return [{ outcome, receiver, element: { toJSON: () => Object.fromEntries(fields) } }];
}

type Field = (name: string, maxLength?: number) => string;

function readMessage(field: Field, receiver: string | undefined, observedAtMs: number): Outcome<InboundEvent> {
  const sid = field('MessageSid', 64) || field('SmsMessageSid', 64) || field('SmsSid', 64);
  if (sid === '') return field('AccountSid') === '' ? deadLetter('missing_field', 'the form has no MessageSid') : drop('not_a_message');
  const from = field('From');
  if (!isWhatsApp(from, field)) return drop('unsupported_channel');
  const identifiers = personIdentifiers(from, field);
  if (identifiers.length === 0) return deadLetter('missing_field', 'a message has no sender');
  const buttonPayload = field('ButtonPayload', 1_024) || field('ListId', 1_024);
  const isPress = buttonPayload !== '' || field('ButtonText') !== '' || field('ListTitle') !== '';
  const message: InboundMessage = {
    type: 'message',
    channel: 'whatsapp',
    eventId: eventIdOf(receiver, sid),
    messageId: sid,
    eventTimeMs: observedAtMs,
    kind: kindOf(field, isPress),
    sender: { identifiers, name: field('ProfileName'), uiLanguage: '', isBot: false },
    // The words on a button are the business's, not the person's.
    text: isPress ? '' : field('Body', 65_536),
    attachments: [buttonPayload, field('InteractiveData', 8_192), field('FlowData', 8_192)].filter((text) => text !== ''),
    buttonPayload,
    mayBeStartCommand: false,
    referral: readReferral(field),
    replyToMessageId: field('OriginalRepliedMessageSid', 64),
    forwarded: isTrue(field('Forwarded')) || isTrue(field('FrequentlyForwarded')),
    editsMessageId: '',
    inviteLinkName: '',
  };
  return ok(message);
}

/** WhatsApp's addresses are marked; of unmarked ones those that bring what only WhatsApp has. SMS, RCS and Messenger may share the address of the webhook. */
function isWhatsApp(from: string, field: Field): boolean {
  if (from.startsWith(WHATSAPP) || field('To').startsWith(WHATSAPP)) return true;
  return !/^[a-z]+:/i.test(from) && ['WaId', 'ExternalUserId', 'ReferralCtwaClid'].some((name) => field(name) !== '');
}

function kindOf(field: Field, isPress: boolean): MessageKind {
  const named = KINDS.get(field('MessageType').toLowerCase());
  if (named !== undefined) return named;
  if (isPress) return field('ListId') === '' ? 'button' : 'interactive';
  if (field('Latitude') !== '') return 'location';
  // NumMedia and the type are left out by some versions; the address of a medium is not.
  if (field('MediaUrl0') !== '' || Number(field('NumMedia')) > 0) return kindOfMedia(field('MediaContentType0').toLowerCase());
  return field('Body') === '' ? 'unknown' : 'text';
}

function kindOfMedia(contentType: string): MessageKind {
  // WhatsApp's stickers are the only WebP it delivers.
  if (contentType === 'image/webp') return 'sticker';
  if (contentType === 'text/vcard' || contentType === 'text/x-vcard') return 'contacts';
  const [type] = contentType.split('/', 1);
  if (type === 'image' || type === 'video' || type === 'audio') return type;
  return contentType === '' ? 'unknown' : 'document';
}

function readReferral(field: Field): Referral | undefined {
  const referral = {
    ctwaClid: field('ReferralCtwaClid', 1_024),
    sourceId: field('ReferralSourceId'),
    sourceType: field('ReferralSourceType', 64).toLowerCase(),
    sourceUrl: field('ReferralSourceUrl', 2_048),
    headline: field('ReferralHeadline', 1_024),
  };
  return Object.values(referral).some((value) => value !== '') ? referral : undefined;
}

function readStatus(field: Field, status: string, receiver: string | undefined, observedAtMs: number): Outcome<DeliveryStatus> {
  const word = STATUSES.has(status) ? STATUSES.get(status) : 'unknown';
  const sid = field('MessageSid', 64) || field('SmsSid', 64);
  if (word === undefined || sid === '') return drop('status_update');
  return ok({
    type: 'delivery_status',
    channel: 'whatsapp',
    eventId: `${eventIdOf(receiver, sid)}/${word}`,
    eventTimeMs: observedAtMs,
    messageId: sid,
    status: word,
    recipient: personIdentifiers(field('To'), field),
    errorCode: word === 'failed' ? field('ErrorCode', 64) : '',
    pricingType: '',
    correlation: '',
  });
}

/** A SID is unique over all of Twilio; the number beside it is for those who read. */
function eventIdOf(receiver: string | undefined, sid: string): string {
  return `twilio/${receiver ?? ''}/${sid}`;
}

/** `whatsapp:+4155…` is a number, `whatsapp:US.1349…` a business-scoped id, whose holder shows no number. */
function personIdentifiers(address: string, field: Field): readonly Identifier[] {
  const bare = withoutChannel(address);
  return identifierList([
    ['bsuid', BUSINESS_SCOPED.test(bare) ? bare : ''],
    ['bsuid', field('ExternalUserId', 150)],
    ['wa_id', field('WaId', 32)],
    ['wa_id', NUMBER.test(bare) ? bare.slice(1) : ''],
    ['parent_bsuid', field('ParentExternalUserId', 150)],
  ]);
}

/** Country, a dot, up to 128 letters and digits (Meta, business-scoped user ids). */
const BUSINESS_SCOPED = /^[A-Z]{2}\.[A-Za-z0-9.]{1,140}$/;
const NUMBER = /^\+\d{4,20}$/;

/** Ours as the account names it; undefined for a messaging service or an id. */
function numberOf(address: string): string | undefined {
  const bare = withoutChannel(address);
  return NUMBER.test(bare) ? bare : undefined;
}

function withoutChannel(address: string): string {
  return address.startsWith(WHATSAPP) ? address.slice(WHATSAPP.length).trim() : address.trim();
}

function isTrue(value: string): boolean {
  return value.toLowerCase() === 'true';
}
