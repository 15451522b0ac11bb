import { SourceKind } from '@messtrack/proto/gen/messtrack/v1/source.ts';
import {
  type AccountCheck,
  type AutomaticEvent,
  type Click,
  Click_Origin,
  type ContactState,
  ContactState_State,
  type Message,
  MessageKind,
  type MessageStatus,
  MessageStatus_Status,
  type Sent,
  Touchpoint,
} from '@messtrack/proto/gen/messtrack/v1/touchpoint.ts';
import type { Decoded } from './decoded.ts';
import {
  carrierWord,
  channelWord,
  configuredSource,
  deviceWord,
  networkWord,
  placeColumns,
  sourceColumns,
  sourceKindWord,
} from './source-columns.ts';
import { enumWords } from './words.ts';

const originWord = enumWords(Click_Origin, 'ORIGIN_');
const kindWord = enumWords(MessageKind, 'MESSAGE_KIND_');
const stateWord = enumWords(ContactState_State, 'STATE_');
const statusWord = enumWords(MessageStatus_Status, 'STATUS_');

/** Clicks, messages, statuses of ours, what people allow, what platforms detect and say of accounts become rows; the other kinds steer the matcher and are of no use to analysts. */
export function decodeTouchpoint(value: Uint8Array): Decoded {
  const touchpoint = Touchpoint.decode(value);
  const { kind } = touchpoint;
  switch (kind?.$case) {
    case 'click':
      return clickRow(touchpoint, kind.value);
    case 'message':
      return messageRow(touchpoint, kind.value);
    case 'sent':
      return sentRow(touchpoint, kind.value);
    case 'messageStatus':
      return statusRow(touchpoint, kind.value);
    case 'contactState':
      return stateRow(touchpoint, kind.value);
    case 'automaticEvent':
      return automaticEventRow(touchpoint, kind.value);
    case 'accountCheck':
      return accountCheckRow(touchpoint, kind.value);
    case 'contactChange':
    case 'correction':
    case 'tick':
    case 'epoch':
      return { kind: 'ignored' };
    case undefined:
      // A later version may write a kind this one does not know. Without an id it is no touchpoint at all: most foreign bytes decode to an empty message.
      return touchpoint.eventId === '' ? { kind: 'unreadable' } : { kind: 'ignored' };
  }
}

function clickRow(touchpoint: Touchpoint, click: Click): Decoded {
  return {
    kind: 'row',
    table: 'click_records',
    required: { workspace: touchpoint.workspace, account: touchpoint.account, click_id: click.clickId },
    times: [touchpoint.eventTimeMs, touchpoint.observedAtMs],
    columns: {
      workspace: touchpoint.workspace,
      account: touchpoint.account,
      click_id: click.clickId,
      event_id: touchpoint.eventId,
      code: click.code,
      carriers: click.carriers.map(carrierWord),
      clicked_at: touchpoint.eventTimeMs,
      observed_at: touchpoint.observedAtMs,
      greeting_variant: click.greetingVariant ?? -1,
      visit_id: click.visitId,
      visitor_id: click.visitorId,
      ...sourceColumns(click.source),
      ...placeColumns(click.place),
      ip: click.ip,
      device: deviceWord(click.device),
      user_agent: click.userAgent,
      languages: click.languages,
      is_bot: click.bot?.isBot ?? false,
      bot_reason: click.bot?.reason ?? '',
      origin: originWord(click.origin),
      network: networkWord(click.network),
      bot_score: click.botScore ?? -1,
      bot_signs: click.botSigns,
      is_internal: click.internal,
      internal_reason: click.internalReason,
      source_kind: sourceKindWord(click.sourceKind ?? SourceKind.SOURCE_KIND_UNSPECIFIED),
      source_name: click.sourceName ?? '',
    },
  };
}

function messageRow(touchpoint: Touchpoint, message: Message): Decoded {
  const { contact, referral } = message;
  return {
    kind: 'row',
    table: 'message_records',
    required: { workspace: touchpoint.workspace, account: touchpoint.account, message_id: message.messageId, event_id: touchpoint.eventId },
    times: [touchpoint.eventTimeMs, touchpoint.observedAtMs],
    columns: {
      workspace: touchpoint.workspace,
      account: touchpoint.account,
      message_id: message.messageId,
      event_id: touchpoint.eventId,
      channel: channelWord(message.channel),
      sent_at: touchpoint.eventTimeMs,
      observed_at: touchpoint.observedAtMs,
      contact: contact?.keys[0] ?? '',
      contact_keys: contact?.keys ?? [],
      platform_user_id: contact?.platformUserId ?? '',
      phone: contact?.phone ?? '',
      name: contact?.name ?? '',
      kind: kindWord(message.kind),
      codes: message.codes.map(({ code }) => code),
      code_carriers: message.codes.map(({ carrier }) => carrierWord(carrier)),
      code_intact: message.codes.map(({ intact }) => intact),
      referral_ctwa_clid: referral?.ctwaClid ?? '',
      referral_source_id: referral?.sourceId ?? '',
      referral_source_type: referral?.sourceType ?? '',
      referral_source_url: referral?.sourceUrl ?? '',
      referral_headline: referral?.headline ?? '',
      reply_to_message_id: message.replyToMessageId,
      is_forwarded: message.forwarded,
      edits_message_id: message.editsMessageId,
      greeting_variant: message.greetingVariant ?? -1,
      greeting_placement: message.greetingPlacement,
      greeting_similarity: message.greetingSimilarity,
      language: message.language,
      ui_language: message.uiLanguage,
      ...placeColumns(message.phonePlace, 'phone_'),
      start_payload: message.startPayload,
      invite_link_name: message.inviteLinkName,
      text: message.text,
      text_length: message.textLength,
      is_start_command: message.isStartCommand,
      device: deviceWord(message.device),
      is_internal: message.internal,
      internal_reason: message.internalReason,
      entry_point: message.entryPoint?.source ?? '',
      entry_point_app: message.entryPoint?.app ?? '',
      entry_point_delay_s: message.entryPoint?.delaySeconds ?? -1,
      code_word: message.codeWord,
      code_word_source: configuredSource(message.codeWordSource),
      named_source: configuredSource(message.namedSource),
      product_catalog_id: message.referredProduct?.catalogId ?? '',
      product_retailer_id: message.referredProduct?.productRetailerId ?? '',
    },
  };
}

