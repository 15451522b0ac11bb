import type { Channel } from './channel.ts';
import type { Source } from './source.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

/** What decides the attributions of one account; it comes from epoch records of the log and never from a file. */
export interface Settings {
  /** How long a code or a click can explain a message. Milliseconds. */
  readonly clickWindowMs: number;
  /** How long after its last message a contact still belongs to its lead. Milliseconds. */
  readonly returningWindowMs: number;
  /** The source this account serves alone. */
  readonly dedicatedSource: Source | undefined;
  readonly channel: Channel;
  /** Hash of the workspace's settings; empty before the first epoch. */
  readonly workspaceRevision: string;
  readonly modelVersion: number;
}

/** In force until the account's first epoch record. */
export const DEFAULT_SETTINGS: Settings = {
  clickWindowMs: 30 * DAY_MS,
  returningWindowMs: 90 * DAY_MS,
  dedicatedSource: undefined,
  channel: 'unknown',
  workspaceRevision: '',
  modelVersion: 0,
};

/** Windows outside what AccountSettings allows (1 h to 400 d) come from a foreign or older writer: 0 means "not set", the rest is clamped. */
export function windowOrDefault(valueMs: number, defaultMs: number): number {
  if (!(valueMs > 0)) return defaultMs;
  return Math.min(Math.max(valueMs, HOUR_MS), 400 * DAY_MS);
}
