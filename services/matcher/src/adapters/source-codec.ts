import {
  DeviceClass,
  NetworkClass,
  Carrier as WireCarrier,
  Channel as WireChannel,
  type Source as WireSource,
  SourceKind as WireSourceKind,
} from '@messtrack/proto/gen/messtrack/v1/source.ts';
import { Click_Origin, MessageKind } from '@messtrack/proto/gen/messtrack/v1/touchpoint.ts';
import type { Carrier } from '../domain/carrier.ts';
import type { Channel } from '../domain/channel.ts';
import { EMPTY_SOURCE, type Source, type SourceKind } from '../domain/source.ts';
import type { Device, MessageClass, Network, Wording } from '../domain/touchpoint.ts';

export function toSource(wire: WireSource | undefined): Source {
  if (wire === undefined) return EMPTY_SOURCE;
  const { utmSource, utmMedium, utmCampaign, utmContent, utmTerm, referrerHost, adId, placement } = wire;
  const clickIds = Object.entries(wire.clickIds);
  const kind = toSourceKind(wire.kind ?? 0);
  return { utmSource, utmMedium, utmCampaign, utmContent, utmTerm, referrerHost, adId, clickIds, placement, kind };
}

/** Clicks say the kind of their source beside it. */
export function withKind(source: Source, wireKind: number | undefined): Source {
  const kind = toSourceKind(wireKind ?? 0);
  return kind === 'unknown' ? source : { ...source, kind };
}

export function fromSource({ kind, ...source }: Source): WireSource {
  const named = { ...source, clickIds: Object.fromEntries(source.clickIds) };
  return kind === 'unknown' ? named : { ...named, kind: fromSourceKind(kind) };
}

/** By the numbers of the wire. The place in the list is also what snapshots and the join store hold. */
export const SOURCE_KINDS = [
  'unknown',
  'ad',
  'search',
  'social',
  'assistant',
  'messenger',
  'email',
  'campaign',
  'referral',
  'direct',
] satisfies SourceKind[];

export function toSourceKind(wire: number): SourceKind {
  return SOURCE_KINDS[wire] ?? 'unknown';
}

export function fromSourceKind(kind: SourceKind): WireSourceKind {
  switch (kind) {
    case 'unknown':
      return WireSourceKind.SOURCE_KIND_UNSPECIFIED;
    case 'ad':
      return WireSourceKind.SOURCE_KIND_AD;
    case 'search':
      return WireSourceKind.SOURCE_KIND_SEARCH;
    case 'social':
      return WireSourceKind.SOURCE_KIND_SOCIAL;
    case 'assistant':
      return WireSourceKind.SOURCE_KIND_ASSISTANT;
    case 'messenger':
      return WireSourceKind.SOURCE_KIND_MESSENGER;
    case 'email':
      return WireSourceKind.SOURCE_KIND_EMAIL;
    case 'campaign':
      return WireSourceKind.SOURCE_KIND_CAMPAIGN;
    case 'referral':
      return WireSourceKind.SOURCE_KIND_REFERRAL;
    case 'direct':
      return WireSourceKind.SOURCE_KIND_DIRECT;
  }
}

const CHANNELS: readonly Channel[] = ['unknown', 'whatsapp', 'telegram', 'messenger', 'instagram', 'vk', 'max'];

export function toChannel(wire: number): Channel {
  return CHANNELS[wire] ?? 'unknown';
}

export function fromChannel(channel: Channel): WireChannel {
  switch (channel) {
    case 'whatsapp':
      return WireChannel.CHANNEL_WHATSAPP;
    case 'telegram':
      return WireChannel.CHANNEL_TELEGRAM;
    case 'messenger':
      return WireChannel.CHANNEL_MESSENGER;
    case 'instagram':
      return WireChannel.CHANNEL_INSTAGRAM;
    case 'vk':
      return WireChannel.CHANNEL_VK;
    case 'max':
      return WireChannel.CHANNEL_MAX;
    case 'unknown':
      return WireChannel.CHANNEL_UNSPECIFIED;
  }
}

const CARRIERS: readonly Carrier[] = ['none', 'visible', 'emoji', 'invisible', 'start_payload', 'word'];

export function toCarrier(wire: number): Carrier {
  return CARRIERS[wire] ?? 'none';
}

export function fromCarrier(carrier: Carrier): WireCarrier {
  switch (carrier) {
    case 'none':
      return WireCarrier.CARRIER_UNSPECIFIED;
    case 'visible':
      return WireCarrier.CARRIER_VISIBLE;
    case 'emoji':
      return WireCarrier.CARRIER_EMOJI;
    case 'invisible':
      return WireCarrier.CARRIER_INVISIBLE;
    case 'start_payload':
      return WireCarrier.CARRIER_START_PAYLOAD;
    case 'word':
      return WireCarrier.CARRIER_WORD;
  }
}

const DEVICES: Readonly<Record<number, Device>> = {
  [DeviceClass.DEVICE_CLASS_IOS]: 'ios',
  [DeviceClass.DEVICE_CLASS_ANDROID]: 'android',
  [DeviceClass.DEVICE_CLASS_DESKTOP]: 'desktop',
};

export function toDevice(wire: number): Device {
  return DEVICES[wire] ?? 'unknown';
}

const NETWORKS: Readonly<Record<number, Network>> = {
  [NetworkClass.NETWORK_CLASS_FIXED]: 'fixed',
  [NetworkClass.NETWORK_CLASS_MOBILE]: 'mobile',
  [NetworkClass.NETWORK_CLASS_HOSTING]: 'hosting',
  [NetworkClass.NETWORK_CLASS_VPN]: 'vpn',
};

export function toNetwork(wire: number): Network {
  return NETWORKS[wire] ?? 'unknown';
}

/** −1 when nobody judged, and for what is no number between 0 and 1: a foreign writer's mistake is no evidence. */
export function toBotScore(wire: number | undefined): number {
  // Plus zero: a snapshot keeps no sign of a −0, and the state after a restart would not be the state before it.
  return wire !== undefined && wire >= 0 && wire <= 1 ? wire + 0 : -1;
}

export function toMessageClass(wire: number): MessageClass {
  switch (wire) {
    case MessageKind.MESSAGE_KIND_REACTION:
      return 'reaction';
    case MessageKind.MESSAGE_KIND_WELCOME:
      return 'welcome';
    case MessageKind.MESSAGE_KIND_JOIN:
      return 'join';
    default:
      return 'words';
  }
}

interface Worded {
  readonly greetingVariant: number;
  readonly greetingSimilarity: number;
  readonly textLength: number;
  readonly isStartCommand: boolean;
  readonly forwarded: boolean;
}

/**
 * A text in which no greeting was recognised is other words. There is nothing to say without text, for the messenger's own `/start`, for a forwarded text, in which the
 * gateway looks for no greeting, and for a greeting that several placements have under different numbers.
 */
export function wordingOf({ greetingVariant, greetingSimilarity, textLength, isStartCommand, forwarded }: Worded): Wording {
  if (greetingVariant >= 0) return 'greeting';
  return textLength > 0 && !isStartCommand && !forwarded && !(greetingSimilarity > 0) ? 'other' : 'unknown';
}

/** Every other way in is one: the person goes to the messenger. */
export function toSendback(origin: number): true | undefined {
  return origin === Click_Origin.ORIGIN_SENDBACK ? true : undefined;
}
