/** What the clicks beyond the listed ones come to under a model: sums by delay stand for thousands of them. */
import { greetingFactor, WAYS, type Way } from './click-odds.ts';
import { GREETINGS, meanLossOdds, SAME, WORDS } from './learned-parts.ts';
import type { Marks } from './marks.ts';
import type { AccountModel } from './model/account-model.ts';
import { DELAY_BINS, DELAY_GROUP, DELAY_GROUPS, groupDensities } from './model/delay-grid.ts';
import { UNKNOWN_DEVICE } from './model/strata.ts';

export const LOST_WAY = WAYS.indexOf('lost');
export const CODELESS_WAY = WAYS.indexOf('codeless');

/**
 * Where clicks beyond the listed ones stand: a bin in the middle of the group of their delay, so many bins further for each of `WAYS`, behind those the same of
 * clicks that showed the message's own greeting, and at the end clicks that have left the store.
 */
const SAME_BINS = WAYS.length * DELAY_BINS;
export const GONE_BINS = 2 * SAME_BINS;

/** Where the sum of a group of `restGroups` stands. */
export function placeOfGroup(group: number): number {
  return (group % DELAY_GROUPS) * DELAY_GROUP + DELAY_GROUP / 2 + DELAY_BINS * Math.floor(group / DELAY_GROUPS);
}

/** What clicks beyond the listed ones ask of a model. */
export interface RestFactors {
  readonly model: AccountModel;
  /** By group of delays, for each of `WAYS` when the first of it is met (`groupsOf`). */
  readonly groups: (Float64Array | undefined)[];
  /** By greeting, for each of `WAYS`. */
  readonly said: Float64Array;
}

export function restFactors(model: AccountModel): RestFactors {
  return { model, groups: [], said: new Float64Array(WAYS.length * GREETINGS.length) };
}

/** As many greetings as `variants`. */
export function say({ model, said }: RestFactors, variants: number): void {
  let at = 0;
  for (const way of WAYS) {
    for (const greeting of GREETINGS) {
      said[at] = greetingFactor(model, variants, greeting, way);
      at += 1;
    }
  }
}

/**
 * The learned parts of the odds of clicks beyond the listed ones. A delay's density is that of its whole group, as clicks that came at all times show it: at the
 * middle of a group, three times as long as its beginning, every model found the delays of the next one a little longer.
 */
export function unlistedFactor({ model, groups, said }: RestFactors, at: number, wording: Marks['wording']): number {
  const way = wayAt(at);
  groups[way] ??= groupsOf(model, WAYS[way]!);
  const density = groups[way][groupAt(at)]!;
  if (isSameAt(at, wording)) return density * said[way * GREETINGS.length + SAME]!;
  return wording === 'other' ? density * said[way * GREETINGS.length + WORDS]! : density;
}

/** By group of delays: how likely a click of no known kind leads to a message this way, per second and but for its rate. */
function groupsOf(model: AccountModel, way: Way): Float64Array {
  if (way === 'passed_on') return groupDensities(model.forwarded().shares, model.platform.passedOn.rate);
  if (way === 'codeless') return groupDensities(model.codeless(UNKNOWN_DEVICE).shares, 1);
  return groupDensities(model.lose(UNKNOWN_DEVICE).shares, meanLossOdds(model));
}

/** Index into `WAYS`; clicks that have left the store lost their code. */
export function wayAt(at: number): number {
  return at >= GONE_BINS ? LOST_WAY : Math.floor((at % SAME_BINS) / DELAY_BINS);
}

export function groupAt(at: number): number {
  return Math.floor((at % DELAY_BINS) / DELAY_GROUP);
}

/** What a greeting says of clicks that have left is said of all of them together. */
export function isSameAt(at: number, wording: Marks['wording']): boolean {
  return at >= GONE_BINS ? wording === 'greeting' : at >= SAME_BINS;
}
