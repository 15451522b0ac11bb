/**
 * What a WhatsApp message holds as linked devices see it: the object `message` of Baileys (WAProto.proto, Message), which Evolution API and WAHA's engine
 * NOWEB pass on, and that of whatsmeow (WAHA's engine GOWS). whatsmeow writes the same names with abbreviations in capitals (`stanzaID`, `paramsJSON`), and a field of which only one
 * may be set inside an object of its own, which Go names (waE2E/WAWebProtobufsE2E.pb.go, `InteractiveResponseMessage`).
 */
import type { MessageKind } from '../domain/inbound.ts';
import { firstStringAt, flagAt, hasAt, idAt, isObject, type JsonObject, objectAt, stringAt } from './json-value.ts';
import { type Content, withPayload } from './whatsapp-content.ts';

export interface DeviceContent extends Content {
  /** `contextInfo` of the message; undefined when it has none. */
  readonly context: JsonObject | undefined;
  /** Id of the message whose text this replaces; empty unless it is an edit. */
  readonly edits: string;
}

const KINDS: ReadonlyMap<string, MessageKind> = new Map<string, MessageKind>([
  ['conversation', 'text'],
  ['extendedTextMessage', 'text'],
  // Answers to a question asked in a status or a channel.
  ['questionResponseMessage', 'text'],
  ['statusQuestionAnswerMessage', 'text'],
  ['imageMessage', 'image'],
  ['videoMessage', 'video'],
  ['ptvMessage', 'video'],
  ['audioMessage', 'audio'],
  ['documentMessage', 'document'],
  ['stickerMessage', 'sticker'],
  ['lottieStickerMessage', 'sticker'],
  ['stickerPackMessage', 'sticker'],
  ['locationMessage', 'location'],
  ['liveLocationMessage', 'location'],
  ['contactMessage', 'contacts'],
  ['contactsArrayMessage', 'contacts'],
  ['reactionMessage', 'reaction'],
  ['encReactionMessage', 'reaction'],
  ['orderMessage', 'order'],
  ['buttonsResponseMessage', 'button'],
  ['templateButtonReplyMessage', 'button'],
  ['listResponseMessage', 'interactive'],
  ['interactiveResponseMessage', 'interactive'],
  ['productMessage', 'interactive'],
  // The first, and what later versions of the app send: one poll, another wrapping.
  ['pollCreationMessage', 'poll'],
  ['pollCreationMessageV2', 'poll'],
  ['pollCreationMessageV3', 'poll'],
  ['pollCreationMessageV5', 'poll'],
  ['pollCreationMessageV6', 'poll'],
]);

/**
 * Nobody wrote: keys, deletions, settings of a chat, calls, the announcement of an album (its pictures come by themselves), and what somebody did to a message that is
 * there: a vote, a pin, an edit that only the phone can read (`secretEncryptedMessage`, the form of edits since 2026: evolution-foundation/evolution-api issue 2545). A placeholder
 * stands where the linked device may not read the message; what it may, follows under the same id.
 */
const SERVICE: ReadonlySet<string> = new Set([
  'albumMessage',
  'bcallMessage',
  'call',
  'callLogMesssage',
  'chat',
  'encEventResponseMessage',
  'fastRatchetKeySenderKeyDistributionMessage',
  'groupRootKeyShare',
  'keepInChatMessage',
  'messageContextInfo',
  'messageHistoryBundle',
  'messageHistoryNotice',
  'pinInChatMessage',
  'placeholderMessage',
  'pollAddOptionMessage',
  'pollUpdateMessage',
  'protocolMessage',
  'rootSecretDistributeMessage',
  'scheduledCallEditMessage',
  'secretEncryptedMessage',
  'senderKeyDistributionMessage',
  'stickerSyncRmrMessage',
]);

const UNKNOWN: DeviceContent = { kind: 'unknown', text: '', attachments: [], buttonPayload: '', context: undefined, edits: '' };

/** `service` where nobody wrote; a type of tomorrow is `unknown`. */
export function readDeviceContent(outer: JsonObject): DeviceContent | 'service' {
  const message = unwrapped(outer);
  const edit = editOf(message);
  if (edit === undefined) return readPlain(message);
  // Only once: an edit inside an edit does not exist, and a nesting of them would be followed to its end.
  const inner = readPlain(unwrapped(edit.message));
  return inner === 'service' ? inner : { ...inner, edits: edit.original };
}

function readPlain(message: JsonObject): DeviceContent | 'service' {
  const type = contentType(message);
  if (type === undefined)
    return Object.keys(message).every((key) => SERVICE.has(key) || !hasAt(message, key))
      ? 'service'
      : { ...UNKNOWN, context: anyContext(message) };
  const payload = objectAt(message, type);
  const content = contentOf(KINDS.get(type) ?? 'unknown', type, message, payload);
  return { ...content, context: payload === undefined ? undefined : objectAt(payload, 'contextInfo'), edits: '' };
}

