/** How good answers are, beside the best possible ones on the same messages (matching.md §7). */
import {
  type Bet,
  type Bin,
  binsOf,
  type CoveragePoint,
  calibrationError,
  calibrationInterval,
  chanceError,
  coverageAt,
  coverageCurve,
} from './calibration.ts';
import type { Belief, Case } from './files.ts';
import { createRandom } from './random.ts';

/** Half of the step in which probabilities are emitted: nobody is charged for rounding to zero, everybody for being sure and wrong. */
const FLOOR = 5e-5;

export interface Measures {
  readonly messages: number;
  /** Cases for which there is no lead: taken as `other`, whole. */
  readonly missing: number;
  /** Expected loss −Σ q log p per message in nats, q the oracle's; the oracle's own on the same outcomes; and their ratio. */
  readonly loss: number;
  readonly oracleLoss: number;
  readonly ratio: number;
  /** Standard error of the ratio over messages. */
  readonly ratioError: number;
  /** −log p of what happened, on the same outcomes, and the oracle's. */
  readonly realisedLoss: number;
  readonly oracleRealisedLoss: number;
  /** Of the oracle's probability on named clicks, the part that is on clicks named here as well: below 1 the loss is over fewer outcomes. */
  readonly named: number;
  /** Of the most probable answer, a click or none. */
  readonly answers: AnswerMeasures;
  /** Of answers that name a click; coverage out of the messages that a click led to. */
  readonly clicks: AnswerMeasures;
  readonly oracleAnswers: AnswerMeasures;
  readonly oracleClicks: AnswerMeasures;
  /** Σ over campaigns |expected − true leads| / true leads, and Σ expected / true − 1. */
  readonly wape: number;
  readonly oracleWape: number;
  readonly bias: number;
  readonly oracleBias: number;
}

export interface AnswerMeasures {
  readonly ece: number;
  readonly eceInterval: readonly [number, number];
  /** What a perfectly calibrated answer shows by chance on as many messages: mean and 95 %. */
  readonly eceByChance: { readonly mean: number; readonly high: number };
  /** Against the oracle's probabilities instead of what happened: nearly without chance. */
  readonly eceExpected: number;
  /** Answers with p ≥ .8: right, and how many. */
  readonly right80: number;
  readonly coverage80: number;
  readonly coverage90: number;
  readonly bins: readonly Bin[];
  readonly curve: readonly CoveragePoint[];
}

const NOTHING: Belief = { none: 0, other: 1, candidates: new Map(), shares: new Map() };

export function measure(cases: readonly Case[], beliefs: ReadonlyMap<string, Belief>): Measures {
  if (cases.length === 0) throw new RangeError('no messages to judge');
  const losses: { readonly loss: number; readonly oracle: number }[] = [];
  const sums = { realised: 0, oracleRealised: 0, named: 0, oracleNamed: 0, missing: 0 };
  for (const judged of cases) {
    const { oracle, click, message } = judged;
    const belief = beliefs.get(message) ?? NOTHING;
    if (!beliefs.has(message)) sums.missing += 1;
    const common = [...belief.candidates.keys()].filter((key) => oracle.candidates.has(key));
    losses.push({ loss: crossEntropy(oracle, belief, common), oracle: crossEntropy(oracle, oracle, common) });
    sums.realised -= Math.log(floored(probabilityOf(belief, click, common)));
    sums.oracleRealised -= Math.log(floored(probabilityOf(oracle, click, common)));
    for (const [key, probability] of oracle.candidates) {
      sums.oracleNamed += probability;
      if (belief.candidates.has(key)) sums.named += probability;
    }
  }
  const count = cases.length;
  const loss = losses.reduce((sum, entry) => sum + entry.loss, 0) / count;
  const oracleLoss = losses.reduce((sum, entry) => sum + entry.oracle, 0) / count;
  const ratio = loss / oracleLoss;
  const spread = losses.reduce((sum, entry) => sum + (entry.loss - ratio * entry.oracle) ** 2, 0) / count;
  const own = new Map(cases.map(({ message, oracle }) => [message, oracle] as const));
  const campaigns = campaignsOf(cases, beliefs);
  const oracleCampaigns = campaignsOf(cases, own);
  return {
    messages: count,
    missing: sums.missing,
    loss,
    oracleLoss,
    ratio,
    ratioError: Math.sqrt(spread / count) / oracleLoss,
    realisedLoss: sums.realised / count,
    oracleRealisedLoss: sums.oracleRealised / count,
    named: sums.oracleNamed === 0 ? 1 : sums.named / sums.oracleNamed,
    answers: answerMeasures(cases, beliefs, 'any'),
    clicks: answerMeasures(cases, beliefs, 'click'),
    oracleAnswers: answerMeasures(cases, own, 'any'),
    oracleClicks: answerMeasures(cases, own, 'click'),
    wape: campaigns.wape,
    oracleWape: oracleCampaigns.wape,
    bias: campaigns.bias,
    oracleBias: oracleCampaigns.bias,
  };
}

