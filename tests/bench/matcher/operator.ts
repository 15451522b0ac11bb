import type { Sample } from '../result.ts';
import { startChild } from './child.ts';
import { type Findings, perCpuSecond, rounded } from './findings.ts';
import type { HeapOptions, HeapRun } from './heap-run.ts';
import type { OperatorOptions, OperatorRun } from './operator-run.ts';
import { BASE } from './traffic.ts';

interface Case {
  readonly name: string;
  readonly aim: number;
  readonly options: OperatorOptions;
}

const TOUCHPOINTS = 200_000;
const RUNS = 3;
const SIZE = { touchpoints: TOUCHPOINTS, runs: RUNS };

/**
 * After the warm-up windows are as full as they get: three days of clicks in base, the most that are kept on the hot account. Ten thousand
 * accounts have seen two hours: three days of theirs would be 27 million touchpoints.
 */
const CASES: readonly Case[] = [
  { name: 'base, 100 accounts with 30 clicks/h each', aim: 150_000, options: { ...BASE, ...SIZE, accounts: 100, warmUp: 280_000 } },
  {
    name: 'hot account with 6,000 clicks/h',
    aim: 80_000,
    options: { ...BASE, ...SIZE, accounts: 1, clicksPerAccountHour: 6_000, warmUp: 100_000 },
  },
  { name: '10,000 accounts with 30 clicks/h each', aim: 80_000, options: { ...BASE, ...SIZE, accounts: 10_000, warmUp: 900_000 } },
];

const CLICKS_ONLY = { ...BASE, writeShare: 0 };
const HEAPS: readonly { readonly name: string; readonly options: HeapOptions }[] = [
  { name: '10,000 accounts with 30 clicks/h each', options: { ...CLICKS_ONLY, accounts: 10_000, touchpoints: 800_000 } },
  {
    name: '100 accounts with 6,000 clicks/h each',
    options: { ...CLICKS_ONLY, accounts: 100, clicksPerAccountHour: 6_000, touchpoints: 800_000 },
  },
];
const AIM_BYTES = 400;

/** fold() and nothing else: no log, no codec, the join store a map. */
export async function measureOperator(): Promise<Findings> {
  const samples: Sample[] = [];
  const parameters: Record<string, number | string> = { 'operator alone: touchpoints per run': TOUCHPOINTS };
  const ratios: Record<string, { readonly value: number; readonly aim: number }> = {};
  for (const { name, aim, options } of CASES) {
    const contender = `operator alone, ${name}`;
    const child = await startChild('operator-run.ts', options, ['--max-old-space-size=6144']);
    for (let run = 1; run <= RUNS; run += 1) {
      const { seconds, cpuSeconds, trainingSeconds, ...counts } = JSON.parse(await child.line()) as OperatorRun;
      const more = { cpuSeconds: rounded(cpuSeconds, 3), trainingSeconds: rounded(trainingSeconds, 3), ...counts };
      samples.push({ contender, run, count: TOUCHPOINTS, seconds, more });
      console.log(
        `run ${run} ${contender.padEnd(56)} ${Math.round(TOUCHPOINTS / seconds)} /s, ${Math.round(TOUCHPOINTS / cpuSeconds)} per CPU-second`,
      );
    }
    await child.close();
    ratios[`${contender}: events per CPU-second / ${aim.toLocaleString('en')}`] = { value: perCpuSecond(samples, contender) / aim, aim: 1 };
  }
  for (const { name, options } of HEAPS) {
    const child = await startChild('heap-run.ts', options, ['--expose-gc', '--max-old-space-size=6144']);
    const { liveClicks, bytesPerLiveClick } = JSON.parse(await child.line()) as HeapRun;
    await child.close();
    console.log(`a live click of ${name}: ${Math.round(bytesPerLiveClick)} B (${liveClicks} of them)`);
    parameters[`bytes of heap per live click, ${name}`] = rounded(bytesPerLiveClick, 1);
    parameters[`live clicks, ${name}`] = liveClicks;
    ratios[`${AIM_BYTES} B / heap growth per live click, ${name}`] = { value: AIM_BYTES / bytesPerLiveClick, aim: 1 };
  }
  return { samples, parameters, ratios };
}
