import { compare, type Trial } from '../model-trial.ts';
import { codeLoss } from './code-loss.ts';
import { DELAY_BINS, delayEdge } from './delay-grid.ts';
import type { LearnedModel } from './learned-model.ts';
import type { PlatformModel } from './platform-model.ts';
import { DEVICES } from './strata.ts';

/** Why a model is not switched to; a metric label. */
export type Refusal = 'not_finite' | 'jump' | 'worse';

export interface Refused {
  readonly reason: Refusal;
  /** What is wrong, for people: the parameter and its two values. */
  readonly detail: string;
}

/** Identified leads behind a model, decayed, from which on it binds the next: with less behind it, it may well have been wrong. */
const BINDS_FROM = 500;
/**
 * How long it binds. Sums have half-lives of 14 and 60 days, so that between two versions, an hour to a day apart, no rate can move far unless
 * somebody floods us or something is broken; what still stands after three days is the world, and a frozen model would be the greater harm.
 */
const BINDS_MS = 3 * 86_400_000;

/** With fewer messages of the hidden test set nothing is said of two models. */
const MIN_TRIALS = 200;
/** A smaller loss of quality is within what one hour's chance does; it has to be twice its standard error, too. */
const WORSE_NATS = 0.02;

/** Parameters, each with the factor by which it may grow or shrink from one version to the next. */
interface Bound {
  readonly name: string;
  readonly factor: number;
  readonly of: (model: PlatformModel) => number;
}

const odds = (share: number) => share / (1 - share);

const BOUNDS: readonly Bound[] = [
  ...DEVICES.map(
    (device, d): Bound => ({
      name: `odds of losing the code on ${device}`,
      factor: 3,
      of: (model) => odds(codeLoss(model)[d]!.rate),
    }),
  ),
  ...DEVICES.map((device, d): Bound => ({ name: `median delay on ${device}`, factor: 4, of: (model) => medianOf(model.keeperDelays[d]!) })),
  { name: 'messages of no click per lead', factor: 4, of: ({ organicRatio }) => organicRatio },
  { name: 'leads forwarded per lead', factor: 5, of: ({ forwardRate }) => forwardRate },
  { name: 'odds of keeping the greeting', factor: 5, of: ({ keptGreeting }) => odds(keptGreeting) },
  { name: 'odds of a greeting without click', factor: 5, of: ({ organicGreeting }) => odds(organicGreeting) },
];

/** Why `next` must not follow `inForce`; undefined when it may. */
export function refusalOf(next: LearnedModel, inForce: LearnedModel | undefined, trials: readonly Trial[]): Refused | undefined {
  for (const { name, of } of BOUNDS) {
    const value = of(next.model);
    if (!(value > 0 && Number.isFinite(value))) return { reason: 'not_finite', detail: `${name} is ${value}` };
  }
  if (inForce === undefined) return undefined;
  const worse = worseOn(trials, next.model, inForce.model);
  if (worse !== undefined || inForce.model.statistics.scalars.identified < BINDS_FROM) return worse;
  if (next.learnedAtMs - inForce.learnedAtMs >= BINDS_MS) return undefined;
  for (const { name, factor, of } of BOUNDS) {
    const [from, to] = [of(inForce.model), of(next.model)];
    const change = Math.max(to / from, from / to);
    if (change > factor)
      return { reason: 'jump', detail: `${name} went from ${figure(from)} to ${figure(to)}, by more than a factor of ${factor}` };
  }
  return undefined;
}

/** The hidden test set decides whatever the parameters look like, and however long ago: it is what users would see. */
function worseOn(trials: readonly Trial[], next: PlatformModel, inForce: PlatformModel): Refused | undefined {
  if (trials.length < MIN_TRIALS) return undefined;
  const { difference, error } = compare(trials, next, inForce);
  if (Number.isFinite(difference) && (difference <= WORSE_NATS || difference <= 2 * error)) return undefined;
  const by = `${figure(difference)} ± ${figure(error)} nats on ${trials.length} messages of the hidden test set`;
  return { reason: 'worse', detail: `its loss is worse than that of the model in force by ${by}` };
}

/** Upper edge of the bin that the half of all delays is reached in, seconds; at least one, the resolution of messengers. */
function medianOf(shares: Float64Array): number {
  let below = 0;
  for (let bin = 0; bin < DELAY_BINS; bin += 1) {
    below += shares[bin]!;
    if (below >= 0.5) return Math.max(1, delayEdge(bin + 1));
  }
  return Number.NaN;
}

function figure(value: number): string {
  return value.toPrecision(3);
}
