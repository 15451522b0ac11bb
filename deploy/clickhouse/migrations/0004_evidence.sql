-- What the probabilistic matcher compares and what it leaves out, visible row by row: the kind of network, the bot score with its signs, the workspace's own clicks and
-- messages. Rows from before have the defaults: an empty network, a score of -1 (nobody judged), not internal.

ALTER TABLE click_records {on_cluster}
  ADD COLUMN IF NOT EXISTS network LowCardinality(String) COMMENT 'Kind of network by IP address: fixed, mobile, hosting (data centre), vpn (VPN, privacy relay, corporate proxy); empty when the table of networks cannot tell.',
  ADD COLUMN IF NOT EXISTS bot_score Float64 DEFAULT -1 COMMENT 'How much the request looks like a program\'s, 0 to 1 in steps of 0.01; 1 when is_bot. -1 when nobody judged. Evidence only: nobody is refused for it.',
  ADD COLUMN IF NOT EXISTS bot_signs Array(LowCardinality(String)) COMMENT 'What bot_score was made of, by name, in the order of the formula.',
  ADD COLUMN IF NOT EXISTS is_internal Bool COMMENT 'True when the click is the workspace\'s own: an agent testing a link. It is never a candidate, and no statistic counts it; a message that brings its code came from it all the same.',
  ADD COLUMN IF NOT EXISTS internal_reason LowCardinality(String) COMMENT 'Why it is internal: placement, visitor, network, parameter; empty when it is not.';

CREATE OR REPLACE VIEW clicks {on_cluster} (
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
  origin LowCardinality(String) COMMENT 'How the click reached us: redirect, beacon; empty when unknown.',
  network LowCardinality(String) COMMENT 'Kind of network by IP address: fixed, mobile, hosting (data centre), vpn (VPN, privacy relay, corporate proxy); empty when the table of networks cannot tell.',
  bot_score Float64 COMMENT 'How much the request looks like a program\'s, 0 to 1 in steps of 0.01; 1 when is_bot. -1 when nobody judged. Evidence only: nobody is refused for it.',
  bot_signs Array(LowCardinality(String)) COMMENT 'What bot_score was made of, by name, in the order of the formula.',
  is_internal Bool COMMENT 'True when the click is the workspace\'s own: an agent testing a link. It is never a candidate, and no statistic counts it; a message that brings its code came from it all the same.',
  internal_reason LowCardinality(String) COMMENT 'Why it is internal: placement, visitor, network, parameter; empty when it is not.'
)
AS SELECT workspace, account, click_id, event_id, code, carriers, clicked_at, observed_at, greeting_variant, visit_id, visitor_id, utm_source, utm_medium, utm_campaign, utm_content, utm_term, referrer_host, ad_id, ad_click_ids, placement, country, region, city, ip, device, user_agent, languages, is_bot, bot_reason, origin, network, bot_score, bot_signs, is_internal, internal_reason FROM click_records FINAL
COMMENT 'Uses of placements, one row each.';

ALTER TABLE message_records {on_cluster}
  ADD COLUMN IF NOT EXISTS device LowCardinality(String) COMMENT 'Kind of device the person wrote on: ios, android, desktop; empty where the channel does not show it, as the Telegram Bot API and the WhatsApp Cloud API.',
  ADD COLUMN IF NOT EXISTS is_internal Bool COMMENT 'True when the message is of the workspace\'s own people or of a program: it starts no lead, and no statistic counts it.',
  ADD COLUMN IF NOT EXISTS internal_reason LowCardinality(String) COMMENT 'Why it is internal: staff, bot; empty when it is not.';

CREATE OR REPLACE VIEW messages {on_cluster} (
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
  is_start_command Bool COMMENT 'True when the text is a bare /start: the messenger\'s own button.',
  device LowCardinality(String) COMMENT 'Kind of device the person wrote on: ios, android, desktop; empty where the channel does not show it, as the Telegram Bot API and the WhatsApp Cloud API.',
  is_internal Bool COMMENT 'True when the message is of the workspace\'s own people or of a program: it starts no lead, and no statistic counts it.',
  internal_reason LowCardinality(String) COMMENT 'Why it is internal: staff, bot; empty when it is not.'
)
AS SELECT workspace, account, message_id, event_id, channel, sent_at, observed_at, contact, contact_keys, platform_user_id, phone, name, kind, codes, code_carriers, code_intact, referral_ctwa_clid, referral_source_id, referral_source_type, referral_source_url, referral_headline, reply_to_message_id, is_forwarded, edits_message_id, greeting_variant, greeting_placement, greeting_similarity, language, ui_language, phone_country, phone_region, phone_city, start_payload, invite_link_name, text, text_length, is_start_command, device, is_internal, internal_reason FROM message_records FINAL
COMMENT 'Inbound messages and their edits, one row each.';

