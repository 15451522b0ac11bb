import { lnGamma } from './ln-gamma.ts';

/** Odds of losing the code against keeping it before anything is known: one in twenty loses it. */
const USUAL_ODDS = 1 / 19;
/** Expected losers behind that: where codes are lost as they usually are, a day's messages without code, most of them of no click, must not move it. */
const USUALLY = 20;
/** Where they are lost otherwise: as good as nothing is known. */
const OTHERWISE = 1;
/** How likely that is before any message. */
const IS_OTHERWISE = 0.002;
/** More odds than nine of ten are believed as far as somebody kept the code to show them: where none ever does, the losers alone would say that all messages are theirs. Beyond 99 of 100 nothing could tell. */
const UNSHOWN_ODDS = 9;
const MOST_ODDS = 99;

/** Bound of the odds of losing where so many have kept it. */
export function mostLossOdds(keepers: number): number {
  return Math.min(MOST_ODDS, UNSHOWN_ODDS + keepers);
}

/**
 * Odds of losing over all kinds of clicks, by leads that kept their code and those that are taken to have lost it. A mixture of two priors, by how well each explains the number of losers: by the usual one alone 200 keepers and 3,000 losers
 * had odds of 5, because it stands for 380 keepers, and those whom that leaves unexplained were said to be nobody's for as long as the history went on. Where codes are lost as usual the other one has no say.
 */
export function meanLossOdds(keepers: number, losers: number): number {
  const expected = keepers * USUAL_ODDS;
  const log = logLikely(losers, expected, OTHERWISE) - logLikely(losers, expected, USUALLY);
  const odds = (IS_OTHERWISE / (1 - IS_OTHERWISE)) * Math.exp(Math.min(log, 700));
  const otherwise = odds / (1 + odds);
  const factor = (1 - otherwise) * factorOf(losers, expected, USUALLY) + otherwise * factorOf(losers, expected, OTHERWISE);
  return Math.min(mostLossOdds(keepers), USUAL_ODDS * factor);
}

function factorOf(found: number, expected: number, shape: number): number {
  return (shape + found) / (shape + expected);
}

/** Negative binomial of this mean and shape, but for what does not depend on the shape. */
function logLikely(found: number, expected: number, shape: number): number {
  return lnGamma(shape + found) - lnGamma(shape) - shape * Math.log1p(expected / shape) - found * Math.log(shape + expected);
}
