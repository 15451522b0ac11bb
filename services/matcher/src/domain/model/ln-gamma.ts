/** Logarithm of the Gamma function. Stirling's series, right to ten digits from 8 on; below by the recurrence. */
export function lnGamma(x: number): number {
  if (x < 8) return lnGamma(x + 1) - Math.log(x);
  return (x - 0.5) * Math.log(x) - x + 0.5 * Math.log(2 * Math.PI) + 1 / (12 * x) - 1 / (360 * x ** 3);
}
