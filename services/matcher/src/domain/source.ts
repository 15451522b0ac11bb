/** Kind of place a person came from: SourceKind of messtrack.v1; `unknown` where nobody classified. */
export type SourceKind = 'unknown' | 'ad' | 'search' | 'social' | 'assistant' | 'messenger' | 'email' | 'campaign' | 'referral' | 'direct';

/** Where a person came from, as the edge saw it; every field is empty when unknown. The domain's own form of messtrack.v1.Source. */
export interface Source {
  readonly utmSource: string;
  readonly utmMedium: string;
  readonly utmCampaign: string;
  readonly utmContent: string;
  readonly utmTerm: string;
  readonly referrerHost: string;
  readonly adId: string;
  /** Pairs of parameter name and value in the order they were read. A list, because the order of a log is exact and the order of a map is not. */
  readonly clickIds: readonly (readonly [name: string, value: string])[];
  readonly placement: string;
  readonly kind: SourceKind;
}

export const EMPTY_SOURCE: Source = {
  utmSource: '',
  utmMedium: '',
  utmCampaign: '',
  utmContent: '',
  utmTerm: '',
  referrerHost: '',
  adId: '',
  clickIds: [],
  placement: '',
  kind: 'unknown',
};

export type SourceLevel = 'placement' | 'campaign' | 'source';

/** The finest thing a source names when no click does. */
export function sourceLevel(source: Source): SourceLevel {
  if (source.placement !== '') return 'placement';
  if (source.utmCampaign !== '') return 'campaign';
  return 'source';
}

/**
 * Two sources with the same key have the same name: click ids and referrers differ per person and do not split it, nor does the kind, which leads from before
 * it was told do not have.
 */
export function sourceKey(source: Source): string {
  return JSON.stringify([
    source.placement,
    source.utmSource,
    source.utmMedium,
    source.utmCampaign,
    source.utmContent,
    source.utmTerm,
    source.adId,
  ]);
}

/** Two sources with the same key are one share of a lead, so that reports can add up shares by name and by kind. */
export function shareKey(source: Source): string {
  return `${source.kind}/${sourceKey(source)}`;
}
