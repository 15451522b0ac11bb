import { SourceKind } from '@messtrack/proto/gen/messtrack/v1/source.ts';
import { Visit } from '@messtrack/proto/gen/messtrack/v1/visit.ts';
import type { Decoded } from './decoded.ts';
import { deviceWord, placeColumns, sourceColumns, sourceKindWord } from './source-columns.ts';

export function decodeVisit(value: Uint8Array): Decoded {
  const visit = Visit.decode(value);
  return {
    kind: 'row',
    table: 'visit_records',
    required: { workspace: visit.workspace, visit_id: visit.visitId },
    times: [visit.startedAtMs, visit.observedAtMs, ...visit.pages.map(({ seenAtMs }) => seenAtMs)],
    columns: {
      workspace: visit.workspace,
      visit_id: visit.visitId,
      event_id: visit.eventId,
      visitor_id: visit.visitorId,
      started_at: visit.startedAtMs,
      observed_at: visit.observedAtMs,
      ...sourceColumns(visit.source),
      has_first_touch: visit.firstTouch !== undefined,
      ...sourceColumns(visit.firstTouch, 'first_'),
      landing_page: visit.landingPage,
      page_urls: visit.pages.map(({ url }) => url),
      page_seen_at: visit.pages.map(({ seenAtMs }) => seenAtMs),
      ...placeColumns(visit.place),
      device: deviceWord(visit.device),
      user_agent: visit.userAgent,
      languages: visit.languages,
      analytics_ids: visit.analyticsIds,
      is_bot: visit.isBot,
      source_kind: sourceKindWord(visit.sourceKind ?? SourceKind.SOURCE_KIND_UNSPECIFIED),
      source_name: visit.sourceName ?? '',
      last_utm_source: visit.lastTouch?.utmSource ?? '',
      last_utm_medium: visit.lastTouch?.utmMedium ?? '',
      last_utm_campaign: visit.lastTouch?.utmCampaign ?? '',
      last_referrer_host: visit.lastTouch?.referrerHost ?? '',
      last_ad_click_ids: visit.lastTouch?.clickIds ?? {},
      consent: visit.consent,
    },
  };
}
