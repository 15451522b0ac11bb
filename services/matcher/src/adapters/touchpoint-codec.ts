import {
  type Click as WireClick,
  type Message as WireMessage,
  Touchpoint as WireTouchpoint,
} from '@messtrack/proto/gen/messtrack/v1/touchpoint.ts';
import { deadLetter, type Outcome, ok } from '@messtrack/runtime/outcome.ts';
import { DEFAULT_SETTINGS, windowOrDefault } from '../domain/settings.ts';
import type { ClickFacts, Touchpoint } from '../domain/touchpoint.ts';
import { toReplayedAnswer } from './replayed-answer-codec.ts';
import {
  toBotScore,
  toCarrier,
  toChannel,
  toDevice,
  toMessageClass,
  toNetwork,
  toSendback,
  toSource,
  withKind,
  wordingOf,
} from './source-codec.ts';
import { isBetween, isTime, MAX_AHEAD_MS, MAX_CODE, MAX_GOAL_NAME, MAX_ID, MAX_NAME } from './touchpoint-limits.ts';
import { type Received, readTouchpoint } from './touchpoint-reader.ts';

/** Reads a record of touchpoints.v1. What cannot be read is an outcome, never an exception. */
export function decodeTouchpoint(received: Received): Outcome<Touchpoint> {
  const usual = readTouchpoint(received);
  return usual === undefined ? decodeInFull(received) : ok(usual);
}

/** Reads any record, field by field, and says what is wrong with it. */
export function decodeInFull(received: Received): Outcome<Touchpoint> {
  let wire: WireTouchpoint;
  try {
    wire = WireTouchpoint.decode(received.value);
  } catch {
    return deadLetter('undecodable', 'the value is no protobuf message of type Touchpoint');
  }
  const { kind, workspace, account, eventTimeMs, observedAtMs } = wire;
  if (kind === undefined) return deadLetter('schema_mismatch', 'the touchpoint holds no kind that this version knows');
  const latestMs = received.timestampMs + MAX_AHEAD_MS;
  const recorded = { offset: received.offset, workspace, account, eventTimeMs, observedAtMs };
  if (kind.$case === 'tick') {
    const { atMs } = kind.value;
    return isTime(atMs, latestMs) ? ok({ ...recorded, kind: 'tick', atMs }) : outOfRange('tick.at_ms');
  }
  if (kind.$case === 'epoch' && workspace === '' && account === '') {
    const { modelVersion } = kind.value;
    if (!isTime(observedAtMs, latestMs)) return outOfRange('observed_at_ms');
    if (modelVersion === 0) return deadLetter('missing_field', 'an epoch of the whole partition must name a model version');
    return ok({ ...recorded, workspace, account, kind: 'model', modelVersion });
  }
  if (!isBetween(workspace, MAX_NAME)) return missing('workspace', MAX_NAME);
  if (!isBetween(account, MAX_NAME)) return missing('account', MAX_NAME);
  if (!isTime(observedAtMs, latestMs)) return outOfRange('observed_at_ms');
  switch (kind.$case) {
    case 'click': {
      const click = kind.value;
      if (!isBetween(click.clickId, MAX_ID)) return missing('click.click_id', MAX_ID);
      if (click.code.length > MAX_CODE) return missing('click.code', MAX_CODE);
      const isBot = click.bot?.isBot ?? false;
      return ok({
        ...recorded,
        kind: 'click',
        click: clickFacts(click, eventTimeMs),
        isBot,
        isInternal: click.internal,
        isSendback: toSendback(click.origin),
      });
    }
    case 'message': {
      const message = kind.value;
      if (!isBetween(message.messageId, MAX_ID)) return missing('message.message_id', MAX_ID);
      const contactKeys = (message.contact?.keys ?? []).filter((key) => isBetween(key, MAX_CODE));
      if (contactKeys.length === 0) return missing('message.contact.keys', MAX_CODE);
      return ok({ ...recorded, kind: 'message', ...messageFacts(message, contactKeys) });
    }
    case 'contactChange': {
      const previousKeys = kind.value.previousKeys.filter((key) => isBetween(key, MAX_CODE));
      const keys = kind.value.keys.filter((key) => isBetween(key, MAX_CODE));
      if (previousKeys.length === 0 || keys.length === 0) return missing('contact_change.keys', MAX_CODE);
      return ok({ ...recorded, kind: 'contact_change', previousKeys, keys });
    }
    case 'correction': {
      const { leadId, clickId, source, correctedBy } = kind.value;
      if (!isBetween(leadId, MAX_CODE)) return missing('correction.lead_id', MAX_CODE);
      const replayed = kind.value.replayed === undefined ? undefined : toReplayedAnswer(kind.value);
      if (replayed === 'contradictory') return deadLetter('schema_mismatch', CONTRADICTORY);
      return ok({
        ...recorded,
        kind: 'correction',
        leadId,
        clickId: clickId.slice(0, MAX_ID),
        source: source === undefined ? undefined : toSource(source),
        correctedBy: correctedBy.slice(0, 128),
        replayed,
      });
    }
    case 'sent': {
      const { messageId, contact, origin } = kind.value;
      if (!isBetween(messageId, MAX_ID)) return missing('sent.message_id', MAX_ID);
      const contactKeys = (contact?.keys ?? []).filter((key) => isBetween(key, MAX_CODE));
      if (contactKeys.length === 0) return missing('sent.contact.keys', MAX_CODE);
      // Nothing made us write that a lead could come from.
      if (origin === undefined) return ok({ ...recorded, kind: 'status' });
      const { clickId, clickedAtMs, source } = origin;
      const click = {
        clickId: clickId.slice(0, MAX_ID),
        clickedAtMs: clickedAtMs > 0 ? clickedAtMs : eventTimeMs,
        source: toSource(source),
      };
      return ok({ ...recorded, kind: 'sent', messageId, contactKeys, click });
    }
    case 'automaticEvent': {
      const { messageId, name, ctwaClid, valueMinor, currency, contact } = kind.value;
      if (!isBetween(messageId, MAX_ID)) return missing('automatic_event.message_id', MAX_ID);
      if (!isBetween(name, MAX_GOAL_NAME)) return missing('automatic_event.name', MAX_GOAL_NAME);
      const contactKeys = (contact?.keys ?? []).filter((key) => isBetween(key, MAX_CODE));
      return ok({ ...recorded, kind: 'detected_goal', messageId, name, ctwaClid, valueMinor, currency, contactKeys });
    }
    case 'messageStatus':
    case 'contactState':
    case 'accountCheck':
      return ok({ ...recorded, kind: 'status' });
    case 'epoch': {
      const { workspaceRevision, modelVersion, settings } = kind.value;
      return ok({
        ...recorded,
        kind: 'epoch',
        settings: {
          clickWindowMs: windowOrDefault(settings?.clickWindowMs ?? 0, DEFAULT_SETTINGS.clickWindowMs),
          returningWindowMs: windowOrDefault(settings?.returningWindowMs ?? 0, DEFAULT_SETTINGS.returningWindowMs),
          dedicatedSource: settings?.dedicatedSource === undefined ? undefined : toSource(settings.dedicatedSource),
          channel: toChannel(settings?.channel ?? 0),
          workspaceRevision,
          modelVersion,
        },
      });
    }
  }
}

