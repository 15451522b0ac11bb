/**
 * Where a matcher loses against the oracle, by term of its evidence: of the likeliest click of each judged message and its runner-up, how far log odds against "no click" are from
 * the oracle's. To be asked before anything is changed: what a sum of odds hides, its terms show.
 *
 *   node tests/bench/quality/loss-by-term.ts FOLDER LEADS.jsonl
 *
 * FOLDER is one of generate.ts, LEADS what `npm run match` made of it. `loss`: ½ Σ q (1 − q) δ² over messages, about what the term alone costs in nats per message; `mean` and `sd` of δ, ours less
 * the oracle's, by the same weights. An unbiased estimate is some way below in logarithms. Marks are the oracle's one after the other, ours each for itself.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { lawsOf } from './account.ts';
import { middleOf, readCases, readLines } from './files.ts';
import type { History } from './history-writer.ts';
import { oracleTermsOf, TERMS } from './oracle-terms.ts';
import { regimeOf } from './regimes.ts';
import { drawTraffic } from './traffic.ts';

/** The matcher's terms in each of the oracle's. */
const OURS: Readonly<Record<(typeof TERMS)[number], readonly string[]>> = {
  click: ['prior', 'noise', 'silence', 'taken'],
  time: ['delay', 'burst'],
  country: ['country'],
  region: ['region'],
  language: ['language'],
  device: ['device'],
  wording: ['wording'],
};
/** Rounded to less, a probability says nothing of its logarithm. */
const LEAST = 1e-3;

interface Lead {
  readonly none: number;
  readonly candidates: readonly { readonly click: string; readonly probability: number }[];
  readonly evidence_bits: Readonly<Record<string, { readonly winner: number; readonly runner_up: number }>>;
}

const [folder, leadsFile] = process.argv.slice(2);
if (folder === undefined || leadsFile === undefined) {
  console.error('usage: node tests/bench/quality/loss-by-term.ts FOLDER LEADS.jsonl');
  process.exitCode = 2;
} else {
  await print(folder, leadsFile);
}

async function print(from: string, leadsOf: string): Promise<void> {
  const history = JSON.parse(readFileSync(join(from, 'history.json'), 'utf8')) as History;
  const regime = regimeOf(history.regime, history);
  const laws = lawsOf(regime);
  const cases = new Map((await readCases(from, await middleOf(from))).map((judged) => [judged.message, judged]));
  const leads = new Map<string, Lead>();
  for await (const line of readLines(leadsOf))
    if (cases.has(String(line['message']))) leads.set(String(line['message']), line as unknown as Lead);
  const sums = new Map(['all', ...TERMS].map((term) => [term, { weight: 0, first: 0, second: 0 }]));
  const count = (term: string, weight: number, off: number): void => {
    const sum = sums.get(term)!;
    sum.weight += weight;
    sum.first += weight * off;
    sum.second += weight * off * off;
  };
  for (let at = 0; at < regime.accounts; at += 1) {
    const traffic = drawTraffic(regime, history.seed, at);
    const termsOf = oracleTermsOf(regime, laws, traffic);
    for (const message of traffic.messages) {
      const judged = cases.get(message.id);
      const lead = leads.get(message.id);
      if (judged === undefined || lead === undefined || !(judged.oracle.none > LEAST && lead.none > LEAST)) continue;
      for (const [place, { click, probability }] of lead.candidates.slice(0, 2).entries()) {
        const theirs = judged.oracle.candidates.get(click) ?? 0;
        const terms = termsOf(message, click);
        if (terms === undefined || !(theirs > LEAST && probability > LEAST)) continue;
        const weight = theirs * (1 - theirs);
        count('all', weight, Math.log(probability / lead.none) - Math.log(theirs / judged.oracle.none));
        for (const term of TERMS) {
          const bits = OURS[term].reduce((sum, name) => sum + (lead.evidence_bits[name]?.[place === 0 ? 'winner' : 'runner_up'] ?? 0), 0);
          count(term, weight, bits * Math.LN2 - terms[term]);
        }
      }
    }
  }
  console.log('term        loss     mean       sd');
  for (const [term, { weight, first, second }] of sums) {
    const mean = first / weight;
    const columns = [(second / 2 / cases.size).toFixed(5), mean.toFixed(3), Math.sqrt(second / weight - mean * mean).toFixed(3)];
    console.log(`${term.padEnd(9)}${columns.map((column) => column.padStart(9)).join('')}`);
  }
}
