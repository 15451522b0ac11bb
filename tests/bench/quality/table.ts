import type { Miss } from './goals.ts';
import type { AnswerMeasures, Measures } from './measures.ts';

/** The measures of one contender, a line each, for a person who iterates on a model. */
export function linesOf(measures: Measures): readonly string[] {
  const { answers, clicks, oracleAnswers, oracleClicks } = measures;
  const row = (name: string, value: string, oracle: string): string => `${name.padEnd(34)} ${value.padStart(24)} ${oracle.padStart(24)}`;
  const answerRows = (name: string, own: AnswerMeasures, best: AnswerMeasures): readonly string[] => [
    row(`${name}: ECE`, interval(own), interval(best)),
    row(`${name}: ECE by chance, mean < 95 %`, chance(own), chance(best)),
    row(`${name}: ECE against the oracle`, number(own.eceExpected), number(best.eceExpected)),
    row(`${name}: right at p >= .8, coverage`, sure(own), sure(best)),
    row(`${name}: coverage at 90 %`, number(own.coverage90), number(best.coverage90)),
  ];
  return [
    row(`${measures.messages} messages, ${measures.missing} without lead`, 'judged', 'oracle'),
    row('expected log loss, nats', number(measures.loss), number(measures.oracleLoss)),
    row('ratio to the oracle', ratio(measures), '1'),
    row('realised log loss', number(measures.realisedLoss), number(measures.oracleRealisedLoss)),
    row("oracle's clicks named", number(measures.named), '1'),
    ...answerRows('answer', answers, oracleAnswers),
    ...answerRows('click', clicks, oracleClicks),
    row('WAPE of campaigns', number(measures.wape), number(measures.oracleWape)),
    row('bias of totals', number(measures.bias), number(measures.oracleBias)),
  ];
}

const COLUMNS = [
  ['log loss', 9],
  ['/ oracle', 18],
  ['realised', 10],
  ['ECE', 23],
  ['by chance', 11],
  ['right ≥ .8', 19],
  ['cover 90 %', 12],
  ['clicks ≥ .8', 19],
  ['cover 90 %', 12],
  ['WAPE', 9],
  ['bias', 9],
] as const;
const NAME_WIDTH = 26;

/** One regime: the oracle on top, then a line per contender. Log losses of different lines are over different outcomes; their ratios compare. */
export function regimeTable(contenders: Readonly<Record<string, Measures>>): readonly string[] {
  const line = (name: string, cells: readonly string[]): string =>
    name.padEnd(NAME_WIDTH) + cells.map((cell, at) => cell.padStart(COLUMNS[at]![1])).join('');
  const cells = (answers: AnswerMeasures, clicks: AnswerMeasures): readonly string[] => [
    interval(answers),
    number(answers.eceByChance.high),
    sure(answers),
    number(answers.coverage90),
    sure(clicks),
    number(clicks.coverage90),
  ];
  const first = Object.values(contenders)[0];
  if (first === undefined) return [];
  return [
    line(
      '',
      COLUMNS.map(([name]) => name),
    ),
    line('oracle', [
      number(first.oracleLoss),
      '1',
      number(first.oracleRealisedLoss),
      ...cells(first.oracleAnswers, first.oracleClicks),
      number(first.oracleWape),
      number(first.oracleBias),
    ]),
    ...Object.entries(contenders).map(([name, m]) =>
      line(name, [number(m.loss), ratio(m), number(m.realisedLoss), ...cells(m.answers, m.clicks), number(m.wape), number(m.bias)]),
    ),
  ];
}

export function missLine({ regime, measure, value, goal, oracle }: Miss): string {
  const best = oracle === undefined ? '' : `, oracle ${number(oracle)}`;
  return `  ${regime.padEnd(16)} ${measure.padEnd(44)} ${number(value).padStart(9)}  (goal ${number(goal)}${best})`;
}

function ratio(measures: Measures): string {
  return `${number(measures.ratio)} ± ${number(1.96 * measures.ratioError)}`;
}

function interval({ ece, eceInterval: [low, high] }: AnswerMeasures): string {
  return `${number(ece)} (${number(low)}–${number(high)})`;
}

function chance({ eceByChance: { mean, high } }: AnswerMeasures): string {
  return `${number(mean)} < ${number(high)}`;
}

function sure({ right80, coverage80 }: AnswerMeasures): string {
  return `${number(right80)} of ${number(coverage80)}`;
}

function number(value: number): string {
  return value.toFixed(4).replace(/^(-?)0\./, '$1.');
}
