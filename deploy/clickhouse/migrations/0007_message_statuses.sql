-- What became of messages that the business sent. A row per message and status: which came last is for the reader to say, because providers tell them out of order.
CREATE TABLE IF NOT EXISTS message_status_records {on_cluster} (
  workspace LowCardinality(String) COMMENT 'Workspace: the client the row belongs to.',
  account LowCardinality(String) COMMENT 'Messenger account within the workspace.',
  message_id String COMMENT 'Id the provider gave when it took the message, unique within the account.',
  event_id String COMMENT 'Deterministic id of the event: the same status of the same message always has the same.',
  channel LowCardinality(String) COMMENT 'Messenger: whatsapp, telegram, messenger, instagram, vk, max; empty when unknown.',
  status LowCardinality(String) COMMENT 'What happened to the message: sent, delivered, read, played, failed, deleted; unknown for a word of the provider that is not among them.',
  happened_at DateTime64(3, 'UTC') COMMENT 'When it happened, by the messenger (resolution 1 s), UTC, milliseconds.',
  observed_at DateTime64(3, 'UTC') COMMENT 'When the gateway received it, UTC, milliseconds.',
  contact String COMMENT 'Pseudonym of the recipient: strongest contact key, 22 characters; empty when the provider names nobody.',
  contact_keys Array(String) COMMENT 'Pseudonyms of every identifier of the recipient that the provider sent, strongest first.',
  platform_user_id String COMMENT 'The platform\'s own opaque id of the recipient; empty when not told.',
  error_code LowCardinality(String) COMMENT 'Code of the provider for the error as it writes it (WhatsApp 131047, Twilio 63016); empty unless status is failed.',
  pricing_type LowCardinality(String) COMMENT 'How the message is paid for as the provider writes it: regular, free_customer_service, free_entry_point; empty when not told.',
  correlation String COMMENT 'What the sender gave to tell the message by: the idempotency key of the gRPC service Messenger; empty for messages sent otherwise.'
)
ENGINE = {engine_prefix}ReplacingMergeTree(observed_at)
PARTITION BY toYYYYMM(happened_at)
ORDER BY (workspace, account, message_id, event_id)
SETTINGS non_replicated_deduplication_window = 1000
COMMENT 'Statuses of messages that the business sent, as delivered; read the view message_statuses.';

CREATE OR REPLACE VIEW message_statuses {on_cluster} (
  workspace LowCardinality(String) COMMENT 'Workspace: the client the row belongs to.',
  account LowCardinality(String) COMMENT 'Messenger account within the workspace.',
  message_id String COMMENT 'Id the provider gave when it took the message, unique within the account.',
  event_id String COMMENT 'Deterministic id of the event: the same status of the same message always has the same.',
  channel LowCardinality(String) COMMENT 'Messenger: whatsapp, telegram, messenger, instagram, vk, max; empty when unknown.',
  status LowCardinality(String) COMMENT 'What happened to the message: sent, delivered, read, played, failed, deleted; unknown for a word of the provider that is not among them.',
  happened_at DateTime64(3, 'UTC') COMMENT 'When it happened, by the messenger (resolution 1 s), UTC, milliseconds.',
  observed_at DateTime64(3, 'UTC') COMMENT 'When the gateway received it, UTC, milliseconds.',
  contact String COMMENT 'Pseudonym of the recipient: strongest contact key, 22 characters; empty when the provider names nobody.',
  contact_keys Array(String) COMMENT 'Pseudonyms of every identifier of the recipient that the provider sent, strongest first.',
  platform_user_id String COMMENT 'The platform\'s own opaque id of the recipient; empty when not told.',
  error_code LowCardinality(String) COMMENT 'Code of the provider for the error as it writes it (WhatsApp 131047, Twilio 63016); empty unless status is failed.',
  pricing_type LowCardinality(String) COMMENT 'How the message is paid for as the provider writes it: regular, free_customer_service, free_entry_point; empty when not told.',
  correlation String COMMENT 'What the sender gave to tell the message by: the idempotency key of the gRPC service Messenger; empty for messages sent otherwise.'
)
AS SELECT workspace, account, message_id, event_id, channel, status, happened_at, observed_at, contact, contact_keys, platform_user_id, error_code, pricing_type, correlation FROM message_status_records FINAL
COMMENT 'Statuses of messages that the business sent, one row per message and status.';
