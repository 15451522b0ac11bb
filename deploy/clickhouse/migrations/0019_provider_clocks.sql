-- Clocks of providers that are off, per account and day: their messages are matched by corrected times, and somebody should set the clock right. Rows from before have 0.

ALTER TABLE model_quality_records {on_cluster}
  ADD COLUMN IF NOT EXISTS clock_offset_s Float64 COMMENT 'How far the clock of the provider of the account is ahead of ours (negative: behind), as its messages say, seconds; they are matched by corrected times. 0 when nothing is wrong.';

CREATE OR REPLACE VIEW model_quality {on_cluster} (
  workspace LowCardinality(String) COMMENT 'Workspace: the client the row belongs to.',
  account LowCardinality(String) COMMENT 'Messenger account within the workspace.',
  day Date COMMENT 'Day of event time, UTC; the row counts from its start.',
  updated_at DateTime64(3, 'UTC') COMMENT 'Partition time up to which the row counts, UTC, milliseconds; strictly grows within the day.',
  next_offset Int64 COMMENT 'Offset in touchpoints.v1 up to which the row counts.',
  model_version UInt64 COMMENT 'Model in force at that place; 0 before the first.',
  is_warming Bool COMMENT 'True while the account has fewer than 100 identified leads and less than two days of history: its numbers say little yet.',
  hidden_messages UInt32 COMMENT 'Identified messages that were also judged as if their identifier were absent (hidden test set): sample size of log loss, calibration and precision.',
  hidden_log_loss_sum Float64 COMMENT 'Sum over hidden messages of -ln(probability given to the truth), nats.',
  hidden_log_loss_squares Float64 COMMENT 'Sum of the squares of the same, nats squared.',
  hidden_confident UInt32 COMMENT 'Hidden messages whose best click had p >= 0.8.',
  hidden_confident_right UInt32 COMMENT 'Of hidden_confident, those whose click it was.',
  calibration_tenths Array(UInt8) COMMENT 'Tenths of the scale that hold hidden messages, 0 to 9: probability of the best answer from tenth/10 to below (tenth + 1)/10.',
  calibration_messages Array(UInt32) COMMENT 'Hidden messages in each tenth of calibration_tenths.',
  calibration_probability_sums Array(Float64) COMMENT 'Sum of the probabilities of their best answers, per tenth.',
  calibration_right Array(UInt32) COMMENT 'Of them, those whose best answer was the truth, per tenth.',
  decoy_messages UInt32 COMMENT 'Messages without an identifier that were also judged against decoys, clicks shifted in time of which none can be right: sample size of decoy_rate.',
  decoy_confident UInt32 COMMENT 'Of decoy_messages, those where a decoy got p >= 0.8.',
  open_messages UInt32 COMMENT 'Messages without an identifier that the posterior decided, final ones: sample size of the sums below.',
  open_clicked_sum Float64 COMMENT 'Leads that lost their code, as the messages say: sum over open messages of the probability that some click led to them.',
  open_clicked_variance Float64 COMMENT 'Its variance: sum of p * (1 - p).',
  expected_clicked Float64 COMMENT 'Leads that lost their code, as the clicks say: sum over the clicks of the day of pi * rho, the chance to write and to lose the code.',
  expected_unclicked Float64 COMMENT 'Messages that nobody\'s click led to, as the model\'s rate says: lambda over the day.',
  identified_leads UInt32 COMMENT 'Leads of the day that an identifier decided.',
  code_loss_devices Array(LowCardinality(String)) COMMENT 'Kinds of device of the clicks: ios, android, desktop, empty for unknown.',
  code_loss_kept Array(Float64) COMMENT 'Leads that kept their code, after decay, per device of code_loss_devices.',
  code_loss_lost Array(Float64) COMMENT 'Leads that lost it, after decay, per device.',
  code_loss_rates Array(Float64) COMMENT 'Share of leads that lose their code (rho), as the model estimates it, 0 to 1, per device.',
  code_loss_rates_low Array(Float64) COMMENT 'Lower bound of its 95 % interval, 0 to 1, per device.',
  code_loss_rates_high Array(Float64) COMMENT 'Upper bound of its 95 % interval, 0 to 1, per device.',
  clock_offset_s Float64 COMMENT 'How far the clock of the provider of the account is ahead of ours (negative: behind), as its messages say, seconds; they are matched by corrected times. 0 when nothing is wrong.',
  log_loss Float64 COMMENT 'Mean loss of the hidden test set, nats, 0 is perfect: hidden_log_loss_sum / hidden_messages. -1 without hidden messages.',
  log_loss_error Float64 COMMENT 'Standard error of log_loss, nats: sqrt((squares / n - (sum / n)^2) / n). -1 without hidden messages.',
  calibration_error Float64 COMMENT 'Expected calibration error of the best answers, 0 to 1: sum over tenths of |probability_sum - right| / hidden_messages. -1 without hidden messages.',
  confident_precision Float64 COMMENT 'Share of hidden messages with p >= 0.8 whose click it was, 0 to 1: hidden_confident_right / hidden_confident. -1 without any.',
  decoy_rate Float64 COMMENT 'Rate of false matches with p >= 0.8, 0 to 1: decoy_confident / decoy_messages. -1 without decoys.',
  clicked_ratio Float64 COMMENT 'Leads that lost their code, messages against clicks: open_clicked_sum / expected_clicked, 1 when the model fits. -1 when nothing is expected.',
  clicked_ratio_error Float64 COMMENT 'Standard error of clicked_ratio: sqrt(open_clicked_variance + expected_clicked) / expected_clicked, the counts themselves vary as Poisson. -1 when nothing is expected.',
  unclicked_ratio Float64 COMMENT 'Messages of nobody\'s click against the model\'s rate: (open_messages - open_clicked_sum) / expected_unclicked, 1 when the model fits. -1 when nothing is expected.'
)
AS SELECT workspace, account, day, updated_at, next_offset, model_version, is_warming, hidden_messages, hidden_log_loss_sum, hidden_log_loss_squares, hidden_confident, hidden_confident_right, calibration_tenths, calibration_messages, calibration_probability_sums, calibration_right, decoy_messages, decoy_confident, open_messages, open_clicked_sum, open_clicked_variance, expected_clicked, expected_unclicked, identified_leads, code_loss_devices, code_loss_kept, code_loss_lost, code_loss_rates, code_loss_rates_low, code_loss_rates_high, clock_offset_s,
  if(hidden_messages = 0, -1, hidden_log_loss_sum / hidden_messages) AS log_loss,
  if(hidden_messages = 0, -1, sqrt(greatest(0, hidden_log_loss_squares / hidden_messages - pow(hidden_log_loss_sum / hidden_messages, 2)) / hidden_messages)) AS log_loss_error,
  if(hidden_messages = 0, -1, arraySum(arrayMap((p, r) -> abs(p - r), calibration_probability_sums, calibration_right)) / hidden_messages) AS calibration_error,
  if(hidden_confident = 0, -1, hidden_confident_right / hidden_confident) AS confident_precision,
  if(decoy_messages = 0, -1, decoy_confident / decoy_messages) AS decoy_rate,
  if(expected_clicked = 0, -1, open_clicked_sum / expected_clicked) AS clicked_ratio,
  if(expected_clicked = 0, -1, sqrt(open_clicked_variance + expected_clicked) / expected_clicked) AS clicked_ratio_error,
  if(expected_unclicked = 0, -1, (open_messages - open_clicked_sum) / expected_unclicked) AS unclicked_ratio
FROM model_quality_records FINAL
COMMENT 'Quality of the matcher, one row per account and day.';
