/** Events in the words of the contract. Personal data leaves the gateway only where the workspace asks for it. */
import { BinaryWriter } from '@bufbuild/protobuf/wire';
import { Carrier, DeviceClass, type Source } from '@messtrack/proto/gen/messtrack/v1/source.ts';
import {
  type ContactRef,
  ContactState_State,
  type Message,
  MessageKind,
  MessageStatus_Status,
  type SendOrigin,
  Touchpoint,
} from '@messtrack/proto/gen/messtrack/v1/touchpoint.ts';
import { encodeHeaders } from '@messtrack/proto/headers.ts';
import { TOPICS } from '@messtrack/proto/topics.ts';
import type { OutRecord } from '@messtrack/runtime/bus.ts';
import type { Carrier as CarrierName } from '@messtrack/tracking-code/tracking-code.ts';
import { WIRE_CHANNELS } from '@messtrack/workspace/accounts/wire-channel.ts';
import { contactKey } from '@messtrack/workspace/contact-key.ts';
import { dialledDigits, phoneOfWaId } from '@messtrack/workspace/wa-id.ts';
import type { Placement, Workspace } from '@messtrack/workspace/workspace.ts';
import type { MessageFacts } from '../domain/facts.ts';
import type {
  AutomaticEvent,
  Channel as ChannelName,
  ContactState,
  ContactStateWord,
  DeliveryStatus,
  DeviceKind,
  Identifier,
  IdentityChange,
  InboundMessage,
  MessageKind as KindName,
  Sender,
  StatusWord,
} from '../domain/inbound.ts';
import { namedPlacement } from '../domain/named-placement.ts';
import { type OwnMessageReason, ownMessageReason } from '../domain/own-message.ts';
import { countryOfPhone } from '../domain/phone.ts';
import { regionOfPhone } from '../domain/phone-region.ts';
import { ownPeopleOf, placementsOf } from './receivers.ts';

const DEVICES: Readonly<Record<DeviceKind, DeviceClass>> = {
  ios: DeviceClass.DEVICE_CLASS_IOS,
  android: DeviceClass.DEVICE_CLASS_ANDROID,
  desktop: DeviceClass.DEVICE_CLASS_DESKTOP,
};

/** Where the platform's own id of a person is more than a phone number. */
const PLATFORM_IDS: ReadonlySet<Identifier['kind']> = new Set(['bsuid', 'lid', 'tg_user', 'psid', 'igsid', 'vk_user', 'max_user']);

const CARRIERS: Readonly<Record<CarrierName, Carrier>> = {
  visible: Carrier.CARRIER_VISIBLE,
  emoji: Carrier.CARRIER_EMOJI,
  invisible: Carrier.CARRIER_INVISIBLE,
  start_payload: Carrier.CARRIER_START_PAYLOAD,
};

const KINDS: Readonly<Record<KindName, MessageKind>> = {
  text: MessageKind.MESSAGE_KIND_TEXT,
  image: MessageKind.MESSAGE_KIND_IMAGE,
  video: MessageKind.MESSAGE_KIND_VIDEO,
  audio: MessageKind.MESSAGE_KIND_AUDIO,
  document: MessageKind.MESSAGE_KIND_DOCUMENT,
  sticker: MessageKind.MESSAGE_KIND_STICKER,
  location: MessageKind.MESSAGE_KIND_LOCATION,
  contacts: MessageKind.MESSAGE_KIND_CONTACTS,
  button: MessageKind.MESSAGE_KIND_BUTTON,
  interactive: MessageKind.MESSAGE_KIND_INTERACTIVE,
  reaction: MessageKind.MESSAGE_KIND_REACTION,
  order: MessageKind.MESSAGE_KIND_ORDER,
  welcome: MessageKind.MESSAGE_KIND_WELCOME,
  join: MessageKind.MESSAGE_KIND_JOIN,
  poll: MessageKind.MESSAGE_KIND_POLL,
  checklist: MessageKind.MESSAGE_KIND_CHECKLIST,
  story: MessageKind.MESSAGE_KIND_STORY,
  giveaway: MessageKind.MESSAGE_KIND_GIVEAWAY,
  unknown: MessageKind.MESSAGE_KIND_UNKNOWN,
};

const STATUSES: Readonly<Record<StatusWord, MessageStatus_Status>> = {
  sent: MessageStatus_Status.STATUS_SENT,
  delivered: MessageStatus_Status.STATUS_DELIVERED,
  read: MessageStatus_Status.STATUS_READ,
  played: MessageStatus_Status.STATUS_PLAYED,
  failed: MessageStatus_Status.STATUS_FAILED,
  deleted: MessageStatus_Status.STATUS_DELETED,
  unknown: MessageStatus_Status.STATUS_UNKNOWN,
};

