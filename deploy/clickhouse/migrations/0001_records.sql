-- Records as the exporter delivers them: at least once, so every table is keyed by what makes a record the same record, and copies of a key vanish: at a merge
-- for ever, and in the views of 0002 at once.
--
-- Engine: ReplacingMergeTree, because the bus delivers again after a crash or a rebalance. Columns hold nothing that differs between two deliveries of one record,
-- so it does not matter which copy stays. non_replicated_deduplication_window lets a single server and the embedded engine honour insert_deduplication_token, as
-- replicated tables do by themselves: an identical batch repeated after a lost answer is not even written.
--
-- Partition: month of the event. It never changes for a key, so copies of a key meet in one partition; erasing by age drops whole partitions; a hundred clients over
-- ten years make 120 partitions per table, not 12,000. No TTL: how long data is kept is the workspace's decision.
--
-- Strings with few values are LowCardinality. Nothing is Nullable: unknown is empty, 0 or -1, as in the contracts, and argMax skips NULLs.

-- Sorted by session within a workspace: a visit is looked up by its id (from a click), and a later record of a session replaces the earlier (observed_at).
CREATE TABLE IF NOT EXISTS visit_records {on_cluster} (
  workspace LowCardinality(String) COMMENT 'Workspace: the client the row belongs to.',
  visit_id String COMMENT 'Browser session, unique within the workspace.',
  event_id String COMMENT 'Deterministic id of the newest record of this visit.',
  visitor_id String COMMENT 'Stable pseudonym of the browser; empty without consent.',
  started_at DateTime64(3, 'UTC') COMMENT 'When the session began, UTC, milliseconds.',
  observed_at DateTime64(3, 'UTC') COMMENT 'When the newest record of this visit was received, UTC, milliseconds.',
  utm_source LowCardinality(String) COMMENT 'utm_source of the session; empty when unknown.',
  utm_medium LowCardinality(String) COMMENT 'utm_medium of the session; empty when unknown.',
  utm_campaign LowCardinality(String) COMMENT 'utm_campaign of the session; empty when unknown.',
  utm_content String COMMENT 'utm_content of the session; empty when unknown.',
  utm_term String COMMENT 'utm_term of the session; empty when unknown.',
  referrer_host LowCardinality(String) COMMENT 'Host name of the HTTP referrer of the session, lower case, without port; empty when unknown.',
  ad_id String COMMENT 'Id of the ad or post that started the chat inside the messenger of the session; empty when there was none.',
  ad_click_ids Map(LowCardinality(String), String) COMMENT 'Identifiers that ad platforms put on the URL of the session, by parameter name in lower case (gclid, yclid, fbclid, ctwa_clid and others), values byte for byte.',
  placement LowCardinality(String) COMMENT 'Placement of the workspace that the person used of the session; empty when none was.',
  has_first_touch Bool COMMENT 'True when the source of the browser\'s first session is known and differs.',
  first_utm_source LowCardinality(String) COMMENT 'utm_source of the browser\'s first session; empty when unknown.',
  first_utm_medium LowCardinality(String) COMMENT 'utm_medium of the browser\'s first session; empty when unknown.',
  first_utm_campaign LowCardinality(String) COMMENT 'utm_campaign of the browser\'s first session; empty when unknown.',
  first_utm_content String COMMENT 'utm_content of the browser\'s first session; empty when unknown.',
  first_utm_term String COMMENT 'utm_term of the browser\'s first session; empty when unknown.',
  first_referrer_host LowCardinality(String) COMMENT 'Host name of the HTTP referrer of the browser\'s first session, lower case, without port; empty when unknown.',
  first_ad_id String COMMENT 'Id of the ad or post that started the chat inside the messenger of the browser\'s first session; empty when there was none.',
  first_ad_click_ids Map(LowCardinality(String), String) COMMENT 'Identifiers that ad platforms put on the URL of the browser\'s first session, by parameter name in lower case (gclid, yclid, fbclid, ctwa_clid and others), values byte for byte.',
  first_placement LowCardinality(String) COMMENT 'Placement of the workspace that the person used of the browser\'s first session; empty when none was.',
  landing_page String COMMENT 'URL of the first page without query and fragment.',
  page_urls Array(String) COMMENT 'URLs of the pages seen, without query and fragment, in order, at most 50.',
  page_seen_at Array(DateTime64(3, 'UTC')) COMMENT 'When each page of page_urls was shown, UTC, milliseconds.',
  country LowCardinality(String) COMMENT 'Country by IP address, ISO 3166-1 alpha-2, upper case; empty when unknown.',
  region LowCardinality(String) COMMENT 'Region by IP address; empty when unknown.',
  city LowCardinality(String) COMMENT 'City by IP address, in English; empty when unknown.',
  device LowCardinality(String) COMMENT 'Kind of device by user agent: ios, android, desktop; empty when unknown.',
  user_agent String COMMENT 'User agent as sent, at most 512 characters.',
  languages Array(LowCardinality(String)) COMMENT 'Languages of the browser in order of preference, BCP 47, at most 8.',
  analytics_ids Map(LowCardinality(String), String) COMMENT 'Client ids of analytics by name: ga_client_id, ga_session_id, ym_client_id, fbp, fbc.',
  is_bot Bool COMMENT 'True when the visitor is a program.'
)
ENGINE = {engine_prefix}ReplacingMergeTree(observed_at)
PARTITION BY toYYYYMM(started_at)
ORDER BY (workspace, visit_id)
SETTINGS non_replicated_deduplication_window = 1000
COMMENT 'Browser sessions as delivered; read the view visits.';

