import { Lead, LeadState, Method, ResolvedTo } from '@messtrack/proto/gen/messtrack/v1/lead.ts';
import { type Source, SourceKind } from '@messtrack/proto/gen/messtrack/v1/source.ts';
import type { Decoded } from './decoded.ts';
import { carrierWord, channelWord, sourceColumns, sourceKindWord } from './source-columns.ts';
import { enumWords } from './words.ts';

const stateWord = enumWords(LeadState, 'LEAD_STATE_');
const methodWord = enumWords(Method, 'METHOD_');
const resolvedToWord = enumWords(ResolvedTo, 'RESOLVED_TO_');

export function decodeLead(value: Uint8Array): Decoded {
  const lead = Lead.decode(value);
  const { candidates, sourceShares: shares, evidence } = lead;
  return {
    kind: 'row',
    table: 'lead_revisions',
    required: { workspace: lead.workspace, lead_id: lead.leadId, revision: lead.revision },
    times: [lead.startedAtMs, lead.decidedAtMs, lead.clickedAtMs, ...candidates.map(({ clickedAtMs }) => clickedAtMs)],
    columns: {
      workspace: lead.workspace,
      lead_id: lead.leadId,
      revision: lead.revision,
      state: stateWord(lead.state),
      account: lead.account,
      channel: channelWord(lead.channel),
      contact: lead.contact,
      platform_user_id: lead.platformUserId,
      phone: lead.phone,
      first_message_id: lead.firstMessageId,
      started_at: lead.startedAtMs,
      method: methodWord(lead.method),
      resolved_to: resolvedToWord(lead.resolvedTo),
      click_id: lead.clickId,
      has_source: lead.source !== undefined,
      ...sourceColumns(lead.source),
      source_kind: kindOf(lead.source),
      probability: lead.probability,
      p_none: lead.pNone,
      p_other: lead.pOther,
      candidate_click_ids: candidates.map(({ clickId }) => clickId),
      candidate_probabilities: candidates.map(({ probability }) => probability),
      candidate_clicked_at: candidates.map(({ clickedAtMs }) => clickedAtMs),
      share_probabilities: shares.map(({ share }) => share),
      share_has_source: shares.map(({ source }) => source !== undefined),
      share_utm_sources: shares.map(({ source }) => source?.utmSource ?? ''),
      share_utm_mediums: shares.map(({ source }) => source?.utmMedium ?? ''),
      share_utm_campaigns: shares.map(({ source }) => source?.utmCampaign ?? ''),
      share_utm_contents: shares.map(({ source }) => source?.utmContent ?? ''),
      share_utm_terms: shares.map(({ source }) => source?.utmTerm ?? ''),
      share_referrer_hosts: shares.map(({ source }) => source?.referrerHost ?? ''),
      share_ad_ids: shares.map(({ source }) => source?.adId ?? ''),
      share_placements: shares.map(({ source }) => source?.placement ?? ''),
      share_source_kinds: shares.map(({ source }) => kindOf(source)),
      evidence_terms: evidence.map(({ term }) => term),
      evidence_winner_bits: evidence.map(({ winnerBits }) => winnerBits),
      evidence_runner_up_bits: evidence.map(({ runnerUpBits }) => runnerUpBits),
      evidence_words: evidence.map(({ words }) => words),
      candidates_scanned: lead.candidatesScanned,
      model_version: lead.modelVersion,
      decided_at: lead.decidedAtMs,
      log_partition: lead.logPosition?.partition ?? 0,
      log_offset: lead.logPosition?.offset ?? 0,
      carrier: carrierWord(lead.carrier),
      clicked_at: lead.clickedAtMs,
      is_late: lead.late,
      workspace_revision: lead.workspaceRevision,
      is_warming: lead.warming,
    },
  };
}

function kindOf(source: Source | undefined): string {
  return sourceKindWord(source?.kind ?? SourceKind.SOURCE_KIND_UNSPECIFIED);
}
