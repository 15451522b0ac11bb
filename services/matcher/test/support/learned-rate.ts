import { currentModel } from '../../src/domain/account-matching.ts';
import { foldLog, type ModelShelf } from './fold-harness.ts';
import { DAY, T0 } from './log-builder.ts';
import { type ToyTruth, toyTraffic } from './toy-traffic.ts';

/** How often the toy account is said to be written to with a code, per click, by what it has taught until its last day is over. */
export async function learnedRate(truth: Omit<ToyTruth, 'organicPerHour' | 'modelEveryHours'>): Promise<number> {
  const traffic = toyTraffic({ ...truth, organicPerHour: 1, modelEveryHours: 2 });
  const shelf: ModelShelf = new Map();
  const { state } = await foldLog(
    traffic.touchpoints.filter(({ observedAtMs }) => observedAtMs < T0 + truth.days * DAY),
    { shelf },
  );
  return currentModel(state.accounts.get('acme/wa')!.matching, state).campaign('spring').rate;
}
