-- Providers other than Telegram and Meta are asked about their webhooks, too, and about the device behind the account: new words, nothing new to store.
CREATE OR REPLACE VIEW account_checks {on_cluster} (
  workspace LowCardinality(String) COMMENT 'Workspace: the client the row belongs to.',
  account LowCardinality(String) COMMENT 'Messenger account within the workspace.',
  channel LowCardinality(String) COMMENT 'Messenger: whatsapp, telegram, messenger, instagram, vk, max; empty when unknown.',
  check LowCardinality(String) COMMENT 'What was asked: token (accepted), token_expiry (more than a week away), quality (WhatsApp rating is not red), number (WhatsApp lets it work), messaging_limit, webhook (the provider posts to us, with the events and the secret that it takes), subscription (our app gets the webhooks), connection (Telegram Business: connected, with the right to answer), device (the number, session or instance behind the account works).',
  is_good Bool COMMENT 'False when somebody has to do something.',
  detail String COMMENT 'The provider\'s own word or code, such as RED, 190, TIER_1K; empty when there is none.',
  value Int64 COMMENT 'token_expiry: when the token ends, milliseconds since the Unix epoch, UTC, 0 when it never does. messaging_limit: people per 24 hours, -1 without limit. 0 for all others.',
  checked_at DateTime64(3, 'UTC') COMMENT 'When the provider last answered so, at most a day ago while the gateway runs, UTC, milliseconds.'
)
AS SELECT workspace, account, argMax(channel, (at, event_id)) AS channel, check, argMax(is_good, (at, event_id)) AS is_good, argMax(detail, (at, event_id)) AS detail, argMax(value, (at, event_id)) AS value, max(at) AS checked_at FROM (SELECT workspace, account, channel, check, is_good, detail, value, event_id, checked_at AS at FROM account_check_records FINAL) GROUP BY workspace, account, check
COMMENT 'What providers say of each account now, one row per account and question.';

CREATE OR REPLACE VIEW tracking_findings {on_cluster} (
  workspace LowCardinality(String) COMMENT 'Workspace: the client the row belongs to.',
  account LowCardinality(String) COMMENT 'Messenger account within the workspace.',
  placement LowCardinality(String) COMMENT 'Placement the finding is about; empty when it is about the account.',
  finding LowCardinality(String) COMMENT 'What was found: silent, codes_dropped, greeting_gone, numbers_hidden, clicks_without_messages, messages_fail; of what providers say: token, token_expiry, quality, number, webhook, subscription, connection, device.',
  value Float64 COMMENT 'What is seen now: hours for silent, days that are left for token_expiry, 0 for what providers say otherwise, else a share from 0 to 1.',
  usual Float64 COMMENT 'The same over the two weeks before; messages per day for silent; 0 for what providers say.',
  sample UInt64 COMMENT 'Messages, clicks, statuses or answers of the provider that value rests on.',
  advice String COMMENT 'What to do, one sentence for people.'
)
AS
WITH
  recent AS (
    SELECT workspace, account, sum(messages) AS messages, sum(greeted_messages) AS greeted, sum(coded_messages + damaged_messages) AS coded,
      sum(coded_messages + damaged_messages + stripped_messages) AS begun, sum(people) AS people, sum(hidden_numbers) AS hidden
    FROM account_health WHERE day >= today() - 1 GROUP BY workspace, account
  ),
  before AS (
    SELECT workspace, account, sum(messages) AS messages, sum(greeted_messages) AS greeted, sum(coded_messages + damaged_messages) AS coded,
      sum(coded_messages + damaged_messages + stripped_messages) AS begun, max(last_message_at) AS last_message_at
    FROM account_health WHERE day >= today() - 15 AND day < today() - 1 GROUP BY workspace, account
  )
SELECT b.workspace AS workspace, b.account AS account, '' AS placement, 'silent' AS finding,
  dateDiff('hour', b.last_message_at, now64(3)) AS value, b.messages / 14 AS usual, b.messages AS sample,
  'No message for a day where some come every day: send one yourself; if it does not arrive, check the webhook at the provider and whether the number is connected.' AS advice
FROM before AS b LEFT ANTI JOIN recent AS r ON b.workspace = r.workspace AND b.account = r.account
WHERE b.messages >= 70
UNION ALL
SELECT r.workspace, r.account, '', 'codes_dropped', r.coded / r.begun, b.coded / b.begun, r.begun,
  'Far fewer messages keep their code than usual: open the links of the placements and send what they prefill; a changed greeting, a shortened link or another site version loses the code.'
