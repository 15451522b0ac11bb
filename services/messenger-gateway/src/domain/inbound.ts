/** What a messenger told us, normalised over providers, before anything is found in its text. The text lives no longer than the request. */
import type { Outcome } from '@messtrack/runtime/outcome.ts';

export type Channel = 'whatsapp' | 'telegram' | 'messenger' | 'instagram' | 'vk' | 'max';

export type MessageKind =
  | 'text'
  | 'image'
  | 'video'
  | 'audio'
  | 'document'
  | 'sticker'
  | 'location'
  | 'contacts'
  | 'button'
  | 'interactive'
  | 'reaction'
  | 'order'
  | 'welcome'
  | 'join'
  | 'poll'
  | 'checklist'
  | 'story'
  | 'giveaway'
  | 'unknown';

/** `desktop` is also the web client. */
export type DeviceKind = 'ios' | 'android' | 'desktop';

/** `lid` is WhatsApp's id of a person whose number is hidden, as linked devices see it. */
export type IdentifierKind = 'wa_id' | 'lid' | 'bsuid' | 'parent_bsuid' | 'tg_user' | 'psid' | 'igsid' | 'vk_user' | 'max_user';

/** One identifier the provider gave of a person. */
export interface Identifier {
  readonly kind: IdentifierKind;
  readonly value: string;
}

/** Who wrote. */
export interface Sender {
  /** Strongest first, at least one: business-scoped id, phone number, parent id. A business-scoped id is in every webhook; the number may be withheld. */
  readonly identifiers: readonly Identifier[];
  /** Display name; empty when not given. */
  readonly name: string;
  /** Language of the messenger's user interface as sent; empty when not given. */
  readonly uiLanguage: string;
  /** The platform says that a program wrote: another business's bot in a chat of ours. */
  readonly isBot: boolean;
  /** Digits of the number that the person shared of themselves in this very message; absent otherwise. It is no identifier: the messenger knows people by another. */
  readonly sharedPhone?: string | undefined;
}

export interface Referral {
  readonly ctwaClid: string;
  readonly sourceId: string;
  readonly sourceType: string;
  readonly sourceUrl: string;
  readonly headline: string;
}

/** The way into a chat in WhatsApp's own words, as a linked device sees it. */
export interface EntryPoint {
  /** Lower case, at most 64 characters: `click_to_chat_link`, `ctwa_ad`, `global_search_new_chat`, … */
  readonly source: string;
  /** Application it was opened from; empty when not told. */
  readonly app: string;
  /** Undocumented; probably seconds from the tap to the message. */
  readonly delaySeconds: number | undefined;
}

export interface InboundMessage {
  readonly type: 'message';
  readonly channel: Channel;
  readonly eventId: string;
  readonly messageId: string;
  /** By the messenger's clock. Milliseconds since the Unix epoch, UTC. */
  readonly eventTimeMs: number;
  readonly kind: MessageKind;
  readonly sender: Sender;
  /** What the person wrote: body, caption, comment on an order; empty when they wrote nothing. */
  readonly text: string;
  /** Where a code may stand besides the text: file name, button payload, list id. */
  readonly attachments: readonly string[];
  /** Payload of a button that the business made; empty otherwise. */
  readonly buttonPayload: string;
  /** The person wrote to the bot's `/start`: only Telegram gives the words this meaning. */
  readonly mayBeStartCommand: boolean;
  /** What the link that opened the chat carried beside the text (`ref` of Messenger, Instagram and VK, MAX's start payload); absent where there was none. */
  readonly linkPayload?: string | undefined;
  readonly referral: Referral | undefined;
  readonly replyToMessageId: string;
  readonly forwarded: boolean;
  /** Set on edits: the message whose text this replaces. */
  readonly editsMessageId: string;
  readonly inviteLinkName: string;
  /** What the person wrote on; absent where the provider does not show it. */
  readonly device?: DeviceKind | undefined;
  /** Absent where the provider does not show it. */
  readonly entryPoint?: EntryPoint | undefined;
  /** Product of the business's catalogue that the message is about; absent where there is none. */
  readonly referredProduct?: { readonly catalogId: string; readonly productRetailerId: string } | undefined;
  /** Channel or group of the invite link, its user name without "@" and empty when it has none; absent where there is no link. */
  readonly inviteChat?: { readonly id: string; readonly username: string } | undefined;
}

/** A person got other identifiers. */
export interface IdentityChange {
  readonly type: 'identity_change';
  readonly channel: Channel;
  readonly eventId: string;
  readonly eventTimeMs: number;
  readonly previous: readonly Identifier[];
  readonly current: readonly Identifier[];
  readonly reason: 'changed_number' | 'changed_user_id';
}

/** `unknown`: a word of the provider that this version does not know. */
export type StatusWord = 'sent' | 'delivered' | 'read' | 'played' | 'failed' | 'deleted' | 'unknown';

/** What became of a message that we sent. */
export interface DeliveryStatus {
  readonly type: 'delivery_status';
  readonly channel: Channel;
  /** The same status of the same message always has the same id: `{prefix}/{receiver}/{message id}/{status}`. */
  readonly eventId: string;
  readonly eventTimeMs: number;
  /** Id the provider gave when it took the message. */
  readonly messageId: string;
  readonly status: StatusWord;
  /** Recipient as far as named; may be empty. */
  readonly recipient: readonly Identifier[];
  /** The provider's code as it writes it, at most 64 characters; empty unless `status` is `failed`. */
  readonly errorCode: string;
  /** `regular`, `free_entry_point`, … as the provider writes it; empty when not told. */
  readonly pricingType: string;
  /** What we gave the provider to tell the message by; empty when nothing. */
  readonly correlation: string;
}

/** `blocked`, `unblocked`: may the account write to the person. `connected`, `disconnected`: the person lets the account act for their own account. */
export type ContactStateWord = 'blocked' | 'unblocked' | 'connected' | 'disconnected';

/** What a person allows the account. */
export interface ContactState {
  readonly type: 'contact_state';
  readonly channel: Channel;
  readonly eventId: string;
  readonly eventTimeMs: number;
  readonly state: ContactStateWord;
  readonly contact: Sender;
  /** Id by which what is sent names the connection; empty for blocks. */
  readonly connectionId: string;
  /** The connection lets the account answer; undefined for blocks. */
  readonly canReply: boolean | undefined;
}

/** A goal that the platform says it detected in a conversation. */
export interface AutomaticEvent {
  readonly type: 'automatic_event';
  readonly channel: Channel;
  readonly eventId: string;
  readonly eventTimeMs: number;
  /** Message in which it was detected. */
  readonly messageId: string;
  /** `LeadSubmitted`, `Purchase` or what the platform sends, at most 32 characters. */
  readonly name: string;
  readonly ctwaClid: string;
  /** Minor units of the currency; 0 when there is no value. */
  readonly valueMinor: number;
  /** ISO 4217, upper case; empty when there is no value. */
  readonly currency: string;
  /** May be empty. */
  readonly contact: readonly Identifier[];
}

export type InboundEvent = InboundMessage | IdentityChange | DeliveryStatus | ContactState | AutomaticEvent;

/** One element of a webhook judged for itself: a bad one never costs its siblings. */
export interface Reading {
  readonly outcome: Outcome<InboundEvent>;
  /** The provider's id of the receiving account as the payload names it; undefined when it names none. */
  readonly receiver: string | undefined;
  /** The element as parsed: what a dead letter keeps. */
  readonly element: unknown;
}
