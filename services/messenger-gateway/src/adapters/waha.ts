/**
 * WAHA (WhatsApp HTTP API): a number linked as a second device. Unofficial: WhatsApp bans such numbers.
 * Sources: waha.devlike.pro/docs/how-to/webhooks and …/events (envelope, events, `X-Webhook-Hmac` = hex HMAC-SHA512 of the raw body, custom headers);
 * devlikeapro/waha issues 1418, 1608, 1816, 1849, 2010 (addresses …@lid, `_data.key.remoteJidAlt`, one message delivered twice under two addresses).
 * What stands in `_data` is the engine's own and differs: NOWEB passes Baileys' message on, GOWS whatsmeow's (`Info`, `Message`), WEBJS that of WhatsApp Web. Not verified:
 * `_data.ctwaContext` of WEBJS, `_data.Info.SenderAlt` of GOWS. All of it is optional.
 */
import { deadLetter, drop, type Outcome } from '@messtrack/runtime/outcome.ts';
import { readEventTime } from '../domain/event-time.ts';
import type { InboundEvent, MessageKind, Reading, StatusWord } from '../domain/inbound.ts';
import { adCardOf, readAdCard, readEntryPoint } from './ad-card.ts';
import { type DeviceContent, isForwarded, readDeviceContent, repliesTo } from './device-content.ts';
import { messageOutcome, reading, statusOutcome, unreadable } from './gateway-events.ts';
import { firstStringAt, flagAt, idAt, isDeniedAt, isObject, type JsonObject, objectAt, stringAt } from './json-value.ts';
import { longOf } from './long-value.ts';
import type { Provider, ReceivedRequest } from './provider.ts';
import { hasSharedToken } from './shared-token.ts';
import { isHmac } from './signature.ts';
import { stanzaOf } from './waha-message-id.ts';
import { withPayload } from './whatsapp-content.ts';
import { deviceOfMessageId } from './whatsapp-device.ts';
import { dropReasonOf, peopleOf } from './whatsapp-jid.ts';

const MESSAGES: ReadonlySet<string> = new Set(['message', 'message.any', 'message.edited', 'message.reaction']);

const OTHER_EVENTS: ReadonlySet<string> = new Set([
  'call.accepted',
  'call.received',
  'call.rejected',
  'chat.archive',
  'engine.event',
  'event.response',
  'event.response.failed',
  'group.join',
  'group.leave',
  'group.v2.join',
  'group.v2.leave',
  'group.v2.participants',
  'group.v2.update',
  'label.chat.added',
  'label.chat.deleted',
  'label.deleted',
  'label.upsert',
  'message.revoked',
  'message.waiting',
  'poll.vote',
  'poll.vote.failed',
  'presence.update',
  'session.status',
  'state.change',
]);

/** Acknowledgements by WAHA's names (structures/enums.dto.ts: WAMessageAck). */
const ACKS: ReadonlyMap<string, StatusWord> = new Map<string, StatusWord>([
  ['error', 'failed'],
  ['server', 'sent'],
  ['device', 'delivered'],
  ['read', 'read'],
  ['played', 'played'],
]);
const ACK_NAMES: ReadonlyMap<unknown, string> = new Map<unknown, string>([
  [-1, 'ERROR'],
  [1, 'SERVER'],
  [2, 'DEVICE'],
  [3, 'READ'],
  [4, 'PLAYED'],
]);

/** With a key the signature alone counts: a token in the address is not to be a way around it. */
export const wahaProvider: Provider = {
  name: 'waha',
  isAuthentic(account, request) {
    if (account.provider !== 'waha') return false;
    if (account.hmacKey !== undefined) return isSigned(request, account.hmacKey.reveal());
    return account.webhookToken !== undefined && hasSharedToken(request, account.webhookToken.reveal());
  },
  read: (body, account, observedAtMs) => readWaha(body, account.name, observedAtMs),
};

function isSigned({ body, header }: ReceivedRequest, key: string): boolean {
  const isKnownAlgorithm = (header('x-webhook-hmac-algorithm') ?? 'sha512').toLowerCase() === 'sha512';
  return isHmac('sha512', body, key, header('x-webhook-hmac')) && isKnownAlgorithm;
}

/** Readings of one webhook body; never throws, never empty. `account` makes the event ids: every installation has a session "default". */
export function readWaha(body: unknown, account: string, observedAtMs: number): readonly Reading[] {
  if (!isObject(body)) return [unreadable(body, 'the body is no JSON object')];
  const session = idAt(body, 'session', 64);
  return [reading(readEvent(body, account, observedAtMs), session, body)];
}

