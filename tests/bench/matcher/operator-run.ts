/**
 * The operator alone, in a process of its own: `node --expose-gc tests/bench/matcher/operator-run.ts '{"accounts":100,…}'`. Prints one line
 * of JSON per run. With `--cpu-prof` it is what profiles are made of.
 */
import type { Lead } from '@messtrack/matcher/domain/lead.ts';
import { sizesOf } from '@messtrack/matcher/domain/snapshot-policy.ts';
import { memoryJoins } from './memory-joins.ts';
import { createOperatorFold } from './operator-fold.ts';
import { cpuSeconds } from './raw-loop.ts';
import { createTraffic, type TrafficOptions } from './traffic.ts';

export interface OperatorOptions extends Omit<TrafficOptions, 'startMs'> {
  /** Touchpoints before the first measured run. */
  readonly warmUp: number;
  /** Touchpoints of a run. */
  readonly touchpoints: number;
  readonly runs: number;
}

export interface OperatorRun {
  readonly seconds: number;
  readonly cpuSeconds: number;
  /** Part of `seconds` in which models were made: once an hour of event time at most. */
  readonly trainingSeconds: number;
  /** Messages that no identifier answered. */
  readonly unidentified: number;
  readonly windowClicks: number;
  readonly openLeads: number;
  /** Models made since the start. */
  readonly modelVersion: number;
}

/** As many as the matcher folds at once. */
const BATCH = 2_000;
const HOUR_MS = 3_600_000;
const IDENTIFIED: ReadonlySet<Lead['method']> = new Set(['hidden_id', 'exact_id', 'damaged_id', 'forward']);

const options = JSON.parse(process.argv[2] ?? '') as OperatorOptions;
const traffic = createTraffic({ ...options, startMs: Date.UTC(2026, 0, 5) });
const joins = memoryJoins();
const operator = createOperatorFold(joins);
let trainedAtMs = 0;

run(options.warmUp);
for (let each = 0; each < options.runs; each += 1) console.log(JSON.stringify(run(options.touchpoints)));

/** Folding and learning are timed: the traffic is made in between, a batch at a time, so that its memory is soon free again. */
function run(count: number): OperatorRun {
  let [seconds, cpu, training, unidentified] = [0, 0, 0, 0];
  for (let done = 0; done < count; done += BATCH) {
    const batch = traffic.take(BATCH);
    const [startedMs, startedCpu] = [performance.now(), cpuSeconds()];
    const effects = operator.batch(batch);
    const foldedMs = performance.now();
    const { clockMs } = operator.state;
    if (clockMs - trainedAtMs >= HOUR_MS) {
      operator.train();
      trainedAtMs = clockMs;
    }
    const endedMs = performance.now();
    training += (endedMs - foldedMs) / 1_000;
    seconds += (endedMs - startedMs) / 1_000;
    cpu += cpuSeconds() - startedCpu;
    joins.age(clockMs);
    for (const { revision, method } of effects.leads) if (revision === 1 && !IDENTIFIED.has(method)) unidentified += 1;
  }
  const { windowClicks, openLeads } = sizesOf(operator.state);
  const { version } = operator.state.platform;
  return { seconds, cpuSeconds: cpu, trainingSeconds: training, unidentified, windowClicks, openLeads, modelVersion: version };
}
