/**
 * GREEN-API: a number or a Telegram account linked as a second device; one event per webhook, told apart by `instanceData.idInstance`.
 * Sources: green-api.com/en/docs/api/receiving/notifications-format (incoming-message/*, outgoing-message/OutgoingMessageStatus), …/en/telegram/docs (chatType,
 * senderType, typeInstance). Proof: `webhookUrlToken` of the instance comes back as `Authorization: Bearer …`.
 * The trace of an ad (sourceId, sourceType, sourceUrl, conversionSource, entryPointConversion…) is documented on extendedTextMessage alone; it is read on any type. Not
 * verified: addresses of the form …@lid, `ctwaClid`.
 */
import { deadLetter, drop, type Outcome } from '@messtrack/runtime/outcome.ts';
import { readEventTime } from '../domain/event-time.ts';
import type { Channel, Identifier, InboundEvent, InboundMessage, MessageKind, Reading, StatusWord } from '../domain/inbound.ts';
import { readAdCard, readEntryPoint } from './ad-card.ts';
import { messageOutcome, reading, statusOutcome, unreadable } from './gateway-events.ts';
import { identifierList } from './identifier-list.ts';
import { flagAt, idAt, isObject, type JsonObject, objectAt, stringAt } from './json-value.ts';
import type { Provider } from './provider.ts';
import { hasSharedToken } from './shared-token.ts';
import { deviceOfMessageId } from './whatsapp-device.ts';
import { dropReasonOf, peopleOf } from './whatsapp-jid.ts';

const CHANNELS: ReadonlyMap<string, Channel> = new Map<string, Channel>([
  ['whatsapp', 'whatsapp'],
  ['telegram', 'telegram'],
]);

const OTHER_EVENTS: ReadonlySet<string> = new Set([
  'avatarInfo',
  'deviceInfo',
  'incomingBlock',
  'incomingCall',
  'outgoingCall',
  'quotaExceeded',
  'stateInstanceChanged',
  'statusInstanceChanged',
]);

const KINDS: ReadonlyMap<string, MessageKind> = new Map<string, MessageKind>([
  ['textMessage', 'text'],
  ['extendedTextMessage', 'text'],
  ['quotedMessage', 'text'],
  ['editedMessage', 'text'],
  ['imageMessage', 'image'],
  ['videoMessage', 'video'],
  ['audioMessage', 'audio'],
  ['documentMessage', 'document'],
  ['stickerMessage', 'sticker'],
  ['locationMessage', 'location'],
  ['contactMessage', 'contacts'],
  ['contactsArrayMessage', 'contacts'],
  ['reactionMessage', 'reaction'],
  ['buttonsResponseMessage', 'button'],
  // The table of its page writes it in the plural, the example there in the singular.
  ['templateButtonsReplyMessage', 'button'],
  ['templateButtonReplyMessage', 'button'],
  ['interactiveButtonsResponse', 'interactive'],
  ['listResponseMessage', 'interactive'],
  // A card of the catalogue, and a cart: both come only with the setting catalogWebhook.
  ['productMessage', 'interactive'],
  ['orderMessage', 'order'],
  ['pollMessage', 'poll'],
]);

/** A message taken back, and a vote in a poll of ours. */
const NOBODY_WROTE: ReadonlySet<string> = new Set(['deletedMessage', 'pollUpdateMessage']);

/** What GREEN-API writes in the place of a text that it could not decrypt (common-errors, "Errors in the webhooks body"); the text does not follow. */
const LOST_TEXT = /^\{\{SWE\d{3}\}\}$/;

const STATUSES: ReadonlyMap<string, StatusWord> = new Map<string, StatusWord>([
  ['sent', 'sent'],
  ['delivered', 'delivered'],
  ['read', 'read'],
  ['failed', 'failed'],
  ['noaccount', 'failed'],
  ['notingroup', 'failed'],
  ['yellowcard', 'failed'],
]);

export const greenApiProvider: Provider = {
  name: 'green-api',
  isAuthentic: (account, request) => account.provider === 'green-api' && hasSharedToken(request, account.webhookToken.reveal()),
  read: (body, account, observedAtMs) => readGreenApi(body, account.channel, observedAtMs),
};

/** Readings of one webhook body; never throws, never empty. `fallback` is the channel of an instance that does not name its messenger. */
export function readGreenApi(body: unknown, fallback: Channel, observedAtMs: number): readonly Reading[] {
  if (!isObject(body)) return [unreadable(body, 'the body is no JSON object')];
  const instance = objectAt(body, 'instanceData');
  const receiver = idAt(instance, 'idInstance', 32);
  const type = stringAt(instance, 'typeInstance', 32);
  const channel = type === '' ? fallback : CHANNELS.get(type);
  return [reading(readEvent(body, receiver, channel, observedAtMs), receiver, body)];
}

function readEvent(
  body: JsonObject,
  receiver: string | undefined,
  channel: Channel | undefined,
  observedAtMs: number,
): Outcome<InboundEvent> {
  const event = stringAt(body, 'typeWebhook', 64);
  switch (event) {
    case 'incomingMessageReceived':
      if (channel === undefined) return drop('unsupported_channel');
      return readMessage(body, receiver, channel, observedAtMs);
    case 'outgoingMessageStatus':
      if (channel === undefined) return drop('unsupported_channel');
      return statusOutcome({
        channel,
        prefix: receiver === undefined ? 'green' : `green/${receiver}`,
        messageId: idAt(body, 'idMessage'),
        word: stringAt(body, 'status', 32),
        words: STATUSES,
        eventTimeMs: readEventTime(body['timestamp'], observedAtMs),
        recipient: peopleIn(channel, [idAt(body, 'chatId')]),
        errorCode: stringAt(body, 'status', 64),
      });
    case 'outgoingMessageReceived':
    case 'outgoingAPIMessageReceived':
      return drop('echo');
    case '':
      return deadLetter('missing_field', 'the body has no typeWebhook');
    default:
      return drop(OTHER_EVENTS.has(event) ? 'not_a_message' : 'unknown_event');
  }
}