function clickFacts(click: WireClick, eventTimeMs: number): ClickFacts {
  return {
    clickId: click.clickId,
    code: click.code,
    clickedAtMs: eventTimeMs,
    source: withKind(toSource(click.source), click.sourceKind),
    greetingVariant: click.greetingVariant ?? -1,
    visitorId: click.visitorId,
    country: click.place?.country ?? '',
    region: click.place?.region ?? '',
    device: toDevice(click.device),
    languages: click.languages,
    network: toNetwork(click.network),
    botScore: toBotScore(click.botScore),
  };
}

function messageFacts(message: WireMessage, contactKeys: readonly string[]) {
  const { referral, contact } = message;
  return {
    messageId: message.messageId,
    editsMessageId: message.editsMessageId.slice(0, MAX_ID),
    channel: toChannel(message.channel),
    class: toMessageClass(message.kind),
    contactKeys,
    platformUserId: contact?.platformUserId ?? '',
    phone: contact?.phone ?? '',
    codes: message.codes
      .filter(({ code }) => isBetween(code, MAX_CODE))
      .map(({ code, carrier, intact }) => ({ code, carrier: toCarrier(carrier), intact })),
    referral:
      referral === undefined ? undefined : { ctwaClid: referral.ctwaClid, sourceId: referral.sourceId, sourceType: referral.sourceType },
    replyToMessageId: message.replyToMessageId.length > MAX_ID ? '' : message.replyToMessageId,
    forwarded: message.forwarded,
    startPayload: message.startPayload,
    inviteLinkName: message.inviteLinkName,
    namedSource: message.namedSource === undefined ? undefined : toSource(message.namedSource),
    codeWord: message.codeWord === '' ? undefined : { word: message.codeWord, source: toSource(message.codeWordSource) },
    language: message.language,
    uiLanguage: message.uiLanguage,
    country: message.phonePlace?.country ?? '',
    region: message.phonePlace?.region ?? '',
    greetingVariant: message.greetingVariant ?? -1,
    greetingPlacement: message.greetingPlacement,
    wording: wordingOf({ ...message, greetingVariant: message.greetingVariant ?? -1 }),
    device: toDevice(message.device),
    isInternal: message.internal,
  };
}

const CONTRADICTORY =
  'correction.replayed must be an answer of row 6 whose probabilities and shares each sum to 1 and that says what the correction says';

function missing(field: string, max: number): Outcome<never> {
  return deadLetter('missing_field', `${field} must have 1 to ${max} characters`);
}

function outOfRange(field: string): Outcome<never> {
  return deadLetter('timestamp_out_of_range', `${field} is before 1970 or more than a day after the record was appended`);
}
