/** Messages that the business sends, before any provider is chosen. */
import type { Identifier } from './inbound.ts';
import type { SendReason } from './send-reason.ts';

export interface TemplateContent {
  readonly kind: 'template';
  readonly name: string;
  readonly language: string;
  readonly parameters: readonly string[];
}

export type Content = { readonly kind: 'text'; readonly text: string } | TemplateContent;

/** One message for one recipient. */
export interface OutboundMessage {
  readonly recipient: string;
  readonly content: Content;
  /** Given to the provider where it takes one, so that its statuses name the message. */
  readonly correlation: string;
}

/** What a provider made of a message. Only `later` may be tried again: everything else may have been a message. */
export type SendResult =
  | { readonly kind: 'accepted'; readonly messageId: string; readonly recipient: readonly Identifier[] }
  | { readonly kind: 'refused'; readonly reason: SendReason; readonly code: string }
  /** Certainly not taken. `ofAccount`: the limit is the account's and not the recipient's alone. */
  | {
      readonly kind: 'later';
      readonly reason: 'rate_limited' | 'provider_unavailable';
      readonly code: string;
      readonly afterMs: number;
      readonly ofAccount: boolean;
    }
  /** Handed over without an answer. */
  | { readonly kind: 'unconfirmed'; readonly code: string };