const STATES: Readonly<Record<ContactStateWord, ContactState_State>> = {
  blocked: ContactState_State.STATE_BLOCKED,
  unblocked: ContactState_State.STATE_UNBLOCKED,
  connected: ContactState_State.STATE_CONNECTED,
  disconnected: ContactState_State.STATE_DISCONNECTED,
};

/** Where and when an event was received. */
export interface Reception {
  readonly workspace: Workspace;
  readonly account: string;
  /** Milliseconds since the Unix epoch, UTC. */
  readonly observedAtMs: number;
  readonly traceparent: string | undefined;
}

export interface WrittenMessage {
  readonly record: OutRecord;
  /** Why no lead starts with it; undefined when one may. */
  readonly own: OwnMessageReason | undefined;
  /** Pseudonyms of whoever wrote. */
  readonly contactKeys: readonly string[];
}

export function messageRecord(message: InboundMessage, facts: MessageFacts, reception: Reception): WrittenMessage {
  const { workspace } = reception;
  const contact = contactRef(message.sender, message.channel, workspace);
  const own = ownMessageReason(message.sender, contact.keys, ownPeopleOf(workspace, message.channel));
  const number = numberOf(message.sender);
  const named = namedPlacement(message, facts, placementsOf(workspace, reception.account));
  const { codeWord } = facts;
  const printed = codeWord === undefined ? undefined : workspace.placements.get(codeWord.placement);
  const country = number === undefined ? '' : countryOfPhone(number);
  const value: Message = {
    messageId: message.messageId,
    channel: WIRE_CHANNELS[message.channel],
    contact,
    kind: KINDS[message.kind],
    codes: facts.codes.map(({ code, carrier, intact }) => ({ code, carrier: CARRIERS[carrier], intact })),
    referral: message.referral,
    replyToMessageId: message.replyToMessageId,
    forwarded: message.forwarded,
    editsMessageId: message.editsMessageId,
    greetingVariant: facts.greeting?.variant,
    greetingPlacement: facts.greeting?.placement ?? '',
    greetingSimilarity: facts.greeting?.similarity ?? 0,
    language: facts.language,
    uiLanguage: facts.uiLanguage,
    phonePlace: country === '' || number === undefined ? undefined : { country, region: regionOfPhone(number, country), city: '' },
    startPayload: facts.startPayload,
    inviteLinkName: message.inviteLinkName,
    text: workspace.privacy.keepText ? message.text : '',
    textLength: message.text.length,
    isStartCommand: facts.isStartCommand,
    device: message.device === undefined ? DeviceClass.DEVICE_CLASS_UNSPECIFIED : DEVICES[message.device],
    entryPoint: message.entryPoint,
    internal: own !== undefined,
    internalReason: own ?? '',
    codeWord: codeWord?.word ?? '',
    codeWordSource: printed === undefined ? undefined : configuredSource(printed),
    namedSource: named === undefined ? undefined : configuredSource(named),
    referredProduct: message.referredProduct,
  };
  return { record: record(message.eventId, message.eventTimeMs, { $case: 'message', value }, reception), own, contactKeys: contact.keys };
}

export function identityChangeRecord(change: IdentityChange, reception: Reception): OutRecord {
  const value = {
    previousKeys: keysOf(change.previous, change.channel, reception.workspace),
    keys: keysOf(change.current, change.channel, reception.workspace),
    reason: change.reason,
    platformUserId: change.current.find(({ kind }) => kind === 'bsuid')?.value ?? '',
    channel: WIRE_CHANNELS[change.channel],
  };
  return record(change.eventId, change.eventTimeMs, { $case: 'contactChange', value }, reception);
}

export function statusRecord(event: DeliveryStatus, reception: Reception): OutRecord {
  const { messageId, channel, status, recipient, errorCode, pricingType, correlation } = event;
  const value = {
    messageId,
    channel: WIRE_CHANNELS[channel],
    status: STATUSES[status],
    contact: recipient.length === 0 ? undefined : recipientRef(recipient, channel, reception.workspace),
    errorCode,
    pricingType,
    correlation,
  };
  return record(event.eventId, event.eventTimeMs, { $case: 'messageStatus', value }, reception);
}

export function contactStateRecord(event: ContactState, reception: Reception): OutRecord {
  const { channel, state, contact, connectionId, canReply } = event;
  const value = {
    contact: contactRef(contact, channel, reception.workspace),
    channel: WIRE_CHANNELS[channel],
    state: STATES[state],
    connectionId,
    canReply,
  };
  return record(event.eventId, event.eventTimeMs, { $case: 'contactState', value }, reception);
}

export function automaticEventRecord(event: AutomaticEvent, reception: Reception): OutRecord {
  const { messageId, channel, name, ctwaClid, valueMinor, currency, contact } = event;
  const value = {
    messageId,
    channel: WIRE_CHANNELS[channel],
    name,
    ctwaClid,
    valueMinor,
    currency,
    contact: contact.length === 0 ? undefined : recipientRef(contact, channel, reception.workspace),
  };
  return record(event.eventId, event.eventTimeMs, { $case: 'automaticEvent', value }, reception);
}

