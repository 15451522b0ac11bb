/** One account of a cell: its people, its campaigns and when anybody comes. */
import { createRandom, type Random } from '../quality/random.ts';
import type { Cell } from './cells.ts';
import { LANDS, type Land } from './lands.ts';

export const HOUR_MS = 3_600_000;
export const DAY_MS = 24 * HOUR_MS;
/** A Monday. */
export const START_MS = Date.UTC(2026, 1, 2);

export const DEVICES = ['ios', 'android', 'desktop'] as const;
/** Who a person is. The states of an account are all pairs of land, language and region that its campaigns aim at. */
export interface State {
  readonly land: Land;
  /** Number of the land among those of the account. */
  readonly place: number;
  readonly language: string;
  readonly region: number;
}

export interface Campaign {
  readonly name: string;
  readonly placement: string;
  readonly kind: 'search' | 'in-app' | 'sign';
  readonly fromMs: number;
  readonly untilMs: number;
  /** Share of the account's visits while it runs, and by local hour (mean 1). */
  readonly share: number;
  readonly hours: readonly number[];
  readonly writes: number;
  readonly old: number;
  readonly devices: readonly number[];
  readonly states: readonly number[];
  /** Logit of losing the code beside the account's. */
  readonly loses: number;
}

/** Messages of no click: several sources with people, hours and devices of their own. */
export interface Nobody {
  readonly states: readonly number[];
  readonly devices: readonly number[];
  /** Per hour, on average and by local hour (mean 1). */
  readonly perHour: number;
  readonly hours: readonly number[];
  readonly waves: readonly { readonly atMs: number; readonly size: number; readonly fadesMs: number }[];
}

export interface Account {
  readonly name: string;
  readonly zoneMs: number;
  readonly hasCodes: boolean;
  readonly visitsPerHour: number;
  readonly lands: readonly Land[];
  readonly states: readonly State[];
  readonly campaigns: readonly Campaign[];
  readonly nobody: readonly Nobody[];
  readonly losesLogit: number;
  /** By land of the account. */
  readonly losesByLand: readonly number[];
}

const CAMPAIGN_HOURS = {
  day: hours((hour) => (hour >= 8 && hour < 20 ? 1.6 : hour >= 6 && hour < 23 ? 0.6 : 0.1)),
  evening: hours((hour) => 0.15 + 1.6 * Math.exp(-(((hour - 20.5) / 2.6) ** 2))),
  'two peaks': hours((hour) => 0.2 + Math.exp(-(((hour - 9) / 2) ** 2)) + 1.3 * Math.exp(-(((hour - 18) / 2) ** 2))),
  night: hours((hour) => (hour >= 22 || hour < 5 ? 2 : 0.4)),
  even: hours(() => 1),
} as const;
const HOURS_OF = ['day', 'day', 'evening', 'two peaks', 'night', 'even'] as const;

function hours(shape: (hour: number) => number): readonly number[] {
  const values = Array.from({ length: 24 }, (_, hour) => shape(hour + 0.5));
  const mean = values.reduce((sum, value) => sum + value, 0) / 24;
  return values.map((value) => value / mean);
}

export function drawAccount(cell: Cell, seed: number, number: number): Account {
  const random = createRandom(seed, 7_001, number);
  const between = ([least, most]: readonly [number, number]): number => least + random.below(most - least + 1);
  const first = random.below(LANDS.length);
  const lands = [
    LANDS[first]!,
    ...shuffled(
      random,
      LANDS.filter((_, at) => at !== first),
    ).slice(0, between(cell.countries) - 1),
  ];
  const states = lands.flatMap((land, place) =>
    land.languages.flatMap(([language]) => land.regions.map((_, region) => ({ land, place, language, region }))),
  );
  const landWeight = lands.map((_, place) => (place === 0 ? 3 : 1) * random.gamma(1.5));
  const home = states.map(
    ({ land, place, language, region }) => landWeight[place]! * shareOf(land.languages, language) * land.regions[region]![1],
  );
  const zoneMs = lands[0]!.zone * HOUR_MS;
  const visitsPerHour = cell.visitsPerHour * Math.exp(cell.spread * random.normal() - (cell.spread * cell.spread) / 2);
  const campaigns = Array.from({ length: between(cell.campaigns) }, (_, at) => drawCampaign(cell, random, { number, at, states, home }));
  const running = campaigns.reduce(
    (sum, campaign) => sum + (campaign.share * (campaign.untilMs - campaign.fromMs)) / (cell.days * DAY_MS),
    0,
  );
  const scaled = campaigns.map((campaign) => ({ ...campaign, share: campaign.share / running }));
  const account = {
    name: `acc-${number + 1}`,
    zoneMs,
    hasCodes: cell.codeless === 0 || number >= Math.round(cell.codeless * cell.accounts),
    visitsPerHour,
    lands,
    states,
    campaigns: scaled,
    losesLogit: Math.log(cell.loses / (1 - cell.loses)) + cell.losesSpread * random.normal(),
    losesByLand: lands.map(() => 0.7 * random.normal()),
  };
  const written = visitsPerHour * (1 - cell.bots) * cell.writes;
  return { ...account, nobody: drawNobody(cell, random, { written, home, states }) };
}

