-- Kind of place a lead came from, as clicks have it since 0012. Rows from before have an empty text and an empty list, which the views fill up to the number of
-- shares: lists that are taken apart together must be of one length.

ALTER TABLE lead_revisions {on_cluster}
  ADD COLUMN IF NOT EXISTS source_kind LowCardinality(String) COMMENT 'Kind of place the person came from: ad, search, social, assistant (ChatGPT and others), messenger, email, campaign (tagged, kind unknown), referral, direct; of several clicks together what all agree on; empty when nobody told, as of printed words, invite links and dedicated accounts, and in rows from before.',
  ADD COLUMN IF NOT EXISTS share_source_kinds Array(LowCardinality(String)) COMMENT 'source_kind of each share; empty in rows from before.';

CREATE OR REPLACE VIEW leads {on_cluster} (
  workspace LowCardinality(String) COMMENT 'Workspace: the client the row belongs to.',
  lead_id String COMMENT 'Hash of workspace, account, contact and first message; does not depend on the match.',
  revision UInt32 COMMENT 'Counted from 1; the highest is the truth.',
  state LowCardinality(String) COMMENT 'provisional (the hour after the message is not over), final, corrected; empty when unknown.',
  account LowCardinality(String) COMMENT 'Messenger account within the workspace.',
  channel LowCardinality(String) COMMENT 'Messenger: whatsapp, telegram; empty when unknown.',
  contact String COMMENT 'Canonical contact key of the person, 22 characters.',
  platform_user_id String COMMENT 'The platform\'s own opaque id of the person; empty when only a phone number identifies the person.',
  phone String COMMENT 'Phone number in E.164; empty unless the workspace keeps it.',
  first_message_id String COMMENT 'Message that started the lead.',
  started_at DateTime64(3, 'UTC') COMMENT 'When that message was sent, by the messenger, UTC, milliseconds.',
  method LowCardinality(String) COMMENT 'Rule that decided: hidden_id, exact_id, damaged_id, dedicated_account, returning_contact, probabilistic, unresolved, none, forward, correction.',
  resolved_to LowCardinality(String) COMMENT 'Finest thing the decision names: click, placement, campaign, source, none.',
  click_id String COMMENT 'Click the lead came from; empty unless resolved_to is click.',
  has_source Bool COMMENT 'True when the decision names a source.',
  utm_source LowCardinality(String) COMMENT 'utm_source of the lead; empty when unknown.',
  utm_medium LowCardinality(String) COMMENT 'utm_medium of the lead; empty when unknown.',
  utm_campaign LowCardinality(String) COMMENT 'utm_campaign of the lead; empty when unknown.',
  utm_content String COMMENT 'utm_content of the lead; empty when unknown.',
  utm_term String COMMENT 'utm_term of the lead; empty when unknown.',
  referrer_host LowCardinality(String) COMMENT 'Host name of the HTTP referrer of the lead, lower case, without port; empty when unknown.',
  ad_id String COMMENT 'Id of the ad or post that started the chat inside the messenger of the lead; empty when there was none.',
  ad_click_ids Map(LowCardinality(String), String) COMMENT 'Identifiers that ad platforms put on the URL of the lead, by parameter name in lower case (gclid, yclid, fbclid, ctwa_clid and others), values byte for byte.',
  placement LowCardinality(String) COMMENT 'Placement of the workspace that the person used of the lead; empty when none was.',
  probability Float64 COMMENT 'Probability that what resolved_to names is right, 0 to 1.',
  p_none Float64 COMMENT 'Probability that no tracked click led to the message, 0 to 1.',
  p_other Float64 COMMENT 'Probability of clicks not listed among the candidates, 0 to 1.',
  candidate_click_ids Array(String) COMMENT 'Clicks that may have led to the message, by falling probability, at most 16.',
  candidate_probabilities Array(Float64) COMMENT 'Probability of each click of candidate_click_ids, 0 to 1.',
  candidate_clicked_at Array(DateTime64(3, 'UTC')) COMMENT 'When each click of candidate_click_ids happened, UTC, milliseconds.',
  share_probabilities Array(Float64) COMMENT 'Part of the lead that reports give to each candidate source, 0 to 1; they sum to 1.',
  share_has_source Array(Bool) COMMENT 'For each share: false for "no tracked click".',
  share_utm_sources Array(LowCardinality(String)) COMMENT 'utm_source of each share.',
  share_utm_mediums Array(LowCardinality(String)) COMMENT 'utm_medium of each share.',
  share_utm_campaigns Array(LowCardinality(String)) COMMENT 'utm_campaign of each share.',
  share_utm_contents Array(String) COMMENT 'utm_content of each share.',
  share_utm_terms Array(String) COMMENT 'utm_term of each share.',
  share_referrer_hosts Array(LowCardinality(String)) COMMENT 'Referrer host of each share.',
  share_ad_ids Array(String) COMMENT 'Ad or post of each share.',
  share_placements Array(LowCardinality(String)) COMMENT 'Placement of each share.',
  evidence_terms Array(LowCardinality(String)) COMMENT 'Names of the additive terms of the decision.',
  evidence_winner_bits Array(Float64) COMMENT 'Weight of each term for the winner, bits (log2 of odds).',
  evidence_runner_up_bits Array(Float64) COMMENT 'Weight of each term for the runner-up, bits; 0 when there is none.',
  evidence_words Array(String) COMMENT 'Each term in words, for people.',
  candidates_scanned UInt32 COMMENT 'Clicks that were looked at for this decision.',
  model_version UInt64 COMMENT 'Model in force; 0 when no learned model took part.',
  decided_at DateTime64(3, 'UTC') COMMENT 'Partition time of the decision, UTC, milliseconds.',
  log_partition Int32 COMMENT 'Partition of touchpoints.v1 of the record that caused this revision.',
  log_offset Int64 COMMENT 'Offset in touchpoints.v1 of the record that caused this revision.',
  carrier LowCardinality(String) COMMENT 'How the code travelled when a code decided: visible, emoji, invisible, start_payload; empty otherwise.',
  clicked_at DateTime64(3, 'UTC') COMMENT 'When the click happened, UTC, milliseconds. 1970-01-01 when no click is named.',
  is_late Bool COMMENT 'True when the first message reached us more than 24 h after it was written.',
  workspace_revision String COMMENT 'Hash of the workspace settings in force, 16 hexadecimal characters; empty before the first epoch.',
  is_warming Bool COMMENT 'True while the account had fewer than 100 identified leads and less than two days of history when this was decided: a probability rests on priors more than on what the account has shown.',
  source_kind LowCardinality(String) COMMENT 'Kind of place the person came from: ad, search, social, assistant (ChatGPT and others), messenger, email, campaign (tagged, kind unknown), referral, direct; of several clicks together what all agree on; empty when nobody told, as of printed words, invite links and dedicated accounts, and in rows from before.',
  share_source_kinds Array(LowCardinality(String)) COMMENT 'source_kind of each share.'
)
AS SELECT
  workspace,
  lead_id,
  max(r.revision) AS revision,
  argMax(r.state, r.revision) AS state,
  argMax(r.account, r.revision) AS account,
  argMax(r.channel, r.revision) AS channel,
  argMax(r.contact, r.revision) AS contact,
  argMax(r.platform_user_id, r.revision) AS platform_user_id,
  argMax(r.phone, r.revision) AS phone,
  argMax(r.first_message_id, r.revision) AS first_message_id,
  argMax(r.started_at, r.revision) AS started_at,
  argMax(r.method, r.revision) AS method,
  argMax(r.resolved_to, r.revision) AS resolved_to,
  argMax(r.click_id, r.revision) AS click_id,
  argMax(r.has_source, r.revision) AS has_source,
  argMax(r.utm_source, r.revision) AS utm_source,
  argMax(r.utm_medium, r.revision) AS utm_medium,
  argMax(r.utm_campaign, r.revision) AS utm_campaign,
  argMax(r.utm_content, r.revision) AS utm_content,
  argMax(r.utm_term, r.revision) AS utm_term,
  argMax(r.referrer_host, r.revision) AS referrer_host,
  argMax(r.ad_id, r.revision) AS ad_id,
  argMax(r.ad_click_ids, r.revision) AS ad_click_ids,
  argMax(r.placement, r.revision) AS placement,
  argMax(r.probability, r.revision) AS probability,
  argMax(r.p_none, r.revision) AS p_none,
  argMax(r.p_other, r.revision) AS p_other,
  argMax(r.candidate_click_ids, r.revision) AS candidate_click_ids,
  argMax(r.candidate_probabilities, r.revision) AS candidate_probabilities,
  argMax(r.candidate_clicked_at, r.revision) AS candidate_clicked_at,
  argMax(r.share_probabilities, r.revision) AS share_probabilities,
  argMax(r.share_has_source, r.revision) AS share_has_source,
  argMax(r.share_utm_sources, r.revision) AS share_utm_sources,
  argMax(r.share_utm_mediums, r.revision) AS share_utm_mediums,
  argMax(r.share_utm_campaigns, r.revision) AS share_utm_campaigns,
  argMax(r.share_utm_contents, r.revision) AS share_utm_contents,
  argMax(r.share_utm_terms, r.revision) AS share_utm_terms,
  argMax(r.share_referrer_hosts, r.revision) AS share_referrer_hosts,
  argMax(r.share_ad_ids, r.revision) AS share_ad_ids,
  argMax(r.share_placements, r.revision) AS share_placements,
  argMax(r.evidence_terms, r.revision) AS evidence_terms,
  argMax(r.evidence_winner_bits, r.revision) AS evidence_winner_bits,
  argMax(r.evidence_runner_up_bits, r.revision) AS evidence_runner_up_bits,
  argMax(r.evidence_words, r.revision) AS evidence_words,
  argMax(r.candidates_scanned, r.revision) AS candidates_scanned,
  argMax(r.model_version, r.revision) AS model_version,
  argMax(r.decided_at, r.revision) AS decided_at,
  argMax(r.log_partition, r.revision) AS log_partition,
  argMax(r.log_offset, r.revision) AS log_offset,
  argMax(r.carrier, r.revision) AS carrier,
  argMax(r.clicked_at, r.revision) AS clicked_at,
  argMax(r.is_late, r.revision) AS is_late,
  argMax(r.workspace_revision, r.revision) AS workspace_revision,
  argMax(r.is_warming, r.revision) AS is_warming,
  argMax(r.source_kind, r.revision) AS source_kind,
  argMax(arrayResize(r.share_source_kinds, length(r.share_probabilities), ''), r.revision) AS share_source_kinds
