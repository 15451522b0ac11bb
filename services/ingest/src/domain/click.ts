import type { Carrier } from '@messtrack/tracking-code/tracking-code.ts';
import type { BotReason } from './bot.ts';
import type { BotScore } from './bot-score.ts';
import type { DeviceKind } from './device.ts';
import type { NetworkKind } from './network-class.ts';
import type { OwnClickReason } from './own-click.ts';
import type { SourceFacts } from './source.ts';
import type { SourceClass } from './source-class.ts';

/** Where an IP address is; empty text where unknown. */
export interface PlaceFacts {
  /** ISO 3166-1 alpha-2. */
  readonly country: string;
  readonly region: string;
  readonly city: string;
}

/** What a request says about the browser behind it. */
export interface Visitor {
  readonly ip: string;
  readonly place: PlaceFacts;
  readonly network: NetworkKind;
  readonly device: DeviceKind;
  /** The browser is part of another app and keeps redirects to itself. */
  readonly isInApp: boolean;
  readonly userAgent: string;
  readonly languages: readonly string[];
  readonly bot: BotReason | undefined;
}

/** One use of a placement, before it is put into a record. */
export interface ClickFacts {
  readonly workspace: string;
  readonly account: string;
  readonly placement: string;
  readonly clickId: string;
  readonly code: string;
  /** What the code was given to, as the placement says. */
  readonly carriers: readonly Carrier[];
  readonly greetingVariant: number | undefined;
  readonly visitId: string;
  readonly visitorId: string;
  readonly source: SourceFacts;
  /** Kind of `source`; set on the way to the log. */
  readonly sourceClass?: SourceClass;
  readonly visitor: Visitor;
  readonly botScore: BotScore;
  /** Why the click is the workspace's own; undefined when it is somebody else's. */
  readonly own: OwnClickReason | undefined;
  /** Empty unless the workspace keeps addresses. */
  readonly keptIp: string;
  readonly origin: 'redirect' | 'beacon' | 'sendback';
  readonly eventTimeMs: number;
  readonly observedAtMs: number;
}

export interface VisitFacts {
  readonly workspace: string;
  readonly visitId: string;
  readonly visitorId: string;
  readonly startedAtMs: number;
  readonly observedAtMs: number;
  readonly source: SourceFacts;
  /** Kind of `source`; set on the way to the log. */
  readonly sourceClass?: SourceClass;
  readonly firstTouch: SourceFacts | undefined;
  readonly lastTouch: SourceFacts | undefined;
  readonly landingPage: string;
  readonly pages: readonly { readonly url: string; readonly seenAtMs: number }[];
  readonly visitor: Visitor;
  readonly analyticsIds: Readonly<Record<string, string>>;
  /** What the visitor allowed, by Google's names; empty when the page did not say. */
  readonly consent: Readonly<Record<string, 'granted' | 'denied'>>;
}

/** The same click has the same id however often it is sent. */
export function clickEventId(workspace: string, clickId: string): string {
  return `click/${workspace}/${clickId}`;
}
