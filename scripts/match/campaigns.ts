import type { Lead, SourceShare } from '@messtrack/matcher/domain/lead.ts';
import { campaignOf } from '@messtrack/matcher/domain/profiles.ts';
import type { Source } from '@messtrack/matcher/domain/source.ts';

/** Shares are counted in steps of 1e-4. */
const UNITS = 10_000;

/** A tracked click whose source has no name at all is still a click. */
export const UNNAMED = '(unnamed)';

/** What a lead is counted under: what its campaign is learned under, else the source. */
function nameOf(source: Source): string {
  return campaignOf(source) || source.utmSource || UNNAMED;
}

export interface CampaignShare {
  /** Null: no tracked click. */
  readonly campaign: string | null;
  readonly share: number;
}

/** Shares by campaign, the largest first; they sum to 1 in steps of 1e-4, and what rounding leaves goes to the largest. */
export function campaignShares(shares: readonly SourceShare[]): readonly CampaignShare[] {
  const byCampaign = new Map<string | null, number>();
  for (const { source, share } of shares) {
    const campaign = source === undefined ? null : nameOf(source);
    byCampaign.set(campaign, (byCampaign.get(campaign) ?? 0) + share);
  }
  const rounded = [...byCampaign].map(([campaign, share]) => ({ campaign, units: Math.round(share * UNITS) }));
  rounded.sort((a, b) => b.units - a.units);
  const left = UNITS - rounded.reduce((sum, { units }) => sum + units, 0);
  return rounded
    .map(({ campaign, units }, index) => ({ campaign, share: (index === 0 ? units + left : units) / UNITS }))
    .filter(({ share }, index) => share > 0 || index === 0);
}

/**
 * The campaign that the answer names; null when it says that no click led there, undefined when it says neither: also when it names a
 * placement or a source that several campaigns share.
 */
export function namedCampaign(lead: Lead, shares: readonly CampaignShare[]): string | null | undefined {
  if (lead.source === undefined || lead.resolvedTo === 'none') return lead.method === 'none' ? null : undefined;
  const name = nameOf(lead.source);
  return shares.some(({ campaign }) => campaign === name) ? name : undefined;
}
