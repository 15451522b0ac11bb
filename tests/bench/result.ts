import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { cpus, release, totalmem } from 'node:os';
import { join } from 'node:path';

/** One measured run of one contender: what was counted, over how long. */
export interface Sample {
  readonly contender: string;
  readonly run: number;
  readonly count: number;
  readonly seconds: number;
  /** Further raw numbers of this run, units in their names (`p99Ms`, `rssMb`). */
  readonly more?: Readonly<Record<string, number>>;
}

export interface BenchResult {
  readonly name: string;
  /** What the numbers show, and one sentence on what they do not. */
  readonly says: string;
  readonly parameters: Readonly<Record<string, number | string>>;
  readonly samples: readonly Sample[];
  /** Ratios of medians, by name, with the aim where there is one. */
  readonly ratios: Readonly<Record<string, { readonly value: number; readonly aim?: number }>>;
  readonly versions?: Readonly<Record<string, string>>;
  /** What does not fit into samples and ratios, as it is. */
  readonly details?: Readonly<Record<string, unknown>>;
}

/** Median rate of a contender, per second. The median over runs, because one run in a noisy neighbourhood says nothing. */
export function medianRate(samples: readonly Sample[], contender: string): number {
  const rates = samples.filter((sample) => sample.contender === contender).map((sample) => sample.count / sample.seconds);
  rates.sort((a, b) => a - b);
  const middle = Math.floor(rates.length / 2);
  if (rates.length === 0) throw new RangeError(`no samples of ${contender}`);
  return rates.length % 2 === 1 ? rates[middle]! : (rates[middle - 1]! + rates[middle]!) / 2;
}

/** Middle value of a further number over the runs of a contender. */
export function medianOf(samples: readonly Sample[], contender: string, name: string): number {
  const values = samples.filter((sample) => sample.contender === contender).map(({ more }) => more?.[name] ?? 0);
  return values.sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
}

/** Writes tests/bench/results/<name>.json with the machine it ran on and prints the ratios. */
export function writeResult(result: BenchResult): void {
  const file = join(import.meta.dirname, 'results', `${result.name}.json`);
  const rates = Object.fromEntries(
    [...new Set(result.samples.map((sample) => sample.contender))].map((contender) => [
      contender,
      Math.round(medianRate(result.samples, contender)),
    ]),
  );
  const machine = {
    cpu: cpus()[0]?.model ?? 'unknown',
    cores: cpus().length,
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    kernel: release(),
  };
  const document = {
    name: result.name,
    says: result.says,
    measuredAt: new Date().toISOString(),
    commit: commit(),
    machine,
    versions: { node: process.version, ...result.versions },
    parameters: result.parameters,
    medianPerSecond: rates,
    ratios: result.ratios,
    samples: result.samples,
    ...(result.details === undefined ? {} : { details: result.details }),
  };
  writeFileSync(file, `${JSON.stringify(document, null, 2)}\n`);
  console.log(`\n${result.name}: ${result.says}`);
  for (const [contender, rate] of Object.entries(rates)) console.log(`  ${contender.padEnd(40)} ${rate.toLocaleString('en')} /s`);
  for (const [name, { value, aim }] of Object.entries(result.ratios)) {
    console.log(
      `  ${name.padEnd(40)} ${value.toFixed(3)}${aim === undefined ? '' : `  (aim ${aim}${value >= aim ? ', reached' : ', MISSED'})`}`,
    );
  }
}

/** Version of an installed package, for `versions`. */
export function packageVersion(name: string): string {
  const manifest: unknown = JSON.parse(readFileSync(join(import.meta.dirname, '..', '..', 'node_modules', name, 'package.json'), 'utf8'));
  return typeof manifest === 'object' && manifest !== null && 'version' in manifest ? String(manifest.version) : 'unknown';
}

/** Short hash of the commit that is checked out. */
export function commit(): string {
  try {
    return execFileSync('git', ['rev-parse', '--short', 'HEAD'], { encoding: 'utf8' }).trim();
  } catch {
    return 'unknown';
  }
}
