import type { OutRecord } from '@messtrack/runtime/bus.ts';
import type { SendbackTemplate, Workspace } from '@messtrack/workspace/workspace.ts';
import type { BotReason } from './domain/bot.ts';
import type { ClickFacts, PlaceFacts, VisitFacts } from './domain/click.ts';
import type { DeviceKind } from './domain/device.ts';
import type { NetworkKind } from './domain/network-class.ts';
import type { SourceFacts } from './domain/source.ts';

/** Where an IP address is; nowhere, for what is none. */
export interface Geo {
  lookup(ip: string): PlaceFacts;
}

/** What kind of network an IP address belongs to. Answers at once, or later while the table of the address family is being loaded. Never rejects for an address. */
export interface Networks {
  kindOf(ip: string): NetworkKind | Promise<NetworkKind>;
}

/** What the tables know of an address. */
export interface AddressFacts {
  readonly place: PlaceFacts;
  readonly network: NetworkKind;
}

/** Both at once. Answers like `Geo`. */
export interface Addresses {
  read(ip: string): AddressFacts | Promise<AddressFacts>;
}

/** Answers that are the same for the same header, remembered. */
export interface HeaderReader {
  userAgent(value: string): { readonly device: DeviceKind; readonly isInApp: boolean; readonly bot: BotReason | undefined };
  languages(value: string): readonly string[];
  /** Of a Referer; empty when it is no URL with a host. */
  referrerHost(value: string): string;
}

/** How often somebody was here in the last seconds. */
export interface RecentClicks {
  /** Requests of this key within ten seconds of the first, this one counted. */
  count(key: string, nowMs: number): number;
}

/** A record whose key is text. */
export type KeyedRecord = OutRecord & { readonly key: string };

export type Durability = 'acknowledged' | 'spooled';

/** Where records become durable. */
export interface Outbox {
  /**
   * Resolves when every record is with the broker, or, when that takes longer than the deadline, on the local disk.
   * Rejects with `SpoolFullError` or `SpoolWriteError` when neither can be had: nothing was accepted.
   */
  put(records: readonly KeyedRecord[]): Promise<Durability>;
}

/** From facts to records of the log. */
export interface Codec {
  click(click: ClickFacts, producedAtMs: number, traceparent: string | undefined): KeyedRecord & { readonly eventId: string };
  visit(visit: VisitFacts, producedAtMs: number, traceparent: string | undefined): KeyedRecord & { readonly eventId: string };
}

/** What is known of earlier visits. A fast path: an absent store costs a click its first-touch source, never the click. */
export interface VisitMemory {
  /** Source of the visit; undefined when it is unknown or the store does not answer in time. Never rejects. */
  sourceOf(workspace: string, visitId: string): Promise<SourceFacts | undefined>;
  /** Keeps an encoded visit. Never rejects. */
  keep(workspace: string, visitId: string, visit: Uint8Array, expiresAtMs: number): Promise<void>;
}

/** A person who wants to be written to first. */
export interface WriteFirstRequest {
  readonly workspace: Workspace;
  readonly account: string;
  /** E.164. */
  readonly recipient: string;
  /** Same key, same message. */
  readonly key: string;
  readonly template: SendbackTemplate;
  readonly click: ClickFacts;
}

export type WriteFirstAnswer =
  /** `unconfirmed`: handed over, and nobody knows whether it arrived; it is not sent again. */
  | { readonly kind: 'sent' | 'queued' | 'unconfirmed' }
  /** `reason` as in messenger_service.proto; `unreachable` when the gateway does not answer. */
  | { readonly kind: 'refused'; readonly reason: string; readonly retryAfterMs: number };

/** Whoever sends the first message. Never rejects. */
export interface WriteFirst {
  send(request: WriteFirstRequest): Promise<WriteFirstAnswer>;
}

/** Which accounts are reported unwell: banned, disconnected, full. Nobody but pools asks. */
export interface AccountHealth {
  /** What was known a moment ago, at once; an account nobody knows anything of is well. */
  isWell(workspace: string, account: string): boolean;
  /** When an unwell account counts as well again, asked now. Milliseconds since the Unix epoch, UTC; undefined: it is well. */
  unwellUntil(workspace: string, account: string): Promise<number | undefined>;
  /** Keeps a report for all instances; undefined ends an earlier one. Never rejects. */
  report(workspace: string, account: string, untilMs: number | undefined): Promise<'kept' | 'unavailable'>;
}

export interface Workspaces {
  current(): ReadonlyMap<string, Workspace>;
}

export interface Clock {
  /** Milliseconds since the Unix epoch. */
  now(): number;
}

/** `n` random bytes that nobody can guess. */
export type RandomBytes = (n: number) => Uint8Array;
