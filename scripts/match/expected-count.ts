/** 95 % of a normal distribution. */
const Z_95 = 1.96;

/** How many of several uncertain things are so: each counts by its probability. */
export interface ExpectedCount {
  /** Σp. */
  readonly expected: number;
  /** Σp − 1.96·√Σp(1−p), not below 0. */
  readonly low: number;
  /** Σp + 1.96·√Σp(1−p), not above the number of things. */
  readonly high: number;
}

export class ExpectedSum {
  private count = 0;
  private expected = 0;
  private variance = 0;

  add(probability: number): void {
    this.count += 1;
    this.expected += probability;
    this.variance += probability * (1 - probability);
  }

  /** `most`: how many things there are when only those with some probability were added. */
  result(most = this.count): ExpectedCount {
    const half = Z_95 * Math.sqrt(Math.max(0, this.variance));
    return {
      expected: hundredth(this.expected),
      low: hundredth(Math.max(0, this.expected - half)),
      high: hundredth(Math.min(most, this.expected + half)),
    };
  }
}

function hundredth(value: number): number {
  return Math.round(value * 100) / 100;
}
