/**
 * Z-API: a number linked as a second device. Unofficial: WhatsApp bans such numbers.
 * Sources: developer.z-api.io/en/webhooks/on-message-received(-examples), …/on-whatsapp-message-status-changes, …/security/client-token.
 * `Client-Token` is documented for calls to Z-API, not for its webhooks, and no header of a webhook can be set: the token stands in the address, and a header
 * `Client-Token` is accepted where one is sent. Not verified: `externalAdReply` with `ctwaClid`, `chatLid`, `forwarded`, `editMessageId`. All of it is optional.
 */
import { deadLetter, drop, type Outcome } from '@messtrack/runtime/outcome.ts';
import { readEventTime } from '../domain/event-time.ts';
import type { InboundEvent, InboundMessage, MessageKind, Reading, StatusWord } from '../domain/inbound.ts';
import { readAdCard, readEntryPoint } from './ad-card.ts';
import { messageOutcome, reading, statusOutcome, unreadable } from './gateway-events.ts';
import { flagAt, hasAt, idAt, isObject, type JsonObject, listAt, objectAt, stringAt } from './json-value.ts';
import type { Provider } from './provider.ts';
import { hasSharedToken } from './shared-token.ts';
import { isSameSecret } from './signature.ts';
import { deviceOfMessageId } from './whatsapp-device.ts';
import { dropReasonOf, peopleOf } from './whatsapp-jid.ts';

/** RECEIVED is what WhatsApp calls delivered. READ_BY_ME is ours, of a message we received. */
const STATUSES: ReadonlyMap<string, StatusWord> = new Map<string, StatusWord>([
  ['sent', 'sent'],
  ['received', 'delivered'],
  ['read', 'read'],
  ['played', 'played'],
]);

const OTHER_EVENTS: ReadonlySet<string> = new Set(['ConnectedCallback', 'DisconnectedCallback', 'PresenceChatCallback']);

/** Field that holds the content → kind; the first that is there decides. */
const CONTENTS: readonly (readonly [string, MessageKind])[] = [
  ['text', 'text'],
  ['image', 'image'],
  ['video', 'video'],
  ['ptv', 'video'],
  ['audio', 'audio'],
  ['document', 'document'],
  ['sticker', 'sticker'],
  ['location', 'location'],
  ['contact', 'contacts'],
  ['contacts', 'contacts'],
  ['reaction', 'reaction'],
  ['order', 'order'],
  ['buttonsResponseMessage', 'button'],
  ['buttonReply', 'button'],
  ['listResponseMessage', 'interactive'],
  ['product', 'interactive'],
  ['poll', 'poll'],
];

/** Contents that somebody did to a message that is there: a vote, a pin, an answer to an event. */
const NOBODY_WROTE: readonly string[] = ['pollVote', 'pinMessage', 'eventResponse'];

export const zApiProvider: Provider = {
  name: 'z-api',
  isAuthentic(account, request) {
    if (account.provider !== 'z-api') return false;
    const token = account.webhookToken.reveal();
    const header = request.header('client-token');
    return header === undefined ? hasSharedToken(request, token) : isSameSecret(token, header);
  },
  read: (body, _account, observedAtMs) => readZApi(body, observedAtMs),
};

/** Readings of one webhook body, in its order; never throws, never empty. */
export function readZApi(body: unknown, observedAtMs: number): readonly Reading[] {
  if (!isObject(body)) return [unreadable(body, 'the body is no JSON object')];
  const instance = idAt(body, 'instanceId', 64);
  const type = stringAt(body, 'type', 64);
  switch (type) {
    case 'ReceivedCallback':
      return [reading(readMessage(body, instance, observedAtMs), instance, body)];
    case 'MessageStatusCallback':
      return readStatuses(body, instance, observedAtMs);
    case 'DeliveryCallback':
      return [reading(drop('echo'), instance, body)];
    case '':
      return [reading(deadLetter('missing_field', 'the body has no type'), instance, body)];
    default:
      return [reading(drop(OTHER_EVENTS.has(type) ? 'not_a_message' : 'unknown_event'), instance, body)];
  }
}

