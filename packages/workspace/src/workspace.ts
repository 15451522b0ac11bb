import type { Carrier } from '@messtrack/tracking-code/tracking-code.ts';
import type { Channel } from './accounts/account-kind.ts';
import type { Account } from './accounts/account-kinds.ts';
import type { OpeningHours } from './opening-hours.ts';

/** A workspace as the services see it: validated, references resolved, defaults filled in. Immutable; a reload makes a new one. */
export interface Workspace {
  /** 1 to 63 characters of [a-z0-9-], starting with a letter. */
  readonly name: string;
  /** Hash of all settings that bear on decisions (secrets excluded): 16 hexadecimal characters. */
  readonly revision: string;
  readonly apiTokens: readonly Secret[];
  /** Scheme and host of its links as the world reaches them; empty where the file does not say. */
  readonly publicUrl: string;
  readonly accounts: ReadonlyMap<string, Account>;
  readonly placements: ReadonlyMap<string, Placement>;
  readonly privacy: Privacy;
  readonly snippet: SnippetPolicy;
  readonly matching: MatchingSettings;
  readonly internal: InternalTraffic;
  /** Kept as parsed; the exporter of destinations and the router read them. */
  readonly destinations: ReadonlyMap<string, Destination>;
  readonly routing: readonly RoutingRule[];
}

/** A secret value that no serialiser prints: `toString`, `toJSON` and inspection give `[secret]`. */
export interface Secret {
  reveal(): string;
}

export interface Placement {
  readonly name: string;
  readonly kind: 'site' | 'redirect' | 'qr' | 'print' | 'invite';
  /** The account it leads to; of a pool the first. */
  readonly account: string;
  /** Accounts its clicks are spread over, all of one channel; one member of weight 1 where the file names no pool. */
  readonly pool: readonly PoolMember[];
  /** How the code travels: at least one, each once. `start_payload` alone where the link has a payload, any of the others where it has a text. */
  readonly carriers: readonly Carrier[];
  /** Greetings without code, in order; the variant number is the index. At least one where the code travels in a text, may be empty for `start_payload`. */
  readonly greetings: readonly string[];
  /** Printed code words as the file spells them; whoever writes one to an account of the pool has seen this placement. */
  readonly words: readonly string[];
  /** Short names under /go, unique over all workspaces. */
  readonly vanity: readonly string[];
  /** How the code stands in the greeting: contains `{code}` once, e.g. "{greeting} (request no. {code})". */
  readonly codeTemplate: string;
  /** The named link of a Telegram channel or group whose joins are its leads; undefined for every other kind. No click leads to it. */
  readonly invite: InviteLink | undefined;
  /** Allowed CORS origins for POST /v1/clicks; empty: none. */
  readonly origins: readonly string[];
  /** What is sent to whoever leaves a number; undefined: the placement has no such form. */
  readonly sendback: SendbackTemplate | undefined;
  /** Configured source; utm_* of the query win over it. */
  readonly source: SourceSettings;
}

export interface InviteLink {
  /** "@name" or the id in decimal. */
  readonly chat: string;
  /** 1 to 32 characters. */
  readonly linkName: string;
}

/** An approved template that opens a conversation. */
export interface SendbackTemplate {
  readonly template: string;
  readonly language: string;
  readonly parameters: readonly string[];
}

export interface PoolMember {
  readonly account: string;
  /** Share of the clicks relative to the other members, above 0. */
  readonly weight: number;
  /** When it is answered; undefined: always. */
  readonly hours: OpeningHours | undefined;
  /** Taken out of the rotation by hand. */
  readonly isPaused: boolean;
}

export interface SourceSettings {
  readonly utm_source?: string | undefined;
  readonly utm_medium?: string | undefined;
  readonly utm_campaign?: string | undefined;
  readonly utm_content?: string | undefined;
  readonly utm_term?: string | undefined;
}

/** Defaults are closed: everything false. */
export interface Privacy {
  readonly keepText: boolean;
  readonly keepPhone: boolean;
  readonly keepName: boolean;
  readonly keepIp: boolean;
}

/** How the script that sites embed behaves. No decision depends on it, so it is no part of the revision. */
export interface SnippetPolicy {
  /** True: browsers keep a visit until consent is denied. False: not before it is given. */
  readonly isConsentAssumed: boolean;
  /** The dialog that visitors at a computer get; undefined: no placement has it. */
  readonly widget: WidgetPolicy | undefined;
}

export interface WidgetPolicy {
  /** Placements of kind site that have it, at least one. */
  readonly placements: readonly string[];
  /** Empty: the host of the page. */
  readonly business: string;
  /** ISO 639-1, one that the dialog speaks; empty: as the page or the browser says. */
  readonly language: string;
  /** `#rrggbb`. */
  readonly accent: string;
  /** Pixels at the edges of the window. */
  readonly offset: number;
  readonly zIndex: number;
  /** Empty: no link. */
  readonly privacyUrl: string;
}

export interface MatchingSettings {
  /** How long a click can explain a message. Default 30 days. */
  readonly clickWindowMs: number;
  /** How long after its last message a contact still belongs to its lead. Default 90 days. */
  readonly returningWindowMs: number;
}

/** The workspace's own people and what they try: marked where it is seen, left out of leads and statistics, shown as such. */
export interface InternalTraffic {
  /** Contact keys of own people, by the channel they write on, none where a channel is absent; at most 1,500 each, sorted. */
  readonly contacts: Readonly<Partial<Record<Channel, readonly string[]>>>;
  /** visitor_id of own browsers. */
  readonly visitors: readonly string[];
  /** Placements that are for trying only. */
  readonly placements: readonly string[];
  /** Addresses and networks (CIDR) of own offices. */
  readonly networks: readonly string[];
  /** Query parameter that marks a redirect as a test, lower case; empty when there is none. */
  readonly parameter: string;
}

export interface Destination {
  readonly name: string;
  readonly type: 'webhook';
  readonly url: string;
  readonly secret: Secret | undefined;
}

export interface RoutingRule {
  readonly when: Readonly<Record<string, string>>;
  readonly set: Readonly<Record<string, string>>;
}

/** The workspaces in force now. `current()` changes at a reload; `onChange` tells afterwards. */
export interface WorkspaceRegistry {
  current(): ReadonlyMap<string, Workspace>;
  onChange(listener: (workspaces: ReadonlyMap<string, Workspace>) => void): void;
  close(): Promise<void>;
}
