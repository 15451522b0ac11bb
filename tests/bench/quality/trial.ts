/** One regime, all its seeds: histories are made, given to every contender, judged together and thrown away. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { run } from '@messtrack/testing/command.ts';
import { type Belief, type Case, middleOf, readBeliefs, readCases } from './files.ts';
import { type History, writeHistory } from './history-writer.ts';
import { type Measures, measure } from './measures.ts';
import { lastClickBeliefs } from './peers/last-click.ts';
import { splinkBeliefs } from './peers/splink.ts';
import type { RegimeName } from './regimes.ts';

const MATCH = join(import.meta.dirname, '..', '..', '..', 'scripts', 'match.ts');

export interface TrialOrder {
  readonly regime: RegimeName;
  readonly seeds: readonly number[];
  readonly accounts?: number;
  readonly days?: number;
  /** Seeds on which Splink runs too: it needs minutes where the others need seconds. */
  readonly splinkSeeds: readonly number[];
}

export const MATCHER = 'messtrack';

export interface Trial {
  readonly regime: RegimeName;
  readonly histories: readonly History[];
  /** Over all seeds together; a peer over those it ran on, and the matcher over the same under `besideSplink`. */
  readonly contenders: Readonly<Record<string, Measures>>;
  readonly besideSplink: Measures | undefined;
  /** Of the matcher, by seed: ratio to the oracle, and how long `npm run match` took. */
  readonly runs: readonly { readonly seed: number; readonly events: number; readonly ratio: number; readonly seconds: number }[];
  readonly notes: readonly string[];
}

interface Heap {
  readonly cases: Case[];
  readonly beliefs: Map<string, Belief>;
}

export async function runTrial(order: TrialOrder): Promise<Trial> {
  const heaps = new Map<string, Heap>();
  const besideSplink: Heap = { cases: [], beliefs: new Map() };
  const histories: History[] = [];
  const runs: Trial['runs'][number][] = [];
  const notes: string[] = [];
  for (const seed of order.seeds) {
    const folder = await mkdtemp(join(tmpdir(), 'messtrack-quality-'));
    try {
      const { accounts, days } = order;
      const history = writeHistory(folder, {
        regime: order.regime,
        seed,
        ...(accounts === undefined ? {} : { accounts }),
        ...(days === undefined ? {} : { days }),
      });
      histories.push(history);
      const middleMs = await middleOf(folder);
      const cases = (await readCases(folder, middleMs)).map((judged) => ({ ...judged, account: `${seed} ${judged.account}` }));
      const started = performance.now();
      const beliefs = await matcherBeliefs(folder, middleMs);
      const seconds = (performance.now() - started) / 1000;
      runs.push({ seed, events: history.clicks + history.messages, ratio: measure(cases, beliefs).ratio, seconds });
      add(heaps, MATCHER, cases, beliefs);
      add(heaps, 'last click 24 h', cases, await lastClickBeliefs(folder, { withinMs: 86_400_000, isSameCountry: false }));
      add(heaps, 'last click 30 min, country', cases, await lastClickBeliefs(folder, { withinMs: 1_800_000, isSameCountry: true }));
      if (!order.splinkSeeds.includes(seed)) continue;
      const answer = await splinkBeliefs(folder);
      if (answer.isAvailable) {
        add(heaps, 'Splink', cases, answer.beliefs);
        merge(besideSplink, cases, beliefs);
      } else {
        notes.push(`Splink on seed ${seed}: ${answer.reason}`);
      }
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  }
  return {
    regime: order.regime,
    histories,
    contenders: Object.fromEntries([...heaps].map(([name, heap]) => [name, measure(heap.cases, heap.beliefs)])),
    besideSplink: besideSplink.cases.length === 0 ? undefined : measure(besideSplink.cases, besideSplink.beliefs),
    runs,
    notes,
  };
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
