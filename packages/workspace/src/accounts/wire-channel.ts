import { Channel as WireChannel } from '@messtrack/proto/gen/messtrack/v1/source.ts';
import type { Channel } from './account-kind.ts';

/** Channels in the words of the contract. */
export const WIRE_CHANNELS: Readonly<Record<Channel, WireChannel>> = {
  whatsapp: WireChannel.CHANNEL_WHATSAPP,
  telegram: WireChannel.CHANNEL_TELEGRAM,
  messenger: WireChannel.CHANNEL_MESSENGER,
  instagram: WireChannel.CHANNEL_INSTAGRAM,
  vk: WireChannel.CHANNEL_VK,
  max: WireChannel.CHANNEL_MAX,
};
