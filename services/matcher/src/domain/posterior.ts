import { burstFactor } from './burst.ts';
import { GONE_GROUPS, greetingFactor, LEAST_SILENT } from './click-odds.ts';
import { type ClickStore, REACH_MS, slotOf } from './click-store.ts';
import type { Asked, Evidence } from './evidence.ts';
import { campaignCountryFactor } from './home-views.ts';
import { meanLossOdds } from './learned-parts.ts';
import type { Marks } from './marks.ts';
import type { AccountModel } from './model/account-model.ts';
import { belowAt, delayGroup, densityAt } from './model/delay-curve.ts';
import { LATE_S, lateFactorAt } from './model/late-hours.ts';
import { UNKNOWN_DEVICE } from './model/strata.ts';
import { organicRate } from './organic-rate.ts';
import { promisedAround } from './promised-messages.ts';
import type { Source } from './source.ts';
import { MAX_ODDS, weigh, weighed } from './weighing.ts';

export interface Option {
  /** Number of the click. */
  readonly click: number;
  /** Odds against "no click". */
  readonly odds: number;
  readonly probability: number;
  /**
   * What this message takes of the click in the eyes of others that may have come from it: its odds against everything but this click, before
   * they were lowered by those others (the message of belief propagation for data association, Williams & Lau 1209.6299).
   */
  readonly claim: number;
}

export interface SourceMass {
  readonly source: Source;
  readonly probability: number;
}

export interface Posterior {
  /** The likeliest clicks, at most 16, by falling probability. */
  readonly options: readonly Option[];
  readonly pNone: number;
  /** Clicks beyond the listed ones. */
  readonly pOther: number;
  /** Odds of all clicks by delay, in groups of `DELAY_GROUP` bins, where `restGroups` and `GONE_GROUPS` say; empty unless asked for. Of messages that were sent on the delay counts from the one with the code. */
  readonly byDelay: Float64Array;
  /** The same of clicks that may have lost their code, by kind; as empty. */
  readonly byKind: Float64Array;
  /** Sum of all odds, "no click" (1) included. */
  readonly total: number;
  readonly scanned: number;
  /** Every source with its part of the clicks' mass. */
  readonly sources: readonly SourceMass[];
  /** Messages of no click per second that it reckoned with, before the burst. */
  readonly organicPerS: number;
  readonly burst: number;
}

/** Before, the usual rate is not known well enough to tell a burst from it: a busy account's first minutes would all be one. */
const BURSTS_FROM_S = 6 * 3_600;
/** A final lead may leave less than half of a click to others, never the very half that would give it away twice. */
const MARGIN = 1e-3;

export function posterior(evidence: Evidence, asked: Asked): Posterior {
  const { clicks, model } = evidence;
  const { marks, knownAtMs } = asked;
  const organicPerS = organicRate(clicks, model, marks.timeMs, knownAtMs);
  const burst =
    model.observedS < BURSTS_FROM_S
      ? 1
      : burstFactor(evidence.recent, asked.leadId, marks.timeMs, knownAtMs, {
          organicPerS,
          lossOdds: meanLossOdds(model),
          promised: () => promisedAround(evidence, marks.timeMs, knownAtMs, 'kept'),
          codeless: promisedAround(evidence, marks.timeMs, knownAtMs, 'codeless'),
        });
  const perS = 1 / (organicPerS * burst);
  weigh(evidence, asked, perS);
  const left = residual(evidence, marks, perS, weighed.byDelay);
  const rest = {
    odds: Math.min(MAX_ODDS, left.odds + (asked.isLate === true ? forgotten(model, marks, knownAtMs, perS) : 0)),
    clicks: left.clicks,
  };

  const total = 1 + weighed.sum + rest.odds;
  const sources = sourceMasses(clicks, total);
  const options = listed(evidence, asked, total);
  let given = 0;
  let withheld = 0;
  for (const { probability, odds: own } of options) {
    given += probability;
    withheld += own / total - probability;
  }
  // What a click that final leads have taken must not give goes to "no click".
  const pNone = 1 / total + withheld;
  return {
    options,
    byDelay: weighed.byDelay,
    byKind: weighed.byDelay.length === 0 ? weighed.byDelay : weighed.byKind.slice(),
    pNone,
    pOther: Math.max(0, 1 - pNone - given),
    total,
    scanned: weighed.found + rest.clicks,
    sources: spread(sources, rest.odds / total),
    organicPerS,
    burst,
  };
}

export interface Odds {
  /** Of all clicks together against "no click". */
  readonly odds: number;
  /** As a posterior's. */
  readonly byDelay: Float64Array;
}

/** What a comparison needs of an answer where the rate of messages of no click is known: half the work of a posterior. */
export function oddsOf(evidence: Evidence, asked: Asked, perS: number): Odds {
  weigh(evidence, asked, perS);
  const { byDelay, sum } = weighed;
  return { odds: sum + residual(evidence, asked.marks, perS, byDelay).odds, byDelay };
}

