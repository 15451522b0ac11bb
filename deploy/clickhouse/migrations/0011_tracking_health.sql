-- Whether tracking works, seen in what arrives: per account and day, per placement and day, and as findings with a sentence that says what to do. Plain views: they
-- are right at every moment, and asked a few times an hour.

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
  hidden_numbers UInt64 COMMENT 'People who wrote without a number that shows a country: only the platform\'s own id names them.',
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
  uniqExactIf(contact, platform_user_id != '' AND phone_country = '') AS hidden_numbers,
  if(countIf(greeting_placement != '' OR notEmpty(code_intact)) = 0, -1, countIf(notEmpty(code_intact)) / countIf(greeting_placement != '' OR notEmpty(code_intact))) AS kept_share,
  if(uniqExact(contact) = 0, -1, uniqExactIf(contact, platform_user_id != '' AND phone_country = '') / uniqExact(contact)) AS hidden_share,
  max(sent_at) AS last_message_at
FROM messages
WHERE NOT is_internal AND edits_message_id = '' AND kind NOT IN ('reaction', 'join', 'welcome')
GROUP BY workspace, account, day
COMMENT 'What arrives on an account per day, and how much of it can be traced.';

CREATE OR REPLACE VIEW placement_health {on_cluster} (
  workspace LowCardinality(String) COMMENT 'Workspace: the client the row belongs to.',
  placement LowCardinality(String) COMMENT 'Placement of the workspace.',
  account LowCardinality(String) COMMENT 'Messenger account within the workspace.',
  day Date COMMENT 'Day of the clicks, UTC.',
  clicks UInt64 COMMENT 'Clicks of people: programs and the workspace\'s own left out.',
  coded_clicks UInt64 COMMENT 'Of them, those that carry a code.',
  returned_clicks UInt64 COMMENT 'Of coded_clicks, those whose code came back in a message.',
  returned_share Float64 COMMENT 'returned_clicks / coded_clicks, 0 to 1; -1 when no click carries a code.',
  last_click_at DateTime64(3, 'UTC') COMMENT 'When the last of them happened, UTC, milliseconds.'
)
AS SELECT c.workspace AS workspace, c.placement AS placement, c.account AS account, toDate(c.clicked_at) AS day, count() AS clicks,
  countIf(c.code != '') AS coded_clicks, countIf(c.code != '' AND m.code != '') AS returned_clicks,
  if(countIf(c.code != '') = 0, -1, countIf(c.code != '' AND m.code != '') / countIf(c.code != '')) AS returned_share, max(c.clicked_at) AS last_click_at
FROM clicks AS c
LEFT JOIN (SELECT DISTINCT workspace, account, arrayJoin(codes) AS code FROM messages) AS m
  ON c.workspace = m.workspace AND c.account = m.account AND c.code = m.code
WHERE NOT c.is_bot AND NOT c.is_internal
GROUP BY workspace, placement, account, day
COMMENT 'Clicks of a placement per day, and how many of them became a message with their code.';

CREATE OR REPLACE VIEW tracking_findings {on_cluster} (
  workspace LowCardinality(String) COMMENT 'Workspace: the client the row belongs to.',
  account LowCardinality(String) COMMENT 'Messenger account within the workspace.',
  placement LowCardinality(String) COMMENT 'Placement the finding is about; empty when it is about the account.',
  finding LowCardinality(String) COMMENT 'What was found: silent, codes_dropped, greeting_gone, numbers_hidden, clicks_without_messages, messages_fail.',
  value Float64 COMMENT 'What is seen now: hours for silent, else a share from 0 to 1.',
  usual Float64 COMMENT 'The same over the two weeks before; messages per day for silent.',
  sample UInt64 COMMENT 'Messages, clicks or statuses that value rests on.',
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
COMMENT 'What is wrong with tracking now, one row per finding; empty when all is well. Yesterday and today against the two weeks before.';
