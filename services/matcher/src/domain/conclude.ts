import type { AccountMatching } from './account-matching.ts';
import { REST_SUMS, restGroups, type Way } from './click-odds.ts';
import { CLAIMED, type ClickStore, CODELESS, profileAt, slotOf } from './click-store.ts';
import type { Concluded } from './concluded.ts';
import { factorAt, lossOdds, meanLossOdds, placeOf } from './learned-parts.ts';
import { greetingOf, type Marks } from './marks.ts';
import type { AccountModel } from './model/account-model.ts';
import { delayGroup } from './model/delay-curve.ts';
import { delayBin } from './model/delay-grid.ts';
import { KINDS } from './model/strata.ts';
import type { Posterior } from './posterior.ts';
import { placeOfGroup, restFactors, say, unlistedFactor } from './unlisted-clicks.ts';

/** Options below it teach nothing that can be measured. */
const LEAST = 2e-3;

const NO_CAMPAIGNS: readonly string[] = [];
const NO_KINDS: readonly number[] = [];

/** What a final answer leaves to learn from, without the parts that are learned. `asFree`: the click that was seen as not taken, the truth of a test. */
export function conclude(account: AccountMatching, model: AccountModel, marks: Marks, answer: Posterior, asFree = -1): Concluded {
  const { clicks, variants } = account;
  const c = clicks.columns;
  const hour = new Date(marks.timeMs).getUTCHours();
  const perS = 1 / (answer.organicPerS * answer.burst);
  const options: number[] = [];
  const campaigns: string[] = [];
  const listed = new Float64Array(REST_SUMS);
  const listedKinds = new Float64Array(KINDS);
  for (const { click, odds, probability } of answer.options) {
    if (probability < LEAST) continue;
    const slot = slotOf(clicks, click);
    const profile = profileAt(clicks, slot);
    const way = click === asFree ? 'lost' : wayOf(clicks, slot, marks.timeMs);
    const delayS = (marks.timeMs - (way === 'passed_on' ? c.takenAtMs[slot]! : c.clickedAtMs[slot]!)) / 1_000;
    const bin = delayBin(delayS);
    if (bin < 0) continue;
    const greeting = greetingOf(marks, c.variant[slot]!, profile.source.placement);
    listed[delayGroup(delayS) + restGroups(way, greeting === 'same')]! += odds;
    if (way === 'lost') listedKinds[profile.kind]! += odds;
    const place = placeOf({ kind: profile.kind, bin, greeting, way });
    options.push(odds / (factorAt(model, place, variants) * perS), place);
    if (way === 'codeless') campaigns.push(profile.campaign);
  }
  const rest: number[] = [];
  const factors = restFactors(model);
  say(factors, variants);
  answer.byDelay.forEach((odds, group) => {
    const left = odds - listed[group]!;
    if (left / answer.total < LEAST / 10) return;
    const at = placeOfGroup(group);
    rest.push(left / (unlistedFactor(factors, at, marks.wording) * perS), at);
  });
  const kinds = rest.length === 0 ? NO_KINDS : kindsOf(model, answer, listedKinds);
  const { timeMs, country, wording } = marks;
  const named = campaigns.length === 0 ? NO_CAMPAIGNS : campaigns;
  return {
    timeMs,
    weight: 1,
    hour,
    country,
    wording,
    variants,
    burst: answer.burst,
    held: undefined,
    options,
    campaigns: named,
    rest,
    kinds,
  };
}

/** The way that is likelier by far: whoever wrote with the code hardly writes again without it, and as somebody else. */
function wayOf({ columns: c }: ClickStore, slot: number, timeMs: number): Way {
  if ((c.flags[slot]! & CODELESS) !== 0) return 'codeless';
  return (c.flags[slot]! & CLAIMED) !== 0 && c.takenAtMs[slot]! <= timeMs ? 'passed_on' : 'lost';
}

/** `kinds` of what was concluded: the listed clicks cannot stand for the others, because kinds that are slow or abroad are rarely listed. */
function kindsOf(model: AccountModel, { byKind, total }: Posterior, listed: Float64Array): readonly number[] {
  const left = byKind.map((odds, kind) => Math.max(0, odds - listed[kind]!));
  const all = left.reduce((sum, odds) => sum + odds, 0);
  if (all === 0) return NO_KINDS;
  const kinds: number[] = [];
  let unnamed = 0;
  for (let kind = 0; kind < KINDS; kind += 1) {
    const odds = left[kind]!;
    if (odds / total < LEAST / 10) unnamed += odds / all;
    else kinds.push(((odds / all) * meanLossOdds(model)) / lossOdds(model, kind), kind);
  }
  if (unnamed > 0) kinds.push(unnamed, KINDS);
  return kinds;
}
