-- What people allow an account: to be written to, or to act for their own account. A row per change; the last one holds.
CREATE TABLE IF NOT EXISTS contact_state_records {on_cluster} (
  workspace LowCardinality(String) COMMENT 'Workspace: the client the row belongs to.',
  account LowCardinality(String) COMMENT 'Messenger account within the workspace.',
  event_id String COMMENT 'Deterministic id of the event: the same change always has the same.',
  channel LowCardinality(String) COMMENT 'Messenger: whatsapp, telegram, messenger, instagram, vk, max; empty when unknown.',
  contact String COMMENT 'Pseudonym of the person: contact key, 22 characters.',
  platform_user_id String COMMENT 'The platform\'s own opaque id of the person.',
  state LowCardinality(String) COMMENT 'What holds from here on: blocked, unblocked (messages of the account), connected, disconnected (Telegram Business).',
  connection_id String COMMENT 'Id of the business connection, for connection_id of the workspace file; empty for blocks.',
  can_reply Bool COMMENT 'The connection lets the account answer; false for blocks.',
  happened_at DateTime64(3, 'UTC') COMMENT 'When it happened: by the messenger for blocks (resolution 1 s), when it was received for connections, UTC, milliseconds.',
  observed_at DateTime64(3, 'UTC') COMMENT 'When the gateway received it, UTC, milliseconds.'
)
ENGINE = {engine_prefix}ReplacingMergeTree(observed_at)
PARTITION BY toYYYYMM(happened_at)
ORDER BY (workspace, account, contact, event_id)
SETTINGS non_replicated_deduplication_window = 1000
COMMENT 'Changes of what people allow an account, as delivered; read the view contact_states.';

CREATE OR REPLACE VIEW contact_states {on_cluster} (
  workspace LowCardinality(String) COMMENT 'Workspace: the client the row belongs to.',
  account LowCardinality(String) COMMENT 'Messenger account within the workspace.',
  channel LowCardinality(String) COMMENT 'Messenger: whatsapp, telegram, messenger, instagram, vk, max; empty when unknown.',
  contact String COMMENT 'Pseudonym of the person: contact key, 22 characters.',
  connection_id String COMMENT 'Id of the business connection, for connection_id of the workspace file; empty for blocks.',
  platform_user_id String COMMENT 'The platform\'s own opaque id of the person.',
  state LowCardinality(String) COMMENT 'What holds now: blocked, unblocked (messages of the account), connected, disconnected (Telegram Business).',
  can_reply Bool COMMENT 'The connection lets the account answer; false for blocks.',
  happened_at DateTime64(3, 'UTC') COMMENT 'When it last changed, UTC, milliseconds.'
)
AS SELECT workspace, account, channel, contact, connection_id, argMax(platform_user_id, (changed_at, event_id)) AS platform_user_id, argMax(state, (changed_at, event_id)) AS state, argMax(can_reply, (changed_at, event_id)) AS can_reply, max(changed_at) AS happened_at FROM (SELECT workspace, account, channel, contact, connection_id, platform_user_id, state, can_reply, event_id, happened_at AS changed_at FROM contact_state_records FINAL) GROUP BY workspace, account, channel, contact, connection_id
COMMENT 'What each person allows each account now: blocks and business connections, one row per person and connection.';
