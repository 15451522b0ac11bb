import { EMPTY_SOURCE, type Source } from '../domain/source.ts';
import type { CodeSeen, MessageTouchpoint, ReferralSeen } from '../domain/touchpoint.ts';
import { NOWHERE, readPlace } from './place-reader.ts';
import { toCarrier, toChannel, toDevice, toMessageClass, wordingOf } from './source-codec.ts';
import { readSource } from './source-reader.ts';
import type { TouchpointEnvelope } from './touchpoint-envelope.ts';
import { isBetween, MAX_CODE, MAX_ID } from './touchpoint-limits.ts';
import type { WireReader } from './wire-reader.ts';

const NO_TEXTS: readonly string[] = [];
const NO_CODES: readonly CodeSeen[] = [];
const NOBODY = { keys: NO_TEXTS, platformUserId: '', phone: '' };

/** A message, read from where its fields begin. Undefined for one that only the full decoder can judge. */
export function readMessage(
  reader: WireReader,
  { offset, workspace, account, eventTimeMs, observedAtMs }: TouchpointEnvelope,
): MessageTouchpoint | undefined {
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
        contact = readContact(reader);
        break;
      case 32:
        kind = reader.small();
        break;
      case 42:
        codes = withCode(reader, codes);
        break;
      case 50:
        referral = readReferral(reader);
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
        place = readPlace(reader);
        break;
      case 130:
        startPayload = reader.text();
        break;
      case 138:
        inviteLinkName = reader.text();
        break;
      case 210:
        namedSource = readSource(reader);
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
        codeWordSource = readSource(reader);
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

function readContact(reader: WireReader): typeof NOBODY {
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

function withCode(reader: WireReader, known: readonly CodeSeen[]): readonly CodeSeen[] {
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

function readReferral(reader: WireReader): ReferralSeen {
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
