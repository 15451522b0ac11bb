/** Which parts of an option's odds are learned, where they are found, and what they are under a model. */
import { greetingFactor, WAYS, type Way } from './click-odds.ts';
import type { Greeting } from './marks.ts';
import type { AccountModel } from './model/account-model.ts';
import { DELAY_BINS } from './model/delay-grid.ts';
import { deviceOf, KINDS } from './model/strata.ts';

export const GREETINGS: readonly Greeting[] = ['same', 'other', 'words', 'silent'];
export const SAME = GREETINGS.indexOf('same');
export const OTHER = GREETINGS.indexOf('other');
export const WORDS = GREETINGS.indexOf('words');

/** Device and network, bin of the delay, what the greeting says and how the message came from the click, in one number. */
export function placeOf({ kind, bin, greeting, way }: Place): number {
  const words = GREETINGS.indexOf(greeting) + GREETINGS.length * WAYS.indexOf(way);
  return (words * DELAY_BINS + bin) * KINDS + kind;
}

interface Place {
  readonly kind: number;
  readonly bin: number;
  readonly greeting: Greeting;
  readonly way: Way;
}

/** The parts of a place one by one: every model asks for those of all options of a reservoir, and objects for them were a fourteenth of all garbage. */
export function kindAt(place: number): number {
  return place % KINDS;
}

export function binAt(place: number): number {
  return Math.floor(place / KINDS) % DELAY_BINS;
}

/** Index of the greeting, so many further for each of `WAYS`. */
export function wordAt(place: number): number {
  return Math.floor(place / (KINDS * DELAY_BINS));
}

/** After so many words come those of clicks without a code, after so many those of messages that were sent on. */
export const CODELESS_WORDS = GREETINGS.length;
export const PASSED_WORDS = 2 * GREETINGS.length;

export function lossOdds(model: AccountModel, kind: number): number {
  return model.lossOdds()[kind]!;
}

/** Of clicks whose device and network nobody knows: the average of all. */
export function meanLossOdds(model: AccountModel): number {
  return lossOdds(model, KINDS - 1);
}

/** The learned parts of the odds of an option at a place. Of a click without a code nothing can be lost: it writes as often as its kind does, with its code or without. */
export function factorAt(model: AccountModel, place: number, variants: number): number {
  const kind = kindAt(place);
  const bin = binAt(place);
  const word = wordAt(place);
  const way = WAYS[Math.floor(word / GREETINGS.length)]!;
  const said = greetingFactor(model, variants, GREETINGS[word % GREETINGS.length]!, way);
  const device = deviceOf(kind);
  if (way === 'passed_on') return model.platform.passedOn.rate * model.forwarded().density[bin]! * said;
  if (way === 'codeless') return model.codeless(device).density[bin]! * said;
  return lossOdds(model, kind) * model.lose(device).density[bin]! * said;
}
