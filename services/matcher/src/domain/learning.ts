import { type AccountMatching, currentModel, type PlatformLearning, type PlatformMatching } from './account-matching.ts';
import { rememberIdentified } from './burst.ts';
import { keptRate, takenFactor } from './click-odds.ts';
import { CANDIDATE, CODELESS, profileAt, slotOf } from './click-store.ts';
import { conclude } from './conclude.ts';
import { put } from './concluded.ts';
import { expectation } from './expectation.ts';
import { addExpected, addExpectedToAccount } from './expected.ts';
import { viewsOfLead } from './home-views.ts';
import { greetingOf, type Marks } from './marks.ts';
import type { AccountModel } from './model/account-model.ts';
import { belowAt, type DelayCurve } from './model/delay-curve.ts';
import { DELAY_BINS, delayBin } from './model/delay-grid.ts';
import { LATE_S } from './model/late-hours.ts';
import type { Reach } from './model/mixing-share.ts';
import { behindHidden } from './model/places.ts';
import { DUE_S, REACHED_S, VIEWS } from './model/platform-statistics.ts';
import { DEVICES, deviceOf, kindOfStratum, NETWORKS, UNKNOWN_DEVICE } from './model/strata.ts';
import { add, name, type Tally, total } from './model/tally.ts';
import type { Posterior } from './posterior.ts';
import type { Profile } from './profiles.ts';

const STEPS = DUE_S.length + 1;
const REACHED_STEPS = REACHED_S.length + 1;
/** By step of `DUE_S`, 0 before the first: which of `REACHED_S` it is, so counted; −1 where none. */
const REACHED_AT = [0, ...DUE_S.map((ageS) => REACHED_S.indexOf(ageS) + 1 || -1)];

/**
 * Counts clicks as they age: at each step of age a click adds what was due of its lead by then. Steps are passed in the order of arrival;
 * a click that leaves the store has no further steps, and neither is a lead counted that comes after that. `end`: only clicks before this number.
 */
export function mature(
  account: AccountMatching,
  platform: PlatformLearning,
  model: AccountModel,
  nowMs: number,
  end = account.clicks.next,
): void {
  const { clicks, learned } = account;
  const { statistics } = platform;
  const { columns: c, profiles } = clicks;
  dues.fill(Number.NaN);
  if (promised.length < profiles.campaigns.size) {
    promised = new Float64Array(2 * profiles.campaigns.size);
    rates = new Float64Array(2 * profiles.campaigns.size);
  }
  for (let step = 0; step < STEPS; step += 1) {
    const ageMs = step === 0 ? 0 : DUE_S[step - 1]! * 1_000;
    const reachedAt = REACHED_AT[step]!;
    let next = Math.max(clicks.matured[step] ?? 0, clicks.first);
    for (; next < end; next += 1) {
      const slot = slotOf(clicks, next);
      const clickedAtMs = c.clickedAtMs[slot]!;
      if (nowMs - clickedAtMs < ageMs) break;
      const flags = c.flags[slot]!;
      if ((flags & CANDIDATE) === 0 || c.supersededAtMs[slot]! - clickedAtMs <= ageMs) continue;
      // By its numbers: a profile made for every click and step was a twentieth of all garbage.
      const index = c.profile[slot]!;
      const stratum = profiles.stratum(index);
      const device = deviceOf(kindOfStratum(stratum));
      const isCodeless = (flags & CODELESS) !== 0;
      if (!isCodeless && reachedAt >= 0) statistics.reached[device * REACHED_STEPS + reachedAt]! += 1;
      if (step === 0) continue;
      const at = (isCodeless ? device + DEVICES.length : device) * STEPS + step;
      if (Number.isNaN(dues[at]!)) dues[at] = dueBetween(isCodeless ? model.codeless(device) : model.keep(device), step);
      const due = dues[at]!;
      const promise = due * model.platform.worth[stratum]!;
      const campaign = profiles.campaignIndex(index);
      if (promised[campaign] === 0) {
        touched.push(campaign);
        rates[campaign] = model.campaign(profiles.campaign(campaign)).rate;
      }
      promised[campaign]! += promise;
      // Whether its person wrote is told by posteriors alone: the account's promise counts it, what is learned from labels does not.
      if (isCodeless) continue;
      const rate = rates[campaign]!;
      statistics.due[stratum]! += due;
      statistics.exposure[stratum]! += (due * rate) / model.platform.rate;
      learned.lately.due += (promise * rate) / model.rateChange;
    }
    clicks.matured[step] = next;
  }
  for (const campaign of touched) {
    add(learned.exposure, profiles.campaign(campaign), promised[campaign]!);
    promised[campaign] = 0;
  }
  touched.length = 0;
}

/**
 * Counts a click that leaves before its next step: what was due since the last one. Leads that came meanwhile were counted, and without it their clicks' dues never were: an account with sixty clicks an hour,
 * whose clicks leave after two days and a half, was said to be written to twice as often as it was where most people write a day later.
 */
