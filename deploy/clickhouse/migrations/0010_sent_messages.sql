-- Messages that the business sent through the gateway. Proof of consent stands with the message: it has to be shown when somebody asks why they were written to.
CREATE TABLE IF NOT EXISTS sent_message_records {on_cluster} (
  workspace LowCardinality(String) COMMENT 'Workspace: the client the row belongs to.',
  account LowCardinality(String) COMMENT 'Messenger account within the workspace.',
  message_id String COMMENT 'Id the provider gave; a reply carries it as reply_to_message_id. Unique within the account.',
  event_id String COMMENT 'Deterministic id of the event.',
  channel LowCardinality(String) COMMENT 'Messenger: whatsapp, telegram, messenger, instagram, vk, max; empty when unknown.',
  sent_at DateTime64(3, 'UTC') COMMENT 'When the provider took it, UTC, milliseconds.',
  observed_at DateTime64(3, 'UTC') COMMENT 'When the gateway recorded that, UTC, milliseconds.',
  contact String COMMENT 'Pseudonym of the recipient: strongest contact key, 22 characters.',
  contact_keys Array(String) COMMENT 'Pseudonyms of the address written to and of every id that the provider returned for it, strongest first.',
  platform_user_id String COMMENT 'The platform\'s own opaque id of the recipient; empty when not told.',
  correlation String COMMENT 'Idempotency key of the call that sent it; sendback/{click id} for the form on the site.',
  template LowCardinality(String) COMMENT 'Name of the template; empty for plain text.',
  has_origin Bool COMMENT 'True when the sender named what made it write: a reply is then attributed to that.',
  click_id String COMMENT 'Click that made the business write; empty when there was none.',
  clicked_at DateTime64(3, 'UTC') COMMENT 'When that click happened, UTC, milliseconds. 1970-01-01 when there was none.',
  utm_source LowCardinality(String) COMMENT 'utm_source of what made the business write; empty when unknown.',
  utm_medium LowCardinality(String) COMMENT 'utm_medium of the same; empty when unknown.',
  utm_campaign LowCardinality(String) COMMENT 'utm_campaign of the same; empty when unknown.',
  utm_content String COMMENT 'utm_content of the same; empty when unknown.',
  utm_term String COMMENT 'utm_term of the same; empty when unknown.',
  referrer_host LowCardinality(String) COMMENT 'Host name of the HTTP referrer of the same, lower case, without port; empty when unknown.',
  ad_id String COMMENT 'Id of the ad or post of the same; empty when there was none.',
  ad_click_ids Map(LowCardinality(String), String) COMMENT 'Identifiers that ad platforms put on the URL, by parameter name in lower case, values byte for byte.',
  placement LowCardinality(String) COMMENT 'Placement whose form was used; empty when none was.',
  opted_in_at DateTime64(3, 'UTC') COMMENT 'When the person agreed to be written to, UTC, milliseconds. 1970-01-01 when the sender said nothing.',
  opt_in_where LowCardinality(String) COMMENT 'Where: the placement or form; empty when the sender said nothing.'
)
ENGINE = {engine_prefix}ReplacingMergeTree(observed_at)
PARTITION BY toYYYYMM(sent_at)
ORDER BY (workspace, account, message_id)
SETTINGS non_replicated_deduplication_window = 1000
COMMENT 'Messages that the business sent, as delivered; read the view sent_messages.';

CREATE OR REPLACE VIEW sent_messages {on_cluster} (
  workspace LowCardinality(String) COMMENT 'Workspace: the client the row belongs to.',
  account LowCardinality(String) COMMENT 'Messenger account within the workspace.',
  message_id String COMMENT 'Id the provider gave; a reply carries it as reply_to_message_id. Unique within the account.',
  event_id String COMMENT 'Deterministic id of the event.',
  channel LowCardinality(String) COMMENT 'Messenger: whatsapp, telegram, messenger, instagram, vk, max; empty when unknown.',
  sent_at DateTime64(3, 'UTC') COMMENT 'When the provider took it, UTC, milliseconds.',
  observed_at DateTime64(3, 'UTC') COMMENT 'When the gateway recorded that, UTC, milliseconds.',
  contact String COMMENT 'Pseudonym of the recipient: strongest contact key, 22 characters.',
  contact_keys Array(String) COMMENT 'Pseudonyms of the address written to and of every id that the provider returned for it, strongest first.',
  platform_user_id String COMMENT 'The platform\'s own opaque id of the recipient; empty when not told.',
  correlation String COMMENT 'Idempotency key of the call that sent it; sendback/{click id} for the form on the site.',
  template LowCardinality(String) COMMENT 'Name of the template; empty for plain text.',
  has_origin Bool COMMENT 'True when the sender named what made it write: a reply is then attributed to that.',
  click_id String COMMENT 'Click that made the business write; empty when there was none.',
  clicked_at DateTime64(3, 'UTC') COMMENT 'When that click happened, UTC, milliseconds. 1970-01-01 when there was none.',
  utm_source LowCardinality(String) COMMENT 'utm_source of what made the business write; empty when unknown.',
  utm_medium LowCardinality(String) COMMENT 'utm_medium of the same; empty when unknown.',
  utm_campaign LowCardinality(String) COMMENT 'utm_campaign of the same; empty when unknown.',
  utm_content String COMMENT 'utm_content of the same; empty when unknown.',
  utm_term String COMMENT 'utm_term of the same; empty when unknown.',
  referrer_host LowCardinality(String) COMMENT 'Host name of the HTTP referrer of the same, lower case, without port; empty when unknown.',
  ad_id String COMMENT 'Id of the ad or post of the same; empty when there was none.',
  ad_click_ids Map(LowCardinality(String), String) COMMENT 'Identifiers that ad platforms put on the URL, by parameter name in lower case, values byte for byte.',
  placement LowCardinality(String) COMMENT 'Placement whose form was used; empty when none was.',
  opted_in_at DateTime64(3, 'UTC') COMMENT 'When the person agreed to be written to, UTC, milliseconds. 1970-01-01 when the sender said nothing.',
  opt_in_where LowCardinality(String) COMMENT 'Where: the placement or form; empty when the sender said nothing.'
)
AS SELECT workspace, account, message_id, event_id, channel, sent_at, observed_at, contact, contact_keys, platform_user_id, correlation, template, has_origin, click_id, clicked_at, utm_source, utm_medium, utm_campaign, utm_content, utm_term, referrer_host, ad_id, ad_click_ids, placement, opted_in_at, opt_in_where FROM sent_message_records FINAL
COMMENT 'Messages that the business sent through the gateway, one row each.';
