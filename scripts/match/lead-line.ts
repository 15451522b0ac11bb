import type { Candidate, EvidenceTerm, Lead } from '@messtrack/matcher/domain/lead.ts';
import type { Source } from '@messtrack/matcher/domain/source.ts';
import { givenName } from './account-name.ts';
import { campaignShares } from './campaigns.ts';

/** A lead as a line of the output (docs/history-files.md). */
export function leadLine(lead: Lead) {
  return {
    lead_id: lead.leadId,
    message: lead.firstMessageId,
    account: givenName(lead.account),
    contact: lead.contact,
    started_at: new Date(lead.startedAtMs).toISOString(),
    state: lead.state,
    revision: lead.revision,
    method: lead.method,
    resolved_to: lead.resolvedTo,
    click: lead.clickId === '' ? null : lead.clickId,
    source: lead.source === undefined ? null : sourceFields(lead.source),
    probability: lead.probability,
    none: lead.pNone,
    other: lead.pOther,
    candidates: lead.candidates.map(candidateFields),
    shares: campaignShares(lead.sourceShares),
    evidence_bits: evidenceFields(lead.evidence),
    candidates_scanned: lead.candidatesScanned,
    model_version: lead.modelVersion,
    confidence: confidenceOf(lead),
    decided_at: new Date(lead.decidedAtMs).toISOString(),
    log_position: lead.offset,
    late: lead.late,
  };
}

export type Confidence = 'warming' | 'learned';

/** `warming`: the account's model was its priors more than what it had seen (100 identified leads or two days). */
export function confidenceOf({ warming }: Lead): Confidence {
  return warming ? 'warming' : 'learned';
}

function candidateFields({ clickId, probability }: Candidate) {
  return { click: clickId, probability };
}

function sourceFields(source: Source) {
  const fields: Record<string, string> = {};
  if (source.utmCampaign !== '') fields['campaign'] = source.utmCampaign;
  if (source.placement !== '') fields['placement'] = source.placement;
  if (source.utmSource !== '') fields['utm_source'] = source.utmSource;
  if (source.utmMedium !== '') fields['utm_medium'] = source.utmMedium;
  if (source.utmContent !== '') fields['utm_content'] = source.utmContent;
  if (source.utmTerm !== '') fields['utm_term'] = source.utmTerm;
  if (source.adId !== '') fields['ad_id'] = source.adId;
  if (source.kind !== 'unknown') fields['source_kind'] = source.kind;
  return fields;
}

function evidenceFields(evidence: readonly EvidenceTerm[]) {
  return Object.fromEntries(
    evidence.map(({ term, winnerBits, runnerUpBits, words }) => [term, { winner: winnerBits, runner_up: runnerUpBits, words }]),
  );
}