function contentOf(kind: MessageKind, type: string, message: JsonObject, payload: JsonObject | undefined): Content {
  const content = { kind, text: '', attachments: [], buttonPayload: '' };
  switch (kind) {
    case 'text':
      return { ...content, text: type === 'conversation' ? stringAt(message, 'conversation') : stringAt(payload, 'text') };
    case 'image':
    case 'video':
      return { ...content, text: stringAt(payload, 'caption') };
    case 'document': {
      const fileName = stringAt(payload, 'fileName', 512);
      return { ...content, text: stringAt(payload, 'caption'), attachments: fileName === '' ? [] : [fileName] };
    }
    case 'order':
      return { ...content, text: stringAt(payload, 'message') };
    case 'button':
      return withPayload(content, firstStringAt(payload, ['selectedButtonId', 'selectedButtonID', 'selectedId', 'selectedID'], 1024));
    case 'interactive':
      return readInteractive(content, payload);
    case 'poll': {
      const question = stringAt(payload, 'name', 1024);
      return { ...content, attachments: question === '' ? [] : [question] };
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
      return content;
  }
}

/**
 * The row of a list; or a native flow, which answers in JSON of its own: `id` is that of a button or row, without one they are the person's answers, and a code may
 * stand in those.
 */
function readInteractive(content: Content, payload: JsonObject | undefined): Content {
  if (payload === undefined) return content;
  const row = firstStringAt(objectAt(payload, 'singleSelectReply'), ['selectedRowId', 'selectedRowID'], 1024);
  const flow =
    objectAt(payload, 'nativeFlowResponseMessage') ??
    objectAt(objectAt(payload, 'InteractiveResponseMessage') ?? {}, 'NativeFlowResponseMessage');
  const answers = firstStringAt(flow, ['paramsJson', 'paramsJSON'], 8_192);
  if (row !== '' || answers === '') return withPayload(content, row);
  const id = buttonIn(answers);
  return id === '' ? { ...content, attachments: [answers] } : withPayload(content, id);
}

function buttonIn(answers: string): string {
  try {
    const value: unknown = JSON.parse(answers);
    return isObject(value) ? stringAt(value, 'id', 1024) : '';
  } catch {
    return '';
  }
}

/**
 * The message itself: WhatsApp wraps it in an object that holds nothing but `message` (FutureProofMessage, twenty-two fields by now and more with every
 * year: vanishing, seen once, with a caption, naming a group, one of an album), so whatever has that shape is a wrapper, whatever its name. Wrappers
 * stand in one another at most three deep; the bound keeps a hostile nesting from costing more.
 */
function unwrapped(message: JsonObject): JsonObject {
  let current = message;
  for (let depth = 0; depth < 4; depth += 1) {
    const inner = innerOf(current);
    // Beside content of its own the wrapped message is something about it.
    if (inner === undefined || contentType(current) !== undefined) return current;
    current = inner;
  }
  return current;
}

/** The first field that holds what a person sent. Writers of protobuf as JSON that name every field leave an empty `conversation` before the text with a preview or an ad. */
function contentType(message: JsonObject): string | undefined {
  return Object.keys(message).find(
    (key) => KINDS.has(key) && hasAt(message, key) && message[key] !== '' && wrappedIn(message[key]) === undefined,
  );
}

function innerOf(message: JsonObject): JsonObject | undefined {
  for (const value of Object.values(message)) {
    const inner = wrappedIn(value);
    if (inner !== undefined) return inner;
  }
  return undefined;
}

function wrappedIn(value: unknown): JsonObject | undefined {
  return isObject(value) ? objectAt(value, 'message') : undefined;
}

/** `protocolMessage` of type MESSAGE_EDIT (14). */
function editOf(message: JsonObject): { readonly original: string; readonly message: JsonObject } | undefined {
  const protocol = objectAt(message, 'protocolMessage');
  const edited = protocol === undefined ? undefined : objectAt(protocol, 'editedMessage');
  const key = protocol === undefined ? undefined : objectAt(protocol, 'key');
  const original = idAt(key, 'id') ?? idAt(key, 'ID');
  return edited === undefined || original === undefined ? undefined : { original, message: edited };
}

function anyContext(message: JsonObject): JsonObject | undefined {
  for (const value of Object.values(message)) {
    const context = isObject(value) ? objectAt(value, 'contextInfo') : undefined;
    if (context !== undefined) return context;
  }
  return undefined;
}

/** Id of the message that this one answers; empty when it answers none. */
export function repliesTo(context: JsonObject | undefined): string {
  return idAt(context, 'stanzaId') ?? idAt(context, 'stanzaID') ?? '';
}

export function isForwarded(context: JsonObject | undefined): boolean {
  const score = context?.['forwardingScore'];
  return flagAt(context, 'isForwarded') || (typeof score === 'number' && score > 0);
}