/**
 * −Σ q log p over the clicks that both name, none, and everything else. Outcomes that only one of them names fall into "everything else" for both,
 * so that the difference is a Kullback–Leibler divergence, never negative, and nobody gains by naming other clicks.
 */
function crossEntropy(q: Belief, p: Belief, common: readonly string[]): number {
  let loss = -q.none * Math.log(floored(p.none));
  let [qElse, pElse] = [1 - q.none, 1 - p.none];
  for (const key of common) {
    const [qHere, pHere] = [q.candidates.get(key)!, p.candidates.get(key)!];
    loss -= qHere * Math.log(floored(pHere));
    qElse -= qHere;
    pElse -= pHere;
  }
  return loss - Math.max(0, qElse) * Math.log(floored(pElse));
}

function probabilityOf(belief: Belief, click: string | null, common: readonly string[]): number {
  if (click === null) return belief.none;
  if (common.includes(click)) return belief.candidates.get(click)!;
  return common.reduce((rest, key) => rest - belief.candidates.get(key)!, 1 - belief.none);
}

function floored(probability: number): number {
  return Math.min(1, Math.max(FLOOR, probability));
}

/** `any`: the most probable of all clicks and none. `click`: the most probable click. `other` is no answer. */
function answerMeasures(cases: readonly Case[], beliefs: ReadonlyMap<string, Belief>, kind: 'any' | 'click'): AnswerMeasures {
  const bets: (Bet & { readonly expected: number })[] = [];
  for (const { message, click, oracle } of cases) {
    const belief = beliefs.get(message) ?? NOTHING;
    let [answer, confidence]: [string | null, number] = kind === 'any' ? [null, belief.none] : [null, 0];
    for (const [key, probability] of belief.candidates) if (probability > confidence) [answer, confidence] = [key, probability];
    if (kind === 'click' && answer === null) continue;
    const expected = answer === null ? oracle.none : (oracle.candidates.get(answer) ?? 0);
    bets.push({ confidence: Math.min(1, confidence), isRight: answer === click, expected });
  }
  const total = kind === 'any' ? cases.length : Math.max(1, cases.filter(({ click }) => click !== null).length);
  const random = createRandom(cases.length, 90);
  const sure = bets.filter(({ confidence }) => confidence >= 0.8);
  const curve = coverageCurve(bets, total);
  return {
    ece: calibrationError(bets),
    eceInterval: calibrationInterval(bets, random),
    eceByChance: chanceError(bets, random),
    eceExpected: expectedError(bets),
    right80: sure.length === 0 ? 1 : sure.filter(({ isRight }) => isRight).length / sure.length,
    coverage80: sure.length / total,
    coverage90: coverageAt(curve, 0.9),
    bins: binsOf(bets),
    curve,
  };
}

function expectedError(bets: readonly (Bet & { readonly expected: number })[]): number {
  const sorted = [...bets].sort((a, b) => a.confidence - b.confidence);
  const size = Math.max(1, Math.ceil(sorted.length / 15));
  let error = 0;
  for (let at = 0; at < sorted.length; at += size) {
    error += Math.abs(sorted.slice(at, at + size).reduce((sum, bet) => sum + bet.confidence - bet.expected, 0));
  }
  return bets.length === 0 ? 0 : error / bets.length;
}

function campaignsOf(cases: readonly Case[], beliefs: ReadonlyMap<string, Belief>): { readonly wape: number; readonly bias: number } {
  const actual = new Map<string, number>();
  const expected = new Map<string, number>();
  const add = (sums: Map<string, number>, account: string, campaign: string, share: number): void => {
    const key = `${account}\n${campaign}`;
    sums.set(key, (sums.get(key) ?? 0) + share);
  };
  for (const { message, account, campaign } of cases) {
    if (campaign !== null) add(actual, account, campaign, 1);
    for (const [name, share] of beliefs.get(message)?.shares ?? []) add(expected, account, name, share);
  }
  let distance = 0;
  for (const key of new Set([...actual.keys(), ...expected.keys()]))
    distance += Math.abs((expected.get(key) ?? 0) - (actual.get(key) ?? 0));
  const sumOf = (sums: ReadonlyMap<string, number>): number => [...sums.values()].reduce((sum, value) => sum + value, 0);
  const leads = Math.max(1, sumOf(actual));
  return { wape: distance / leads, bias: sumOf(expected) / leads - 1 };
}