-- Sorted by click within a workspace: candidates, codes and leads name clicks by id. Reports over time read whole months anyway.
CREATE TABLE IF NOT EXISTS click_records {on_cluster} (
  workspace LowCardinality(String) COMMENT 'Workspace: the client the row belongs to.',
  account LowCardinality(String) COMMENT 'Messenger account within the workspace.',
  click_id String COMMENT 'Unique within the workspace.',
  event_id String COMMENT 'Deterministic id of the event.',
  code String COMMENT 'Tracking code in canonical form; empty when the placement carries none.',
  carriers Array(LowCardinality(String)) COMMENT 'Carriers the code was given to: visible, emoji, invisible, start_payload.',
  clicked_at DateTime64(3, 'UTC') COMMENT 'When the person tapped or the redirect was served, UTC, milliseconds.',
  observed_at DateTime64(3, 'UTC') COMMENT 'When ingest received it, UTC, milliseconds.',
  greeting_variant Int32 COMMENT 'Greeting shown, counted from 0 in the list of the placement; -1 when none was shown.',
  visit_id String COMMENT 'Browser session of this click; empty for redirects without one.',
  visitor_id String COMMENT 'Stable pseudonym of the browser; empty without consent.',
  utm_source LowCardinality(String) COMMENT 'utm_source of the click; empty when unknown.',
  utm_medium LowCardinality(String) COMMENT 'utm_medium of the click; empty when unknown.',
  utm_campaign LowCardinality(String) COMMENT 'utm_campaign of the click; empty when unknown.',
  utm_content String COMMENT 'utm_content of the click; empty when unknown.',
  utm_term String COMMENT 'utm_term of the click; empty when unknown.',
  referrer_host LowCardinality(String) COMMENT 'Host name of the HTTP referrer of the click, lower case, without port; empty when unknown.',
  ad_id String COMMENT 'Id of the ad or post that started the chat inside the messenger of the click; empty when there was none.',
  ad_click_ids Map(LowCardinality(String), String) COMMENT 'Identifiers that ad platforms put on the URL of the click, by parameter name in lower case (gclid, yclid, fbclid, ctwa_clid and others), values byte for byte.',
  placement LowCardinality(String) COMMENT 'Placement of the workspace that the person used of the click; empty when none was.',
  country LowCardinality(String) COMMENT 'Country by IP address, ISO 3166-1 alpha-2, upper case; empty when unknown.',
  region LowCardinality(String) COMMENT 'Region by IP address; empty when unknown.',
  city LowCardinality(String) COMMENT 'City by IP address, in English; empty when unknown.',
  ip String COMMENT 'IP address in text form; empty unless the workspace keeps it.',
  device LowCardinality(String) COMMENT 'Kind of device by user agent: ios, android, desktop; empty when unknown.',
  user_agent String COMMENT 'User agent as sent, at most 512 characters.',
  languages Array(LowCardinality(String)) COMMENT 'Languages of the browser in order of preference, BCP 47, at most 8.',
  is_bot Bool COMMENT 'True when the request came from a program: no person was about to write.',
  bot_reason LowCardinality(String) COMMENT 'How a program was recognised: user_agent, link_preview, prefetch, head_request; empty when is_bot is false.',
  origin LowCardinality(String) COMMENT 'How the click reached us: redirect, beacon; empty when unknown.'
)
ENGINE = {engine_prefix}ReplacingMergeTree(observed_at)
PARTITION BY toYYYYMM(clicked_at)
ORDER BY (workspace, click_id)
SETTINGS non_replicated_deduplication_window = 1000
COMMENT 'Uses of placements as delivered; read the view clicks.';

