import type { Measures } from './measures.ts';
import type { RegimeName } from './regimes.ts';

/** How near to the oracle the expected log loss has to be. The easy half of the regimes within 5 %, the hard half within 10 %. */
const LOSS_RATIO: Readonly<Record<RegimeName, number>> = {
  base: 1.05,
  sparse: 1.05,
  hot: 1.05,
  'organic-low': 1.05,
  'organic-high': 1.05,
  vpn: 1.05,
  'wrong-geo': 1.05,
  delayed: 1.1,
  bots: 1.05,
  nat: 1.05,
  forwarded: 1.1,
  qr: 1.05,
  'hidden-phone': 1.05,
  'removers-differ': 1.1,
  burst: 1.1,
  flood: 1.1,
  damage: 1.1,
  late: 1.1,
  returning: 1.1,
  weibull: 1.1,
  short: 1.1,
  'short-removers': 1.1,
};
const ECE = 0.012;
const RIGHT_80 = 0.91;
const WAPE_OF_ORACLE = 1.2;
/** Less than this part of the oracle's clicks named, and the loss is over outcomes too coarse to compare. */
const NAMED = 0.97;

/** A cell of the table that misses its goal. */
export interface Miss {
  readonly regime: RegimeName;
  readonly measure: string;
  readonly value: number;
  readonly goal: number;
  /** What the oracle shows on the same messages, where the measure has one. */
  readonly oracle?: number;
}

export function lossRatioGoal(regime: RegimeName): number {
  return LOSS_RATIO[regime];
}

/** Every goal that the judged contender misses, peers included: it has to be better than each of them in every cell. */
export function missesOf(regime: RegimeName, own: Measures, peers: Readonly<Record<string, Measures>>): readonly Miss[] {
  const misses: Miss[] = [];
  const atMost = (measure: string, value: number, goal: number, oracle?: number): void => {
    if (!(value <= goal)) misses.push({ regime, measure, value, goal, ...(oracle === undefined ? {} : { oracle }) });
  };
  const atLeast = (measure: string, value: number, goal: number, oracle?: number): void => {
    if (!(value >= goal)) misses.push({ regime, measure, value, goal, ...(oracle === undefined ? {} : { oracle }) });
  };
  atMost('cases without lead', own.missing, 0);
  atMost('log loss / oracle', own.ratio, LOSS_RATIO[regime], 1);
  atLeast("oracle's clicks named", own.named, NAMED, 1);
  for (const [kind, answers, best] of [
    ['answer', own.answers, own.oracleAnswers],
    ['click', own.clicks, own.oracleClicks],
  ] as const) {
    atMost(`${kind}: ECE`, answers.ece, Math.max(ECE, answers.eceByChance.high), best.ece);
    atLeast(`${kind}: right at p >= .8`, answers.right80, RIGHT_80, best.right80);
  }
  atMost('WAPE of campaigns', own.wape, WAPE_OF_ORACLE * own.oracleWape, own.oracleWape);
  for (const [name, peer] of Object.entries(peers)) {
    // Log loss by ratio: a peer that names other clicks is judged over other outcomes.
    atMost(`log loss / oracle, against ${name}`, own.ratio, peer.ratio);
    atMost(`ECE, against ${name}`, own.answers.ece, peer.answers.ece, own.oracleAnswers.ece);
    if (peer.answers.coverage80 > 0) {
      atLeast(`right at p >= .8, against ${name}`, own.answers.right80, peer.answers.right80, own.oracleAnswers.right80);
    }
    atLeast(`coverage at 90 %, against ${name}`, own.answers.coverage90, peer.answers.coverage90, own.oracleAnswers.coverage90);
    atLeast(`click coverage at 90 %, against ${name}`, own.clicks.coverage90, peer.clicks.coverage90, own.oracleClicks.coverage90);
    atMost(`WAPE, against ${name}`, own.wape, peer.wape, own.oracleWape);
  }
  return misses;
}