function readMessage(body: JsonObject, instance: string | undefined, observedAtMs: number): Outcome<InboundEvent> {
  if (flagAt(body, 'fromMe')) return drop('echo');
  const phone = idAt(body, 'phone', 128);
  if (flagAt(body, 'isGroup') || flagAt(body, 'isNewsletter') || flagAt(body, 'broadcast')) return drop('group_chat');
  const nobodys = dropReasonOf(phone);
  if (nobodys !== undefined) return drop(nobodys);
  if (stringAt(body, 'notification') !== '' || NOBODY_WROTE.some((field) => hasAt(body, field))) return drop('not_a_message');
  // Not decrypted yet; the message itself follows under the same id, and this one must not take its place.
  if (flagAt(body, 'waitingMessage')) return drop('empty');
  if (instance === undefined) return deadLetter('missing_field', 'a message has no instanceId');
  const id = idAt(body, 'messageId');
  if (id === undefined) return deadLetter('missing_field', 'a message has no messageId');
  const eventTimeMs = readEventTime(body['momment'], observedAtMs);
  if (eventTimeMs === undefined) return deadLetter('timestamp_out_of_range', 'the momment of a message is no unix time in milliseconds');

  const edits = flagAt(body, 'isEdit') ? (idAt(body, 'editMessageId') ?? id) : '';
  const suffix = edits === id ? `/edit/${eventTimeMs}` : '';
  // An answer to a status quotes the card of the status.
  const card = flagAt(body, 'isStatusReply') ? undefined : objectAt(body, 'externalAdReply');
  return messageOutcome({
    channel: 'whatsapp',
    eventId: `z-api/${instance}/${id}${suffix}`,
    messageId: `${id}${suffix}`,
    eventTimeMs,
    ...contentOf(body),
    identifiers: peopleOf([phone, idAt(body, 'senderLid'), idAt(body, 'chatLid')]),
    name: stringAt(body, 'senderName', 256),
    referral: readAdCard(card, body),
    entryPoint: readEntryPoint(card),
    device: deviceOfMessageId(id),
    referredProduct: productOf(objectAt(body, 'product')),
    replyToMessageId: idAt(body, 'referenceMessageId') ?? '',
    forwarded: flagAt(body, 'forwarded'),
    editsMessageId: edits,
  });
}

function contentOf(body: JsonObject): Pick<InboundMessage, 'kind' | 'text' | 'attachments' | 'buttonPayload'> {
  const [field, kind] = CONTENTS.find(([each]) => body[each] !== undefined && body[each] !== null) ?? ['', 'unknown' as const];
  const content = field === '' ? undefined : objectAt(body, field);
  const plain = { kind, text: '', attachments: [], buttonPayload: '' };
  switch (kind) {
    case 'text':
      return { ...plain, text: stringAt(content, 'message') };
    case 'image':
    case 'video':
      return { ...plain, text: stringAt(content, 'caption') };
    case 'order':
      return { ...plain, text: stringAt(content, 'message') };
    case 'document': {
      const fileName = stringAt(content, 'fileName', 512);
      return { ...plain, text: stringAt(content, 'caption'), attachments: fileName === '' ? [] : [fileName] };
    }
    case 'button':
    case 'interactive': {
      // The words on a button are the business's.
      const payload = idAt(content, 'buttonId', 1024) ?? idAt(content, 'selectedRowId', 1024) ?? '';
      return { ...plain, buttonPayload: payload, attachments: payload === '' ? [] : [payload] };
    }
    case 'poll': {
      const question = stringAt(content, 'question', 1024);
      return { ...plain, attachments: question === '' ? [] : [question] };
    }
    case 'audio':
    case 'sticker':
    case 'location':
    case 'contacts':
    case 'reaction':
    case 'welcome':
    case 'join':
    case 'checklist':
    case 'story':
    case 'giveaway':
    case 'unknown':
      return plain;
  }
}

/** The business's own id of the product, else WhatsApp's. */
function productOf(product: JsonObject | undefined): InboundMessage['referredProduct'] {
  const productRetailerId = idAt(product, 'retailerId', 256) ?? idAt(product, 'productId', 256);
  return productRetailerId === undefined ? undefined : { catalogId: '', productRetailerId };
}

/** One callback is about several messages. */
function readStatuses(body: JsonObject, instance: string | undefined, observedAtMs: number): readonly Reading[] {
  const word = stringAt(body, 'status', 32);
  const ids = listAt(body, 'ids') ?? [];
  const phone = idAt(body, 'phone', 128);
  if (ids.length === 0 || word === 'READ_BY_ME' || flagAt(body, 'isGroup') || dropReasonOf(phone) !== undefined)
    return [reading(drop('status_update'), instance, body)];
  return ids.map((id) =>
    reading(
      statusOutcome({
        channel: 'whatsapp',
        prefix: instance === undefined ? 'z-api' : `z-api/${instance}`,
        messageId: idAt({ id }, 'id'),
        word,
        words: STATUSES,
        eventTimeMs: readEventTime(body['momment'], observedAtMs),
        recipient: peopleOf([phone]),
      }),
      instance,
      body,
    ),
  );
}
