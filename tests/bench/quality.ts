/**
 * How good the matcher's answers are: simulated histories of every regime through `npm run match`, judged on their second half against the truth
 * and against the best possible answers, beside last click and Splink on the same files.
 *
 *   npm run bench quality                                        the whole table, three seeds; hours with Splink
 *   npm run bench quality -- --regime base,vpn --seeds 1 --accounts 8 --days 8 --peers none
 *
 * `--accounts` and `--days` are those of the base regime (20 and 20); the others change in proportion.
 * `--peers first` (default) runs Splink on the first seed, `all` on each, `none` on none. Only the whole table, or `--write`, replaces
 * tests/bench/results/quality.json and quality.svg.
 *
 * In parts: `--parts FOLDER` keeps what was answered to each history, and plays none that is kept there; `--minutes 3` begins none after that time.
 * What there was no time for is left out of the table and named. So the whole table comes together in as many runs as it takes:
 *
 *   npm run bench quality -- --parts /tmp/parts --minutes 3 --peers none       again and again; then the same with --write
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { lossRatioGoal, type Miss, missesOf } from './quality/goals.ts';
import { NO_SHELF, partShelf } from './quality/parts.ts';
import { SPLINK_VERSION } from './quality/peers/splink.ts';
import { pictureOf } from './quality/picture.ts';
import { BASE, isRegimeName, REGIME_NAMES, type RegimeName, regimeOf } from './quality/regimes.ts';
import { missLine, regimeTable } from './quality/table.ts';
import { MATCHER, runTrial, type Trial } from './quality/trial.ts';
import { writeResult } from './result.ts';

const SEEDS = '1,2,3';
const { values } = parseArgs({
  options: {
    regime: { type: 'string' },
    seeds: { type: 'string' },
    accounts: { type: 'string' },
    days: { type: 'string' },
    peers: { type: 'string', default: 'first' },
    write: { type: 'boolean', default: false },
    parts: { type: 'string' },
    minutes: { type: 'string' },
    help: { type: 'boolean', default: false },
  },
});
const asked = values.regime?.split(',') ?? REGIME_NAMES;
const unknown = asked.filter((name) => !isRegimeName(name));
if (values.help) {
  console.log(
    `npm run bench quality -- [--regime a,b] [--seeds ${SEEDS}] [--accounts N] [--days N] [--peers first|all|none] [--parts FOLDER] [--minutes N] [--write]\n\nRegimes: ${REGIME_NAMES.join(', ')}`,
  );
} else if (unknown.length > 0 || !['first', 'all', 'none'].includes(values.peers)) {
  console.error(
    unknown.length > 0 ? `no regime ${unknown.join(', ')}; there are ${REGIME_NAMES.join(', ')}` : '--peers takes first, all or none',
  );
  process.exitCode = 2;
} else {
  await bench(asked.filter(isRegimeName));
}

async function bench(regimes: readonly RegimeName[]): Promise<void> {
  const seeds = (values.seeds ?? SEEDS).split(',').map(Number);
  const splinkSeeds = values.peers === 'none' ? [] : values.peers === 'all' ? seeds : seeds.slice(0, 1);
  const trials: Trial[] = [];
  const misses: Miss[] = [];
  const shelf = values.parts === undefined ? NO_SHELF : partShelf(values.parts);
  const untilMs = values.minutes === undefined ? Number.POSITIVE_INFINITY : performance.now() + Number(values.minutes) * 60_000;
  const unplayed: string[] = [];
  for (const regime of regimes) {
    const trial = await runTrial({ regime, seeds, splinkSeeds, ...sizeOf(regime), shelf, hasTime: () => performance.now() < untilMs });
    const played = trial?.runs.map(({ seed }) => seed) ?? [];
    unplayed.push(...seeds.filter((seed) => !played.includes(seed)).map((seed) => `${regime} ${seed}`));
    if (trial === undefined) continue;
    trials.push(trial);
    print(trial);
    misses.push(...missesIn(trial));
  }
  console.log(misses.length === 0 ? '\nEvery cell reaches its goal.' : `\n${misses.length} cells miss their goal:`);
  for (const miss of misses) console.log(missLine(miss));
  if (unplayed.length > 0) console.log(`\nNot played, for want of time: ${unplayed.join(', ')}.`);
  const isWhole = values.regime === undefined && values.seeds === undefined && values.accounts === undefined && values.days === undefined;
  if ((isWhole && unplayed.length === 0) || values.write) write(trials, seeds, misses, unplayed);
}

/** The asked size is that of the base regime; regimes with a size of their own shrink in proportion, or the hot account would take an hour. */
function sizeOf(regime: RegimeName): { readonly accounts: number; readonly days: number } {
  const { accounts, days } = regimeOf(regime);
  const part = (value: string | undefined, whole: number): number => (value === undefined ? 1 : Number(value) / whole);
  return { accounts: Math.max(1, Math.round(accounts * part(values.accounts, BASE.accounts))), days: days * part(values.days, BASE.days) };
}

