/**
 * Writes one simulated history: clicks.jsonl and messages.jsonl for `npm run match`, truth.jsonl, oracle.jsonl and history.json for the judge.
 *
 *   node tests/bench/quality/generate.ts --regime base --seed 1 --accounts 8 --days 8 --out FOLDER
 *   node scripts/match.ts --clicks FOLDER/clicks.jsonl --messages FOLDER/messages.jsonl --out FOLDER/leads.jsonl
 *   node tests/bench/quality/judge.ts FOLDER FOLDER/leads.jsonl
 */
import { parseArgs } from 'node:util';
import { writeHistory } from './history-writer.ts';
import { isRegimeName, REGIME_NAMES } from './regimes.ts';

const { values } = parseArgs({
  options: {
    regime: { type: 'string', default: 'base' },
    seed: { type: 'string', default: '1' },
    accounts: { type: 'string' },
    days: { type: 'string' },
    out: { type: 'string' },
  },
});
const { regime, out } = values;
if (out === undefined || !isRegimeName(regime)) {
  console.error(`--out FOLDER is needed, and --regime one of ${REGIME_NAMES.join(', ')}`);
  process.exitCode = 2;
} else {
  const from = performance.now();
  const history = writeHistory(out, {
    regime,
    seed: Number(values.seed),
    ...(values.accounts === undefined ? {} : { accounts: Number(values.accounts) }),
    ...(values.days === undefined ? {} : { days: Number(values.days) }),
  });
  const seconds = (performance.now() - from) / 1000;
  console.log(
    `${history.clicks} clicks, ${history.messages} messages, ${history.open} without identifier, in ${seconds.toFixed(1)} s; judged from ${history.middle}`,
  );
}
