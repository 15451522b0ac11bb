import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { boundaries } from './checks/boundaries.ts';
import type { Check, Findings } from './checks/check.ts';
import { contractsBreaking, contractsLint } from './checks/contracts.ts';
import { dependencies } from './checks/dependencies.ts';
import { deployment } from './checks/deployment.ts';
import { docs } from './checks/docs.ts';
import { generated } from './checks/generated.ts';
import { hygiene } from './checks/hygiene.ts';
import { licences } from './checks/licences.ts';
import { lint } from './checks/lint.ts';
import { loads } from './checks/loads.ts';
import { structure } from './checks/structure.ts';
import { types } from './checks/types.ts';

/** In this order: what is quickest to repair comes first. */
const CHECKS: readonly Check[] = [
  types,
  lint,
  boundaries,
  loads,
  structure,
  contractsLint,
  contractsBreaking,
  generated,
  deployment,
  docs,
  dependencies,
  licences,
  hygiene,
];

const HELP = `npm run check [-- name …]

Holds the project to its rules; without names, to all of them. Exits 1 when one does not hold.

${CHECKS.map(({ name, rule }) => `  ${name.padEnd(20)} ${rule}`).join('\n')}
`;

const MAX_LINES = 60;

const { values, positionals } = parseArgs({ options: { help: { type: 'boolean', short: 'h' } }, allowPositionals: true });
const unknown = positionals.filter((name) => CHECKS.every((check) => check.name !== name));
if (values.help === true) {
  process.stdout.write(HELP);
} else if (unknown.length > 0) {
  process.stderr.write(`no such check: ${unknown.join(', ')}\n\n${HELP}`);
  process.exitCode = 2;
} else {
  const chosen = positionals.length === 0 ? CHECKS : CHECKS.filter(({ name }) => positionals.includes(name));
  const failed: string[] = [];
  for (const check of chosen) {
    if (!(await report(check))) failed.push(check.name);
  }
  process.stdout.write(
    failed.length === 0
      ? `\n${chosen.length} of ${chosen.length} checks hold\n`
      : `\n${failed.length} of ${chosen.length} checks do not hold: ${failed.join(', ')}\n`,
  );
  process.exitCode = failed.length === 0 ? 0 : 1;
}

async function report(check: Check): Promise<boolean> {
  const startedAt = performance.now();
  const { problems, notes = [] } = await check
    .run(join(import.meta.dirname, '..'))
    .catch((error: unknown): Findings => ({ problems: [`the check itself failed: ${String(error)}`] }));
  const seconds = ((performance.now() - startedAt) / 1_000).toFixed(1);
  const isFine = problems.length === 0;
  process.stdout.write(`${isFine ? 'ok  ' : 'FAIL'} ${check.name.padEnd(20)} ${seconds.padStart(5)} s  ${check.rule}\n`);
  for (const line of problems.slice(0, MAX_LINES)) process.stdout.write(`      ${line}\n`);
  if (problems.length > MAX_LINES) process.stdout.write(`      … and ${problems.length - MAX_LINES} more\n`);
  if (!isFine) process.stdout.write(`      → ${check.remedy}\n`);
  for (const note of notes) process.stdout.write(`      note: ${note}\n`);
  return isFine;
}