FROM lead_revisions AS r
GROUP BY workspace, lead_id
COMMENT 'Leads, one row each, latest revision.';

CREATE OR REPLACE VIEW lead_shares {on_cluster} (
  workspace LowCardinality(String) COMMENT 'Workspace: the client the row belongs to.',
  lead_id String COMMENT 'Lead.',
  account LowCardinality(String) COMMENT 'Messenger account within the workspace.',
  channel LowCardinality(String) COMMENT 'Messenger: whatsapp, telegram; empty when unknown.',
  started_at DateTime64(3, 'UTC') COMMENT 'When the lead started, UTC, milliseconds.',
  revision UInt32 COMMENT 'Revision of the lead these shares are of: the latest.',
  state LowCardinality(String) COMMENT 'provisional, final, corrected; empty when unknown.',
  method LowCardinality(String) COMMENT 'Rule that decided the lead.',
  probability Float64 COMMENT 'Part of the lead that belongs to this source, 0 to 1. The shares of a lead sum to 1; the sum over leads is the expected number of leads, sqrt(sum(p * (1 - p))) its standard deviation.',
  has_source Bool COMMENT 'False for "no tracked click".',
  utm_source LowCardinality(String) COMMENT 'utm_source of the candidate source; empty when unknown.',
  utm_medium LowCardinality(String) COMMENT 'utm_medium of the candidate source; empty when unknown.',
  utm_campaign LowCardinality(String) COMMENT 'utm_campaign of the candidate source; empty when unknown.',
  utm_content String COMMENT 'utm_content of the candidate source; empty when unknown.',
  utm_term String COMMENT 'utm_term of the candidate source; empty when unknown.',
  referrer_host LowCardinality(String) COMMENT 'Referrer host of the candidate source; empty when unknown.',
  ad_id String COMMENT 'Ad or post of the candidate source; empty when there was none.',
  placement LowCardinality(String) COMMENT 'Placement of the candidate source; empty when none was used.',
  source_kind LowCardinality(String) COMMENT 'Kind of the candidate source, as in leads; empty when nobody told.'
)
AS SELECT workspace, lead_id, account, channel, started_at, revision, state, method, each_probability AS probability, each_has_source AS has_source, each_utm_source AS utm_source, each_utm_medium AS utm_medium, each_utm_campaign AS utm_campaign, each_utm_content AS utm_content, each_utm_term AS utm_term, each_referrer_host AS referrer_host, each_ad_id AS ad_id, each_placement AS placement, each_source_kind AS source_kind
FROM (
  SELECT workspace, lead_id, max(r.revision) AS revision, argMax(r.account, r.revision) AS account, argMax(r.channel, r.revision) AS channel, argMax(r.started_at, r.revision) AS started_at, argMax(r.state, r.revision) AS state, argMax(r.method, r.revision) AS method, argMax(r.share_probabilities, r.revision) AS share_probabilities, argMax(r.share_has_source, r.revision) AS share_has_source, argMax(r.share_utm_sources, r.revision) AS share_utm_sources, argMax(r.share_utm_mediums, r.revision) AS share_utm_mediums, argMax(r.share_utm_campaigns, r.revision) AS share_utm_campaigns, argMax(r.share_utm_contents, r.revision) AS share_utm_contents, argMax(r.share_utm_terms, r.revision) AS share_utm_terms, argMax(r.share_referrer_hosts, r.revision) AS share_referrer_hosts, argMax(r.share_ad_ids, r.revision) AS share_ad_ids, argMax(r.share_placements, r.revision) AS share_placements, argMax(arrayResize(r.share_source_kinds, length(r.share_probabilities), ''), r.revision) AS share_source_kinds
  FROM lead_revisions AS r GROUP BY workspace, lead_id
)
ARRAY JOIN share_probabilities AS each_probability, share_has_source AS each_has_source, share_utm_sources AS each_utm_source, share_utm_mediums AS each_utm_medium, share_utm_campaigns AS each_utm_campaign, share_utm_contents AS each_utm_content, share_utm_terms AS each_utm_term, share_referrer_hosts AS each_referrer_host, share_ad_ids AS each_ad_id, share_placements AS each_placement, share_source_kinds AS each_source_kind
COMMENT 'Leads split over their candidate sources: sum(probability) is the expected number of leads.';

