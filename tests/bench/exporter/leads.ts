import { Lead, LeadState, Method, ResolvedTo } from '@messtrack/proto/gen/messtrack/v1/lead.ts';
import { Carrier, Channel, Source } from '@messtrack/proto/gen/messtrack/v1/source.ts';
import { encodeHeaders } from '@messtrack/proto/headers.ts';
import type { OutRecord } from '@messtrack/runtime/bus.ts';

const START_MS = 1_764_000_000_000;

/** A lead as the matcher writes it for a code that arrived: one candidate, one share, two terms of evidence. */
export function leadRecord(id: number): OutRecord {
  const source = Source.create({
    utmSource: 'google',
    utmMedium: 'cpc',
    utmCampaign: `campaign-${id % 50}`,
    referrerHost: 'www.google.com',
    clickIds: { gclid: `EAIaIQobChMI${id}AbCdEfGhIjKlMnOpQrStUv` },
    placement: 'site-button',
  });
  const lead = Lead.create({
    leadId: id.toString(32).padStart(26, '0'),
    revision: 1,
    state: LeadState.LEAD_STATE_PROVISIONAL,
    workspace: 'acme',
    account: 'sales-wa',
    channel: Channel.CHANNEL_WHATSAPP,
    contact: `contact-${id}`.padEnd(22, 'x'),
    firstMessageId: `wamid.HBgLMTQxNTU1NTAxMDAVAgASGBQzQTlF${id}`,
    startedAtMs: START_MS + id * 10,
    method: Method.METHOD_EXACT_ID,
    resolvedTo: ResolvedTo.RESOLVED_TO_CLICK,
    clickId: `click-${id}`,
    source,
    probability: 0.9998,
    pNone: 0.0002,
    candidates: [{ clickId: `click-${id}`, probability: 0.9998, source, clickedAtMs: START_MS + id * 10 - 30_000 }],
    sourceShares: [
      { source, share: 0.9998 },
      { source: undefined, share: 0.0002 },
    ],
    evidence: [
      { term: 'identifier', winnerBits: 29.9, runnerUpBits: 0, words: 'the message carries the code of this click' },
      { term: 'delay', winnerBits: 1.25, runnerUpBits: 0, words: 'the message came 30 s after the click' },
    ],
    candidatesScanned: 3,
    decidedAtMs: START_MS + id * 10 + 5,
    logPosition: { partition: id % 12, offset: id },
    carrier: Carrier.CARRIER_VISIBLE,
    clickedAtMs: START_MS + id * 10 - 30_000,
    workspaceRevision: '0123456789abcdef',
  });
  return {
    topic: 'leads.v1',
    key: lead.leadId,
    value: Lead.encode(lead).finish(),
    headers: encodeHeaders({ eventId: `lead/${lead.leadId}/1`, type: 'Lead', producedAtMs: START_MS }),
  };
}
