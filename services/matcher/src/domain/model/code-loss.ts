import type { Device } from '../touchpoint.ts';
import type { PlatformModel } from './platform-model.ts';
import { DEVICES, kindOf, NETWORKS } from './strata.ts';

/** How often leads of one kind of device lose their code, by the model in force. */
export interface CodeLoss {
  readonly device: Device;
  /** Leads that kept and that lost it, decayed; lost ones are shares of posteriors. */
  readonly kept: number;
  readonly lost: number;
  /** ρ, and the bounds of its 95 % interval. */
  readonly rate: number;
  readonly low: number;
  readonly high: number;
}

/** Pseudo-leads behind the prior of a kind of device: it keeps an interval finite where nobody has lost a code yet. */
const PRIOR_LOSERS = 1;
const PRIOR_KEEPERS = 19;

/**
 * ρ by device: the model's rate by device and network, weighted by the leads of each network. Its interval is that of the log-odds, whose
 * variance is 1/lost + 1/kept (delta method); how unsure the shares of posteriors themselves are is not in it.
 */
export function codeLoss({ loss, statistics }: PlatformModel): readonly CodeLoss[] {
  return DEVICES.map((device, d) => {
    let kept = 0;
    let lost = 0;
    let weighted = 0;
    let weights = 0;
    for (let n = 0; n < NETWORKS.length; n += 1) {
      const kind = kindOf(d, n);
      kept += statistics.keepers[kind]!;
      lost += statistics.losers[kind]!;
      const weight = statistics.keepers[kind]! + statistics.losers[kind]! + 1 / NETWORKS.length;
      weighted += weight * loss[kind]!;
      weights += weight;
    }
    const rate = weighted / weights;
    const logOdds = Math.log(rate / (1 - rate));
    const spread = 1.96 * Math.sqrt(1 / (lost + PRIOR_LOSERS) + 1 / (kept + PRIOR_KEEPERS));
    return { device, kept, lost, rate, low: share(logOdds - spread), high: share(logOdds + spread) };
  });
}

function share(logOdds: number): number {
  return 1 / (1 + Math.exp(-logOdds));
}
