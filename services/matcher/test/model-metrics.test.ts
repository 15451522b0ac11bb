import { Registry } from 'prom-client';
import { describe, expect, it } from 'vitest';
import { derivePlatform } from '../src/domain/model/platform-model.ts';
import { countAnswered, countDecoy, countTested } from '../src/domain/quality.ts';
import { noQuality } from '../src/domain/quality-sums.ts';
import { createModelMetrics } from '../src/model-metrics.ts';
import { T0 } from './support/log-builder.ts';
import { statisticsOf } from './support/model-log.ts';

function opened() {
  const registry = new Registry();
  const values = async (name: string): Promise<Record<string, number>> => {
    const metric = await registry.getSingleMetric(`messtrack_matcher_${name}`)!.get();
    return Object.fromEntries(metric.values.map(({ labels, value }) => [Object.values(labels).join(' '), value]));
  };
  return { metrics: createModelMetrics(registry), registry, values };
}

const TESTED = { workspace: 'w', account: 'a', atMs: 0, pTop: 0.9, isTopRight: true, pNone: 0.1 };

describe('metrics of the model', () => {
  it('add up what batches have counted, over all accounts and without their names', async () => {
    const { metrics, registry, values } = opened();
    for (let batch = 0; batch < 2; batch += 1) {
      const counted = noQuality();
      countTested(counted, { ...TESTED, pTruth: 0.9 });
      countTested(counted, { ...TESTED, pTruth: 0.05, pTop: 0.45, isTopRight: false });
      countAnswered(counted, { pNone: 0.25 });
      countDecoy(counted, 0.81);
      countDecoy(counted, 0.79);
      counted.expectedClicked += 2;
      counted.expectedUnclicked += 3;
      metrics.quality(counted);
    }
    expect(await values('hidden_messages_total')).toEqual({ '': 4 });
    expect((await values('hidden_log_loss_nats_total'))['']).toBeCloseTo(-2 * Math.log(0.9 * 0.05), 9);
    expect(await values('hidden_confident_total')).toEqual({ '': 2 });
    expect(await values('hidden_confident_right_total')).toEqual({ '': 2 });
    expect(await values('calibration_messages_total')).toEqual({ 5: 2, 9: 2 });
    expect(await values('calibration_probability_total')).toEqual({ 5: 1, 9: 2 });
    expect(await values('calibration_right_total')).toEqual({ 5: 0, 9: 2 });
    expect(await values('decoy_messages_total')).toEqual({ '': 4 });
    expect(await values('decoy_confident_total')).toEqual({ '': 2 });
    expect(await values('open_clicked_total')).toEqual({ '': 1.5 });
    expect(await values('expected_clicked_total')).toEqual({ '': 4 });
    expect(await values('expected_unclicked_total')).toEqual({ '': 6 });
    expect(await registry.metrics()).not.toMatch(/account="|workspace="/);
  });

  it('tell of each partition its version, and of the newest how often codes are lost by device', async () => {
    const { metrics, values } = opened();
    const lossy = statisticsOf(1_000, T0);
    lossy.losers[0] = 500;
    metrics.modelInForce(0, derivePlatform(lossy, 2));
    metrics.modelInForce(1, derivePlatform(statisticsOf(0, T0), 1));
    expect(await values('model_version')).toEqual({ 0: 2, 1: 1 });
    const loss = await values('code_loss_ratio');
    expect(loss['ios rate']).toBeGreaterThan(0.25);
    expect(loss['ios low']).toBeLessThan(loss['ios rate']!);
    expect(loss['ios high']).toBeGreaterThan(loss['ios rate']!);
    expect(Object.keys(loss)).toHaveLength(12);
    metrics.forget(0);
    expect(await values('model_version')).toEqual({ 1: 1 });
  });
});
