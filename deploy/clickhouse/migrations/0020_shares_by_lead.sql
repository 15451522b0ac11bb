-- Three things that reports said wrongly. A lead with two shares of one source, of two ads of one campaign, say, was counted as two half leads: less certain than it is.
-- Leads without a tracked click stood in one row with those of a source without utm. And nobody hides a number from a Telegram bot, which never sees one.

CREATE OR REPLACE VIEW daily_leads {on_cluster} (
  workspace LowCardinality(String) COMMENT 'Workspace: the client the row belongs to.',
  account LowCardinality(String) COMMENT 'Messenger account within the workspace.',
  day Date COMMENT 'Day, UTC.',
  utm_source LowCardinality(String) COMMENT 'utm_source; empty when unknown.',
  utm_medium LowCardinality(String) COMMENT 'utm_medium; empty when unknown.',
  utm_campaign LowCardinality(String) COMMENT 'utm_campaign; empty when unknown.',
  placement LowCardinality(String) COMMENT 'Placement; empty when none was used.',
  expected_leads Float64 COMMENT 'Expected number of leads of this source: sum of probabilities.',
  leads_uncertainty Float64 COMMENT 'Standard deviation of expected_leads, leads: sqrt(sum(p * (1 - p))) with p the part of a lead that is of this source.',
  certain_leads UInt64 COMMENT 'Leads whose part of this source is at least 0.9995.',
  has_source Bool COMMENT 'False for "no tracked click".'
)
AS SELECT workspace, account, day, utm_source, utm_medium, utm_campaign, placement,
  sum(part) AS expected_leads, sqrt(sum(part * (1 - least(part, 1)))) AS leads_uncertainty, countIf(part >= 0.9995) AS certain_leads, has_source
FROM (
  SELECT workspace, account, toDate(started_at) AS day, lead_id, has_source, utm_source, utm_medium, utm_campaign, placement, sum(probability) AS part
  FROM lead_shares GROUP BY workspace, account, day, lead_id, has_source, utm_source, utm_medium, utm_campaign, placement
)
GROUP BY workspace, account, day, has_source, utm_source, utm_medium, utm_campaign, placement
COMMENT 'Expected leads per day of their first message and source.';

CREATE OR REPLACE VIEW account_health {on_cluster} (
  workspace LowCardinality(String) COMMENT 'Workspace: the client the row belongs to.',
  account LowCardinality(String) COMMENT 'Messenger account within the workspace.',
  day Date COMMENT 'Day the messages were sent, UTC.',
  messages UInt64 COMMENT 'Messages of people: own people, programs, reactions, edits and joins left out.',
  people UInt64 COMMENT 'Different people who wrote them.',
  coded_messages UInt64 COMMENT 'Messages that hold an intact code.',
  damaged_messages UInt64 COMMENT 'Messages that hold a damaged code and no intact one.',
  greeted_messages UInt64 COMMENT 'Messages whose wording is one of our greetings.',
  stripped_messages UInt64 COMMENT 'Messages with a greeting of ours and no code, intact or damaged: the person took it out, or the link had none.',
  referred_messages UInt64 COMMENT 'Messages with a referral, an invite link or a reply to a message of ours.',
  hidden_numbers UInt64 COMMENT 'People who wrote on WhatsApp without a number that shows a country: only the platform\'s own id names them. 0 on other channels, which show none.',
  kept_share Float64 COMMENT 'Of messages that began at a greeting of ours, the share that kept its code, 0 to 1; -1 when there was none.',
  hidden_share Float64 COMMENT 'hidden_numbers / people, 0 to 1; -1 when nobody wrote.',
  last_message_at DateTime64(3, 'UTC') COMMENT 'When the last of them was sent, UTC, milliseconds.'
)
AS SELECT workspace, account, toDate(sent_at) AS day, count() AS messages, uniqExact(contact) AS people,
  countIf(has(code_intact, true)) AS coded_messages,
  countIf(notEmpty(code_intact) AND NOT has(code_intact, true)) AS damaged_messages,
  countIf(greeting_placement != '') AS greeted_messages,
  countIf(greeting_placement != '' AND empty(code_intact)) AS stripped_messages,
  countIf(referral_source_id != '' OR referral_ctwa_clid != '' OR invite_link_name != '' OR reply_to_message_id != '') AS referred_messages,
  uniqExactIf(contact, channel = 'whatsapp' AND platform_user_id != '' AND phone_country = '') AS hidden_numbers,
  if(countIf(greeting_placement != '' OR notEmpty(code_intact)) = 0, -1, countIf(notEmpty(code_intact)) / countIf(greeting_placement != '' OR notEmpty(code_intact))) AS kept_share,
  if(people = 0, -1, hidden_numbers / people) AS hidden_share,
  max(sent_at) AS last_message_at
FROM messages
WHERE NOT is_internal AND edits_message_id = '' AND kind NOT IN ('reaction', 'join', 'welcome')
GROUP BY workspace, account, day
COMMENT 'What arrives on an account per day, and how much of it can be traced.';

-- Values that the comments of 0001 and 0002 do not name, because they came later.
ALTER TABLE leads {on_cluster}
  COMMENT COLUMN channel 'Messenger: whatsapp, telegram, messenger, instagram, vk, max; empty when unknown.',
  COMMENT COLUMN carrier 'How the code travelled when a code decided: visible, emoji, invisible, start_payload, word (a printed word); empty otherwise.';
ALTER TABLE lead_revisions {on_cluster}
  COMMENT COLUMN channel 'Messenger: whatsapp, telegram, messenger, instagram, vk, max; empty when unknown.',
  COMMENT COLUMN carrier 'How the code travelled when a code decided: visible, emoji, invisible, start_payload, word (a printed word); empty otherwise.';
ALTER TABLE lead_shares {on_cluster}
  COMMENT COLUMN channel 'Messenger: whatsapp, telegram, messenger, instagram, vk, max; empty when unknown.';
ALTER TABLE message_records {on_cluster}
  COMMENT COLUMN channel 'Messenger: whatsapp, telegram, messenger, instagram, vk, max; empty when unknown.';
ALTER TABLE clicks {on_cluster}
  COMMENT COLUMN origin 'How the click reached us: redirect, beacon, sendback (the form on the site); empty when unknown.';
ALTER TABLE click_records {on_cluster}
  COMMENT COLUMN origin 'How the click reached us: redirect, beacon, sendback (the form on the site); empty when unknown.';
