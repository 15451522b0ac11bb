-- What a message is about, where it was written from the page of a product, and the goals that Meta says it detected in conversations that began at its ads.
ALTER TABLE message_records {on_cluster}
  ADD COLUMN IF NOT EXISTS product_catalog_id String COMMENT 'Catalogue of the product from whose page the person wrote (WhatsApp); empty when there was none.',
  ADD COLUMN IF NOT EXISTS product_retailer_id String COMMENT 'The business\'s own id of that product; empty when there was none.';

CREATE OR REPLACE VIEW messages {on_cluster} (
  workspace LowCardinality(String) COMMENT 'Workspace: the client the row belongs to.',
  account LowCardinality(String) COMMENT 'Messenger account within the workspace.',
  message_id String COMMENT 'Id the provider gave, unique within the account.',
  event_id String COMMENT 'Deterministic id of the event; an edit of a message has its own.',
  channel LowCardinality(String) COMMENT 'Messenger: whatsapp, telegram, messenger, instagram, vk, max; empty when unknown.',
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
  internal_reason LowCardinality(String) COMMENT 'Why it is internal: staff, bot; empty when it is not.',
  entry_point LowCardinality(String) COMMENT 'Way into the chat in WhatsApp\'s own words, where a linked device shows it: click_to_chat_link (a wa.me link, whosever), ctwa_ad, global_search_new_chat, phone_number_hyperlink and others; empty otherwise.',
  entry_point_app LowCardinality(String) COMMENT 'Application the chat was opened from: whatsapp, instagram, facebook; empty when not told.',
  entry_point_delay_s Int32 COMMENT 'Seconds WhatsApp puts beside the entry point, probably from the tap to the message; -1 when not told.',
  code_word LowCardinality(String) COMMENT 'Printed code word found in the text, as the workspace spells it; empty when none was.',
  code_word_source Map(LowCardinality(String), String) COMMENT 'Source of the placement that the code word stands for, by field (placement, utm_source, utm_medium, utm_campaign, utm_content, utm_term), as it was configured then; empty without a code word.',
  named_source Map(LowCardinality(String), String) COMMENT 'Source of the placement that the invite link or the start payload names, by field as in code_word_source; empty when it names none.',
  product_catalog_id String COMMENT 'Catalogue of the product from whose page the person wrote (WhatsApp); empty when there was none.',
  product_retailer_id String COMMENT 'The business\'s own id of that product; empty when there was none.'
)
AS SELECT workspace, account, message_id, event_id, channel, sent_at, observed_at, contact, contact_keys, platform_user_id, phone, name, kind, codes, code_carriers, code_intact, referral_ctwa_clid, referral_source_id, referral_source_type, referral_source_url, referral_headline, reply_to_message_id, is_forwarded, edits_message_id, greeting_variant, greeting_placement, greeting_similarity, language, ui_language, phone_country, phone_region, phone_city, start_payload, invite_link_name, text, text_length, is_start_command, device, is_internal, internal_reason, entry_point, entry_point_app, entry_point_delay_s, code_word, code_word_source, named_source, product_catalog_id, product_retailer_id FROM message_records FINAL
COMMENT 'Inbound messages and their edits, one row each.';

