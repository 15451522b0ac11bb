/**
 * Evolution API: a number linked as a second device (Baileys). Unofficial: WhatsApp bans such numbers.
 * Sources: doc.evolution-api.com configuration/webhooks (events, `headers` of a webhook since 2.2), evolution-foundation/evolution-api issues 631 (the envelope with
 * `apikey`), 1340 (sent messages come as messages.upsert too), 2466 (…@lid without a number), pull request 1955 (remoteJidAlt), platform notes 6.4 (ads).
 * The body's `apikey` is the token of the instance; newer versions send it only where AUTHENTICATION_EXPOSE_IN_FETCH_INSTANCES is on. Not verified: `data` as
 * a list, `senderPn`. All of it is optional.
 */
import { deadLetter, drop, type Outcome } from '@messtrack/runtime/outcome.ts';
import { readEventTime } from '../domain/event-time.ts';
import type { DeviceKind, InboundEvent, Reading, StatusWord } from '../domain/inbound.ts';
import { adCardOf, readAdCard, readEntryPoint } from './ad-card.ts';
import { isForwarded, readDeviceContent, repliesTo } from './device-content.ts';
import { readGoMessage } from './evolution-go.ts';
import { messageOutcome, reading, statusOutcome, unreadable } from './gateway-events.ts';
import { flagAt, hasAt, idAt, isDeniedAt, isObject, type JsonObject, objectAt, stringAt } from './json-value.ts';
import { longOf } from './long-value.ts';
import { parsedBody, unprovedBody } from './parsed-body.ts';
import type { Provider } from './provider.ts';
import { hasSharedToken } from './shared-token.ts';
import { isSameSecret } from './signature.ts';
import { deviceOfMessageId } from './whatsapp-device.ts';
import { dropReasonOf, peopleOf } from './whatsapp-jid.ts';

/** Baileys' WAMessageStatus by name. */
const STATUSES: ReadonlyMap<string, StatusWord> = new Map<string, StatusWord>([
  ['error', 'failed'],
  ['server_ack', 'sent'],
  ['delivery_ack', 'delivered'],
  ['read', 'read'],
  ['played', 'played'],
  ['deleted', 'deleted'],
]);

/** Events that are never a person's message, as they are written without case and with "." for "_". */
const OTHER_EVENTS: ReadonlySet<string> = new Set([
  'application.startup',
  'call',
  'chats.delete',
  'chats.set',
  'chats.update',
  'chats.upsert',
  'connection.update',
  'contacts.set',
  'contacts.update',
  'contacts.upsert',
  'group.participants.update',
  'group.update',
  'groups.update',
  'groups.upsert',
  'historysync',
  'instance.create',
  'instance.delete',
  'labels.association',
  'labels.edit',
  'logout.instance',
  'messages.delete',
  'messages.set',
  'presence.update',
  'qrcode.updated',
  'remove.instance',
  'status.instance',
  'typebot.change.status',
  'typebot.start',
]);

/** A token of our own in a header or the address; else the token of the instance, which the body brings. */
export const evolutionProvider: Provider = {
  name: 'evolution',
  isAuthentic(account, request) {
    if (account.provider !== 'evolution') return false;
    if (account.webhookToken !== undefined && hasSharedToken(request, account.webhookToken.reveal())) return true;
    return account.apiKey !== undefined && isSameSecret(account.apiKey.reveal(), keyIn(request.body));
  },
  hasSecretInBody: true,
  parse: parsedBody,
  read: (body, account, observedAtMs) => readEvolution(body, account.name, observedAtMs),
};

function keyIn(body: Buffer): string | undefined {
  const envelope = unprovedBody(body);
  const key = envelope?.['apikey'] ?? envelope?.['instanceToken'];
  return typeof key === 'string' ? key : undefined;
}

/** Readings of one webhook body, in its order; never throws, never empty. `account` makes the event ids: instance names are unique within an installation. */
export function readEvolution(body: unknown, account: string, observedAtMs: number): readonly Reading[] {
  if (!isObject(body)) return [unreadable(body, 'the body is no JSON object')];
  const instance = idAt(body, 'instance', 100);
  const event = stringAt(body, 'event', 64).toLowerCase().replaceAll('_', '.');
  const data = body['data'];
  const elements: readonly unknown[] = Array.isArray(data) ? data : [data];
  const judge = judgeOf(event, account, observedAtMs);
  if (elements.length === 0) return [reading(drop('empty'), instance, body)];
  // The key of the instance is in the envelope: an element alone is what a dead letter may keep.
  return elements.map((element) => reading(judge(element), instance, element));
}

function judgeOf(event: string, account: string, observedAtMs: number): (element: unknown) => Outcome<InboundEvent> {
  switch (event) {
    case 'message':
      return (element) => readGoMessage(element, account, observedAtMs);
    case 'messages.upsert':
      return (element) => readMessage(element, account, observedAtMs);
    case 'messages.edited':
      return (element) =>
        isBareEdit(element) ? readBareEdit(element, account, observedAtMs) : readMessage(element, account, observedAtMs);
    case 'messages.update':
      return (element) => readStatus(element, account, observedAtMs);
    case 'send.message':
    case 'send.message.update':
      return () => drop('echo');
    case '':
      return () => deadLetter('missing_field', 'the body has no event');
    default:
      return () => drop(OTHER_EVENTS.has(event) ? 'not_a_message' : 'unknown_event');
  }
}

