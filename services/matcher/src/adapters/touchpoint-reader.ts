import { EMPTY_SOURCE, type Source } from '../domain/source.ts';
import type { ClickTouchpoint, CodeSeen, MessageTouchpoint, ReferralSeen } from '../domain/touchpoint.ts';
import {
  toBotScore,
  toCarrier,
  toChannel,
  toDevice,
  toMessageClass,
  toNetwork,
  toSendback,
  toSourceKind,
  withKind,
  wordingOf,
} from './source-codec.ts';
import { isBetween, isTime, MAX_AHEAD_MS, MAX_CODE, MAX_ID, MAX_NAME } from './touchpoint-limits.ts';
import { WireReader } from './wire-reader.ts';

/** What the bus tells of a record of touchpoints.v1. */
export interface Received {
  readonly offset: number;
  readonly value: Uint8Array;
  /** By the bus's clock; bounds the times inside. */
  readonly timestampMs: number;
}

const reader = new WireReader();

/**
 * Reads a click or a message that is as it should be, which almost every record is, and of it what decisions need. Undefined for anything
 * else: then `decodeInFull` reads it and says what is wrong. Both agree on everything this one reads; a property test holds them to that.
 * Tags are field numbers of touchpoint.proto and source.proto times 8 plus the wire type.
 */
export function readTouchpoint({ offset, value, timestampMs }: Received): ClickTouchpoint | MessageTouchpoint | undefined {
  reader.open(value);
  let workspace = '';
  let account = '';
  let eventTimeMs = 0;
  let observedAtMs = 0;
  let kindTag = 0;
  let kindAt = 0;
  for (let tag = reader.tag(); tag !== 0; tag = reader.tag()) {
    switch (tag) {
      case 18:
        workspace = reader.commonText();
        break;
      case 26:
        account = reader.commonText();
        break;
      case 32:
        eventTimeMs = reader.uint();
        break;
      case 40:
        observedAtMs = reader.uint();
        break;
      case 82:
      case 90:
      case 98:
      case 106:
      case 114:
      case 122:
      case 130:
      case 138:
      case 146:
        // Two kinds are a matter for the full decoder.
        if (kindTag !== 0) return undefined;
        kindTag = tag;
        kindAt = reader.position();
        reader.skip(tag);
        break;
      default:
        reader.skip(tag);
    }
  }
  if (reader.isOdd || !isBetween(workspace, MAX_NAME) || !isBetween(account, MAX_NAME)) return undefined;
  if (!isTime(observedAtMs, timestampMs + MAX_AHEAD_MS)) return undefined;
  reader.seek(kindAt);
  const recorded: Recorded = { offset, workspace, account, eventTimeMs, observedAtMs };
  if (kindTag === 82) return readClick(recorded);
  return kindTag === 90 ? readMessage(recorded) : undefined;
}

type Recorded = Pick<ClickTouchpoint, 'offset' | 'workspace' | 'account' | 'eventTimeMs' | 'observedAtMs'>;
const NO_TEXTS: readonly string[] = [];
const NO_CODES: readonly CodeSeen[] = [];

function readClick({ offset, workspace, account, eventTimeMs, observedAtMs }: Recorded): ClickTouchpoint | undefined {
  let clickId = '';
  let code = '';
  let greetingVariant = -1;
  let visitorId = '';
  let source = EMPTY_SOURCE;
  let place = NOWHERE;
  let device = 0;
  let languages = NO_TEXTS;
  let isBot = false;
  let network = 0;
  let botScore: number | undefined;
  let isInternal = false;
  let origin = 0;
  let sourceKind = 0;
  const outer = reader.enter();
  for (let tag = reader.tag(); tag !== 0; tag = reader.tag()) {
    switch (tag) {
      case 10:
        clickId = reader.text();
        break;
      case 18:
        code = reader.text();
        break;
      case 26:
        passNumbers();
        break;
      case 32:
        greetingVariant = reader.small();
        break;
      case 50:
        visitorId = reader.text();
        break;
      case 58:
        source = readSource();
        break;
      case 66:
        place = readPlace();
        break;
      case 80:
        device = reader.small();
        break;
      case 98:
        languages = [...languages, reader.commonText()];
        break;
      case 106:
        isBot = readBotVerdict();
        break;
      case 112:
        origin = reader.small();
        break;
      case 120:
        network = reader.small();
        break;
      case 129:
        botScore = reader.double();
        break;
      case 136:
        isInternal = reader.uint() !== 0;
        break;
      case 160:
        sourceKind = reader.small();
        break;
      default:
        reader.skip(tag);
    }
  }
  reader.leave(outer);
  if (reader.isOdd || !isBetween(clickId, MAX_ID) || code.length > MAX_CODE) return undefined;
  const { country, region } = place;
  return {
    offset,
    workspace,
    account,
    eventTimeMs,
    observedAtMs,
    kind: 'click',
    click: {
      clickId,
      code,
      clickedAtMs: eventTimeMs,
      source: withKind(source, sourceKind),
      greetingVariant,
      visitorId,
      country,
      region,
      device: toDevice(device),
      languages,
      network: toNetwork(network),
      botScore: toBotScore(botScore),
    },
    isBot,
    isInternal,
    isSendback: toSendback(origin),
  };
}

