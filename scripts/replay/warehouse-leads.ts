import { SOURCE_KINDS } from '@messtrack/matcher/adapters/source-codec.ts';
import type { Lead, LeadState, Method, ResolvedTo } from '@messtrack/matcher/domain/lead.ts';
import { EMPTY_SOURCE, type Source, type SourceKind } from '@messtrack/matcher/domain/source.ts';
import { z } from 'zod';

const texts = z.array(z.string());
const numbers = z.array(z.number());

/** Empty for none, and in rows from before. A kind that this version does not know is as good as none, as its number was. */
const kind = z.string().transform((word): SourceKind => SOURCE_KINDS.find((known) => known === word) ?? 'unknown');

const leadRow = z.object({
  workspace: z.string(),
  lead_id: z.string(),
  revision: z.number(),
  state: z.enum(['provisional', 'final', 'corrected'] satisfies LeadState[]),
  account: z.string(),
  contact: z.string(),
  first_message_id: z.string(),
  started_at_ms: z.number(),
  method: z.enum([
    'hidden_id',
    'exact_id',
    'damaged_id',
    'dedicated_account',
    'returning_contact',
    'probabilistic',
    'unresolved',
    'none',
    'forward',
    'correction',
  ] satisfies Method[]),
  resolved_to: z.enum(['click', 'placement', 'campaign', 'source', 'none'] satisfies ResolvedTo[]),
  click_id: z.string(),
  has_source: z.boolean(),
  utm_source: z.string(),
  utm_medium: z.string(),
  utm_campaign: z.string(),
  utm_content: z.string(),
  utm_term: z.string(),
  ad_id: z.string(),
  placement: z.string(),
  source_kind: kind,
  probability: z.number(),
  p_none: z.number(),
  p_other: z.number(),
  candidate_click_ids: texts,
  candidate_probabilities: numbers,
  share_probabilities: numbers,
  share_has_source: z.array(z.boolean()),
  share_utm_sources: texts,
  share_utm_mediums: texts,
  share_utm_campaigns: texts,
  share_utm_contents: texts,
  share_utm_terms: texts,
  share_ad_ids: texts,
  share_placements: texts,
  share_source_kinds: z.array(kind),
  model_version: z.number(),
});

export const LEAD_COLUMNS = Object.keys(leadRow.shape)
  .map((name) => (name === 'started_at_ms' ? 'toUnixTimestamp64Milli(started_at) AS started_at_ms' : name))
  .join(', ');

/** The answer of a lead as the table `leads` holds it; what it does not hold, and no comparison looks at, is empty. */
export function leadOfRow(columns: unknown): Lead {
  const row = leadRow.parse(columns);
  return {
    leadId: row.lead_id,
    revision: row.revision,
    state: row.state,
    workspace: row.workspace,
    account: row.account,
    channel: 'unknown',
    contact: row.contact,
    platformUserId: '',
    phone: '',
    firstMessageId: row.first_message_id,
    startedAtMs: row.started_at_ms,
    method: row.method,
    resolvedTo: row.resolved_to,
    clickId: row.click_id,
    clickedAtMs: 0,
    source: row.has_source
      ? {
          ...EMPTY_SOURCE,
          utmSource: row.utm_source,
          utmMedium: row.utm_medium,
          utmCampaign: row.utm_campaign,
          utmContent: row.utm_content,
          utmTerm: row.utm_term,
          adId: row.ad_id,
          placement: row.placement,
          kind: row.source_kind,
        }
      : undefined,
    probability: row.probability,
    pNone: row.p_none,
    pOther: row.p_other,
    candidates: row.candidate_click_ids.map((clickId, index) => ({
      clickId,
      probability: row.candidate_probabilities[index] ?? 0,
      source: EMPTY_SOURCE,
      clickedAtMs: 0,
    })),
    sourceShares: row.share_probabilities.map((share, index) => ({ share, source: shareSource(row, index) })),
    evidence: [],
    candidatesScanned: 0,
    modelVersion: row.model_version,
    decidedAtMs: 0,
    partition: 0,
    offset: 0,
    carrier: 'none',
    late: false,
    workspaceRevision: '',
    warming: false,
  };
}

function shareSource(row: z.infer<typeof leadRow>, index: number): Source | undefined {
  if (row.share_has_source[index] !== true) return undefined;
  return {
    ...EMPTY_SOURCE,
    utmSource: row.share_utm_sources[index] ?? '',
    utmMedium: row.share_utm_mediums[index] ?? '',
    utmCampaign: row.share_utm_campaigns[index] ?? '',
    utmContent: row.share_utm_contents[index] ?? '',
    utmTerm: row.share_utm_terms[index] ?? '',
    adId: row.share_ad_ids[index] ?? '',
    placement: row.share_placements[index] ?? '',
    kind: row.share_source_kinds[index] ?? 'unknown',
  };
}