function readMessage(element: unknown, account: string, observedAtMs: number): Outcome<InboundEvent> {
  if (!isObject(element)) return deadLetter('schema_mismatch', 'a message is no object');
  const key = objectAt(element, 'key');
  if (key === undefined) return deadLetter('missing_field', 'a message has no key');
  if (flagAt(key, 'fromMe')) return drop('echo');
  const from = stringAt(key, 'remoteJid', 128);
  const nobodys = dropReasonOf(from);
  if (nobodys !== undefined) return drop(nobodys);
  const id = idAt(key, 'id');
  if (id === undefined) return deadLetter('missing_field', 'a message has no id');
  const message = objectAt(element, 'message');
  // Without content WhatsApp has not decrypted it yet; the message itself follows under the same id, and this one must not take its place.
  if (message === undefined) return drop('empty');
  const content = readDeviceContent(message);
  if (content === 'service') return drop('not_a_message');
  const eventTimeMs = readEventTime(longOf(element['messageTimestamp']), observedAtMs);
  if (eventTimeMs === undefined) return deadLetter('timestamp_out_of_range', 'the messageTimestamp of a message is no unix time');

  const context = content.context ?? objectAt(element, 'contextInfo');
  const suffix = content.edits === id ? `/edit/${eventTimeMs}` : '';
  return messageOutcome({
    channel: 'whatsapp',
    eventId: `evolution/${account}/${id}${suffix}`,
    messageId: `${id}${suffix}`,
    eventTimeMs,
    kind: content.kind,
    text: content.text,
    attachments: content.attachments,
    buttonPayload: content.buttonPayload,
    identifiers: peopleOf([from, idAt(key, 'remoteJidAlt'), idAt(key, 'senderPn'), idAt(key, 'senderLid'), idAt(key, 'previousRemoteJid')]),
    name: stringAt(element, 'pushName', 256),
    referral: readAdCard(adCardOf(context), context),
    entryPoint: readEntryPoint(context),
    device: deviceIn(element) ?? deviceOfMessageId(id),
    replyToMessageId: repliesTo(context),
    forwarded: isForwarded(context),
    editsMessageId: content.edits,
  });
}

function isBareEdit(element: unknown): element is JsonObject {
  return isObject(element) && !hasAt(element, 'message');
}

/**
 * Evolution's `messages.edited`: any protocol message alone, without the message that it came in, and thus without who wrote it
 * (EvolutionAPI/evolution-api, whatsapp.baileys.service.ts). Its key is the editor's: an edit of theirs says `fromMe` and our own number (issues 1367, 1647, 2098), as an edit of ours may. What is
 * told so is nobody's that we could name; what names another is read.
 */
function readBareEdit(element: JsonObject, account: string, observedAtMs: number): Outcome<InboundEvent> {
  const edited = objectAt(element, 'editedMessage');
  if (edited === undefined) return drop('not_a_message');
  const key = objectAt(element, 'key');
  if (flagAt(key, 'fromMe')) return drop('echo');
  const from = stringAt(key, 'remoteJid', 128);
  const nobodys = dropReasonOf(from);
  if (nobodys !== undefined) return drop(nobodys);
  const original = idAt(key, 'id');
  if (original === undefined) return deadLetter('missing_field', 'an edit does not say which message it edits');
  const content = readDeviceContent(edited);
  if (content === 'service') return drop('not_a_message');
  const eventTimeMs = readEventTime(longOf(element['timestampMs']), observedAtMs);
  if (eventTimeMs === undefined) return deadLetter('timestamp_out_of_range', 'the timestampMs of an edit is no unix time in milliseconds');
  const messageId = `${original}/edit/${eventTimeMs}`;
  return messageOutcome({
    channel: 'whatsapp',
    eventId: `evolution/${account}/${messageId}`,
    messageId,
    eventTimeMs,
    kind: content.kind,
    text: content.text,
    attachments: content.attachments,
    buttonPayload: content.buttonPayload,
    identifiers: peopleOf([from, idAt(key, 'remoteJidAlt'), idAt(key, 'senderPn')]),
    editsMessageId: original,
  });
}

/** Evolution's own word for it, which it has from the id of the message. */
const SOURCES: ReadonlyMap<string, DeviceKind> = new Map<string, DeviceKind>([
  ['ios', 'ios'],
  ['android', 'android'],
  ['web', 'desktop'],
  ['desktop', 'desktop'],
]);

function deviceIn(element: JsonObject): DeviceKind | undefined {
  return SOURCES.get(stringAt(element, 'source', 16));
}

/** The receipt of a message; `fromMe` false is that of a message we received. */
function readStatus(element: unknown, account: string, observedAtMs: number): Outcome<InboundEvent> {
  if (!isObject(element)) return drop('status_update');
  const key = objectAt(element, 'key');
  if (isDeniedAt(hasAt(element, 'fromMe') ? element : key, 'fromMe')) return drop('status_update');
  const address = idAt(element, 'remoteJid') ?? idAt(key, 'remoteJid');
  if (dropReasonOf(address) !== undefined) return drop('status_update');
  const update = objectAt(element, 'update');
  const word = stringAt(element, 'status', 32) || stringAt(update, 'status', 32);
  return statusOutcome({
    channel: 'whatsapp',
    prefix: `evolution/${account}`,
    messageId: idAt(element, 'keyId') ?? idAt(key, 'id'),
    word: word === 'PENDING' ? '' : word,
    words: STATUSES,
    eventTimeMs: readEventTime(longOf(element['messageTimestamp']) ?? observedAtMs, observedAtMs),
    recipient: peopleOf([address]),
    errorCode: 'ERROR',
  });
}