function readMessage(body: JsonObject, receiver: string | undefined, channel: Channel, observedAtMs: number): Outcome<InboundEvent> {
  const data = objectAt(body, 'messageData');
  const sender = objectAt(body, 'senderData');
  if (data === undefined || sender === undefined) return deadLetter('missing_field', 'a message has no messageData or no senderData');
  const chat = idAt(sender, 'chatId');
  const nobodys = channel === 'telegram' ? telegramDropReason(chat, stringAt(sender, 'chatType')) : dropReasonOf(chat);
  if (nobodys !== undefined) return drop(nobodys);
  if (receiver === undefined) return deadLetter('missing_field', 'a message has no instanceData.idInstance');
  const id = idAt(body, 'idMessage');
  if (id === undefined) return deadLetter('missing_field', 'a message has no idMessage');
  const type = stringAt(data, 'typeMessage', 64);
  if (NOBODY_WROTE.has(type)) return drop('not_a_message');
  const eventTimeMs = readEventTime(body['timestamp'], observedAtMs);
  if (eventTimeMs === undefined) return deadLetter('timestamp_out_of_range', 'the timestamp of a message is no unix time');

  const text = objectAt(data, 'extendedTextMessageData');
  const file = objectAt(data, 'fileMessageData');
  const edited = objectAt(data, 'editedMessageData');
  const original = type === 'editedMessage' ? (idAt(edited, 'stanzaId') ?? '') : '';
  return messageOutcome({
    channel,
    eventId: `green/${receiver}/${id}`,
    messageId: id,
    eventTimeMs,
    ...contentOf(type, data, text, file, edited),
    identifiers: peopleIn(channel, [idAt(sender, 'sender'), chat]),
    name: stringAt(sender, 'senderName', 256),
    isBot: stringAt(sender, 'senderType') === 'bot',
    referredProduct: productOf(data),
    referral: readAdCard(text ?? file, text ?? file),
    entryPoint: readEntryPoint(text ?? file),
    device: channel === 'whatsapp' ? deviceOfMessageId(id) : undefined,
    replyToMessageId: repliesTo(type, data, text),
    forwarded: flagAt(text, 'isForwarded') || flagAt(file, 'isForwarded'),
    editsMessageId: original,
  });
}

function contentOf(
  type: string,
  data: JsonObject,
  extended: JsonObject | undefined,
  file: JsonObject | undefined,
  edited: JsonObject | undefined,
): Pick<InboundMessage, 'kind' | 'text' | 'attachments' | 'buttonPayload'> {
  const written = stringAt(objectAt(data, 'textMessageData'), 'textMessage');
  if (LOST_TEXT.test(written)) return { kind: 'unknown', text: '', attachments: [], buttonPayload: '' };
  const kind = KINDS.get(type) ?? 'unknown';
  const fileName = stringAt(file, 'fileName', 512);
  const payload = kind === 'button' || kind === 'interactive' ? payloadOf(data) : '';
  const text =
    written ||
    (kind === 'reaction' ? '' : stringAt(extended, 'text')) ||
    stringAt(file, 'caption') ||
    stringAt(edited, 'textMessage') ||
    stringAt(edited, 'caption');
  return { kind, text, attachments: [payload, kind === 'document' ? fileName : ''].filter((each) => each !== ''), buttonPayload: payload };
}

function payloadOf(data: JsonObject): string {
  const chosen = chosenIn(data);
  return stringAt(chosen, 'selectedButtonId', 1024) || stringAt(chosen, 'selectedId', 1024) || stringAt(chosen, 'singleSelectReply', 1024);
}

/** The button or row that was chosen. */
function chosenIn(data: JsonObject): JsonObject | undefined {
  return (
    objectAt(data, 'buttonsResponseMessage') ??
    objectAt(data, 'interactiveButtonsResponse') ??
    objectAt(data, 'templateButtonReplyMessage') ??
    objectAt(data, 'listResponseMessage')
  );
}

/** A choice names the message that offered it in itself, not in a quote. */
function repliesTo(type: string, data: JsonObject, text: JsonObject | undefined): string {
  const quoted = type === 'quotedMessage' ? idAt(text, 'stanzaId') : undefined;
  return idAt(objectAt(data, 'quotedMessage'), 'stanzaId') ?? idAt(chosenIn(data), 'stanzaId') ?? quoted ?? '';
}

function productOf(data: JsonObject): InboundMessage['referredProduct'] {
  const productRetailerId = idAt(objectAt(data, 'productMessage'), 'productId', 256);
  return productRetailerId === undefined ? undefined : { catalogId: '', productRetailerId };
}

/** Groups of Telegram have negative ids. */
function telegramDropReason(chat: string | undefined, chatType: string): 'group_chat' | undefined {
  return ['group', 'supergroup', 'channel'].includes(chatType) || chat?.startsWith('-') === true ? 'group_chat' : undefined;
}

function peopleIn(channel: Channel, addresses: readonly (string | undefined)[]): readonly Identifier[] {
  return channel === 'telegram' ? identifierList(addresses.map((address) => ['tg_user', address] as const)) : peopleOf(addresses);
}
