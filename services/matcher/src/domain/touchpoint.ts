import type { Carrier } from './carrier.ts';
import type { Channel } from './channel.ts';
import type { KnownClick } from './known-click.ts';
import type { ReplayedAnswer } from './lead.ts';
import type { Settings } from './settings.ts';
import type { Source } from './source.ts';

export type Device = 'ios' | 'android' | 'desktop' | 'unknown';
/** Kind of network behind an IP address: how far its place can be believed. */
export type Network = 'fixed' | 'mobile' | 'hosting' | 'vpn' | 'unknown';
/** What a message says beside its codes: a greeting of ours, other words, or nothing that could have been either (media, a bare `/start`). */
export type Wording = 'greeting' | 'other' | 'unknown';

/** What every record says about itself. */
interface Recorded {
  /** Offset in the partition; strictly grows. */
  readonly offset: number;
  readonly workspace: string;
  readonly account: string;
  /** When it happened. Milliseconds since the Unix epoch, UTC. */
  readonly eventTimeMs: number;
  /** When we received it. Milliseconds since the Unix epoch, UTC. */
  readonly observedAtMs: number;
}

/** A click as decisions need it: who may have written, and what tells clicks apart. */
export interface ClickFacts {
  readonly clickId: string;
  /** Canonical tracking code; empty when the placement carries none. */
  readonly code: string;
  readonly clickedAtMs: number;
  readonly source: Source;
  /** Greeting shown, from 0; −1 when none was. */
  readonly greetingVariant: number;
  readonly visitorId: string;
  readonly country: string;
  readonly region: string;
  readonly device: Device;
  readonly languages: readonly string[];
  readonly network: Network;
  /** How much the click looks like a program's, 0 to 1; −1 when nobody judged. */
  readonly botScore: number;
}

export interface ClickTouchpoint extends Recorded {
  readonly kind: 'click';
  readonly click: ClickFacts;
  /** Made by a program: no intent, never a candidate. */
  readonly isBot: boolean;
  /** The workspace's own people trying a link: never a candidate, no statistic counts it; its code still says where a message came from. */
  readonly isInternal: boolean;
  /** The person left a number to be written to: the message that we send them brings the answer back, and the click explains nobody else's words. */
  readonly isSendback?: true | undefined;
}

export interface CodeSeen {
  readonly code: string;
  readonly carrier: Carrier;
  readonly intact: boolean;
}

export interface ReferralSeen {
  readonly ctwaClid: string;
  readonly sourceId: string;
  /** "ad", "post" or what the provider sent, lower case. */
  readonly sourceType: string;
}

export interface CodeWordSeen {
  readonly word: string;
  /** Of the placement that prints it, as configured when the message came. */
  readonly source: Source;
}

/** `words`: anything a person says or sends. `reaction`, `welcome` and `join` have their own rules. */
export type MessageClass = 'words' | 'reaction' | 'welcome' | 'join';

export interface MessageTouchpoint extends Recorded {
  readonly kind: 'message';
  readonly messageId: string;
  /** The message whose text this one replaces; empty when it is no edit. */
  readonly editsMessageId: string;
  readonly channel: Channel;
  readonly class: MessageClass;
  /** Pseudonyms of the contact, strongest first; at least one. */
  readonly contactKeys: readonly string[];
  readonly platformUserId: string;
  readonly phone: string;
  readonly codes: readonly CodeSeen[];
  readonly referral: ReferralSeen | undefined;
  readonly replyToMessageId: string;
  readonly forwarded: boolean;
  readonly startPayload: string;
  readonly inviteLinkName: string;
  /** Configured source of the placement that the invite link or the start payload names; undefined when neither names one. */
  readonly namedSource: Source | undefined;
  /** Printed code word in the text and what it stands for; undefined when none was found. */
  readonly codeWord: CodeWordSeen | undefined;
  /** What row 6 compares with clicks. */
  readonly language: string;
  readonly uiLanguage: string;
  readonly country: string;
  readonly region: string;
  /** −1 when no greeting was recognised. */
  readonly greetingVariant: number;
  readonly greetingPlacement: string;
  readonly wording: Wording;
  /** Kind of device, where the channel shows it. */
  readonly device: Device;
  /** Written by the workspace's own people or by a program: it starts no lead, no statistic counts it. */
  readonly isInternal: boolean;
}

export interface ContactChangeTouchpoint extends Recorded {
  readonly kind: 'contact_change';
  readonly previousKeys: readonly string[];
  readonly keys: readonly string[];
}

export interface CorrectionTouchpoint extends Recorded {
  readonly kind: 'correction';
  readonly leadId: string;
  readonly clickId: string;
  readonly source: Source | undefined;
  readonly correctedBy: string;
  /** Set when it is the answer of a replay; undefined when somebody outside knows. */
  readonly replayed: ReplayedAnswer | undefined;
}

export interface TickTouchpoint extends Recorded {
  readonly kind: 'tick';
  readonly atMs: number;
}

export interface EpochTouchpoint extends Recorded {
  readonly kind: 'epoch';
  readonly settings: Settings;
}

/** What became of a message that we sent, or what a person allows. It decides nothing; that time passed is all the fold takes from it. */
export interface StatusTouchpoint extends Recorded {
  readonly kind: 'status';
}

/** A goal that the platform says it detected in a conversation of ours. */
export interface DetectedGoalTouchpoint extends Recorded {
  readonly kind: 'detected_goal';
  readonly messageId: string;
  /** The platform's own word, 1 to 32 characters. */
  readonly name: string;
  /** Click id of the ad that the conversation began at; empty when not given. */
  readonly ctwaClid: string;
  /** Minor units of `currency`; 0 when there is none. */
  readonly valueMinor: number;
  /** ISO 4217; empty when there is no value. */
  readonly currency: string;
  /** Pseudonyms of the person; empty where the platform names nobody, as it mostly does. */
  readonly contactKeys: readonly string[];
}

/** We wrote to a person first: whoever replies, or writes next under one of these keys, came from the click. */
export interface SentTouchpoint extends Recorded {
  readonly kind: 'sent';
  readonly messageId: string;
  readonly contactKeys: readonly string[];
  readonly click: KnownClick;
}

/** From here on another model is in force, for every account of the partition. */
export interface ModelTouchpoint extends Recorded {
  readonly kind: 'model';
  readonly workspace: '';
  readonly account: '';
  /** Version of model.v1, from 1. */
  readonly modelVersion: number;
}

export type Touchpoint =
  | ClickTouchpoint
  | MessageTouchpoint
  | ContactChangeTouchpoint
  | CorrectionTouchpoint
  | TickTouchpoint
  | EpochTouchpoint
  | StatusTouchpoint
  | DetectedGoalTouchpoint
  | SentTouchpoint
  | ModelTouchpoint;

const DAY_MS = 86_400_000;

/**
 * The time a decision uses. A messenger's clock may be a little ahead of ours, and a webhook may be days late; a time before 1970 or more
 * than a day after we received it is no time at all, and would keep its lead open for ever: then the time of receipt stands in.
 */
export function decisionTimeMs(touchpoint: { readonly eventTimeMs: number; readonly observedAtMs: number }): number {
  const { eventTimeMs, observedAtMs } = touchpoint;
  return eventTimeMs > 0 && eventTimeMs <= observedAtMs + DAY_MS ? eventTimeMs : observedAtMs;
}