-- A view of its own: a further column in daily_leads would split its rows for whoever joins them with daily_clicks.
CREATE OR REPLACE VIEW daily_leads_by_kind {on_cluster} (
  workspace LowCardinality(String) COMMENT 'Workspace: the client the row belongs to.',
  account LowCardinality(String) COMMENT 'Messenger account within the workspace.',
  day Date COMMENT 'Day, UTC.',
  has_source Bool COMMENT 'False for "no tracked click".',
  source_kind LowCardinality(String) COMMENT 'Kind of place the people came from, as in leads; empty when nobody told.',
  expected_leads Float64 COMMENT 'Expected number of leads of this kind: sum of probabilities.',
  leads_uncertainty Float64 COMMENT 'Standard deviation of expected_leads, leads: sqrt(sum(p * (1 - p))) with p the part of a lead that is of this kind.',
  certain_leads UInt64 COMMENT 'Leads whose part of this kind is at least 0.9995.'
)
AS SELECT workspace, account, day, has_source, source_kind, sum(part) AS expected_leads, sqrt(sum(part * (1 - least(part, 1)))) AS leads_uncertainty, countIf(part >= 0.9995) AS certain_leads
FROM (
  SELECT workspace, account, toDate(started_at) AS day, lead_id, has_source, source_kind, sum(probability) AS part
  FROM lead_shares GROUP BY workspace, account, day, lead_id, has_source, source_kind
)
GROUP BY workspace, account, day, has_source, source_kind
COMMENT 'Expected leads per day of their first message and kind of source.';
