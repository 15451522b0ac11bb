/** What clicks and messages show of their people: drawn, and how likely for whom. Generator and oracle read the same numbers. */
import type { Random } from '../quality/random.ts';
import { type Account, DEVICES, type State } from './account.ts';
import type { Cell } from './cells.ts';
import { EXITS, LANDS } from './lands.ts';

/** What a click shows of where its person is. `''` is not shown. */
export interface ClickMarks {
  readonly network: 'fixed' | 'mobile' | 'vpn';
  readonly country: string;
  readonly region: string;
  readonly language: string;
}

export interface MessageMarks {
  readonly country: string;
  readonly region: string;
  readonly language: string;
  readonly hint: string;
}

const NETWORK = { ios: [0.4, 0.6], android: [0.3, 0.7], desktop: [0.93, 0.07] } as const;

export function drawClickMarks(cell: Cell, account: Account, random: Random, state: State, device: (typeof DEVICES)[number]): ClickMarks {
  const network = random.next() < cell.vpn ? 'vpn' : (['fixed', 'mobile'] as const)[random.index(NETWORK[device])]!;
  const { country, region } = drawAddress(cell, account, random, state, network);
  const u = random.next();
  return { network, country, region, language: u < 0.82 ? state.language : u < 0.94 ? 'en' : state.land.languages[0]![0] };
}

function drawAddress(
  cell: Cell,
  account: Account,
  random: Random,
  { land, region }: State,
  network: ClickMarks['network'],
): { country: string; region: string } {
  if (network === 'vpn') {
    const [country, exit] = EXITS[random.index(EXITS.map(([, , share]) => share))]!;
    return { country, region: exit };
  }
  if (random.next() < cell.wrongCountry) {
    const wrong = account.lands[random.below(account.lands.length)]!;
    return { country: wrong.country, region: wrong.regions[0]![0] };
  }
  const { own, hub } = addressing(cell, network);
  const u = random.next();
  const shown = u < own ? region : u < own + hub ? 0 : random.index(land.regions.map(([, share]) => share));
  return { country: land.country, region: land.regions[shown]![0] };
}

function addressing(cell: Cell, network: 'fixed' | 'mobile'): { readonly own: number; readonly hub: number } {
  if (network === 'fixed') return { own: 0.75, hub: 0 };
  return cell.nat ? { own: 0, hub: 1 } : { own: 0.4, hub: 0.35 };
}

/** P(what the click shows | person), without factors that are the same for all people. */
export function clickLikelihood(cell: Cell, account: Account, { land, language, region }: State, marks: ClickMarks): number {
  let likelihood = 1;
  if (!cell.without.includes('place') && marks.network !== 'vpn') {
    const { own, hub } = addressing(cell, marks.network);
    const wrong = account.lands.find(({ country }) => country === marks.country);
    let place = wrong?.regions[0]?.[0] === marks.region ? cell.wrongCountry / account.lands.length : 0;
    const shown = land.country === marks.country ? land.regions.findIndex(([name]) => name === marks.region) : -1;
    if (shown >= 0) {
      const elsewhere = (1 - own - hub) * land.regions[shown]![1];
      place += (1 - cell.wrongCountry) * ((shown === region ? own : 0) + (shown === 0 ? hub : 0) + elsewhere);
    }
    likelihood *= place;
  }
  if (!cell.without.includes('languages')) {
    likelihood *=
      (marks.language === language ? 0.82 : 0) +
      (marks.language === 'en' ? 0.12 : 0) +
      (marks.language === land.languages[0]![0] ? 0.06 : 0);
  }
  return likelihood;
}

export function drawMessageMarks(cell: Cell, random: Random, { land, language, region }: State, device: string): MessageMarks {
  const isForeign = random.next() < cell.foreignNumbers;
  const home = isForeign ? LANDS[random.below(LANDS.length)]! : land;
  const at = isForeign ? 0 : random.next() < 0.75 ? region : random.index(land.regions.map(([, share]) => share));
  return {
    country: home.country,
    region: home.regions[at]![0],
    language: random.next() < 0.93 ? language : 'en',
    hint: random.next() < 0.85 ? device : DEVICES[random.below(3)]!,
  };
}

/** P(what the message shows | person), without the device. */
export function messageLikelihood(cell: Cell, { land, language, region }: State, marks: MessageMarks): number {
  let likelihood = 1;
  if (!cell.without.includes('phone')) {
    const showsRegion = !cell.without.includes('phone region');
    const foreign = LANDS.find(({ country }) => country === marks.country);
    let place = !showsRegion || foreign?.regions[0]?.[0] === marks.region ? cell.foreignNumbers / LANDS.length : 0;
    if (land.country === marks.country) {
      const at = land.regions.findIndex(([name]) => name === marks.region);
      const there = showsRegion ? (at === region ? 0.75 : 0) + 0.25 * (land.regions[at]?.[1] ?? 0) : 1;
      place += (1 - cell.foreignNumbers) * there;
    }
    likelihood *= place;
  }
  if (!cell.without.includes('language')) likelihood *= (marks.language === language ? 0.93 : 0) + (marks.language === 'en' ? 0.07 : 0);
  return likelihood;
}

export function hintLikelihood(cell: Cell, device: string, { hint }: MessageMarks): number {
  return cell.hints ? (hint === device ? 0.85 : 0) + 0.05 : 1;
}
