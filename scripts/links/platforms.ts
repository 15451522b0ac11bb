/** Parameters that ad platforms fill in when somebody taps an ad, in the form each of them writes them. */
export interface Platform {
  readonly name: string;
  /** Where the parameters go in its user interface. */
  readonly where: string;
  readonly query: readonly (readonly [name: string, value: string])[];
  /** What it adds to the address by itself. */
  readonly adds: string;
  /** Where the placeholders were read. */
  readonly source: string;
}

/**
 * Ids instead of names wherever both exist: names are changed, and hold spaces and letters that some platforms send unencoded.
 * A placeholder that was not filled in (a preview, an organic share, a placement without it) is taken for no value (services/ingest/src/domain/source.ts).
 */
export const PLATFORMS: readonly Platform[] = [
  {
    name: 'meta',
    where: 'ad, Tracking, URL parameters',
    query: [
      ['utm_source', '{{site_source_name}}'],
      ['utm_medium', 'paid_social'],
      ['utm_campaign', '{{campaign.id}}'],
      ['utm_term', '{{adset.id}}'],
      ['utm_content', '{{ad.id}}'],
    ],
    adds: 'fbclid',
    source: 'Meta Business Help Center, "About URL parameters"',
  },
  {
    name: 'google',
    where: 'campaign, Campaign URL options, Final URL suffix',
    query: [
      ['utm_source', 'google'],
      ['utm_medium', 'cpc'],
      ['utm_campaign', '{campaignid}'],
      ['utm_term', '{keyword}'],
      ['utm_content', '{creative}'],
    ],
    adds: 'gclid, gbraid or wbraid (auto-tagging)',
    source: 'Google Ads Help, "Set up tracking with ValueTrack parameters"',
  },
  {
    name: 'yandex',
    where: 'campaign, URL parameters, or the link of the ad',
    query: [
      ['utm_source', 'yandex'],
      ['utm_medium', 'cpc'],
      ['utm_campaign', '{campaign_id}'],
      ['utm_term', '{keyword}'],
      ['utm_content', '{ad_id}'],
    ],
    adds: 'yclid',
    source: 'Yandex Direct Help, "URL parameters"',
  },
  {
    name: 'vk',
    where: 'ad group, URL parameters, add by hand',
    query: [
      ['utm_source', 'vk_ads'],
      ['utm_medium', 'cpc'],
      ['utm_campaign', '{{campaign_id}}'],
      ['utm_content', '{{banner_id}}'],
      ['rb_clickid', '{{clickid}}'],
    ],
    adds: 'rb_clickid where click tracking is on',
    source: 'VK Ads Help, "UTM tags" and "Link markup for click verification"',
  },
  {
    name: 'tiktok',
    where: 'ad, Destination, URL',
    query: [
      ['utm_source', 'tiktok'],
      ['utm_medium', 'paid_social'],
      ['utm_campaign', '__CAMPAIGN_ID__'],
      ['utm_term', '__AID__'],
      ['utm_content', '__CID__'],
    ],
    adds: 'ttclid',
    source: 'TikTok Business Help Center, "Third Party Tracking" (__AID__ is the ad group, __CID__ the ad)',
  },
  {
    name: 'microsoft',
    where: 'campaign, Campaign URL options, Final URL suffix',
    query: [
      ['utm_source', 'bing'],
      ['utm_medium', 'cpc'],
      ['utm_campaign', '{CampaignId}'],
      ['utm_term', '{keyword:default}'],
      ['utm_content', '{AdId}'],
    ],
    adds: 'msclkid (auto-tagging)',
    source: 'Microsoft Advertising Help, "What tracking or URL parameters can I use?"',
  },
];

/** The address as it is pasted into the platform: placeholders stay as they are, everything else is encoded. */
export function urlTemplate(address: string, { query }: Pick<Platform, 'query'>): string {
  return `${address}?${query.map(([name, value]) => `${name}=${value}`).join('&')}`;
}