function readMessage({ offset, workspace, account, eventTimeMs, observedAtMs }: Recorded): MessageTouchpoint | undefined {
  let messageId = '';
  let channel = 0;
  let contact = NOBODY;
  let kind = 0;
  let codes = NO_CODES;
  let referral: ReferralSeen | undefined;
  let replyToMessageId = '';
  let forwarded = false;
  let editsMessageId = '';
  let greetingVariant = -1;
  let greetingPlacement = '';
  let greetingSimilarity = 0;
  let language = '';
  let uiLanguage = '';
  let place = NOWHERE;
  let startPayload = '';
  let inviteLinkName = '';
  let namedSource: Source | undefined;
  let textLength = 0;
  let isStartCommand = false;
  let device = 0;
  let isInternal = false;
  let codeWord = '';
  let codeWordSource = EMPTY_SOURCE;
  const outer = reader.enter();
  for (let tag = reader.tag(); tag !== 0; tag = reader.tag()) {
    switch (tag) {
      case 10:
        messageId = reader.text();
        break;
      case 16:
        channel = reader.small();
        break;
      case 26:
        contact = readContact();
        break;
      case 32:
        kind = reader.small();
        break;
      case 42:
        codes = withCode(codes);
        break;
      case 50:
        referral = readReferral();
        break;
      case 58:
        replyToMessageId = reader.text();
        break;
      case 64:
        forwarded = reader.uint() !== 0;
        break;
      case 74:
        editsMessageId = reader.text();
        break;
      case 80:
        greetingVariant = reader.small();
        break;
      case 90:
        greetingPlacement = reader.commonText();
        break;
      case 97:
        greetingSimilarity = reader.double();
        break;
      case 106:
        language = reader.commonText();
        break;
      case 114:
        uiLanguage = reader.commonText();
        break;
      case 122:
        place = readPlace();
        break;
      case 130:
        startPayload = reader.text();
        break;
      case 138:
        inviteLinkName = reader.text();
        break;
      case 210:
        namedSource = readSource();
        break;
      case 152:
        textLength = reader.small();
        break;
      case 160:
        isStartCommand = reader.uint() !== 0;
        break;
      case 168:
        device = reader.small();
        break;
      case 176:
        isInternal = reader.uint() !== 0;
        break;
      case 194:
        codeWord = reader.commonText();
        break;
      case 202:
        codeWordSource = readSource();
        break;
      default:
        reader.skip(tag);
    }
  }
  reader.leave(outer);
  const { keys, platformUserId, phone } = contact;
  if (reader.isOdd || !isBetween(messageId, MAX_ID) || keys.length === 0) return undefined;
  const { country, region } = place;
  return {
    offset,
    workspace,
    account,
    eventTimeMs,
    observedAtMs,
    kind: 'message',
    messageId,
    editsMessageId: editsMessageId.slice(0, MAX_ID),
    channel: toChannel(channel),
    class: toMessageClass(kind),
    contactKeys: keys,
    platformUserId,
    phone,
    codes,
    referral,
    replyToMessageId: replyToMessageId.length > MAX_ID ? '' : replyToMessageId,
    forwarded,
    startPayload,
    inviteLinkName,
    namedSource,
    codeWord: codeWord === '' ? undefined : { word: codeWord, source: codeWordSource },
    language,
    uiLanguage,
    country,
    region,
    greetingVariant,
    greetingPlacement,
    wording: wordingOf({ greetingVariant, greetingSimilarity, textLength, isStartCommand, forwarded }),
    device: toDevice(device),
    isInternal,
  };
}

