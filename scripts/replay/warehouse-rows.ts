import { Carrier, Channel, DeviceClass, NetworkClass, SourceKind } from '@messtrack/proto/gen/messtrack/v1/source.ts';
import { MessageKind, Touchpoint } from '@messtrack/proto/gen/messtrack/v1/touchpoint.ts';
import { z } from 'zod';

const text = z.string();
const flag = z.boolean();
const number = z.number();
const texts = z.array(z.string());

/** Columns of a click that bear on decisions, as `clickColumns` selects them. */
const clickRow = z.object({
  workspace: text,
  account: text,
  click_id: text,
  event_id: text,
  code: text,
  clicked_at_ms: number,
  observed_at_ms: number,
  greeting_variant: number,
  visitor_id: text,
  utm_source: text,
  utm_medium: text,
  utm_campaign: text,
  utm_content: text,
  utm_term: text,
  referrer_host: text,
  ad_id: text,
  ad_click_ids: z.record(z.string(), z.string()),
  placement: text,
  country: text,
  region: text,
  device: text,
  languages: texts,
  is_bot: flag,
  network: text,
  bot_score: number,
  is_internal: flag,
  source_kind: text,
});

const messageRow = z.object({
  workspace: text,
  account: text,
  message_id: text,
  event_id: text,
  channel: text,
  sent_at_ms: number,
  observed_at_ms: number,
  contact_keys: texts,
  platform_user_id: text,
  phone: text,
  kind: text,
  codes: texts,
  code_carriers: texts,
  code_intact: z.array(flag),
  referral_ctwa_clid: text,
  referral_source_id: text,
  referral_source_type: text,
  reply_to_message_id: text,
  is_forwarded: flag,
  edits_message_id: text,
  greeting_variant: number,
  greeting_placement: text,
  greeting_similarity: number,
  language: text,
  ui_language: text,
  phone_country: text,
  phone_region: text,
  start_payload: text,
  invite_link_name: text,
  text_length: number,
  is_start_command: flag,
  device: text,
  is_internal: flag,
  code_word: text,
  code_word_source: z.record(z.string(), z.string()),
  named_source: z.record(z.string(), z.string()),
});

/** A row as the log would have carried it. */
export interface RowTouchpoint {
  readonly observedAtMs: number;
  readonly value: Uint8Array;
}

/** Names of the columns, times as milliseconds. */
export const CLICK_COLUMNS = columnsOf(clickRow);
export const MESSAGE_COLUMNS = columnsOf(messageRow);

function columnsOf(row: z.ZodObject): string {
  return Object.keys(row.shape)
    .map((name) => (name.endsWith('_at_ms') ? `toUnixTimestamp64Milli(${name.slice(0, -3)}) AS ${name}` : name))
    .join(', ');
}

/** What ingest wrote, as far as the columns keep it; the matcher's own decoder reads it as it read the record. */
export function clickTouchpoint(columns: unknown): RowTouchpoint {
  const row = clickRow.parse(columns);
  return touchpoint(row, row.clicked_at_ms, {
    $case: 'click',
    value: {
      clickId: row.click_id,
      code: row.code,
      ...(row.greeting_variant < 0 ? {} : { greetingVariant: row.greeting_variant }),
      visitorId: row.visitor_id,
      source: {
        utmSource: row.utm_source,
        utmMedium: row.utm_medium,
        utmCampaign: row.utm_campaign,
        utmContent: row.utm_content,
        utmTerm: row.utm_term,
        referrerHost: row.referrer_host,
        adId: row.ad_id,
        clickIds: row.ad_click_ids,
        placement: row.placement,
      },
      place: { country: row.country, region: row.region },
      device: numberOf(DeviceClass, 'DEVICE_CLASS', row.device),
      languages: row.languages,
      bot: { isBot: row.is_bot },
      network: numberOf(NetworkClass, 'NETWORK_CLASS', row.network),
      ...(row.bot_score < 0 ? {} : { botScore: row.bot_score }),
      internal: row.is_internal,
      ...(row.source_kind === '' ? {} : { sourceKind: numberOf(SourceKind, 'SOURCE_KIND', row.source_kind) }),
    },
  });
}

export function messageTouchpoint(columns: unknown): RowTouchpoint {
  const row = messageRow.parse(columns);
  const hasReferral = row.referral_ctwa_clid !== '' || row.referral_source_id !== '' || row.referral_source_type !== '';
  return touchpoint(row, row.sent_at_ms, {
    $case: 'message',
    value: {
      messageId: row.message_id,
      channel: numberOf(Channel, 'CHANNEL', row.channel),
      contact: { keys: row.contact_keys, platformUserId: row.platform_user_id, phone: row.phone },
      kind: numberOf(MessageKind, 'MESSAGE_KIND', row.kind),
      codes: row.codes.map((code, index) => ({
        code,
        carrier: numberOf(Carrier, 'CARRIER', row.code_carriers[index] ?? ''),
        intact: row.code_intact[index] ?? false,
      })),
      ...(hasReferral
        ? { referral: { ctwaClid: row.referral_ctwa_clid, sourceId: row.referral_source_id, sourceType: row.referral_source_type } }
        : {}),
      replyToMessageId: row.reply_to_message_id,
      forwarded: row.is_forwarded,
      editsMessageId: row.edits_message_id,
      ...(row.greeting_variant < 0 ? {} : { greetingVariant: row.greeting_variant }),
      greetingPlacement: row.greeting_placement,
      greetingSimilarity: row.greeting_similarity,
      language: row.language,
      uiLanguage: row.ui_language,
      phonePlace: { country: row.phone_country, region: row.phone_region },
      startPayload: row.start_payload,
      inviteLinkName: row.invite_link_name,
      textLength: row.text_length,
      isStartCommand: row.is_start_command,
      device: numberOf(DeviceClass, 'DEVICE_CLASS', row.device),
      internal: row.is_internal,
      codeWord: row.code_word,
      ...(row.code_word === '' ? {} : { codeWordSource: configuredSource(row.code_word_source) }),
      ...(Object.keys(row.named_source).length === 0 ? {} : { namedSource: configuredSource(row.named_source) }),
    },
  });
}

function configuredSource(fields: Readonly<Record<string, string>>) {
  return {
    placement: fields['placement'] ?? '',
    utmSource: fields['utm_source'] ?? '',
    utmMedium: fields['utm_medium'] ?? '',
    utmCampaign: fields['utm_campaign'] ?? '',
    utmContent: fields['utm_content'] ?? '',
    utmTerm: fields['utm_term'] ?? '',
  };
}

interface RowHead {
  readonly workspace: string;
  readonly account: string;
  readonly event_id: string;
  readonly observed_at_ms: number;
}

function touchpoint(row: RowHead, eventTimeMs: number, kind: Parameters<typeof Touchpoint.fromPartial>[0]['kind']): RowTouchpoint {
  const { workspace, account, event_id: eventId, observed_at_ms: observedAtMs } = row;
  const value = Touchpoint.encode(Touchpoint.fromPartial({ eventId, workspace, account, eventTimeMs, observedAtMs, kind })).finish();
  return { observedAtMs, value };
}

/** The number behind an analyst's word; a word that this version does not know is as good as none, as its number was. */
function numberOf<T extends number>(values: Readonly<Record<string, T>>, prefix: string, word: string): T {
  return values[`${prefix}_${word.toUpperCase()}`] ?? values[`${prefix}_UNSPECIFIED`]!;
}
