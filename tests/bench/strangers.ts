/**
 * How good the matcher's answers are about people it has not been tuned to: a second simulator, which shares no law with the first (`npm run bench quality`).
 * What is assumed stands in strangers/cells.ts. Each cell's histories go through `npm run match` and are judged beside the best possible answers.
 *
 *   npm run bench strangers                                   all cells with seed 1, some twenty minutes
 *   npm run bench strangers -- --cells plain,cold --seeds 1,2 [--keep FOLDER] [--scale .5] [--write]
 *
 * `--keep` leaves the files in FOLDER and finds them there again: made once, a change of the model is judged in a third of the time; whoever changes the simulator takes another folder.
 * `--scale` makes fewer accounts, or fewer histories of few. Only a run over all cells, or `--write`, replaces tests/bench/results/strangers.json.
 */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { gunzipSync, gzipSync } from 'node:zlib';
import { run } from '@messtrack/testing/command.ts';
import { type Belief, type Case, readBeliefs } from './quality/files.ts';
import { type Measures, measure } from './quality/measures.ts';
import { regimeTable } from './quality/table.ts';
import { writeResult } from './result.ts';
import { CELL_NAMES, type Cell, type CellName, cellOf, isCellName } from './strangers/cells.ts';
import { type History, writeHistory } from './strangers/history.ts';

const MATCH = join(import.meta.dirname, '..', '..', 'scripts', 'match.ts');
const { values } = parseArgs({
  options: {
    cells: { type: 'string' },
    seeds: { type: 'string', default: '1' },
    scale: { type: 'string', default: '1' },
    keep: { type: 'string' },
    write: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});
const asked = values.cells?.split(',') ?? CELL_NAMES;
const unknown = asked.filter((name) => !isCellName(name));
if (values.help) {
  console.log(
    `npm run bench strangers -- [--cells a,b] [--seeds 1,2] [--scale 1] [--keep FOLDER] [--write]\n\nCells:\n${CELL_NAMES.map((name) => `  ${name.padEnd(14)} ${cellOf(name).says}`).join('\n')}`,
  );
} else if (unknown.length > 0) {
  console.error(`no cell ${unknown.join(', ')}; there are ${CELL_NAMES.join(', ')}`);
  process.exitCode = 2;
} else {
  await bench(asked.filter(isCellName));
}

interface Played {
  readonly seed: number;
  readonly events: number;
  readonly seconds: number;
  readonly cases: readonly Case[];
  readonly beliefs: ReadonlyMap<string, Belief>;
}

async function bench(names: readonly CellName[]): Promise<void> {
  const seeds = values.seeds.split(',').map(Number);
  const judged: { readonly name: CellName; readonly plays: readonly Played[]; readonly measures: Measures }[] = [];
  for (const name of names) {
    const plays: Played[] = [];
    for (const seed of seeds) plays.push(await play(name, scaled(cellOf(name)), seed));
    const measures = measure(
      plays.flatMap(({ cases }) => cases),
      new Map(plays.flatMap(({ beliefs }) => [...beliefs])),
    );
    judged.push({ name, plays, measures });
    const events = plays.reduce((sum, each) => sum + each.events, 0);
    console.log(`\n${name}: ${cellOf(name).says}; ${events.toLocaleString('en')} events, ${measures.messages} messages`);
    for (const line of regimeTable({ messtrack: measures })) console.log(line);
  }
  if (values.cells !== undefined && !values.write) return;
  writeResult({
    name: 'strangers',
    says: 'Answers of the matcher on histories of the second simulator, learned online. Rates are events per second of `npm run match`, reading and writing files included; ratios are log loss of the oracle over that of the matcher. Says nothing of traffic that differs from every cell.',
    parameters: { seeds: values.seeds, scale: values.scale },
    samples: judged.flatMap(({ name, plays }) =>
      plays.map(({ seed, events, seconds, cases, beliefs }) => ({
        contender: name,
        run: seed,
        count: events,
        seconds,
        more: { ratio: measure(cases, beliefs).ratio },
      })),
    ),
    ratios: Object.fromEntries(judged.map(({ name, measures }) => [`${name}: oracle / messtrack`, { value: 1 / measures.ratio }])),
    details: {
      cells: Object.fromEntries(judged.map(({ name, measures }) => [name, { ...cellOf(name), measures: withoutCurves(measures) }])),
    },
  });
}

function scaled(cell: Cell): Cell {
  const scale = Number(values.scale);
  const fewer = (count: number): number => Math.max(1, Math.round(count * scale));
  return cell.histories > 1 ? { ...cell, histories: fewer(cell.histories) } : { ...cell, accounts: fewer(cell.accounts) };
}

async function play(name: CellName, cell: Cell, seed: number): Promise<Played> {
  const cases: Case[] = [];
  const beliefs = new Map<string, Belief>();
  let [events, seconds] = [0, 0];
  for (let number = 0; number < cell.histories; number += 1) {
    const folder =
      values.keep === undefined
        ? await mkdtemp(join(tmpdir(), 'messtrack-strangers-'))
        : join(values.keep, `${name}-${values.scale}-${seed}-${number}`);
    try {
      const history = historyIn(folder, cell, seed * 1_000 + number);
      const out = join(folder, 'leads.jsonl');
      const started = performance.now();
      const files = ['--clicks', join(folder, 'clicks.jsonl'), '--messages', join(folder, 'messages.jsonl'), '--out', out];
      const matched = await run(process.execPath, [MATCH, ...files, '--train-until', new Date(history.judgedFromMs).toISOString()]);
      if (matched.code !== 0) throw new Error(`npm run match ended with ${matched.code}: ${matched.output.slice(-2_000)}`);
      seconds += (performance.now() - started) / 1_000;
      events += history.clicks + history.messages;
      // Installations and seeds bear the same names.
      const own = `${seed}/${number}/`;
      for (const each of history.cases) cases.push({ ...each, message: own + each.message, account: own + each.account });
      for (const [message, belief] of await readBeliefs(out)) beliefs.set(own + message, belief);
    } finally {
      if (values.keep === undefined) await rm(folder, { recursive: true, force: true });
    }
  }
  return { seed, events, seconds, cases, beliefs };
}

/** As it was kept, or made now. */
function historyIn(folder: string, cell: Cell, seed: number): History {
  const kept = join(folder, 'history.json.gz');
  if (existsSync(kept)) return JSON.parse(gunzipSync(readFileSync(kept)).toString('utf8'), revived) as History;
  mkdirSync(folder, { recursive: true });
  const history = writeHistory(folder, cell, seed);
  if (values.keep !== undefined) writeFileSync(kept, gzipSync(JSON.stringify(history, plain)));
  return history;
}

function plain(_key: string, value: unknown): unknown {
  return value instanceof Map ? { pairs: [...value] } : value;
}

function revived(_key: string, value: unknown): unknown {
  return typeof value === 'object' && value !== null && 'pairs' in value ? new Map(value.pairs as Iterable<[string, number]>) : value;
}

/** Curves would be most of the file. */
function withoutCurves(value: unknown): unknown {
  return JSON.parse(
    JSON.stringify(value, (key, entry: unknown) =>
      key === 'curve' || key === 'bins' ? undefined : typeof entry === 'number' ? Number(entry.toPrecision(5)) : entry,
    ),
  );
}