function readEvent(body: JsonObject, account: string, observedAtMs: number): Outcome<InboundEvent> {
  const event = stringAt(body, 'event', 64);
  if (event === '') return deadLetter('missing_field', 'the body has no event');
  const payload = objectAt(body, 'payload');
  if (MESSAGES.has(event) || event === 'message.ack') {
    if (payload === undefined) return deadLetter('schema_mismatch', 'the payload of an event is no object');
    return event === 'message.ack' ? readAck(body, payload, account, observedAtMs) : readMessage(event, payload, account, observedAtMs);
  }
  return drop(OTHER_EVENTS.has(event) ? 'not_a_message' : 'unknown_event');
}

function readMessage(event: string, payload: JsonObject, account: string, observedAtMs: number): Outcome<InboundEvent> {
  if (flagAt(payload, 'fromMe')) return drop('echo');
  const from = stringAt(payload, 'from', 128);
  const nobodys = dropReasonOf(from) ?? groupReasonOf(payload, from);
  if (nobodys !== undefined) return drop(nobodys);
  const id = stanzaOf(idAt(payload, 'id'));
  if (id === undefined) return deadLetter('missing_field', 'a message has no id');
  const eventTimeMs = readEventTime(longOf(payload['timestamp']), observedAtMs);
  if (eventTimeMs === undefined) return deadLetter('timestamp_out_of_range', 'the timestamp of a message is no unix time');

  const data = objectAt(payload, '_data');
  const webType = stringAt(data, 'type', 32);
  // Not decrypted yet; the message itself follows under the same id, and this one must not take its place.
  if (webType === 'ciphertext') return drop('empty');
  if (WEB_SERVICE.has(webType)) return drop('not_a_message');
  const content = contentOf(event, payload, data, webType);
  if (content === 'service') return drop('not_a_message');
  if (content === 'undecrypted') return drop('empty');
  const key = data === undefined ? undefined : objectAt(data, 'key');
  const info = data === undefined ? undefined : objectAt(data, 'Info');
  const edits = content.edits === '' ? editedIn(event, payload) : content.edits;
  const suffix = edits === id ? `/edit/${eventTimeMs}` : '';
  return messageOutcome({
    channel: 'whatsapp',
    // The address is no part of it: one message comes as …@lid and as …@c.us.
    eventId: `waha/${account}/${id}${suffix}`,
    messageId: `${id}${suffix}`,
    eventTimeMs,
    kind: content.kind,
    text: content.text,
    attachments: content.attachments,
    buttonPayload: content.buttonPayload,
    identifiers: peopleOf([
      from,
      idAt(key, 'remoteJidAlt'),
      idAt(key, 'senderPn'),
      idAt(key, 'remoteJid'),
      idAt(info, 'SenderAlt'),
      idAt(info, 'Sender'),
    ]),
    name: stringAt(data, 'notifyName', 256) || stringAt(data, 'pushName', 256) || stringAt(info, 'PushName', 256),
    referral: readAdCard(adCardOf(content.context) ?? (data === undefined ? undefined : objectAt(data, 'ctwaContext')), content.context),
    entryPoint: readEntryPoint(content.context),
    device: deviceOfMessageId(id),
    replyToMessageId: stanzaOf(idAt(objectAt(payload, 'replyTo'), 'id')) ?? repliesTo(content.context),
    forwarded: isForwarded(content.context) || flagAt(data, 'isForwarded'),
    editsMessageId: edits,
  });
}

/** Whoever writes in a group is its participant. A reaction of WEBJS names its author so in every chat, and the chat in `to`. */
function groupReasonOf(payload: JsonObject, from: string): 'group_chat' | 'not_a_message' | undefined {
  const participant = stringAt(payload, 'participant', 128);
  if (participant === '') return undefined;
  return participant === from ? dropReasonOf(stringAt(payload, 'to', 128)) : 'group_chat';
}

/** The engine's own message where it passes one on; else what WAHA makes of it: text, and the kind of a file by its media type. */
function contentOf(
  event: string,
  payload: JsonObject,
  data: JsonObject | undefined,
  webType: string,
): DeviceContent | 'service' | 'undecrypted' {
  const body = stringAt(payload, 'body');
  const plain: DeviceContent = { kind: 'text', text: body, attachments: [], buttonPayload: '', context: undefined, edits: '' };
  if (event === 'message.reaction') return { ...plain, kind: 'reaction', text: '' };
  const own = data === undefined ? undefined : (objectAt(data, 'message') ?? objectAt(data, 'Message'));
  if (own === undefined && isUndecrypted(payload, data, body)) return 'undecrypted';
  const device = own === undefined ? undefined : readDeviceContent(own);
  if (device !== undefined) {
    if (device === 'service' && body === '') return 'service';
    if (device !== 'service' && device.kind !== 'unknown') return device;
  }
  const context = device === undefined || device === 'service' ? undefined : device.context;
  const media = objectAt(payload, 'media');
  const kind = kindOf(payload, media, body, webType);
  // The words on a button are the business's.
  if (kind === 'button' || kind === 'interactive')
    return { ...plain, ...withPayload({ ...plain, kind, text: '' }, webPayload(data)), context };
  const fileName = kind === 'document' ? stringAt(media, 'filename', 512) : '';
  return { ...plain, kind, context, attachments: fileName === '' ? [] : [fileName] };
}