FROM recent AS r JOIN before AS b ON b.workspace = r.workspace AND b.account = r.account
WHERE r.begun >= 20 AND b.begun >= 50 AND r.coded / r.begun < 0.6 * (b.coded / b.begun)
UNION ALL
SELECT r.workspace, r.account, '', 'greeting_gone', r.greeted / r.messages, b.greeted / b.messages, r.messages,
  'Far fewer messages begin with a greeting of the workspace than usual: somebody has changed the text on the site, in the ad or in the bio; put it back or into the workspace file.'
FROM recent AS r JOIN before AS b ON b.workspace = r.workspace AND b.account = r.account
WHERE r.messages >= 20 AND b.messages >= 50 AND b.greeted / b.messages >= 0.1 AND r.greeted / r.messages < 0.4 * (b.greeted / b.messages)
UNION ALL
SELECT workspace, account, '', 'numbers_hidden', hidden / people, 0, people,
  'Most people hide their number: exports by phone will miss them; use platform_user_id, and ask for the number where it is needed.'
FROM recent WHERE people >= 20 AND hidden / people >= 0.5
UNION ALL
SELECT workspace, any(account), placement, 'clicks_without_messages', 0,
  if(sumIf(coded_clicks, day < today() - 1) = 0, 0, sumIf(returned_clicks, day < today() - 1) / sumIf(coded_clicks, day < today() - 1)) AS usual_share,
  sumIf(coded_clicks, day >= today() - 1) AS recent_clicks,
  'People click and no code comes back: open the link or scan the QR code on a phone and send the message; the number may be wrong, banned or not connected.'
FROM placement_health WHERE day >= today() - 15
GROUP BY workspace, placement
-- By chance alone none of 30 clicks comes back where one in ten does: once in 24 days. Where nothing ever came back, it takes twice as many to say so.
HAVING recent_clicks >= 30 AND sumIf(returned_clicks, day >= today() - 1) = 0
  AND if(usual_share > 0, usual_share * recent_clicks >= 3, sum(coded_clicks) >= 60)
UNION ALL
SELECT workspace, account, '', 'messages_fail', uniqExactIf(message_id, status = 'failed') / uniqExact(message_id), 0, uniqExact(message_id),
  'Many messages do not arrive: look at error_code in message_statuses; a paused template, a low quality rating or numbers without the messenger are the usual reasons.'
FROM message_statuses WHERE happened_at >= now64(3) - INTERVAL 1 DAY
GROUP BY workspace, account
HAVING uniqExact(message_id) >= 20 AND uniqExactIf(message_id, status = 'failed') / uniqExact(message_id) > 0.1
UNION ALL
SELECT workspace, account, '', check, if(check = 'token_expiry', dateDiff('day', now64(3), fromUnixTimestamp64Milli(value)), 0), 0, 1,
  multiIf(
    check = 'token', 'The provider does not accept the token: make a new one there and put it where the reference of the workspace file points; nothing can be sent until then.',
    check = 'token_expiry', 'The token ends soon: make a new one, best of a system user without an end, and put it where the reference of the workspace file points.',
    check = 'quality', 'People block or report the messages: send fewer templates, and only to people who asked for them, before Meta limits the number.',
    check = 'number', 'WhatsApp does not let the number work: open it in WhatsApp Manager, which says why (detail in account_checks), and ask for a review there.',
    check = 'webhook', 'The provider has no webhook of ours, or it fails, or events or the secret are not as they have to be (detail in account_checks): run npm run hooks; another program with the same key may have taken it.',
    check = 'subscription', 'The app is not subscribed to the account, so no message arrives: run npm run hooks, which subscribes it.',
    check = 'device', 'The number, session or instance behind the account does not work (detail in account_checks): open it at the provider, scan its QR code again or pay for it; no message arrives until then.',
    check = 'connection', 'The owner has ended the connection or taken the right to answer away: Settings, Telegram Business, Chatbots; a new connection has a new connection_id.',
    'The provider says that something is wrong with the account: see detail in account_checks.') AS advice
FROM account_checks WHERE NOT is_good AND checked_at >= now64(3) - INTERVAL 2 DAY
COMMENT 'What is wrong with tracking now, one row per finding; empty when all is well. Yesterday and today against the two weeks before.';