CREATE TABLE IF NOT EXISTS automatic_event_records {on_cluster} (
  workspace LowCardinality(String) COMMENT 'Workspace: the client the row belongs to.',
  account LowCardinality(String) COMMENT 'Messenger account within the workspace.',
  event_id String COMMENT 'Deterministic id of the event: the same message and name always have the same.',
  message_id String COMMENT 'Message in which it was detected.',
  channel LowCardinality(String) COMMENT 'Messenger: whatsapp, telegram, messenger, instagram, vk, max; empty when unknown.',
  name LowCardinality(String) COMMENT 'What was detected in the platform\'s words: LeadSubmitted, Purchase and others.',
  ctwa_clid String COMMENT 'Click id of the ad that the conversation began at; empty when not given.',
  value_minor Int64 COMMENT 'Value in minor units of the currency (cents); 0 when there is none.',
  currency LowCardinality(String) COMMENT 'ISO 4217, upper case; empty when there is no value.',
  contact String COMMENT 'Pseudonym of the person: contact key, 22 characters; empty when not named.',
  contact_keys Array(String) COMMENT 'Pseudonyms of every identifier the platform sent of the person.',
  platform_user_id String COMMENT 'The platform\'s own opaque id of the person; empty when not given.',
  happened_at DateTime64(3, 'UTC') COMMENT 'When it happened, by the platform (resolution 1 s), UTC, milliseconds.',
  observed_at DateTime64(3, 'UTC') COMMENT 'When the gateway received it, UTC, milliseconds.'
)
ENGINE = {engine_prefix}ReplacingMergeTree(observed_at)
PARTITION BY toYYYYMM(happened_at)
ORDER BY (workspace, account, event_id)
SETTINGS non_replicated_deduplication_window = 1000
COMMENT 'Goals that platforms say they detected, as delivered; read the view automatic_events.';

-- The lead by the click id of its ad, else by the message it began with: a conversation of an ad is mostly one message old when Meta sees a lead in it.
CREATE OR REPLACE VIEW automatic_events {on_cluster} (
  workspace LowCardinality(String) COMMENT 'Workspace: the client the row belongs to.',
  account LowCardinality(String) COMMENT 'Messenger account within the workspace.',
  event_id String COMMENT 'Deterministic id of the event.',
  message_id String COMMENT 'Message in which it was detected.',
  channel LowCardinality(String) COMMENT 'Messenger: whatsapp, telegram, messenger, instagram, vk, max; empty when unknown.',
  name LowCardinality(String) COMMENT 'What was detected in the platform\'s words: LeadSubmitted, Purchase and others. It is the platform\'s guess.',
  ctwa_clid String COMMENT 'Click id of the ad that the conversation began at; empty when not given.',
  value_minor Int64 COMMENT 'Value in minor units of the currency (cents); 0 when there is none.',
  currency LowCardinality(String) COMMENT 'ISO 4217, upper case; empty when there is no value.',
  contact String COMMENT 'Pseudonym of the person: contact key, 22 characters; empty when not named.',
  happened_at DateTime64(3, 'UTC') COMMENT 'When it happened, by the platform (resolution 1 s), UTC, milliseconds.',
  lead_id String COMMENT 'Lead it happened to: the first of the ad\'s click id, else the one that the message started; empty when there is none.'
)
AS SELECT e.workspace AS workspace, e.account AS account, e.event_id AS event_id, e.message_id AS message_id, e.channel AS channel, e.name AS name, e.ctwa_clid AS ctwa_clid,
  e.value_minor AS value_minor, e.currency AS currency, e.contact AS contact, e.happened_at AS happened_at,
  if(e.ctwa_clid != '' AND c.lead_id != '', c.lead_id, m.lead_id) AS lead_id
FROM (SELECT * FROM automatic_event_records FINAL) AS e
LEFT JOIN (
  SELECT workspace, account, ad_click_ids['ctwa_clid'] AS clid, argMin(lead_id, started_at) AS lead_id
  FROM leads WHERE ad_click_ids['ctwa_clid'] IN (SELECT ctwa_clid FROM automatic_event_records WHERE ctwa_clid != '')
  GROUP BY workspace, account, clid
) AS c ON c.workspace = e.workspace AND c.account = e.account AND c.clid = e.ctwa_clid
LEFT JOIN (
  SELECT workspace, account, first_message_id, any(lead_id) AS lead_id
  FROM lead_revisions WHERE first_message_id IN (SELECT message_id FROM automatic_event_records)
  GROUP BY workspace, account, first_message_id
) AS m ON m.workspace = e.workspace AND m.account = e.account AND m.first_message_id = e.message_id
COMMENT 'Goals that platforms say they detected in conversations (WhatsApp automatic_events), one row each, with the lead where it is known.';