function sourceMasses({ profiles }: ClickStore, total: number): readonly SourceMass[] {
  const { bySource, sources } = weighed;
  return sources.map((source) => ({ source: profiles.sources.at(source), probability: bySource[source]! / total }));
}

/**
 * Clicks that left the store before three days were over: mass by half-hour and campaign, with the campaign's countries and what a greeting says on average as only
 * evidence. What is to be learned from counts it by delay like the others: people whose click is gone were all taken for those who follow none.
 */
function residual(
  { clicks, model, variants }: Evidence,
  marks: Marks,
  perS: number,
  byDelay: Float64Array,
): { readonly odds: number; readonly clicks: number } {
  let sum = 0;
  let count = 0;
  if (clicks.cells.size === 0) return { odds: 0, clicks: 0 };
  const curve = model.lose(UNKNOWN_DEVICE);
  const keepCurve = model.keep(UNKNOWN_DEVICE);
  const meanOdds = meanLossOdds(model);
  const { wording } = marks;
  // One in so many has shown this greeting.
  const greeting = variants === 0 || wording === 'unknown' ? 'silent' : wording === 'other' ? 'words' : 'same';
  const said = greetingFactor(model, variants, greeting) / (greeting === 'same' ? variants : 1);
  const campaigns = new Map<string, { readonly rate: number; readonly place: number }>();
  let fromMs = Number.NaN;
  let [delayS, density, written, group] = [0, 0, 0, -1];
  const late = lateFactorAt(model, marks.timeMs);
  for (const cell of clicks.cells.values()) {
    // A busy account has a thousand cells, those of one half-hour behind one another and of few campaigns.
    if (cell.fromMs !== fromMs) {
      ({ fromMs } = cell);
      delayS = (marks.timeMs - fromMs) / 1_000 - 900;
      if (delayS > 0) {
        density = densityAt(curve, delayS) * (delayS >= LATE_S ? late : 1);
        written = belowAt(keepCurve, delayS) + meanOdds * belowAt(curve, delayS);
        group = delayGroup(delayS);
      }
    }
    if (delayS <= 0) continue;
    let campaign = campaigns.get(cell.campaign);
    if (campaign === undefined) {
      const place = marks.country === '' ? 1 : campaignCountryFactor(model, cell.campaign, marks.country);
      campaign = { rate: model.campaign(cell.campaign).rate, place };
      campaigns.set(cell.campaign, campaign);
    }
    const { rate, place } = campaign;
    const silent = 1 - rate * written;
    const odds = (cell.mass * rate * density * place * said * perS) / Math.max(silent, LEAST_SILENT);
    sum += odds;
    count += cell.clicks;
    if (byDelay.length > 0 && group >= 0) byDelay[GONE_GROUPS + group]! += odds;
  }
  return { odds: Math.min(MAX_ODDS, sum), clicks: count };
}

/**
 * Odds of all clicks that have left the store for their age when a message comes days late: as many leads without identifier as the account usually
 * has, by how much of their delays lies before the oldest click still there. Without it such a message would be nobody's for certain.
 */
function forgotten(model: AccountModel, marks: Marks, knownAtMs: number, perS: number): number {
  const keptS = (REACH_MS - (knownAtMs - marks.timeMs)) / 1_000;
  const gone = keptS <= 0 ? 1 : 1 - belowAt(model.lose(UNKNOWN_DEVICE), keptS);
  return gone * model.leadsPerS * meanLossOdds(model) * perS;
}

/** The listed options by falling probability: what was withheld may put a click behind others. */
function listed({ clicks }: Evidence, asked: Asked, total: number): readonly Option[] {
  const c = clicks.columns;
  const options: Option[] = [];
  for (let at = 0; at < weighed.listed; at += 1) {
    const click = weighed.clicks[at]!;
    const own = weighed.odds[at]!;
    const slot = slotOf(clicks, click);
    const used = click === asked.asFree ? 0 : c.usedMass[slot]!;
    const most = asked.isTaken?.(click) === true ? Math.min(mostLeft(used), 0.5 - MARGIN) : mostLeft(used);
    const others = Math.max(0, c.openMass[slot]! - (asked.own.get(click) ?? 0));
    options.push({ click, odds: own, probability: Math.min(most, own / total), claim: (own * (1 + others)) / (total - own) });
  }
  const isSorted = options.every(({ probability }, at) => at === 0 || probability <= options[at - 1]!.probability);
  return isSorted ? options : options.toSorted((a, b) => b.probability - a.probability);
}

/** What may be given of a click of which final leads have taken so much. */
export function mostLeft(used: number): number {
  return used > 0 ? Math.max(0, 1 - used - MARGIN) : 1;
}

/** The residual's mass goes to the sources as the clicks' mass does; without any it stays nobody's. */
function spread(sources: readonly SourceMass[], rest: number): readonly SourceMass[] {
  const sum = sources.reduce((total, { probability }) => total + probability, 0);
  if (rest <= 0 || sum <= 0) return sources;
  return sources.map(({ source, probability }) => ({ source, probability: probability * (1 + rest / sum) }));
}
