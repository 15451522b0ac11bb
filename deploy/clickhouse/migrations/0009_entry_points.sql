-- How people got to a chat, as linked devices of WhatsApp see it: a kind of way, and where no link was clicked. Rows from before have empty texts and a delay of -1.

ALTER TABLE message_records {on_cluster}
  ADD COLUMN IF NOT EXISTS entry_point LowCardinality(String) COMMENT 'Way into the chat in WhatsApp\'s own words, where a linked device shows it: click_to_chat_link (a wa.me link, whosever), ctwa_ad, global_search_new_chat, phone_number_hyperlink and others; empty otherwise.',
  ADD COLUMN IF NOT EXISTS entry_point_app LowCardinality(String) COMMENT 'Application the chat was opened from: whatsapp, instagram, facebook; empty when not told.',
  ADD COLUMN IF NOT EXISTS entry_point_delay_s Int32 DEFAULT -1 COMMENT 'Seconds WhatsApp puts beside the entry point, probably from the tap to the message; -1 when not told.';

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
  entry_point_delay_s Int32 COMMENT 'Seconds WhatsApp puts beside the entry point, probably from the tap to the message; -1 when not told.'
)
AS SELECT workspace, account, message_id, event_id, channel, sent_at, observed_at, contact, contact_keys, platform_user_id, phone, name, kind, codes, code_carriers, code_intact, referral_ctwa_clid, referral_source_id, referral_source_type, referral_source_url, referral_headline, reply_to_message_id, is_forwarded, edits_message_id, greeting_variant, greeting_placement, greeting_similarity, language, ui_language, phone_country, phone_region, phone_city, start_payload, invite_link_name, text, text_length, is_start_command, device, is_internal, internal_reason, entry_point, entry_point_app, entry_point_delay_s FROM message_records FINAL
COMMENT 'Inbound messages and their edits, one row each.';