function readSource(): Source {
  let utmSource = '';
  let utmMedium = '';
  let utmCampaign = '';
  let utmContent = '';
  let utmTerm = '';
  let referrerHost = '';
  let adId = '';
  let clickIds = EMPTY_SOURCE.clickIds;
  let placement = '';
  let kind = 0;
  const outer = reader.enter();
  for (let tag = reader.tag(); tag !== 0; tag = reader.tag()) {
    switch (tag) {
      case 10:
        utmSource = reader.commonText();
        break;
      case 18:
        utmMedium = reader.commonText();
        break;
      case 26:
        utmCampaign = reader.commonText();
        break;
      case 34:
        utmContent = reader.commonText();
        break;
      case 42:
        utmTerm = reader.commonText();
        break;
      case 50:
        referrerHost = reader.commonText();
        break;
      case 58:
        adId = reader.commonText();
        break;
      case 66:
        clickIds = withClickId(clickIds);
        break;
      case 74:
        placement = reader.commonText();
        break;
      case 80:
        kind = reader.small();
        break;
      default:
        reader.skip(tag);
    }
  }
  reader.leave(outer);
  return { utmSource, utmMedium, utmCampaign, utmContent, utmTerm, referrerHost, adId, clickIds, placement, kind: toSourceKind(kind) };
}

/** A name that an object would put elsewhere than at its end: a number is sorted to the front, `__proto__` is no property of its own. */
const UNRULY_NAME = /^(?:\d+|__proto__)$/;

function withClickId(known: Source['clickIds']): Source['clickIds'] {
  const { name, value } = readPair();
  // The generated decoder keeps these pairs in an object; where its order is not that of the record, it alone knows it.
  if (UNRULY_NAME.test(name) || known.some(([other]) => other === name)) reader.giveUp();
  return known.length === 0 ? [[name, value]] : [...known, [name, value]];
}

function readPair() {
  let name = '';
  let value = '';
  const outer = reader.enter();
  for (let tag = reader.tag(); tag !== 0; tag = reader.tag()) {
    if (tag === 10) name = reader.commonText();
    else if (tag === 18) value = reader.text();
    else reader.skip(tag);
  }
  reader.leave(outer);
  return { name, value };
}

const NOWHERE = { country: '', region: '' };

function readPlace(): typeof NOWHERE {
  let country = '';
  let region = '';
  const outer = reader.enter();
  for (let tag = reader.tag(); tag !== 0; tag = reader.tag()) {
    if (tag === 10) country = reader.commonText();
    else if (tag === 18) region = reader.commonText();
    else reader.skip(tag);
  }
  reader.leave(outer);
  return { country, region };
}

const NOBODY = { keys: NO_TEXTS, platformUserId: '', phone: '' };

function readContact(): typeof NOBODY {
  let keys = NO_TEXTS;
  let platformUserId = '';
  let phone = '';
  const outer = reader.enter();
  for (let tag = reader.tag(); tag !== 0; tag = reader.tag()) {
    if (tag === 10) {
      const key = reader.text();
      if (isBetween(key, MAX_CODE)) keys = [...keys, key];
    } else if (tag === 18) platformUserId = reader.text();
    else if (tag === 26) phone = reader.text();
    else reader.skip(tag);
  }
  reader.leave(outer);
  return { keys, platformUserId, phone };
}

function withCode(known: readonly CodeSeen[]): readonly CodeSeen[] {
  let code = '';
  let carrier = 0;
  let intact = false;
  const outer = reader.enter();
  for (let tag = reader.tag(); tag !== 0; tag = reader.tag()) {
    if (tag === 10) code = reader.text();
    else if (tag === 16) carrier = reader.small();
    else if (tag === 24) intact = reader.uint() !== 0;
    else reader.skip(tag);
  }
  reader.leave(outer);
  return isBetween(code, MAX_CODE) ? [...known, { code, carrier: toCarrier(carrier), intact }] : known;
}

function readReferral(): ReferralSeen {
  let ctwaClid = '';
  let sourceId = '';
  let sourceType = '';
  const outer = reader.enter();
  for (let tag = reader.tag(); tag !== 0; tag = reader.tag()) {
    if (tag === 10) ctwaClid = reader.text();
    else if (tag === 18) sourceId = reader.text();
    else if (tag === 26) sourceType = reader.commonText();
    else reader.skip(tag);
  }
  reader.leave(outer);
  return { ctwaClid, sourceId, sourceType };
}

function readBotVerdict(): boolean {
  let isBot = false;
  const outer = reader.enter();
  for (let tag = reader.tag(); tag !== 0; tag = reader.tag()) {
    if (tag === 8) isBot = reader.uint() !== 0;
    else reader.skip(tag);
  }
  reader.leave(outer);
  return isBot;
}

/** A packed list that nobody needs; read all the same, because the full decoder finds fault with one that is cut. */
function passNumbers(): void {
  const outer = reader.enter();
  while (reader.hasMore()) reader.uint();
  reader.leave(outer);
}