function statusRow(touchpoint: Touchpoint, status: MessageStatus): Decoded {
  return {
    kind: 'row',
    table: 'message_status_records',
    required: { workspace: touchpoint.workspace, account: touchpoint.account, message_id: status.messageId, event_id: touchpoint.eventId },
    times: [touchpoint.eventTimeMs, touchpoint.observedAtMs],
    columns: {
      workspace: touchpoint.workspace,
      account: touchpoint.account,
      message_id: status.messageId,
      event_id: touchpoint.eventId,
      channel: channelWord(status.channel),
      status: statusWord(status.status),
      happened_at: touchpoint.eventTimeMs,
      observed_at: touchpoint.observedAtMs,
      contact: status.contact?.keys[0] ?? '',
      contact_keys: status.contact?.keys ?? [],
      platform_user_id: status.contact?.platformUserId ?? '',
      error_code: status.errorCode,
      pricing_type: status.pricingType,
      correlation: status.correlation,
    },
  };
}

function stateRow(touchpoint: Touchpoint, state: ContactState): Decoded {
  return {
    kind: 'row',
    table: 'contact_state_records',
    required: { workspace: touchpoint.workspace, account: touchpoint.account, event_id: touchpoint.eventId },
    times: [touchpoint.eventTimeMs, touchpoint.observedAtMs],
    columns: {
      workspace: touchpoint.workspace,
      account: touchpoint.account,
      event_id: touchpoint.eventId,
      channel: channelWord(state.channel),
      contact: state.contact?.keys[0] ?? '',
      platform_user_id: state.contact?.platformUserId ?? '',
      state: stateWord(state.state),
      connection_id: state.connectionId,
      can_reply: state.canReply ?? false,
      happened_at: touchpoint.eventTimeMs,
      observed_at: touchpoint.observedAtMs,
    },
  };
}

function automaticEventRow(touchpoint: Touchpoint, event: AutomaticEvent): Decoded {
  return {
    kind: 'row',
    table: 'automatic_event_records',
    required: { workspace: touchpoint.workspace, account: touchpoint.account, message_id: event.messageId, event_id: touchpoint.eventId },
    times: [touchpoint.eventTimeMs, touchpoint.observedAtMs],
    columns: {
      workspace: touchpoint.workspace,
      account: touchpoint.account,
      event_id: touchpoint.eventId,
      message_id: event.messageId,
      channel: channelWord(event.channel),
      name: event.name,
      ctwa_clid: event.ctwaClid,
      value_minor: event.valueMinor,
      currency: event.currency,
      contact: event.contact?.keys[0] ?? '',
      contact_keys: event.contact?.keys ?? [],
      platform_user_id: event.contact?.platformUserId ?? '',
      happened_at: touchpoint.eventTimeMs,
      observed_at: touchpoint.observedAtMs,
    },
  };
}

function accountCheckRow(touchpoint: Touchpoint, check: AccountCheck): Decoded {
  return {
    kind: 'row',
    table: 'account_check_records',
    required: { workspace: touchpoint.workspace, account: touchpoint.account, check: check.check, event_id: touchpoint.eventId },
    times: [touchpoint.eventTimeMs, touchpoint.observedAtMs],
    columns: {
      workspace: touchpoint.workspace,
      account: touchpoint.account,
      event_id: touchpoint.eventId,
      channel: channelWord(check.channel),
      check: check.check,
      is_good: check.good,
      detail: check.detail,
      value: check.value,
      checked_at: touchpoint.observedAtMs,
    },
  };
}

function sentRow(touchpoint: Touchpoint, sent: Sent): Decoded {
  const { contact, origin } = sent;
  return {
    kind: 'row',
    table: 'sent_message_records',
    required: { workspace: touchpoint.workspace, account: touchpoint.account, message_id: sent.messageId },
    times: [touchpoint.eventTimeMs, touchpoint.observedAtMs],
    columns: {
      workspace: touchpoint.workspace,
      account: touchpoint.account,
      message_id: sent.messageId,
      event_id: touchpoint.eventId,
      channel: channelWord(sent.channel),
      sent_at: touchpoint.eventTimeMs,
      observed_at: touchpoint.observedAtMs,
      contact: contact?.keys[0] ?? '',
      contact_keys: contact?.keys ?? [],
      platform_user_id: contact?.platformUserId ?? '',
      correlation: sent.correlation,
      template: sent.template,
      has_origin: origin !== undefined,
      click_id: origin?.clickId ?? '',
      clicked_at: origin?.clickedAtMs ?? 0,
      ...sourceColumns(origin?.source),
      opted_in_at: sent.optedInAtMs,
      opt_in_where: sent.optInWhere,
    },
  };
}
