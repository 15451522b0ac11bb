import type { Device, Network } from '../touchpoint.ts';

/** What tells kinds of clicks apart where rates are concerned: device, network and how much like a program it looks. */
export const DEVICES: readonly Device[] = ['ios', 'android', 'desktop', 'unknown'];
/** Place of a click whose device nobody knows. */
export const UNKNOWN_DEVICE = DEVICES.indexOf('unknown');
export const NETWORKS: readonly Network[] = ['fixed', 'mobile', 'hosting', 'vpn', 'unknown'];
/** Bot scores in eighths, and one bin for clicks nobody judged. */
export const BOT_BINS = 9;

export const KINDS = DEVICES.length * NETWORKS.length;
export const STRATA = KINDS * BOT_BINS;

/** An address of the network says where its person is: those of VPNs and data centres do not. */
export function isLocated(network: number): boolean {
  return NETWORKS[network] !== 'vpn' && NETWORKS[network] !== 'hosting';
}

export function deviceIndex(device: Device): number {
  return DEVICES.indexOf(device);
}

export function networkIndex(network: Network): number {
  return NETWORKS.indexOf(network);
}

export function botBin(score: number): number {
  if (!(score >= 0)) return 0;
  return 1 + Math.min(BOT_BINS - 2, Math.floor(score * (BOT_BINS - 1)));
}

/** Middle of a bin of scores; undefined for clicks nobody judged. */
export function botScoreOf(bin: number): number | undefined {
  return bin === 0 ? undefined : (bin - 0.5) / (BOT_BINS - 1);
}

export function kindOf(device: number, network: number): number {
  return device * NETWORKS.length + network;
}

export function stratumOf(kind: number, bot: number): number {
  return kind * BOT_BINS + bot;
}

/** As tables: a division for each of thousands of clicks of a message is most of what these take. */
const KIND_OF_STRATUM = Uint8Array.from({ length: STRATA }, (_, stratum) => Math.floor(stratum / BOT_BINS));
const DEVICE_OF_KIND = Uint8Array.from({ length: KINDS }, (_, kind) => Math.floor(kind / NETWORKS.length));

export function kindOfStratum(stratum: number): number {
  return KIND_OF_STRATUM[stratum]!;
}

export function deviceOf(kind: number): number {
  return DEVICE_OF_KIND[kind]!;
}

export function networkOf(kind: number): number {
  return kind % NETWORKS.length;
}
