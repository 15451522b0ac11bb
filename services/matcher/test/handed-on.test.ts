import { describe, expect, it } from 'vitest';
import { currentModel } from '../src/domain/account-matching.ts';
import { belowAt, delayCurve } from '../src/domain/model/delay-curve.ts';
import { deviceIndex } from '../src/domain/model/strata.ts';
import { foldLog, type ModelShelf } from './support/fold-harness.ts';
import { toyTraffic } from './support/toy-traffic.ts';

describe('clicks that are handed on with their code, whether their own person writes or not', () => {
  const traffic = toyTraffic({
    seed: 5,
    days: 12,
    clicksPerHour: 25,
    writes: 0.25,
    loses: { ios: 0.05 },
    medianDelayS: 30,
    spread: 1.1,
    editS: 0,
    organicPerHour: 0.3,
    handsOn: 0.1,
    modelEveryHours: 3,
  });
  const folded = (async () => {
    const shelf: ModelShelf = new Map();
    return { shelf, ...(await foldLog(traffic.touchpoints, { shelf })) };
  })();

  it('are not counted as clicks whose person wrote: one lead in four with a code would be', async () => {
    const { state } = await folded;
    const { rate } = currentModel(state.accounts.get('acme/wa')!.matching, state).campaign('spring');
    expect(rate / (0.25 * 0.95)).toBeGreaterThan(0.92);
    expect(rate / (0.25 * 0.95)).toBeLessThan(1.08);
  });

  it('do not make people slow: hardly anybody takes hours', async () => {
    const { shelf } = await folded;
    const platform = shelf.get(traffic.versions)!;
    expect(1 - belowAt(delayCurve(platform.keeperDelays[deviceIndex('ios')]!), 2 * 3_600)).toBeLessThan(0.06);
  });

  it('tell how many are handed on: the second contact that brings a code, per click whose person wrote with it', async () => {
    const { shelf } = await folded;
    const { forwardRate } = shelf.get(traffic.versions)!;
    expect(forwardRate).toBeGreaterThan(0.07);
    expect(forwardRate).toBeLessThan(0.12);
  });
});