-- The workspace's own clicks are counted apart, as programs are: a day of testing is no campaign.
CREATE OR REPLACE VIEW daily_clicks {on_cluster} (
  workspace LowCardinality(String) COMMENT 'Workspace: the client the row belongs to.',
  account LowCardinality(String) COMMENT 'Messenger account within the workspace.',
  day Date COMMENT 'Day, UTC.',
  utm_source LowCardinality(String) COMMENT 'utm_source; empty when unknown.',
  utm_medium LowCardinality(String) COMMENT 'utm_medium; empty when unknown.',
  utm_campaign LowCardinality(String) COMMENT 'utm_campaign; empty when unknown.',
  placement LowCardinality(String) COMMENT 'Placement; empty when none was used.',
  clicks UInt64 COMMENT 'Clicks of people; programs and the workspace\'s own clicks are left out.',
  bot_clicks UInt64 COMMENT 'Clicks of programs: link previews, crawlers, prefetches.',
  internal_clicks UInt64 COMMENT 'Clicks of the workspace\'s own people, programs left out.',
  suspicious_clicks Float64 COMMENT 'Clicks of programs that call themselves a browser, as far as the requests show: sum of bot_score over clicks. 0 where nobody judged.'
)
AS SELECT workspace, account, toDate(clicked_at) AS day, utm_source, utm_medium, utm_campaign, placement,
  countIf(NOT is_bot AND NOT is_internal) AS clicks, countIf(is_bot) AS bot_clicks, countIf(is_internal AND NOT is_bot) AS internal_clicks,
  sumIf(bot_score, NOT is_bot AND NOT is_internal AND bot_score > 0) AS suspicious_clicks
FROM clicks
GROUP BY workspace, account, day, utm_source, utm_medium, utm_campaign, placement
COMMENT 'Clicks per day and source.';

-- The arrays of leads, one row per term: "which terms decide in this account" is a GROUP BY.
CREATE OR REPLACE VIEW lead_evidence {on_cluster} (
  workspace LowCardinality(String) COMMENT 'Workspace: the client the row belongs to.',
  lead_id String COMMENT 'Lead.',
  account LowCardinality(String) COMMENT 'Messenger account within the workspace.',
  started_at DateTime64(3, 'UTC') COMMENT 'When the lead started, UTC, milliseconds.',
  revision UInt32 COMMENT 'Revision of the lead this evidence is of: the latest.',
  state LowCardinality(String) COMMENT 'provisional, final, corrected; empty when unknown.',
  method LowCardinality(String) COMMENT 'Rule that decided the lead.',
  model_version UInt64 COMMENT 'Model in force; 0 when no learned model took part.',
  place UInt32 COMMENT 'Place of the term in the decision, from 1.',
  term LowCardinality(String) COMMENT 'Name of the additive term: prior, delay, country, wording and others.',
  winner_bits Float64 COMMENT 'Weight of the term for the winner, bits (log2 of odds), steps of 0.01; the sum over terms is the log2 odds of the winner against nobody\'s click.',
  runner_up_bits Float64 COMMENT 'Weight of the term for the runner-up, bits; 0 when there is none.',
  words String COMMENT 'The term in words, for people.'
)
AS SELECT workspace, lead_id, account, started_at, revision, state, method, model_version, each_place AS place, each_term AS term, each_winner_bits AS winner_bits, each_runner_up_bits AS runner_up_bits, each_words AS words
FROM (
  SELECT workspace, lead_id, max(r.revision) AS revision, argMax(r.account, r.revision) AS account, argMax(r.started_at, r.revision) AS started_at, argMax(r.state, r.revision) AS state, argMax(r.method, r.revision) AS method, argMax(r.model_version, r.revision) AS model_version, argMax(r.evidence_terms, r.revision) AS evidence_terms, argMax(r.evidence_winner_bits, r.revision) AS evidence_winner_bits, argMax(r.evidence_runner_up_bits, r.revision) AS evidence_runner_up_bits, argMax(r.evidence_words, r.revision) AS evidence_words
  FROM lead_revisions AS r GROUP BY workspace, lead_id
)
ARRAY JOIN arrayEnumerate(evidence_terms) AS each_place, evidence_terms AS each_term, evidence_winner_bits AS each_winner_bits, evidence_runner_up_bits AS each_runner_up_bits, evidence_words AS each_words
COMMENT 'Why leads were decided as they were: one row per lead and term of evidence, latest revision.';
