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
};

export type SourceLevel = 'placement' | 'campaign' | 'source';

/** The finest thing a source names when no click does. */
export function sourceLevel(source: Source): SourceLevel {
  if (source.placement !== '') return 'placement';
  if (source.utmCampaign !== '') return 'campaign';
  return 'source';
}

/** Two sources with the same key are one line of a report: click ids and referrers differ per person and do not split it. */
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