-- Sorted by account and message; event_id last, because an edit carries the id of the message it edits and is a row of its own.
CREATE TABLE IF NOT EXISTS message_records {on_cluster} (
  workspace LowCardinality(String) COMMENT 'Workspace: the client the row belongs to.',
  account LowCardinality(String) COMMENT 'Messenger account within the workspace.',
  message_id String COMMENT 'Id the provider gave, unique within the account.',
  event_id String COMMENT 'Deterministic id of the event; an edit of a message has its own.',
  channel LowCardinality(String) COMMENT 'Messenger: whatsapp, telegram; empty when unknown.',
  sent_at DateTime64(3, 'UTC') COMMENT 'When the person sent it, by the messenger (resolution 1 s), UTC, milliseconds.',
  observed_at DateTime64(3, 'UTC') COMMENT 'When the gateway received it, UTC, milliseconds.',
  contact String COMMENT 'Pseudonym of the person: strongest contact key, 22 characters.',
  contact_keys Array(String) COMMENT 'Pseudonyms of every identifier the provider sent, strongest first.',
  platform_user_id String COMMENT 'The platform\'s own opaque id of the person; empty when only a phone number identifies the person.',
  phone String COMMENT 'Phone number in E.164; empty unless the workspace keeps it.',
  name String COMMENT 'Display name; empty unless the workspace keeps it.',
  kind LowCardinality(String) COMMENT 'Kind of message: text, image, video, audio, document, sticker, location, contacts, button, interactive, reaction, order, welcome, join, unknown.',
  codes Array(String) COMMENT 'Tracking codes found, canonical form, intact ones first, at most 8.',
  code_carriers Array(LowCardinality(String)) COMMENT 'Carrier of each code of codes.',
  code_intact Array(Bool) COMMENT 'For each code of codes: true when its checksum is right as read.',
  referral_ctwa_clid String COMMENT 'Click id of the Click-to-WhatsApp ad; empty when not given.',
  referral_source_id String COMMENT 'Id of the ad or post; empty when there was none.',
  referral_source_type LowCardinality(String) COMMENT 'ad, post or what the provider sent; empty when there was none.',
  referral_source_url String COMMENT 'URL of the ad or post; empty when there was none.',
  referral_headline String COMMENT 'Headline of the ad; empty when there was none.',
  reply_to_message_id String COMMENT 'Message this one replies to; empty when it is no reply.',
  is_forwarded Bool COMMENT 'True when the sender forwarded it.',
  edits_message_id String COMMENT 'Message whose text this one replaces; empty when it is no edit.',
  greeting_variant Int32 COMMENT 'Greeting recognised, counted from 0 in the list of the placement; -1 when none was.',
  greeting_placement LowCardinality(String) COMMENT 'Placement whose greeting was recognised; empty when none was.',
  greeting_similarity Float64 COMMENT 'Share of the words of the greeting found in order, 0 to 1.',
  language LowCardinality(String) COMMENT 'Language of the text, ISO 639-1; empty when too short to tell.',
  ui_language LowCardinality(String) COMMENT 'Language of the messenger\'s user interface, ISO 639-1; empty when not given.',
  phone_country LowCardinality(String) COMMENT 'Country by phone number, ISO 3166-1 alpha-2, upper case; empty when unknown.',
  phone_region LowCardinality(String) COMMENT 'Region by phone number; empty when unknown.',
  phone_city LowCardinality(String) COMMENT 'City by phone number, in English; empty when unknown.',
  start_payload String COMMENT 'Start or button payload that is not a tracking code, at most 64 characters; empty otherwise.',
  invite_link_name String COMMENT 'Invite link through which the person joined; empty otherwise.',
  text String COMMENT 'The text; empty unless the workspace keeps it.',
  text_length UInt32 COMMENT 'Length of the text in UTF-16 code units; 0 for media without caption.',
  is_start_command Bool COMMENT 'True when the text is a bare /start: the messenger\'s own button.'
)
ENGINE = {engine_prefix}ReplacingMergeTree(observed_at)
PARTITION BY toYYYYMM(sent_at)
ORDER BY (workspace, account, message_id, event_id)
SETTINGS non_replicated_deduplication_window = 1000
COMMENT 'Inbound messages as delivered; read the view messages.';

