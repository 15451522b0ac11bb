import { wordingOf as readWording } from '@messtrack/matcher/adapters/source-codec.ts';
import type { ClickTouchpoint, CodeSeen, MessageTouchpoint, Wording } from '@messtrack/matcher/domain/touchpoint.ts';
import { languageOf } from '@messtrack/messenger-gateway/adapters/language-detector.ts';
import { findFacts, type MessageFacts } from '@messtrack/messenger-gateway/domain/facts.ts';
import type { RecogniseGreeting } from '@messtrack/messenger-gateway/domain/greeting.ts';
import { countryOfPhone } from '@messtrack/messenger-gateway/domain/phone.ts';
import { regionOfPhone } from '@messtrack/messenger-gateway/domain/phone-region.ts';
import { foldName } from './account-name.ts';
import { NOWHERE, type Whereabouts } from './addresses.ts';
import type { ClickLine } from './click-line.ts';
import type { Position } from './history-fold.ts';
import type { GivenPlace } from './line-fields.ts';
import type { MessageLine } from './message-line.ts';
import { foldCode } from './opaque-code.ts';
import type { KnownAccount, Setting } from './setting.ts';
import { createSourcePool } from './source-pool.ts';

export interface Deriver {
  click(line: ClickLine, where: Whereabouts, position: Position): ClickTouchpoint;
  message(line: MessageLine, position: Position): MessageTouchpoint;
}

const UNKNOWN_ACCOUNT: KnownAccount = { channel: 'unknown', recognise: undefined };

/** Turns lines into touchpoints of one workspace. What a line gives is taken; what it does not give is derived as the live path does. */
export function createDeriver(setting: Setting): Deriver {
  const { workspace, accounts } = setting;
  const sourceOf = createSourcePool();
  return {
    click(line, { place, network }, { offset, observedAtMs }) {
      return {
        kind: 'click',
        offset,
        workspace,
        account: foldName(line.account),
        eventTimeMs: line.timeMs,
        observedAtMs,
        isBot: false,
        isInternal: setting.isOwnClick(line),
        click: {
          clickId: line.id,
          code: foldCode(line.code),
          clickedAtMs: line.timeMs,
          source: sourceOf(line),
          greetingVariant: line.greeting ?? -1,
          visitorId: line.visitor,
          country: place.country,
          region: regionName(place.region),
          device: line.device,
          languages: primarySubtags(line.languages),
          network,
          botScore: line.botScore ?? -1,
        },
      };
    },
    message(line, { offset, observedAtMs }) {
      const account = accounts.get(line.account) ?? UNKNOWN_ACCOUNT;
      const facts = line.text === '' ? undefined : factsOf(line, account);
      const place = line.place ?? placeOfPhone(line.phone);
      return {
        kind: 'message',
        offset,
        workspace,
        account: foldName(line.account),
        eventTimeMs: line.timeMs,
        observedAtMs,
        messageId: line.id,
        editsMessageId: '',
        channel: account.channel,
        class: 'words',
        contactKeys: [line.contact],
        platformUserId: '',
        // The number has said its country; the lead needs no more of it.
        phone: '',
        codes: line.code === '' ? ownCodes(facts) : [{ code: foldCode(line.code), carrier: 'visible', intact: true }],
        referral: undefined,
        replyToMessageId: '',
        forwarded: line.forwarded,
        startPayload: facts?.startPayload ?? '',
        inviteLinkName: '',
        namedSource: undefined,
        codeWord: undefined,
        language: line.language === '' ? (facts?.language ?? '') : primarySubtag(line.language),
        uiLanguage: '',
        country: place.country,
        region: regionName(place.region),
        greetingVariant: line.greeting === undefined ? (facts?.greeting?.variant ?? -1) : (line.greeting ?? -1),
        greetingPlacement: facts?.greeting?.placement ?? '',
        wording: wordingOf(line, facts, account),
        device: line.device,
        isInternal: setting.isOwnMessage(line, account.channel),
      };
    },
  };
}

/** The model joins parts of names with this character, which no region has on purpose. */
function regionName(region: string): string {
  return region.includes('|') ? region.replaceAll('|', '/') : region;
}

/** The text in the gateway's eyes. Codes in it are our own; those of others say nothing to us unless the line names them as `code`. */
function factsOf(line: MessageLine, { channel, recognise }: KnownAccount): MessageFacts {
  return findFacts(
    {
      type: 'message',
      channel: channel === 'telegram' ? 'telegram' : 'whatsapp',
      eventId: line.id,
      messageId: line.id,
      eventTimeMs: line.timeMs,
      kind: 'text',
      sender: { identifiers: [], name: '', uiLanguage: '', isBot: false },
      text: line.text,
      attachments: [],
      buttonPayload: '',
      mayBeStartCommand: channel !== 'whatsapp',
      referral: undefined,
      replyToMessageId: '',
      forwarded: line.forwarded,
      editsMessageId: '',
      inviteLinkName: '',
    },
    languageOf,
    recognise ?? NO_GREETINGS,
  );
}

const NO_GREETINGS: RecogniseGreeting = () => undefined;

function ownCodes(facts: MessageFacts | undefined): readonly CodeSeen[] {
  return facts === undefined ? [] : facts.codes;
}

/** Words that could have been a greeting are only known to be other words where the greetings are known. */
function wordingOf(line: MessageLine, facts: MessageFacts | undefined, { recognise }: KnownAccount): Wording {
  if (line.greeting === null) return 'other';
  if (line.greeting !== undefined) return 'greeting';
  if (facts === undefined || recognise === undefined) return 'unknown';
  return readWording({
    greetingVariant: facts.greeting?.variant ?? -1,
    greetingSimilarity: facts.greeting?.similarity ?? 0,
    textLength: line.text.length,
    isStartCommand: facts.isStartCommand,
    forwarded: line.forwarded,
  });
}

/** Numbers in international form, with or without "+" or "00". A national one has no country: it is none of evidence. */
function placeOfPhone(phone: string): GivenPlace {
  if (phone === '') return NOWHERE;
  const digits = phone.replaceAll(/\D/g, '').replace(/^00/, '');
  const country = countryOfPhone(digits);
  return country === '' ? NOWHERE : { country, region: regionOfPhone(digits, country) };
}

/** Few lists of languages are different, and each is compared by identity further on. */
const MAX_REMEMBERED = 10_000;
const remembered = new Map<string, readonly string[]>();

function primarySubtags(tags: readonly string[]): readonly string[] {
  const key = tags.join();
  const known = remembered.get(key);
  if (known !== undefined) return known;
  const subtags = [...new Set(tags.map(primarySubtag).filter((subtag) => subtag !== ''))];
  if (remembered.size >= MAX_REMEMBERED) remembered.clear();
  remembered.set(key, subtags);
  return subtags;
}

/** `ru` of `ru-RU`; empty when the text is no tag of BCP 47. */
function primarySubtag(tag: string): string {
  return /^([A-Za-z]{2,3})(?:[-_]|$)/.exec(tag.trim())?.[1]?.toLowerCase() ?? '';
}