export interface SentMessage {
  readonly messageId: string;
  readonly channel: ChannelName;
  readonly contact: ContactRef;
  readonly correlation: string;
  readonly template: string;
  readonly origin: SendOrigin | undefined;
  readonly optedInAtMs: number;
  readonly optInWhere: string;
}

/** The same message has the same event id, whichever record of the queue told that it was sent. */
export function sentRecord({ channel, ...sent }: SentMessage, atMs: number, reception: Reception): OutRecord {
  const value = { ...sent, channel: WIRE_CHANNELS[channel] };
  return record(`sent/${reception.account}/${sent.messageId}`, atMs, { $case: 'sent', value }, reception);
}

/** Pseudonyms of a recipient: those the provider returned before those of the address written to. */
export function recipientContact(
  identifiers: readonly Identifier[],
  channel: ChannelName,
  returned: ContactRef | undefined,
  workspace: Workspace,
): ContactRef {
  const ref = recipientRef(identifiers, channel, workspace);
  const keys = [...new Set([...(returned?.keys ?? []), ...ref.keys])];
  return { ...ref, keys, platformUserId: returned?.platformUserId || ref.platformUserId };
}

/** A status is about a message, not a person: pseudonyms are enough to find whose it was, also where the workspace keeps numbers. */
function recipientRef(identifiers: readonly Identifier[], channel: ChannelName, workspace: Workspace): ContactRef {
  return { ...contactRef({ identifiers, name: '' }, channel, workspace), phone: '' };
}

function contactRef(sender: Pick<Sender, 'identifiers' | 'name' | 'sharedPhone'>, channel: ChannelName, workspace: Workspace): ContactRef {
  const { identifiers, name } = sender;
  const number = numberOf(sender);
  return {
    keys: keysOf(identifiers, channel, workspace),
    platformUserId: identifiers.find(({ kind }) => PLATFORM_IDS.has(kind))?.value ?? '',
    phone: workspace.privacy.keepPhone && number !== undefined ? phoneOfWaId(number) : '',
    name: workspace.privacy.keepName ? name : '',
  };
}

/** Digits of the person's number, where the messenger knows people by it or the person shared it. */
function numberOf({ identifiers, sharedPhone }: Pick<Sender, 'identifiers' | 'sharedPhone'>): string | undefined {
  return identifiers.find(({ kind }) => kind === 'wa_id')?.value ?? sharedPhone;
}

/** What the workspace file says of a placement, in the words of the contract. */
function configuredSource({ name, source }: Placement): Source {
  return {
    utmSource: source.utm_source ?? '',
    utmMedium: source.utm_medium ?? '',
    utmCampaign: source.utm_campaign ?? '',
    utmContent: source.utm_content ?? '',
    utmTerm: source.utm_term ?? '',
    referrerHost: '',
    adId: '',
    clickIds: {},
    placement: name,
  };
}

/** Of a number also the key of its dialled digits: `wa_id` and `from` may differ by a ninth digit, and each may come alone. */
function keysOf(identifiers: readonly Identifier[], channel: ChannelName, workspace: Workspace): string[] {
  const keys: string[] = [];
  for (const { kind, value } of identifiers) {
    keys.push(contactKey(workspace.name, channel, kind, value));
    if (kind !== 'wa_id') continue;
    const dialled = dialledDigits(value);
    if (dialled !== value && !identifiers.some((other) => other.kind === kind && other.value === dialled))
      keys.push(contactKey(workspace.name, channel, kind, dialled));
  }
  return keys;
}

/** A touchpoint of an account, ready for the log. */
export function record(
  eventId: string,
  eventTimeMs: number,
  kind: NonNullable<Touchpoint['kind']>,
  { workspace, account, observedAtMs, traceparent }: Reception,
): OutRecord {
  return {
    topic: TOPICS.touchpoints.name,
    key: `${workspace.name}/${account}`,
    value: encode({ eventId, workspace: workspace.name, account, eventTimeMs, observedAtMs, kind }),
    headers: encodeHeaders({ eventId, type: `Touchpoint.${kind.$case}`, producedAtMs: observedAtMs, traceparent }),
  };
}

/** One writer for all records: a new one grows from 64 bytes by doubling, and a message takes four steps of that. `finish` copies and resets. */
let writer = new BinaryWriter();

function encode(touchpoint: Touchpoint): Uint8Array {
  try {
    return Touchpoint.encode(touchpoint, writer).finish();
  } catch (error) {
    // Half a record must not become the head of the next.
    writer = new BinaryWriter();
    throw error;
  }
}