export function matureLeaving(
  account: AccountMatching,
  platform: PlatformLearning,
  model: AccountModel,
  nowMs: number,
  click: number,
): void {
  mature(account, platform, model, nowMs, click + 1);
  const { clicks, learned } = account;
  const { statistics } = platform;
  const { columns: c, profiles } = clicks;
  const slot = slotOf(clicks, click);
  const clickedAtMs = c.clickedAtMs[slot]!;
  const ageS = (nowMs - clickedAtMs) / 1_000;
  const step = DUE_S.findIndex((dueS) => dueS > ageS);
  const flags = c.flags[slot]!;
  if (step < 0 || ageS <= 0 || (flags & CANDIDATE) === 0 || c.supersededAtMs[slot]! <= nowMs) return;
  const index = c.profile[slot]!;
  const stratum = profiles.stratum(index);
  const device = deviceOf(kindOfStratum(stratum));
  const isCodeless = (flags & CODELESS) !== 0;
  const sinceS = step === 0 ? 0 : DUE_S[step - 1]!;
  const curve = isCodeless ? model.codeless(device) : model.keep(device);
  const due = belowAt(curve, ageS) - (step === 0 ? 0 : belowAt(curve, sinceS));
  const campaign = profiles.campaign(profiles.campaignIndex(index));
  const promise = due * model.platform.worth[stratum]!;
  add(learned.exposure, campaign, promise);
  if (isCodeless) return;
  const { rate } = model.campaign(campaign);
  // It gets as old as all others, and its code is known for as long: leads of clicks that are gone are counted by their delay.
  for (let reaching = REACHED_S.findIndex((reachedS) => reachedS > ageS); reaching < REACHED_S.length; reaching += 1) {
    statistics.reached[device * REACHED_STEPS + reaching + 1]! += 1;
  }
  statistics.due[stratum]! += due;
  statistics.exposure[stratum]! += (due * rate) / model.platform.rate;
  learned.lately.due += (promise * rate) / model.rateChange;
}

/** Scratch. By device and step, of clicks without a code behind: what was due meanwhile. */
const dues = new Float64Array(2 * DEVICES.length * STEPS);
/** By campaign: what its clicks have promised, 0 between calls, and its rate; and the campaigns that there are. */
let promised = new Float64Array(16);
let rates = new Float64Array(16);
const touched: number[] = [];

function dueBetween(curve: DelayCurve, step: number): number {
  const toS = DUE_S[step - 1]!;
  const to = belowAt(curve, toS);
  if (step === 1) return to;
  const fromS = DUE_S[step - 2]!;
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
  const { scalars, tallies } = statistics;
  scalars.identified += 1;
  learned.identified += 1;
  rememberIdentified(account.recent, marks.timeMs);
  learned.identifiedHours[new Date(marks.timeMs).getUTCHours()]! += 1;
  learned.seen += 1;
  const delayS = (marks.timeMs - c.clickedAtMs[slot]!) / 1_000;
  const bin = delayBin(delayS);
  if (bin >= 0) {
    const own = ownPart(account, platform, profile, delayS);
    statistics.delays[profile.device * DELAY_BINS + bin]! += own;
    learned.delays[profile.device * DELAY_BINS + bin]! += own;
    statistics.responses[profile.stratum]! += own;
    statistics.keepers[profile.kind]! += own;
    learned.keepers[profile.kind]! += own;
    add(learned.responses, profile.campaign, own);
    if (delayS >= LATE_S) learned.lateHours[new Date(marks.timeMs).getUTCHours()]! += own;
    learned.lately.responses += own;
  }
  const greeting = greetingOf(marks, c.variant[slot]!, profile.source.placement);
  if (greeting === 'same') scalars.sameGreeting += 1;
  if (greeting === 'other') scalars.otherGreeting += 1;
  if (marks.device !== 'unknown') add(tallies.hint, name(device, marks.device), 1);
  learnPlace(account, { statistics }, marks, 1);
  const { country } = marks;
  if (country === '') {
    if (profile.language !== '' && marks.language !== '') {
      add(tallies.spoken, name(behindHidden(profile.network, profile.country), profile.language, marks.language), 1);
    }
    return;
  }
  add(tallies.home, country, 1);
  add(learned.home, country, 1);
  add(homeOf(learned.campaignHome, profile.campaign), country, 1);
  if (marks.region !== '') add(homeOf(learned.campaignRegion, profile.campaign), name(country, marks.region), 1);
  learnViews(platform, currentModel(account, platform), profile, marks, learned.seen);
}

/**
 * A message with the code of a click that has left the store. Those who lost theirs are looked for among such clicks, too, and counted: of people who write a day after one of a hundred clicks an hour, a quarter of all that
 * kept it were missing beside them, and losing it looked a third as frequent again as it was. And nobody else tells how many write that late: an account of 6,000 clicks an hour keeps them for forty minutes.
 */
