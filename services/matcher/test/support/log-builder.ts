import { DEFAULT_SETTINGS, type Settings } from '../../src/domain/settings.ts';
import { EMPTY_SOURCE, type Source } from '../../src/domain/source.ts';
import type {
  ClickFacts,
  ClickTouchpoint,
  ContactChangeTouchpoint,
  CorrectionTouchpoint,
  EpochTouchpoint,
  MessageTouchpoint,
  ModelTouchpoint,
  SentTouchpoint,
  TickTouchpoint,
  Touchpoint,
} from '../../src/domain/touchpoint.ts';

export const T0 = 1_790_000_000_000;
export const SECOND = 1_000;
export const MINUTE = 60_000;
export const HOUR = 3_600_000;
export const DAY = 86_400_000;

/** A touchpoint before it has a place in a log. */
export type Unplaced = Touchpoint extends infer T ? (T extends Touchpoint ? Omit<T, 'offset'> : never) : never;

export function log(...touchpoints: readonly Unplaced[]): readonly Touchpoint[] {
  return touchpoints.map((touchpoint, offset) => ({ ...touchpoint, offset }) as Touchpoint);
}

export function source(part: Partial<Source>): Source {
  return { ...EMPTY_SOURCE, ...part };
}

/** Facts of a click may be given; what is not given is an iPhone in California without visitor. */
type ClickPart = Partial<Omit<ClickFacts, 'clickId' | 'clickedAtMs' | 'source'>> & {
  readonly id: string;
  readonly at: number;
  readonly observed?: number;
  readonly source?: Source;
  readonly isBot?: boolean;
  readonly isInternal?: boolean;
  readonly isSendback?: true;
  readonly account?: string;
};

export function click(part: ClickPart): Omit<ClickTouchpoint, 'offset'> {
  const { id, at, observed, source: from, isBot = false, isInternal = false, isSendback, account = 'wa', ...facts } = part;
  return {
    kind: 'click',
    workspace: 'acme',
    account,
    eventTimeMs: at,
    observedAtMs: observed ?? at,
    isBot,
    isInternal,
    isSendback,
    click: {
      clickId: id,
      code: '',
      clickedAtMs: at,
      source: from ?? source({ placement: 'site-button', utmCampaign: 'spring' }),
      greetingVariant: 0,
      visitorId: '',
      country: 'US',
      region: 'CA',
      device: 'ios',
      languages: ['en-US'],
      network: 'unknown',
      botScore: -1,
      ...facts,
    },
  };
}

type MessagePart = Partial<Omit<MessageTouchpoint, 'kind' | 'codes' | 'offset'>> & {
  readonly id: string;
  readonly from: string | readonly string[];
  readonly at: number;
  readonly observed?: number;
  readonly codes?: readonly string[];
  readonly payload?: readonly string[];
};

export function message(part: MessagePart): Omit<MessageTouchpoint, 'offset'> {
  const { id, from, at, observed, codes = [], payload = [], ...rest } = part;
  return {
    kind: 'message',
    workspace: 'acme',
    account: 'wa',
    eventTimeMs: at,
    observedAtMs: observed ?? at,
    messageId: id,
    editsMessageId: '',
    channel: 'whatsapp',
    class: 'words',
    contactKeys: typeof from === 'string' ? [from] : from,
    platformUserId: '',
    phone: '',
    codes: [
      ...codes.map((code) => ({ code, carrier: 'visible' as const, intact: true })),
      ...payload.map((code) => ({ code, carrier: 'start_payload' as const, intact: true })),
    ],
    referral: undefined,
    replyToMessageId: '',
    forwarded: false,
    startPayload: '',
    inviteLinkName: '',
    namedSource: undefined,
    codeWord: undefined,
    language: 'en',
    uiLanguage: '',
    country: '',
    region: '',
    greetingVariant: -1,
    wording: 'unknown',
    device: 'unknown',
    isInternal: false,
    greetingPlacement: '',
    ...rest,
  };
}

export function edit(part: MessagePart & { readonly of: string }): Omit<MessageTouchpoint, 'offset'> {
  const { of, ...rest } = part;
  return message({ ...rest, editsMessageId: of });
}

export function tick(atMs: number): Omit<TickTouchpoint, 'offset'> {
  return { kind: 'tick', workspace: '', account: '', eventTimeMs: atMs, observedAtMs: atMs, atMs };
}

export function epoch(at: number, settings: Partial<Settings>): Omit<EpochTouchpoint, 'offset'> {
  const all = { ...DEFAULT_SETTINGS, workspaceRevision: 'aaaaaaaaaaaaaaaa', ...settings };
  return { kind: 'epoch', workspace: 'acme', account: 'wa', eventTimeMs: at, observedAtMs: at, settings: all };
}

/** From here on this model version is in force for all accounts. */
export function model(at: number, modelVersion: number): Omit<ModelTouchpoint, 'offset'> {
  return { kind: 'model', workspace: '', account: '', eventTimeMs: at, observedAtMs: at, modelVersion };
}

/** We wrote to somebody first, because of a click. */
export function sent(
  at: number,
  messageId: string,
  contactKeys: readonly string[],
  of: SentTouchpoint['click'],
): Omit<SentTouchpoint, 'offset'> {
  return { kind: 'sent', workspace: 'acme', account: 'wa', eventTimeMs: at, observedAtMs: at, messageId, contactKeys, click: of };
}

export function contactChange(
  at: number,
  previousKeys: readonly string[],
  keys: readonly string[],
): Omit<ContactChangeTouchpoint, 'offset'> {
  return { kind: 'contact_change', workspace: 'acme', account: 'wa', eventTimeMs: at, observedAtMs: at, previousKeys, keys };
}

export function correction(
  at: number,
  leadId: string,
  part: Partial<Pick<CorrectionTouchpoint, 'clickId' | 'source' | 'replayed'>>,
): Omit<CorrectionTouchpoint, 'offset'> {
  return {
    kind: 'correction',
    workspace: 'acme',
    account: 'wa',
    eventTimeMs: at,
    observedAtMs: at,
    leadId,
    clickId: '',
    source: undefined,
    correctedBy: 'crm',
    replayed: undefined,
    ...part,
  };
}
