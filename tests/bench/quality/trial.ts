/** One regime, all its seeds: histories are made, given to every contender, judged together and thrown away; what was answered stays on a shelf. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { run } from '@messtrack/testing/command.ts';
import { commit } from '../result.ts';
import { type Belief, type Case, middleOf, readBeliefs, readCases } from './files.ts';
import { type History, writeHistory } from './history-writer.ts';
import { type Measures, measure } from './measures.ts';
import type { Answers, Part, PartOrder, PartShelf } from './parts.ts';
import { lastClickBeliefs } from './peers/last-click.ts';
import { splinkBeliefs } from './peers/splink.ts';
import { type RegimeName, regimeOf } from './regimes.ts';

const MATCH = join(import.meta.dirname, '..', '..', '..', 'scripts', 'match.ts');

export interface TrialOrder {
  readonly regime: RegimeName;
  readonly seeds: readonly number[];
  readonly accounts?: number;
  readonly days?: number;
  /** Seeds on which Splink runs too: it needs minutes where the others need seconds. */
  readonly splinkSeeds: readonly number[];
  /** What was answered before is taken from here, and what is answered is put there. */
  readonly shelf: PartShelf;
  /** Asked before each history that is not on the shelf: without time left it is not played. */
  readonly hasTime: () => boolean;
}

export const MATCHER = 'messtrack';
const SPLINK = 'Splink';
const LAST_CLICKS = {
  'last click 24 h': { withinMs: 86_400_000, isSameCountry: false },
  'last click 30 min, country': { withinMs: 1_800_000, isSameCountry: true },
} as const;

export interface Trial {
  readonly regime: RegimeName;
  readonly histories: readonly History[];
  /** Over all seeds together; a peer over those it ran on, and the matcher over the same under `besideSplink`. */
  readonly contenders: Readonly<Record<string, Measures>>;
  readonly besideSplink: Measures | undefined;
  /** Of the matcher, by seed: ratio to the oracle, how long `npm run match` took and at which commit. */
  readonly runs: readonly TrialRun[];
  readonly notes: readonly string[];
}

export interface TrialRun {
  readonly seed: number;
  readonly events: number;
  readonly ratio: number;
  readonly seconds: number;
  readonly commit: string;
}

interface Heap {
  readonly cases: Case[];
  readonly beliefs: Map<string, Belief>;
}

/** Seeds there is no time for are left out; without any there is no trial. */
export async function runTrial(order: TrialOrder): Promise<Trial | undefined> {
  const heaps = new Map<string, Heap>();
  const besideSplink: Heap = { cases: [], beliefs: new Map() };
  const histories: History[] = [];
  const runs: TrialRun[] = [];
  const notes: string[] = [];
  for (const seed of order.seeds) {
    const played = await play(order, seed, order.splinkSeeds.includes(seed), notes);
    const matcher = played?.answers.get(MATCHER);
    if (played === undefined || matcher === undefined) continue;
    const { history, answers } = played;
    // Accounts of two seeds bear the same names.
    const cases = played.cases.map((judged) => ({ ...judged, account: `${seed} ${judged.account}` }));
    histories.push(history);
    const { beliefs, seconds, commit: at } = matcher;
    runs.push({ seed, events: history.clicks + history.messages, ratio: measure(cases, beliefs).ratio, seconds, commit: at });
    for (const [name, answer] of answers) add(heaps, name, cases, answer.beliefs);
    if (answers.has(SPLINK)) merge(besideSplink, cases, beliefs);
  }
  if (runs.length === 0) return undefined;
  return {
    regime: order.regime,
    histories,
    contenders: Object.fromEntries([...heaps].map(([name, heap]) => [name, measure(heap.cases, heap.beliefs)])),
    besideSplink: besideSplink.cases.length === 0 ? undefined : measure(besideSplink.cases, besideSplink.beliefs),
    runs,
    notes,
  };
}

/** The part of one seed, played as far as it is not on the shelf; as it is there when there is no time left. */
async function play(order: TrialOrder, seed: number, withSplink: boolean, notes: string[]): Promise<Part | undefined> {
  const { accounts, days } = regimeOf(order.regime);
  const wanted: PartOrder = { regime: order.regime, seed, accounts: order.accounts ?? accounts, days: order.days ?? days };
  const known = order.shelf.read(wanted);
  if (known !== undefined && (known.answers.has(SPLINK) || !withSplink)) return known;
  if (!order.hasTime()) return known;
  const folder = await mkdtemp(join(tmpdir(), 'messtrack-quality-'));
  try {
    const history = writeHistory(folder, wanted);
    const middleMs = await middleOf(folder);
    const answers = new Map<string, Answers>(known?.answers);
    if (!answers.has(MATCHER)) answers.set(MATCHER, await timed(() => matcherBeliefs(folder, middleMs)));
    for (const [name, rule] of Object.entries(LAST_CLICKS)) {
      if (!answers.has(name)) answers.set(name, await timed(() => lastClickBeliefs(folder, rule)));
    }
    if (withSplink) {
      const started = performance.now();
      const answer = await splinkBeliefs(folder);
      if (answer.isAvailable)
        answers.set(SPLINK, { beliefs: answer.beliefs, seconds: (performance.now() - started) / 1000, commit: commit() });
      else notes.push(`Splink on seed ${seed}: ${answer.reason}`);
    }
    const part = { history, cases: known?.cases ?? (await readCases(folder, middleMs)), answers };
    order.shelf.write(wanted, part);
    return part;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function timed(ask: () => Promise<ReadonlyMap<string, Belief>>): Promise<Answers> {
  const started = performance.now();
  const beliefs = await ask();
  return { beliefs, seconds: (performance.now() - started) / 1000, commit: commit() };
}

async function matcherBeliefs(folder: string, middleMs: number): Promise<ReadonlyMap<string, Belief>> {
  const out = join(folder, 'leads.jsonl');
  const files = ['--clicks', join(folder, 'clicks.jsonl'), '--messages', join(folder, 'messages.jsonl'), '--out', out];
  const matched = await run(process.execPath, [MATCH, ...files, '--train-until', new Date(middleMs).toISOString()]);
  if (matched.code !== 0) throw new Error(`npm run match ended with ${matched.code}: ${matched.output.slice(-2000)}`);
  return readBeliefs(out);
}

/** A peer that answers more messages than are judged is not asked for them. */
function add(heaps: Map<string, Heap>, name: string, cases: readonly Case[], beliefs: ReadonlyMap<string, Belief>): void {
  const heap = heaps.get(name) ?? { cases: [], beliefs: new Map() };
  heaps.set(name, heap);
  merge(heap, cases, beliefs);
}

function merge(heap: Heap, cases: readonly Case[], beliefs: ReadonlyMap<string, Belief>): void {
  for (const judged of cases) {
    heap.cases.push(judged);
    const belief = beliefs.get(judged.message);
    if (belief !== undefined) heap.beliefs.set(judged.message, belief);
  }
}
