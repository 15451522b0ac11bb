import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { lossRatioGoal, type Miss } from '../goals.ts';
import type { Measures } from '../measures.ts';
import { REGIME_NAMES, type RegimeName } from '../regimes.ts';

const ROOT = join(import.meta.dirname, '../../../..');
const page = readFileSync(join(ROOT, 'docs/matching.md'), 'utf8');

interface QualityResult {
  readonly commit: string;
  readonly details: {
    readonly misses: readonly Miss[];
    readonly regimes: Readonly<Record<RegimeName, { readonly contenders: Readonly<Record<string, Measures>> }>>;
  };
}

interface StrangersResult {
  readonly ratios: Readonly<Record<string, { readonly value: number }>>;
}

/** Who plays a regime again writes a result file; the page is where people read it. */
describe('docs/matching.md', () => {
  const { commit, details } = result<QualityResult>('quality');

  it.each(REGIME_NAMES)('has the row of %s as tests/bench/results/quality.json says it', (regime) => {
    expect(page.split('\n').find((line) => line.startsWith(`| ${regime} |`))).toBe(rowOf(regime, details));
  });

  it('names the commit at which they were played', () => {
    expect(page).toContain(`all at one commit (${commit})`);
  });

  it('says of the second simulator what tests/bench/results/strangers.json does', () => {
    const ratios = Object.entries(result<StrangersResult>('strangers').ratios)
      .filter(([name]) => name.endsWith(': oracle / messtrack'))
      .map(([name, { value }]) => [name.split(':')[0] ?? '', 1 / value] as const);
    const sorted = ratios.map(([, ratio]) => ratio).toSorted((a, b) => a - b);
    const median = sorted[Math.floor(sorted.length / 2)] ?? 0;
    const below = sorted.filter((ratio) => ratio < 1.2).length;
    const plain = new Map(ratios).get('plain') ?? 0;
    expect(page).toContain(
      `${plain.toFixed(2)} times its oracle's loss in \`plain\`, ${median.toFixed(2)} in the median of ${sorted.length} cells and below 1.2 in ${below}`,
    );
    const [, worst = ''] = /Worst are ([\s\S]*?)\. Where their loss lies/.exec(page) ?? [];
    const named = [...worst.matchAll(/`([a-z-]+)`\s(\d\.\d\d)/g)].map(([, name = '', ratio = '']) => [name, ratio]);
    expect(named.length).toBeGreaterThan(3);
    expect(named).toEqual(named.map(([name = '']) => [name, new Map(ratios).get(name)?.toFixed(2)]));
  });
});

function result<T>(name: string): T {
  return JSON.parse(readFileSync(join(ROOT, 'tests/bench/results', `${name}.json`), 'utf8'));
}

function rowOf(regime: RegimeName, { misses, regimes }: QualityResult['details']): string {
  const { messtrack: own, 'last click 24 h': lastClick } = regimes[regime].contenders;
  if (own === undefined || lastClick === undefined) throw new Error(`${regime} was not played`);
  const marked = (measure: string, text: string): string =>
    misses.some((miss) => miss.regime === regime && miss.measure === measure) ? `**${text}**` : text;
  const cells = [
    regime,
    own.messages.toLocaleString('en-US'),
    `${marked('log loss / oracle', own.ratio.toFixed(3))} (${lossRatioGoal(regime).toFixed(2)})`,
    `${marked('answer: ECE', share(own.answers.ece))}, ${share(own.oracleAnswers.ece)}`,
    `${marked('answer: right at p >= .8', share(own.answers.right80))}, ${share(own.oracleAnswers.right80)}`,
    `${marked('WAPE of campaigns', share(own.wape))}, ${share(own.oracleWape)}`,
    lastClick.ratio.toFixed(1),
  ];
  return `| ${cells.join(' | ')} |`;
}

function share(value: number): string {
  return value.toFixed(3).replace(/^0/, '');
}
