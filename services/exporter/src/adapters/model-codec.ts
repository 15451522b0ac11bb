import { type ModelQuality, ModelRecord } from '@messtrack/proto/gen/messtrack/v1/state.ts';
import type { Decoded } from './decoded.ts';
import { deviceWord } from './source-columns.ts';

/** Quality becomes rows; parameters and the sums they are learned from are the matcher's own. */
export function decodeModel(value: Uint8Array): Decoded {
  const { kind, eventId } = ModelRecord.decode(value);
  switch (kind?.$case) {
    case 'quality':
      return qualityRow(kind.value);
    case 'model':
    case 'statistics':
      return { kind: 'ignored' };
    case undefined:
      // A kind of a later version has an id; without one it is no model record at all: most foreign bytes decode to an empty message.
      return eventId === '' ? { kind: 'unreadable' } : { kind: 'ignored' };
  }
}

function qualityRow(quality: ModelQuality): Decoded {
  const { calibration, codeLoss } = quality;
  return {
    kind: 'row',
    table: 'model_quality_records',
    required: { workspace: quality.workspace, account: quality.account, day: quality.day },
    times: [quality.atMs, startOfDay(quality.day)],
    columns: {
      workspace: quality.workspace,
      account: quality.account,
      day: quality.day,
      updated_at: quality.atMs,
      next_offset: quality.nextOffset,
      model_version: quality.modelVersion,
      is_warming: quality.warming,
      hidden_messages: quality.hiddenMessages,
      hidden_log_loss_sum: quality.hiddenLogLossSum,
      hidden_log_loss_squares: quality.hiddenLogLossSquares,
      hidden_confident: quality.hiddenConfident,
      hidden_confident_right: quality.hiddenConfidentRight,
      calibration_tenths: calibration.map(({ tenth }) => tenth),
      calibration_messages: calibration.map(({ messages }) => messages),
      calibration_probability_sums: calibration.map(({ probabilitySum }) => probabilitySum),
      calibration_right: calibration.map(({ right }) => right),
      decoy_messages: quality.decoyMessages,
      decoy_confident: quality.decoyConfident,
      open_messages: quality.openMessages,
      open_clicked_sum: quality.openClickedSum,
      open_clicked_variance: quality.openClickedVariance,
      expected_clicked: quality.expectedClicked,
      expected_unclicked: quality.expectedUnclicked,
      identified_leads: quality.identifiedLeads,
      clock_offset_s: quality.clockOffsetS,
      code_loss_devices: codeLoss.map(({ device }) => deviceWord(device)),
      code_loss_kept: codeLoss.map(({ kept }) => kept),
      code_loss_lost: codeLoss.map(({ lost }) => lost),
      code_loss_rates: codeLoss.map(({ rate }) => rate),
      code_loss_rates_low: codeLoss.map(({ rateLow }) => rateLow),
      code_loss_rates_high: codeLoss.map(({ rateHigh }) => rateHigh),
    },
  };
}

/** NaN for what is no day: it becomes a dead letter, where the warehouse would read another day out of it. */
function startOfDay(day: string): number {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(day)) return Number.NaN;
  const ms = Date.parse(day);
  // `Date.parse` rolls 2026-02-30 over into March.
  return Number.isNaN(ms) || !new Date(ms).toISOString().startsWith(day) ? Number.NaN : ms;
}
