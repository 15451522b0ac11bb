/**
 * Judges leads against a simulated history: prints log loss and its ratio to the oracle's, calibration, precision and coverage, campaign totals.
 *
 *   node tests/bench/quality/judge.ts FOLDER FOLDER/leads.jsonl [--since-half] [--json]
 *
 * FOLDER holds messages.jsonl, truth.jsonl and oracle.jsonl (generate.ts). `--since-half` leaves out messages of the first half, in which a
 * matcher learns. FOLDER/oracle.jsonl is judged too: its ratio is 1.
 */
import { parseArgs } from 'node:util';
import { middleOf, readBeliefs, readCases } from './files.ts';
import { measure } from './measures.ts';
import { linesOf } from './table.ts';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { 'since-half': { type: 'boolean', default: false }, json: { type: 'boolean', default: false } },
});
const [folder, leads] = positionals;
if (folder === undefined || leads === undefined) {
  console.error('usage: node tests/bench/quality/judge.ts FOLDER LEADS.jsonl [--since-half] [--json]');
  process.exitCode = 2;
} else {
  const cases = await readCases(folder, values['since-half'] ? await middleOf(folder) : Number.NEGATIVE_INFINITY);
  const measures = measure(cases, await readBeliefs(leads));
  console.log(values.json ? JSON.stringify(measures) : linesOf(measures).join('\n'));
}
