import { Counter, Gauge, type Registry } from 'prom-client';
import { codeLoss } from './domain/model/code-loss.ts';
import type { Refusal } from './domain/model/guard-rails.ts';
import type { PlatformModel } from './domain/model/platform-model.ts';
import { PER_TENTH, type QualitySums, TENTHS } from './domain/quality-sums.ts';
import type { ModelGone } from './ports.ts';

/** What came of making a model; a metric label. */
export type TrainingOutcome = 'trained' | 'too_large' | Refusal;

const OUTCOMES: Readonly<Record<TrainingOutcome, true>> = { trained: true, too_large: true, not_finite: true, jump: true, worse: true };
const GONE: Readonly<Record<ModelGone, true>> = { deleted: true, foreign_format: true, never_written: true };

/**
 * The model and how well it does, over all accounts: by account it is in model.v1 and in the warehouse, because ten thousand accounts are no label.
 * Sums, so that a rate over any time is a quotient of two increases.
 */
export interface ModelMetrics {
  /** Statistics of a partition were made for model.v1. */
  taught(partition: number, bytes: number): void;
  trained(outcome: TrainingOutcome): void;
  modelInForce(partition: number, model: PlatformModel): void;
  modelGone(reason: ModelGone): void;
  /** What a batch has counted. */
  quality(counted: QualitySums): void;
  /** The partition moved or the service stops. */
  forget(partition: number): void;
}

export function createModelMetrics(registry: Registry): ModelMetrics {
  const registers = [registry];
  const statisticsBytes = new Gauge({
    name: 'messtrack_matcher_statistics_bytes',
    help: 'Size of what a partition has taught, as last written to model.v1. Bytes.',
    labelNames: ['partition'],
    registers,
  });
  const trainings = new Counter({
    name: 'messtrack_matcher_trainings_total',
    help: 'Models made of what all partitions have taught, by outcome: trained; or refused, so that the model in force stays (too_large, not_finite, jump, worse).',
    labelNames: ['outcome'],
    registers,
  });
  const modelVersion = new Gauge({
    name: 'messtrack_matcher_model_version',
    help: 'Model version in force, per partition; 0 before the first.',
    labelNames: ['partition'],
    registers,
  });
  const modelsGone = new Counter({
    name: 'messtrack_matcher_models_gone_total',
    help: 'Model versions that the log names and that are not to be had, by reason (deleted, foreign_format, never_written): the model in force stays.',
    labelNames: ['reason'],
    registers,
  });
  const counter = (name: string, help: string) => new Counter({ name: `messtrack_matcher_${name}`, help, registers });
  const hidden = counter(
    'hidden_messages_total',
    'Identified messages that were also judged as if their identifier were absent (hidden test set), counted when final.',
  );
  const hiddenLoss = counter('hidden_log_loss_nats_total', 'Sum over hidden messages of -ln of the probability given to the truth. Nats.');
  const hiddenConfident = counter('hidden_confident_total', 'Hidden messages whose best click had p >= 0.8.');
  const hiddenConfidentRight = counter('hidden_confident_right_total', 'Of hidden_confident, those whose click it was.');
  const decoys = counter(
    'decoy_messages_total',
    'Messages without identifier that were also judged against clicks moved in time, of which none can be right.',
  );
  const decoysConfident = counter('decoy_confident_total', 'Of decoy_messages, those where such a click got p >= 0.8: false for sure.');
  const open = counter('open_messages_total', 'Final messages without identifier that the posterior decided.');
  const openClicked = counter('open_clicked_total', 'Sum over open messages of the probability that some click led to them.');
  const expectedClicked = counter(
    'expected_clicked_total',
    'The same as the clicks say: sum over clicks of pi * rho, the chance to write and to lose the code.',
  );
  const expectedUnclicked = counter(
    'expected_unclicked_total',
    "Messages of nobody's click as the model's rate expects them: lambda over time.",
  );
  const tenths = ['messages', 'probability', 'right'].map(
    (what) =>
      new Counter({
        name: `messtrack_matcher_calibration_${what}_total`,
        help: `Hidden messages by tenth of the probability of their best click, given that a click led to them: ${CALIBRATION_HELP[what]}`,
        labelNames: ['tenth'],
        registers,
      }),
  );
  const loss = new Gauge({
    name: 'messtrack_matcher_code_loss_ratio',
    help: 'Share of leads that lose their code (rho) by kind of device, as the model in force says, with the bounds of its 95 % interval (bound: rate, low, high). 0 to 1.',
    labelNames: ['device', 'bound'],
    registers,
  });
  let told: PlatformModel | undefined;
  // A counter that begins at one shows Prometheus no increase: the first refusal, which the alerts are for, would be seen by nobody.
  for (const outcome of Object.keys(OUTCOMES)) trainings.inc({ outcome }, 0);
  for (const reason of Object.keys(GONE)) modelsGone.inc({ reason }, 0);

  function tellLoss(model: PlatformModel): void {
    told = model;
    for (const { device, rate, low, high } of codeLoss(model)) {
      loss.set({ device, bound: 'rate' }, rate);
      loss.set({ device, bound: 'low' }, low);
      loss.set({ device, bound: 'high' }, high);
    }
  }

  return {
    taught: (partition, bytes) => statisticsBytes.set({ partition }, bytes),
    trained: (outcome) => trainings.inc({ outcome }),
    modelInForce(partition, model) {
      modelVersion.set({ partition }, model.version);
      if (told === undefined || model.version > told.version) tellLoss(model);
    },
    modelGone: (reason) => modelsGone.inc({ reason }),
    quality(counted) {
      hidden.inc(counted.hiddenMessages);
      hiddenLoss.inc(counted.hiddenLoss);
      hiddenConfident.inc(counted.hiddenConfident);
      hiddenConfidentRight.inc(counted.hiddenConfidentRight);
      decoys.inc(counted.decoyMessages);
      decoysConfident.inc(counted.decoyConfident);
      open.inc(counted.openMessages);
      openClicked.inc(counted.openClicked);
      expectedClicked.inc(counted.expectedClicked);
      expectedUnclicked.inc(counted.expectedUnclicked);
      if (counted.tenths.length === 0) return;
      for (let tenth = 0; tenth < TENTHS; tenth += 1) {
        const at = tenth * PER_TENTH;
        if (counted.tenths[at]! > 0) for (const [index, each] of tenths.entries()) each.inc({ tenth }, counted.tenths[at + index]!);
      }
    },
    forget(partition) {
      statisticsBytes.remove({ partition });
      modelVersion.remove({ partition });
    },
  };
}

const CALIBRATION_HELP: Readonly<Record<string, string>> = {
  messages: 'how many.',
  probability: 'sum of those probabilities.',
  right: 'how many of those clicks were the truth.',
};
