import {
  Carrier,
  Channel,
  DeviceClass,
  NetworkClass,
  type Place,
  type Source,
  SourceKind,
} from '@messtrack/proto/gen/messtrack/v1/source.ts';
import type { Columns } from '../domain/row.ts';
import { enumWords } from './words.ts';

export const carrierWord = enumWords(Carrier, 'CARRIER_');
export const channelWord = enumWords(Channel, 'CHANNEL_');
export const deviceWord = enumWords(DeviceClass, 'DEVICE_CLASS_');
export const networkWord = enumWords(NetworkClass, 'NETWORK_CLASS_');
export const sourceKindWord = enumWords(SourceKind, 'SOURCE_KIND_');

const NO_SOURCE: Source = {
  utmSource: '',
  utmMedium: '',
  utmCampaign: '',
  utmContent: '',
  utmTerm: '',
  referrerHost: '',
  adId: '',
  clickIds: {},
  placement: '',
};

/** Columns of a source; empty ones for none. */
export function sourceColumns(source: Source | undefined, prefix = ''): Columns {
  const from = source ?? NO_SOURCE;
  return prefixed(prefix, {
    utm_source: from.utmSource,
    utm_medium: from.utmMedium,
    utm_campaign: from.utmCampaign,
    utm_content: from.utmContent,
    utm_term: from.utmTerm,
    referrer_host: from.referrerHost,
    ad_id: from.adId,
    ad_click_ids: from.clickIds,
    placement: from.placement,
  });
}

/** The configured source of a placement by field, without what it leaves empty; empty for none. A placement configures no more than these. */
export function configuredSource(source: Source | undefined): Readonly<Record<string, string>> {
  if (source === undefined) return {};
  const { placement, utmSource, utmMedium, utmCampaign, utmContent, utmTerm } = source;
  const fields = {
    placement,
    utm_source: utmSource,
    utm_medium: utmMedium,
    utm_campaign: utmCampaign,
    utm_content: utmContent,
    utm_term: utmTerm,
  };
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== ''));
}

export function placeColumns(place: Place | undefined, prefix = ''): Columns {
  return prefixed(prefix, { country: place?.country ?? '', region: place?.region ?? '', city: place?.city ?? '' });
}

/** Names put together for every row cost more than its values. */
function prefixed(prefix: string, columns: Columns): Columns {
  return prefix === '' ? columns : Object.fromEntries(Object.entries(columns).map(([name, value]) => [`${prefix}${name}`, value]));
}
