-- Daily roll-ups by source. Plain views over the views of 0002, for the reason given there: a lead that changes its source must leave the old row.
-- Whoever outgrows them puts a refreshable materialised view on top.

CREATE OR REPLACE VIEW daily_leads {on_cluster} (
  workspace LowCardinality(String) COMMENT 'Workspace: the client the row belongs to.',
  account LowCardinality(String) COMMENT 'Messenger account within the workspace.',
  day Date COMMENT 'Day, UTC.',
  utm_source LowCardinality(String) COMMENT 'utm_source; empty when unknown.',
  utm_medium LowCardinality(String) COMMENT 'utm_medium; empty when unknown.',
  utm_campaign LowCardinality(String) COMMENT 'utm_campaign; empty when unknown.',
  placement LowCardinality(String) COMMENT 'Placement; empty when none was used.',
  expected_leads Float64 COMMENT 'Expected number of leads of this source: sum of probabilities.',
  leads_uncertainty Float64 COMMENT 'Standard deviation of expected_leads, leads: sqrt(sum(p * (1 - p))).',
  certain_leads UInt64 COMMENT 'Leads whose share of this source is at least 0.9995.'
)
AS SELECT workspace, account, toDate(started_at) AS day, utm_source, utm_medium, utm_campaign, placement,
  sum(probability) AS expected_leads, sqrt(sum(probability * (1 - probability))) AS leads_uncertainty, countIf(probability >= 0.9995) AS certain_leads
FROM lead_shares
GROUP BY workspace, account, day, utm_source, utm_medium, utm_campaign, placement
COMMENT 'Expected leads per day of their first message and source.';

CREATE OR REPLACE VIEW daily_clicks {on_cluster} (
  workspace LowCardinality(String) COMMENT 'Workspace: the client the row belongs to.',
  account LowCardinality(String) COMMENT 'Messenger account within the workspace.',
  day Date COMMENT 'Day, UTC.',
  utm_source LowCardinality(String) COMMENT 'utm_source; empty when unknown.',
  utm_medium LowCardinality(String) COMMENT 'utm_medium; empty when unknown.',
  utm_campaign LowCardinality(String) COMMENT 'utm_campaign; empty when unknown.',
  placement LowCardinality(String) COMMENT 'Placement; empty when none was used.',
  clicks UInt64 COMMENT 'Clicks of people; programs are left out.',
  bot_clicks UInt64 COMMENT 'Clicks of programs: link previews, crawlers, prefetches.'
)
AS SELECT workspace, account, toDate(clicked_at) AS day, utm_source, utm_medium, utm_campaign, placement,
  countIf(NOT is_bot) AS clicks, countIf(is_bot) AS bot_clicks
FROM clicks
GROUP BY workspace, account, day, utm_source, utm_medium, utm_campaign, placement
COMMENT 'Clicks per day and source.';

-- A goal whose lead has not arrived yet counts for no source (a left join would make one up): leads.v1 and goals.v1 are delivered independently.
CREATE OR REPLACE VIEW daily_goals {on_cluster} (
  workspace LowCardinality(String) COMMENT 'Workspace: the client the row belongs to.',
  account LowCardinality(String) COMMENT 'Messenger account within the workspace.',
  day Date COMMENT 'Day, UTC.',
  utm_source LowCardinality(String) COMMENT 'utm_source; empty when unknown.',
  utm_medium LowCardinality(String) COMMENT 'utm_medium; empty when unknown.',
  utm_campaign LowCardinality(String) COMMENT 'utm_campaign; empty when unknown.',
  placement LowCardinality(String) COMMENT 'Placement; empty when none was used.',
  name LowCardinality(String) COMMENT 'What happened: qualified, ordered, paid or the workspace\'s own word.',
  currency LowCardinality(String) COMMENT 'ISO 4217, upper case; empty when there is no value.',
  expected_goals Float64 COMMENT 'Expected number of goals of this source: sum of the probabilities of their leads.',
  expected_value_minor Float64 COMMENT 'Expected value in minor units of the currency (cents).'
)
AS SELECT s.workspace AS workspace, s.account AS account, toDate(g.happened_at) AS day, s.utm_source AS utm_source, s.utm_medium AS utm_medium, s.utm_campaign AS utm_campaign, s.placement AS placement,
  g.name AS name, g.currency AS currency, sum(s.probability) AS expected_goals, sum(s.probability * g.value_minor) AS expected_value_minor
FROM goals AS g
INNER JOIN lead_shares AS s ON s.workspace = g.workspace AND s.lead_id = g.lead_id
GROUP BY workspace, account, day, utm_source, utm_medium, utm_campaign, placement, name, currency
COMMENT 'Goals per day and source of their lead, by the latest revision of the lead.';