function drawCampaign(
  cell: Cell,
  random: Random,
  { number, at, states, home }: { number: number; at: number; states: readonly State[]; home: readonly number[] },
): Campaign {
  const kind = random.next() < cell.local ? 'sign' : random.next() < 0.45 ? 'in-app' : 'search';
  const aims = new Map<string, number>();
  const aimAt = (pair: string): number => {
    const known = aims.get(pair) ?? Math.exp(cell.aims * random.normal());
    aims.set(pair, known);
    return known;
  };
  const main = home.indexOf(Math.max(...home));
  const standsIn = states[random.next() < 0.7 ? main : random.index(home)]!;
  const weights = states.map((state, index) => {
    const isThere = kind !== 'sign' || (state.land === standsIn.land && state.region === standsIn.region);
    return home[index]! * aimAt(`${state.land.country} ${state.language}`) * (isThere ? 1 : 0.05);
  });
  const days = cell.comeAndGo ? 2 + random.below(4) : cell.days;
  const fromMs = START_MS + (cell.comeAndGo ? random.below(Math.max(1, cell.days - days + 1)) * DAY_MS : 0);
  return {
    name: `camp-${number + 1}-${at + 1}`,
    placement: kind === 'sign' ? `sign-${at + 1}` : kind === 'in-app' ? 'story' : `button-${random.below(2) + 1}`,
    kind,
    fromMs,
    untilMs: fromMs + days * DAY_MS,
    share: random.gamma(0.9) + 0.05,
    hours: CAMPAIGN_HOURS[HOURS_OF[random.below(HOURS_OF.length)]!],
    writes: Math.min(0.8, cell.writes * Math.exp(0.45 * random.normal() - 0.1)),
    old: 0.15 + 0.7 * random.next(),
    devices: kind === 'search' ? random.dirichlet([2, 3, 3]) : random.dirichlet([5, 6, 0.3]),
    states: scaledToOne(weights),
    loses: 0.5 * random.normal(),
  };
}

function drawNobody(
  cell: Cell,
  random: Random,
  { written, home, states }: { written: number; home: readonly number[]; states: readonly State[] },
): readonly Nobody[] {
  const perHour = cell.organic * written;
  const day =
    cell.organicDay === 'night' ? CAMPAIGN_HOURS.night : cell.organicDay === 'flat' ? CAMPAIGN_HOURS.even : CAMPAIGN_HOURS['two peaks'];
  const people = (aims: number): readonly number[] => {
    const pairs = new Map<string, number>();
    return scaledToOne(
      states.map(({ land, language }, at) => {
        const pair = `${land.country} ${language}`;
        const weight = pairs.get(pair) ?? Math.exp(aims * random.normal());
        pairs.set(pair, weight);
        return home[at]! * weight;
      }),
    );
  };
  const size = 5 + random.below(20);
  const count = cell.bursts === 0 ? 0 : Math.max(1, Math.round((perHour * cell.bursts * 24 * cell.days) / size));
  const waves = Array.from({ length: count }, () => {
    const intoDay = (9 + 10 * random.next()) * HOUR_MS;
    return {
      atMs: START_MS + random.below(cell.days) * DAY_MS + intoDay - states[0]!.land.zone * HOUR_MS,
      size: (perHour * cell.bursts * 24 * cell.days) / count,
      fadesMs: (8 + 30 * random.next()) * 60_000,
    };
  });
  return [
    // Who knows the number from a friend or a card, regulars with a new phone, and who got a letter.
    { states: people(0.3), devices: [0.3, 0.5, 0.2], perHour: perHour * (1 - cell.bursts) * 0.7, hours: day, waves: [] },
    { states: people(1.5), devices: [0.5, 0.45, 0.05], perHour: perHour * (1 - cell.bursts) * 0.3, hours: CAMPAIGN_HOURS.even, waves: [] },
    { states: people(0.6), devices: [0.4, 0.4, 0.2], perHour: 0, hours: CAMPAIGN_HOURS.even, waves },
  ];
}

/** Visits per hour to a campaign at this moment. Weekends are quieter. */
export function visitRate({ zoneMs, visitsPerHour }: Account, { fromMs, untilMs, share, hours: byHour }: Campaign, atMs: number): number {
  if (atMs < fromMs || atMs >= untilMs) return 0;
  return visitsPerHour * share * byHour[localHour(zoneMs, atMs)]! * weekly(zoneMs, atMs);
}

/** Messages of a source per second. */
export function nobodyRate({ zoneMs }: Account, { perHour, hours: byHour, waves }: Nobody, atMs: number): number {
  let rate = (perHour * byHour[localHour(zoneMs, atMs)]! * weekly(zoneMs, atMs)) / 3_600;
  for (const { atMs: from, size, fadesMs } of waves) {
    if (atMs >= from) rate += (1_000 * size * Math.exp((from - atMs) / fadesMs)) / fadesMs;
  }
  return rate;
}

function localHour(zoneMs: number, atMs: number): number {
  return Math.floor((((atMs + zoneMs) % DAY_MS) + DAY_MS) / HOUR_MS) % 24;
}

function weekly(zoneMs: number, atMs: number): number {
  const day = Math.floor((atMs + zoneMs - START_MS) / DAY_MS);
  return ((day % 7) + 7) % 7 >= 5 ? 0.7 : 1.12;
}

export function shuffled<T>(random: Random, values: readonly T[]): readonly T[] {
  const all = [...values];
  for (let at = all.length - 1; at > 0; at -= 1) {
    const other = random.below(at + 1);
    [all[at], all[other]] = [all[other]!, all[at]!];
  }
  return all;
}

function scaledToOne(weights: readonly number[]): readonly number[] {
  const sum = weights.reduce((all, weight) => all + weight, 0);
  return weights.map((weight) => weight / sum);
}

function shareOf(list: readonly (readonly [string, number])[], name: string): number {
  return list.find(([each]) => each === name)?.[1] ?? 0;
}