export function learnGone({ learned }: AccountMatching, { statistics }: PlatformLearning, timeMs: number, clickedAtMs: number): void {
  const delayS = (timeMs - clickedAtMs) / 1_000;
  const bin = delayBin(delayS);
  // Beyond three days nobody looks for those who lost it.
  if (bin < 0) return;
  statistics.keepersElsewhere += 1;
  learned.keepersElsewhere += 1;
  const hour = new Date(timeMs).getUTCHours();
  learned.identifiedHours[hour]! += 1;
  if (delayS >= LATE_S) learned.lateHours[hour]! += 1;
  // The device went with the click: one of those that write here.
  const shares = deviceShares(learned.keepers) ?? deviceShares(statistics.keepers) ?? ONLY_UNKNOWN;
  for (let device = 0; device < DEVICES.length; device += 1) {
    statistics.delays[device * DELAY_BINS + bin]! += shares[device]!;
    learned.delays[device * DELAY_BINS + bin]! += shares[device]!;
  }
}

const ONLY_UNKNOWN = DEVICES.map((_, device) => (device === UNKNOWN_DEVICE ? 1 : 0));

/** Of leads that kept their code; undefined while there are none. */
function deviceShares(keepers: Float64Array): readonly number[] | undefined {
  const shares = DEVICES.map(() => 0);
  let all = 0;
  for (let kind = 0; kind < keepers.length; kind += 1) {
    shares[deviceOf(kind)]! += keepers[kind]!;
    all += keepers[kind]!;
  }
  return all > 0 ? shares.map((each) => each / all) : undefined;
}

/**
 * How much of a lead with code is the click's own person's: it may be somebody's that they have sent the code to and who was first to write, more likely so the
 * later it comes. Whole, they made clicks write more often than they do and later: with one click in twelve handed on 24 % more leads were expected of each
 * click than its own person writes.
 */
export function ownPart(account: AccountMatching, platform: PlatformMatching, profile: Profile, delayS: number): number {
  const model = currentModel(account, platform);
  const handed = takenFactor(model.platform.forwardRate, model, keptRate(model, profile), model.keep(profile.device), delayS);
  // Nearly always: nothing to look up.
  return handed < NOTICED ? 1 - handed : 1 - handed * creditOf(account, model);
}

const NOTICED = 0.01;

/**
 * No more leads are somebody else's than codes are handed on, by the account's clicks and what all accounts show. In an account whose people write hours after their click, among others whose people write within a
 * minute, seven of eight leads looked handed on: its own delays were never learned, and so it stayed (11 leads of 79 in eight days).
 */
function creditOf({ learned }: AccountMatching, { platform }: AccountModel): number {
  const found = learned.identified - total(learned.responses);
  const expected = 1 + platform.forwardRate * total(learned.exposure);
  return found > expected ? expected / found : 1;
}

/** Leads whose phone and click agree are alike: one in four of them, four times, saves most of the work. */
const AGREEING_IN = 4;

/**
 * What a lead says of places: to each view of where its person is as much as the view explains (an expectation step), so that a foreign number
 * does not pass for a wrong IP address.
 */
function learnViews({ statistics }: PlatformLearning, model: AccountModel, profile: Profile, marks: Marks, seen: number): void {
  const { tallies } = statistics;
  const { country, region, language } = marks;
  const network = NETWORKS[profile.network]!;
  const isAgreeing = profile.country === country;
  const weight = isAgreeing ? AGREEING_IN : 1;
  if (isAgreeing && seen % AGREEING_IN !== 0) return;
  const [byBoth = 0, byIp = 0, byBrowser = 0, byNeither = 0] = viewsOfLead(model, profile, country);
  for (const [view, part] of [byBoth, byIp, byBrowser, byNeither].entries()) {
    statistics.views[profile.network * VIEWS + view]! += weight * part;
  }
  add(tallies.foreign, country, weight * byNeither);
  const ofIp = weight * (byBoth + byIp);
  const ofBrowser = weight * (byBoth + byBrowser);
  if (isAgreeing) add(tallies.atHome, name(network, country), ofIp);
  else if (profile.country !== '') {
    add(tallies.abroad, name(network, country), ofIp);
    add(tallies.exit, name(network, profile.country), ofIp);
  }
  if (profile.language !== '') {
    add(tallies.browser, name(country, profile.language), ofBrowser);
    if (language !== '') add(tallies.spoken, name(country, profile.language, language), weight);
  }
  if (region === '' || profile.region === '' || !isAgreeing) return;
  // Two regions may be the same by chance: an operator's hub where the person happens to be.
  const { places } = model.platform;
  const same = places.sameRegion[profile.network]!;
  const chance = (1 - same) * places.hub(profile.network, country, profile.region);
  const meant = profile.region === region ? same / (same + chance) : 0;
  add(tallies.sameRegion, network, weight * meant);
  add(tallies.otherRegion, network, weight * (1 - meant));
  add(tallies.hub, name(network, country, profile.region), weight * (1 - meant));
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

/** A final answer without identifier is kept for the expectation step; what gets too old for it goes on as plain counts. `held`: the decoys that it was held against. */
export function learnUnidentified(
  account: AccountMatching,
  platform: PlatformLearning,
  model: AccountModel,
  marks: Marks,
  answer: Posterior,
  held: Reach | undefined,
): void {
  const { learned } = account;
  learned.seen += 1;
  learnPlace(account, platform, marks, 1);
  const retired = put(account.concluded, { ...conclude(account, model, marks, answer), held });
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