/** Engines that pass their own message on leave out what they could not decrypt; the message itself may follow under the same id, and this one must not take its place. */
function isUndecrypted(payload: JsonObject, data: JsonObject | undefined, body: string): boolean {
  const hasEnvelope = data !== undefined && (objectAt(data, 'key') ?? objectAt(data, 'Info')) !== undefined;
  return hasEnvelope && body === '' && !flagAt(payload, 'hasMedia') && objectAt(payload, 'media') === undefined;
}

/** Types of WhatsApp Web (wwebjs/whatsapp-web.js, util/Constants.js, MessageTypes). */
const WEB_TYPES: ReadonlyMap<string, MessageKind> = new Map<string, MessageKind>([
  ['image', 'image'],
  ['video', 'video'],
  ['audio', 'audio'],
  ['ptt', 'audio'],
  ['document', 'document'],
  ['sticker', 'sticker'],
  ['location', 'location'],
  ['vcard', 'contacts'],
  ['multi_vcard', 'contacts'],
  ['order', 'order'],
  ['reaction', 'reaction'],
  ['poll_creation', 'poll'],
  ['product', 'interactive'],
  ['buttons_response', 'button'],
  ['template_button_reply', 'button'],
  ['list_response', 'interactive'],
]);

/**
 * Lines that WhatsApp Web writes into a chat, which the engine passes on as messages: of them `e2e_notification` and `notification_template` stand before the first words of
 * everybody who is new (wwebjs/whatsapp-web.js issue 13739), and a lead that began with them would have begun without its code.
 */
const WEB_SERVICE: ReadonlySet<string> = new Set([
  'album',
  'broadcast_notification',
  'call_log',
  'debug',
  'e2e_notification',
  'gp2',
  'group_notification',
  'notification',
  'notification_template',
  'pinned_message',
  'poll_update',
  'protocol',
  'revoked',
]);

/** Where WhatsApp Web keeps the payload of a button and the id of a row (structures/Message.js of whatsapp-web.js). */
function webPayload(data: JsonObject | undefined): string {
  const list = data === undefined ? undefined : objectAt(data, 'listResponse');
  const row = list === undefined ? undefined : objectAt(list, 'singleSelectReply');
  return firstStringAt(data, ['selectedButtonId', 'selectedId'], 1_024) || stringAt(row, 'selectedRowId', 1_024);
}

function kindOf(payload: JsonObject, media: JsonObject | undefined, body: string, webType: string): MessageKind {
  const known = WEB_TYPES.get(webType);
  if (known !== undefined) return known;
  const [family = ''] = stringAt(media, 'mimetype', 128).split('/');
  if (family === 'image' || family === 'video' || family === 'audio') return family;
  if (family !== '') return 'document';
  if (isObject(payload['location'])) return 'location';
  if (Array.isArray(payload['vCards']) && payload['vCards'].length > 0) return 'contacts';
  return body === '' || flagAt(payload, 'hasMedia') ? 'unknown' : 'text';
}

function editedIn(event: string, payload: JsonObject): string {
  if (event !== 'message.edited') return '';
  return stanzaOf(idAt(payload, 'editedMessageId')) ?? stanzaOf(idAt(payload, 'id')) ?? '';
}

function readAck(body: JsonObject, payload: JsonObject, account: string, observedAtMs: number): Outcome<InboundEvent> {
  // What we read of others is no status of what we sent.
  if (isDeniedAt(payload, 'fromMe')) return drop('status_update');
  if (dropReasonOf(stringAt(payload, 'to', 128)) !== undefined) return drop('status_update');
  return statusOutcome({
    channel: 'whatsapp',
    prefix: `waha/${account}`,
    messageId: stanzaOf(idAt(payload, 'id')),
    word: ackWord(payload),
    words: ACKS,
    eventTimeMs: readEventTime(longOf(payload['timestamp']) ?? body['timestamp'], observedAtMs),
    recipient: peopleOf([idAt(payload, 'to')]),
    errorCode: 'ERROR',
  });
}

/** Pending (0) is no step yet. */
function ackWord(payload: JsonObject): string {
  const name = stringAt(payload, 'ackName', 32) || (ACK_NAMES.get(payload['ack']) ?? '');
  return name === 'PENDING' ? '' : name;
}
