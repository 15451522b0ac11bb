import { DeviceClass } from '@messtrack/proto/gen/messtrack/v1/source.ts';
import { type CalibrationBin, type ModelQuality, ModelRecord } from '@messtrack/proto/gen/messtrack/v1/state.ts';
import { encodeHeaders } from '@messtrack/proto/headers.ts';
import { TOPICS } from '@messtrack/proto/topics.ts';
import type { OutRecord } from '@messtrack/runtime/bus.ts';
import type { QualityReport } from '../domain/quality-report.ts';
import { PER_TENTH, type QualitySums } from '../domain/quality-sums.ts';
import type { Device } from '../domain/touchpoint.ts';

/** Apart from what a matcher reads when it starts. */
export const QUALITY_PARTITION = 1;
/** The warehouse has the days; model.v1 forgets what no exporter can still be behind with. */
const KEEP_QUALITY_DAYS = 7;
const DAY_MS = 86_400_000;

/** How well an account did on a day so far; and, once a day, the deletion of what was said of the same day last week. */
export function qualityRecords(report: QualityReport, producedAtMs: number): readonly OutRecord[] {
  const { workspace, account, day, nextOffset } = report;
  const key = `quality/${workspace}/${account}/${day}`;
  const eventId = `${key}/${nextOffset}`;
  const value = ModelRecord.encode({ eventId, kind: { $case: 'quality', value: toWireQuality(report) } }).finish();
  const type = 'ModelRecord.quality';
  const at = { topic: TOPICS.model.name, partition: QUALITY_PARTITION };
  const told: OutRecord = { ...at, key, value, headers: encodeHeaders({ eventId, type, producedAtMs }) };
  if (!report.isLast) return [told];
  const oldDay = new Date(Date.parse(day) - KEEP_QUALITY_DAYS * DAY_MS).toISOString().slice(0, 10);
  const oldKey = `quality/${workspace}/${account}/${oldDay}`;
  const headers = encodeHeaders({ eventId: `${oldKey}/deleted`, type, producedAtMs });
  return [told, { ...at, key: oldKey, value: new Uint8Array(0), headers }];
}

function toWireQuality(report: QualityReport): ModelQuality {
  const { workspace, account, day, atMs, nextOffset, modelVersion, warming, clockOffsetMs, sums, codeLoss } = report;
  return {
    workspace,
    account,
    day,
    atMs,
    nextOffset,
    modelVersion,
    warming,
    hiddenMessages: sums.hiddenMessages,
    hiddenLogLossSum: sums.hiddenLoss,
    hiddenLogLossSquares: sums.hiddenLossSquares,
    calibration: calibrationOf(sums),
    hiddenConfident: sums.hiddenConfident,
    hiddenConfidentRight: sums.hiddenConfidentRight,
    decoyMessages: sums.decoyMessages,
    decoyConfident: sums.decoyConfident,
    openMessages: sums.openMessages,
    openClickedSum: sums.openClicked,
    openClickedVariance: sums.openClickedVariance,
    expectedClicked: sums.expectedClicked,
    expectedUnclicked: sums.expectedUnclicked,
    identifiedLeads: sums.identifiedLeads,
    clockOffsetS: clockOffsetMs / 1_000,
    codeLoss: codeLoss.map(({ device, kept, lost, rate, low, high }) => ({
      device: DEVICE_CLASSES[device],
      kept,
      lost,
      rate,
      rateLow: low,
      rateHigh: high,
    })),
  };
}

const DEVICE_CLASSES: Readonly<Record<Device, DeviceClass>> = {
  ios: DeviceClass.DEVICE_CLASS_IOS,
  android: DeviceClass.DEVICE_CLASS_ANDROID,
  desktop: DeviceClass.DEVICE_CLASS_DESKTOP,
  unknown: DeviceClass.DEVICE_CLASS_UNSPECIFIED,
};

function calibrationOf({ tenths }: QualitySums): CalibrationBin[] {
  const bins: CalibrationBin[] = [];
  for (let at = 0; at < tenths.length; at += PER_TENTH) {
    const messages = tenths[at]!;
    if (messages > 0) bins.push({ tenth: at / PER_TENTH, messages, probabilitySum: tenths[at + 1]!, right: tenths[at + 2]! });
  }
  return bins;
}
