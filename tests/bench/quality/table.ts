import type { AnswerMeasures, Measures } from './measures.ts';

/** The measures of one contender, a line each, for a person who iterates on a model. */
export function linesOf(measures: Measures): readonly string[] {
  const { answers, clicks, oracleAnswers, oracleClicks } = measures;
  const row = (name: string, value: string, oracle: string): string => `${name.padEnd(34)} ${value.padStart(24)} ${oracle.padStart(24)}`;
  const answerRows = (name: string, own: AnswerMeasures, best: AnswerMeasures): readonly string[] => [
    row(`${name}: ECE`, interval(own), interval(best)),
    row(`${name}: ECE by chance, mean < 95 %`, chance(own), chance(best)),
    row(`${name}: ECE against the oracle`, number(own.eceExpected), number(best.eceExpected)),
    row(
      `${name}: right at p >= .8, coverage`,
      `${number(own.right80)} of ${number(own.coverage80)}`,
      `${number(best.right80)} of ${number(best.coverage80)}`,
    ),
    row(`${name}: coverage at 90 %`, number(own.coverage90), number(best.coverage90)),
  ];
  return [
    row(`${measures.messages} messages, ${measures.missing} without lead`, 'judged', 'oracle'),
    row('expected log loss, nats', number(measures.loss), number(measures.oracleLoss)),
    row('ratio to the oracle', `${number(measures.ratio)} ± ${number(1.96 * measures.ratioError)}`, '1'),
    row('realised log loss', number(measures.realisedLoss), number(measures.oracleRealisedLoss)),
    row("oracle's clicks named", number(measures.named), '1'),
    ...answerRows('answer', answers, oracleAnswers),
    ...answerRows('click', clicks, oracleClicks),
    row('WAPE of campaigns', number(measures.wape), number(measures.oracleWape)),
    row('bias of totals', number(measures.bias), number(measures.oracleBias)),
  ];
}

function interval({ ece, eceInterval: [low, high] }: AnswerMeasures): string {
  return `${number(ece)} (${number(low)}–${number(high)})`;
}

function chance({ eceByChance: { mean, high } }: AnswerMeasures): string {
  return `${number(mean)} < ${number(high)}`;
}

function number(value: number): string {
  return value.toFixed(4).replace(/^(-?)0\./, '$1.');
}
