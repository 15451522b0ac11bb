import { html, join, type Markup } from './markup.ts';
import { percent, plural } from './numbers.ts';
import type { ReadableBin } from './readable-bins.ts';

const SIZE = 320;
const LEFT = 66;
const TOP = 12;
const BOTTOM = 44;
const TICKS = [0, 0.25, 0.5, 0.75, 1] as const;
const Z_95 = 1.96;

/** What was said beside what was so, one dot per tenth of probability; on the diagonal both are equal. */
export function calibrationPlot(bins: readonly ReadableBin[]): Markup {
  const largest = Math.max(...bins.map(({ count }) => count));
  return html`<svg class="plot" viewBox="0 0 ${LEFT + SIZE + 24} ${TOP + SIZE + BOTTOM}" role="img" aria-labelledby="plot-title plot-text">
<title id="plot-title">How often answers of a probability were right</title>
<desc id="plot-text">${bins.map(describe).join(' ')}</desc>
${join(TICKS.map(tick))}
<line class="diagonal" x1="${x(0)}" y1="${y(0)}" x2="${x(1)}" y2="${y(1)}"/>
${join(bins.map((bin) => dot(bin, largest)))}
<text class="axis" x="${x(0.5)}" y="${TOP + SIZE + 38}" text-anchor="middle">we said</text>
<text class="axis" transform="translate(14 ${y(0.5)}) rotate(-90)" text-anchor="middle">it was right</text>
</svg>`;
}

function describe({ count, expected, right }: ReadableBin): string {
  return `${plural(count, 'answer')} of ${percent(expected / count)} on average: ${percent(right / count)} right.`;
}

function tick(value: number): Markup {
  const label = `${value * 100} %`;
  return html`<line class="grid" x1="${x(0)}" x2="${x(1)}" y1="${y(value)}" y2="${y(value)}"/><line class="grid" x1="${x(value)}" x2="${x(value)}" y1="${y(0)}" y2="${y(1)}"/>
<text class="tick" x="${x(value)}" y="${TOP + SIZE + 18}" text-anchor="middle">${label}</text><text class="tick" x="${LEFT - 6}" y="${y(value) + 4}" text-anchor="end">${label}</text>`;
}

/** The dot grows with the number of answers; the line is the 95 % interval of the frequency. */
function dot({ count, expected, right }: ReadableBin, largest: number): Markup {
  const { low, high } = wilson(right, count);
  const at = x(expected / count);
  const radius = (3.5 + 5 * Math.sqrt(count / largest)).toFixed(1);
  return html`<line class="whisker" x1="${at}" x2="${at}" y1="${y(low)}" y2="${y(high)}"/><circle class="dot" cx="${at}" cy="${y(right / count)}" r="${radius}"/>`;
}

/** Wilson's score interval of a frequency: stays within 0 and 1, and is honest for a handful of cases. */
export function wilson(right: number, count: number): { readonly low: number; readonly high: number } {
  const share = right / count;
  const z2 = Z_95 ** 2 / count;
  const middle = (share + z2 / 2) / (1 + z2);
  const half = (Z_95 * Math.sqrt((share * (1 - share)) / count + z2 / (4 * count))) / (1 + z2);
  return { low: Math.max(0, middle - half), high: Math.min(1, middle + half) };
}

function x(value: number): number {
  return Math.round((LEFT + value * SIZE) * 10) / 10;
}

function y(value: number): number {
  return Math.round((TOP + (1 - value) * SIZE) * 10) / 10;
}
