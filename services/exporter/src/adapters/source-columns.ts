import { Carrier, Channel, DeviceClass, type Place, type Source } from '@messtrack/proto/gen/messtrack/v1/source.ts';
import type { Columns } from '../domain/row.ts';
import { enumWords } from './words.ts';

export const carrierWord = enumWords(Carrier, 'CARRIER_');
export const channelWord = enumWords(Channel, 'CHANNEL_');
export const deviceWord = enumWords(DeviceClass, 'DEVICE_CLASS_');

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
  return {
    [`${prefix}utm_source`]: from.utmSource,
    [`${prefix}utm_medium`]: from.utmMedium,
    [`${prefix}utm_campaign`]: from.utmCampaign,
    [`${prefix}utm_content`]: from.utmContent,
    [`${prefix}utm_term`]: from.utmTerm,
    [`${prefix}referrer_host`]: from.referrerHost,
    [`${prefix}ad_id`]: from.adId,
    [`${prefix}ad_click_ids`]: from.clickIds,
    [`${prefix}placement`]: from.placement,
  };
}

export function placeColumns(place: Place | undefined, prefix = ''): Columns {
  return {
    [`${prefix}country`]: place?.country ?? '',
    [`${prefix}region`]: place?.region ?? '',
    [`${prefix}city`]: place?.city ?? '',
  };
}
