import { rememberIdentified } from './burst.ts';
import { CANDIDATE, profileAt, slotOf } from './click-store.ts';
import { viewsOfLead } from './likelihood.ts';
import { greetingOf, type Marks } from './marks.ts';
import {
  type AccountMatching,
  addExpected,
  addExpectedToAccount,
  currentModel,
  type PlatformLearning,
  type PlatformMatching,
} from './matching.ts';
import type { AccountModel } from './model/account-model.ts';
import { belowAt } from './model/delay-curve.ts';
import { DELAY_BINS, delayBin } from './model/delay-grid.ts';
import { REACHED_S, VIEWS } from './model/platform-statistics.ts';
import { DEVICES, NETWORKS } from './model/strata.ts';
import { add, name, type Tally } from './model/tally.ts';
import type { Posterior } from './posterior.ts';
import type { Profile } from './profiles.ts';
import { conclude, expectation, put } from './reservoir.ts';

const VIEWED_IN = 4;
const STEPS = REACHED_S.length + 1;

/**
 * Counts clicks as they age: at each step of age a click adds what was due of its lead by then. Steps are passed in the order of arrival;
 * a click that leaves the store has no further steps, and neither is a lead counted that comes after that.
 */
export function mature(account: AccountMatching, platform: PlatformLearning, model: AccountModel, nowMs: number): void {
  const { clicks, learned } = account;
  const { statistics } = platform;
  const c = clicks.columns;
  for (let step = 0; step < STEPS; step += 1) {
    const ageS = step === 0 ? 0 : REACHED_S[step - 1]!;
    let next = Math.max(clicks.matured[step] ?? 0, clicks.first);
    for (; next < clicks.next; next += 1) {
      const slot = slotOf(clicks, next);
      if (nowMs - c.clickedAtMs[slot]! < ageS * 1_000) break;
      if ((c.flags[slot]! & CANDIDATE) === 0 || c.supersededAtMs[slot]! - c.clickedAtMs[slot]! <= ageS * 1_000) continue;
      const profile = profileAt(clicks, slot);
      statistics.reached[profile.device * STEPS + step]! += 1;
      if (step === 0) continue;
      const due = dueBetween(model, profile, step);
      statistics.due[profile.stratum]! += due;
      statistics.exposure[profile.stratum]! += (due * model.campaign(profile.campaign).rate) / model.platform.rate;
      add(learned.exposure, profile.campaign, due * model.platform.worth[profile.stratum]!);
    }
    clicks.matured[step] = next;
  }
}

function dueBetween(model: AccountModel, profile: Profile, step: number): number {
  const curve = model.keep(profile.device);
  const toS = REACHED_S[step - 1]!;
  const to = belowAt(curve, toS);
  if (step === 1) return to;
  const fromS = REACHED_S[step - 2]!;
  return to - belowAt(curve, fromS);
}

/** A message with its identifier: what its click's kind is worth, how long people take, where they are and what they speak. */
export function learnIdentified(account: AccountMatching, platform: PlatformMatching, click: number, marks: Marks): void {
  const { statistics } = platform;
  const { clicks, learned } = account;
  const c = clicks.columns;
  const slot = slotOf(clicks, click);
  const profile = profileAt(clicks, slot);
  const device = DEVICES[profile.device]!;
  const network = NETWORKS[profile.network]!;
  const { scalars, tallies } = statistics;
  scalars.identified += 1;
  learned.identified += 1;
  rememberIdentified(account.recent, marks.timeMs);
  learned.identifiedHours[new Date(marks.timeMs).getUTCHours()]! += 1;
  learned.seen += 1;
  const bin = delayBin((marks.timeMs - c.clickedAtMs[slot]!) / 1_000);
  if (bin >= 0) {
    statistics.delays[profile.device * DELAY_BINS + bin]! += 1;
    learned.delays[profile.device * DELAY_BINS + bin]! += 1;
    statistics.responses[profile.stratum]! += 1;
    statistics.keepers[profile.kind]! += 1;
    add(learned.responses, profile.campaign, 1);
  }
  const greeting = greetingOf(marks, c.variant[slot]!, profile.source.placement);
  if (greeting === 'same') scalars.sameGreeting += 1;
  if (greeting === 'other') scalars.otherGreeting += 1;
  if (marks.device !== 'unknown') add(tallies.hint, name(device, marks.device), 1);
  learnPlace(account, { statistics }, marks, 1);
  if (marks.country === '') return;
  const { country, region, language } = marks;
  add(tallies.home, country, 1);
  add(learned.home, country, 1);
  add(homeOf(learned.campaignHome, profile.campaign), country, 1);
  // One lead in four is enough for four numbers, and saves most of the work.
  if (learned.seen % VIEWED_IN === 0) {
    const parts = viewsOfLead(currentModel(account, platform), profile, country);
    for (let view = 0; view < VIEWS; view += 1) statistics.views[profile.network * VIEWS + view]! += VIEWED_IN * parts[view]!;
    add(tallies.foreign, country, VIEWED_IN * parts[VIEWS - 1]!);
  }
  if (profile.country === country) add(tallies.atHome, name(network, country), 1);
  else if (profile.country !== '') {
    add(tallies.abroad, name(network, country), 1);
    add(tallies.exit, name(network, profile.country), 1);
  }
  if (profile.language !== '') {
    add(tallies.browser, name(country, profile.language), 1);
    if (language !== '') add(tallies.spoken, name(country, profile.language, language), 1);
  }
  if (region !== '' && profile.region !== '' && profile.country === country) {
    if (profile.region === region) add(tallies.sameRegion, network, 1);
    else {
      add(tallies.otherRegion, network, 1);
      add(tallies.hub, name(country, profile.region), 1);
    }
  }
}

/** Where first messages come from and what is spoken there, whoever wrote them. */
function learnPlace({ learned }: AccountMatching, { statistics }: PlatformLearning, marks: Marks, weight: number): void {
  const { country, region, language } = marks;
  if (language !== '') {
    add(statistics.tallies.language, name(country, language), weight);
    add(learned.language, name(country, language), weight);
  }
  if (country !== '' && region !== '') {
    add(statistics.tallies.region, name(country, region), weight);
    add(learned.region, name(country, region), weight);
  }
}

/** The code of a click that another contact has brought before: it was passed on, this long after the click. */
export function learnForward({ statistics }: PlatformLearning, delayS: number): void {
  statistics.scalars.forwards += 1;
  const bin = delayBin(delayS);
  if (bin >= 0) statistics.forwardDelays[bin]! += 1;
}

/** A final answer without identifier is kept for the expectation step; what leaves the reservoir for it goes on as plain counts. */
export function learnUnidentified(
  account: AccountMatching,
  platform: PlatformLearning,
  model: AccountModel,
  marks: Marks,
  answer: Posterior,
): void {
  const { learned } = account;
  learned.seen += 1;
  learnPlace(account, platform, marks, 1);
  const retired = put(account.concluded, conclude(account, model, marks, answer));
  if (retired.length === 0) return;
  const expected = expectation(retired, model, marks.timeMs);
  addExpected(platform.statistics, expected);
  addExpectedToAccount(learned, expected);
}

function homeOf(campaigns: Map<string, Tally>, campaign: string): Tally {
  const known = campaigns.get(campaign);
  if (known !== undefined) return known;
  const made: Tally = new Map();
  campaigns.set(campaign, made);
  return made;
}
