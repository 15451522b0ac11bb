import type { Random } from './random.ts';

/** A score in hundredths, drawn from a Beta law and kept off its ends. */
export function drawScore(random: Random, [a, b]: readonly [number, number]): number {
  return Math.round(100 * Math.min(0.995, Math.max(0.005, random.beta(a, b))));
}

/** Density of the score up to a factor that people and programs share. */
export function scoreDensity(score: number, [a, b]: readonly [number, number]): number {
  const x = Math.min(0.995, Math.max(0.005, score / 100));
  return Math.exp((a - 1) * Math.log(x) + (b - 1) * Math.log(1 - x) + logGamma(a + b) - logGamma(a) - logGamma(b));
}

/** Lanczos approximation (g = 5, n = 6), relative error below 2e-10. */
function logGamma(x: number): number {
  const coefficients = [
    76.18009172947146, -86.50532032941678, 24.01409824083091, -1.231739572450155, 0.1208650973866179e-2, -0.5395239384953e-5,
  ];
  const t = x + 5.5 - (x + 0.5) * Math.log(x + 5.5);
  let sum = 1.000000000190015;
  coefficients.forEach((coefficient, at) => {
    sum += coefficient / (x + 1 + at);
  });
  return -t + Math.log((2.5066282746310007 * sum) / x);
}
