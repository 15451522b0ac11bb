import { sureness } from '../domain/explain.ts';
import type { Lead } from '../domain/lead.ts';
import type { Source } from '../domain/source.ts';

/**
 * A lead as JSON for bots and CRMs: the names and words of the ClickHouse columns, times in ISO 8601, `null` for what is not known.
 * `sureness` is the class for people: certain, very_likely, likely, unresolved. `confidence`: warming while the account has shown little.
 */
export function leadJson(lead: Lead) {
  return {
    lead_id: lead.leadId,
    revision: lead.revision,
    state: lead.state,
    workspace: lead.workspace,
    account: lead.account,
    channel: lead.channel,
    contact: lead.contact,
    platform_user_id: textOrNull(lead.platformUserId),
    phone: textOrNull(lead.phone),
    first_message_id: lead.firstMessageId,
    started_at: time(lead.startedAtMs),
    method: lead.method,
    resolved_to: lead.resolvedTo,
    sureness: sureness(lead),
    click_id: textOrNull(lead.clickId),
    clicked_at: lead.clickedAtMs === 0 ? null : time(lead.clickedAtMs),
    carrier: lead.carrier === 'none' ? null : lead.carrier,
    source: lead.source === undefined ? null : sourceJson(lead.source),
    probability: lead.probability,
    p_none: lead.pNone,
    p_other: lead.pOther,
    candidates: lead.candidates.map(({ clickId, probability, source, clickedAtMs }) => ({
      click_id: clickId,
      probability,
      source: sourceJson(source),
      clicked_at: time(clickedAtMs),
    })),
    source_shares: lead.sourceShares.map(({ source, share }) => ({ source: source === undefined ? null : sourceJson(source), share })),
    evidence: lead.evidence.map(({ term, winnerBits, runnerUpBits, words }) => ({
      term,
      winner_bits: winnerBits,
      runner_up_bits: runnerUpBits,
      words,
    })),
    candidates_scanned: lead.candidatesScanned,
    model_version: lead.modelVersion,
    confidence: lead.warming ? 'warming' : 'learned',
    decided_at: time(lead.decidedAtMs),
    log_position: { partition: lead.partition, offset: lead.offset },
    late: lead.late,
    workspace_revision: textOrNull(lead.workspaceRevision),
  };
}

function sourceJson(source: Source) {
  return {
    placement: textOrNull(source.placement),
    utm_source: textOrNull(source.utmSource),
    utm_medium: textOrNull(source.utmMedium),
    utm_campaign: textOrNull(source.utmCampaign),
    utm_content: textOrNull(source.utmContent),
    utm_term: textOrNull(source.utmTerm),
    referrer_host: textOrNull(source.referrerHost),
    ad_id: textOrNull(source.adId),
    click_ids: Object.fromEntries(source.clickIds),
    source_kind: source.kind === 'unknown' ? null : source.kind,
  };
}

function textOrNull(text: string): string | null {
  return text === '' ? null : text;
}

/** A messenger's time may be any number; ISO 8601 ends in the year 275760. */
function time(ms: number): string | null {
  return Math.abs(ms) <= 8.64e15 ? new Date(ms).toISOString() : null;
}
