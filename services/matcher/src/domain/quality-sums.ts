export const TENTHS = 10;
/** Numbers per tenth. */
export const PER_TENTH = 3;

/**
 * How well row 6 does, as sums: days and accounts add up, rates and their intervals are for the reader. Of one account they run from the
 * start of a day of partition time; what becomes final on a day counts on that day.
 */
export interface QualitySums {
  /** The hidden test set: identified messages that were also asked about as if they had no identifier. */
  hiddenMessages: number;
  /** −ln of the probability given to the truth, and its square. Nats. */
  hiddenLoss: number;
  hiddenLossSquares: number;
  /** Those with a click at p ≥ .8, and the ones whose click it was. */
  hiddenConfident: number;
  hiddenConfidentRight: number;
  /** By tenth of the probability of the best click, three numbers each: messages, sum of the probabilities, right ones; empty before the first. */
  readonly tenths: number[];
  /** Messages without identifier asked about with the clicks moved in time, and those where such a click got p ≥ .8. */
  decoyMessages: number;
  decoyConfident: number;
  /** Final answers of row 6, the sum of their probabilities that some click led to the message, and its variance. */
  openMessages: number;
  openClicked: number;
  openClickedVariance: number;
  /** The same two as expected: Σ of π·ρ over clicks, λ over time. */
  expectedClicked: number;
  expectedUnclicked: number;
  /** Leads that became final with an identifier. */
  identifiedLeads: number;
}

export function noQuality(): QualitySums {
  return {
    hiddenMessages: 0,
    hiddenLoss: 0,
    hiddenLossSquares: 0,
    hiddenConfident: 0,
    hiddenConfidentRight: 0,
    tenths: [],
    decoyMessages: 0,
    decoyConfident: 0,
    openMessages: 0,
    openClicked: 0,
    openClickedVariance: 0,
    expectedClicked: 0,
    expectedUnclicked: 0,
    identifiedLeads: 0,
  };
}

/** What an account has counted on the day that runs. */
export interface AccountQuality {
  sums: QualitySums;
  /** Until when its messages of no click have been expected. Milliseconds since the Unix epoch; 0 before the account was seen. */
  expectedToMs: number;
  /** When something was counted last; accounts silent for a month have no quality. */
  touchedAtMs: number;
  /** Something was counted that has not been told. */
  isUntold: boolean;
}

export function noAccountQuality(): AccountQuality {
  return { sums: noQuality(), expectedToMs: 0, touchedAtMs: 0, isUntold: false };
}