function missesIn({ regime, contenders, besideSplink }: Trial): readonly Miss[] {
  const { [MATCHER]: own, Splink: splink, ...lastClicks } = contenders;
  if (own === undefined) throw new RangeError(`${regime}: the matcher was not judged`);
  const found = missesOf(regime, own, lastClicks);
  if (splink === undefined || besideSplink === undefined) return found;
  const besides = missesOf(regime, besideSplink, { Splink: splink });
  return [...found, ...besides.filter(({ measure }) => measure.includes('against Splink'))];
}

function print({ regime, histories, contenders, besideSplink, runs, notes }: Trial): void {
  const events = histories.reduce((sum, history) => sum + history.clicks + history.messages, 0);
  console.log(`\n${regime}: ${regimeOf(regime).says}; ${events.toLocaleString('en')} events in ${histories.length} histories`);
  for (const line of regimeTable(contenders)) console.log(line);
  if (besideSplink !== undefined) console.log(`${MATCHER} on Splink's seeds: ${besideSplink.ratio.toFixed(4)} × the oracle`);
  console.log(`by seed: ${runs.map(({ seed, ratio, seconds }) => `${seed}: ${ratio.toFixed(4)} (${seconds.toFixed(0)} s)`).join(', ')}`);
  for (const note of notes) console.log(note);
}

function write(trials: readonly Trial[], seeds: readonly number[], misses: readonly Miss[], unplayed: readonly string[]): void {
  writeResult({
    name: 'quality',
    says: 'Answers of the matcher on simulated histories, learned online, judged on the second half. Rates are events per second of `npm run match`, reading and writing files included; ratios are log loss of the oracle over that of the matcher. Says nothing of traffic that differs from every regime.',
    parameters: { seeds: seeds.join(','), accounts: values.accounts ?? 'by regime', days: values.days ?? 'by regime', peers: values.peers },
    versions: { splink: SPLINK_VERSION },
    samples: trials.flatMap(({ regime, runs }) =>
      runs.map(({ seed, events, seconds, ratio }) => ({ contender: regime, run: seed, count: events, seconds, more: { ratio } })),
    ),
    ratios: Object.fromEntries(
      trials.map(({ regime, contenders }) => [
        `${regime}: oracle / ${MATCHER}`,
        { value: 1 / contenders[MATCHER]!.ratio, aim: Number((1 / lossRatioGoal(regime)).toFixed(3)) },
      ]),
    ),
    details: {
      misses,
      /** Regime and seed. */
      unplayed,
      regimes: Object.fromEntries(
        trials.map(({ regime, histories, contenders, besideSplink, runs, notes }) => [
          regime,
          {
            histories,
            commits: [...new Set(runs.map((run) => run.commit))],
            contenders: Object.fromEntries(Object.entries(contenders).map(([name, measures]) => [name, withoutCurves(measures)])),
            ratioBesideSplink: besideSplink?.ratio,
            notes,
          },
        ]),
      ),
    },
  });
  const panels = trials.map(({ regime, contenders }) => {
    const { [MATCHER]: own, ...peers } = contenders;
    const oracle = own === undefined ? {} : { oracle: own.oracleAnswers, [MATCHER]: own.answers };
    return {
      title: regime,
      contenders: { ...oracle, ...Object.fromEntries(Object.entries(peers).map(([name, { answers }]) => [name, answers])) },
    };
  });
  writeFileSync(
    join(import.meta.dirname, 'results', 'quality.svg'),
    pictureOf('Calibration, and precision over coverage, of messages without identifier', panels),
  );
}

/** Curves are in the picture; in JSON they would be a megabyte. */
function withoutCurves(value: unknown): unknown {
  return JSON.parse(
    JSON.stringify(value, (key, entry: unknown) =>
      key === 'curve' ? undefined : typeof entry === 'number' ? Number(entry.toPrecision(6)) : entry,
    ),
  );
}