-- All revisions are kept: what was believed when is part of the answer. (workspace, lead_id) first, so that the view of the latest revision groups in the order of
-- the key. Candidates' sources are not repeated here: click_id leads to them in clicks.
CREATE TABLE IF NOT EXISTS lead_revisions {on_cluster} (
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
  workspace_revision String COMMENT 'Hash of the workspace settings in force, 16 hexadecimal characters; empty before the first epoch.'
)
ENGINE = {engine_prefix}ReplacingMergeTree
PARTITION BY toYYYYMM(started_at)
ORDER BY (workspace, lead_id, revision)
SETTINGS non_replicated_deduplication_window = 1000
COMMENT 'Leads, every revision; read the view leads for the latest.';

-- Goals are read by lead.
CREATE TABLE IF NOT EXISTS goal_records {on_cluster} (
  workspace LowCardinality(String) COMMENT 'Workspace: the client the row belongs to.',
  event_id String COMMENT 'Deterministic id of the goal.',
  lead_id String COMMENT 'Lead it happened to.',
  name LowCardinality(String) COMMENT 'What happened: qualified, ordered, paid or the workspace\'s own word.',
  happened_at DateTime64(3, 'UTC') COMMENT 'When it happened, UTC, milliseconds.',
  value_minor Int64 COMMENT 'Value in minor units of the currency (cents); 0 when there is none.',
  currency LowCardinality(String) COMMENT 'ISO 4217, upper case; empty when there is no value.'
)
ENGINE = {engine_prefix}ReplacingMergeTree
PARTITION BY toYYYYMM(happened_at)
ORDER BY (workspace, lead_id, event_id)
SETTINGS non_replicated_deduplication_window = 1000
COMMENT 'What happened to leads later, as delivered; read the view goals.';

-- Every attempt is a row: attempt belongs to the key.
CREATE TABLE IF NOT EXISTS delivery_records {on_cluster} (
  workspace LowCardinality(String) COMMENT 'Workspace: the client the row belongs to.',
  delivery_id String COMMENT 'Idempotency key: hash of lead, revision or goal, and destination.',
  lead_id String COMMENT 'Lead delivered.',
  lead_revision UInt32 COMMENT 'Revision of the lead delivered, from 1; 0 when a goal was delivered.',
  goal_event_id String COMMENT 'Goal delivered; empty when a lead was.',
  destination LowCardinality(String) COMMENT 'Name of the destination in the workspace.',
  attempt UInt32 COMMENT 'Attempt counted from 1.',
  status LowCardinality(String) COMMENT 'delivered, retrying, refused; empty when unknown.',
  reason LowCardinality(String) COMMENT 'Reason code; empty on success.',
  http_status UInt32 COMMENT 'HTTP status of the answer; 0 when there was none.',
  attempted_at DateTime64(3, 'UTC') COMMENT 'When the attempt ended, UTC, milliseconds.'
)
ENGINE = {engine_prefix}ReplacingMergeTree
PARTITION BY toYYYYMM(attempted_at)
ORDER BY (workspace, lead_id, delivery_id, attempt)
SETTINGS non_replicated_deduplication_window = 1000
COMMENT 'Attempts to hand leads and goals to destinations, as delivered; read the view deliveries.';
