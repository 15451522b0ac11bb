import { readdir, readFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { type Services, startServices } from './services.ts';

declare module 'vitest' {
  export interface ProvidedContext {
    /** `host:port` each. */
    kafkaBrokers: string[];
    redisUrl: string;
    /** HTTP interface, user `default`, no password. */
    clickhouseUrl: string;
  }
}

/**
 * Starts the services that the test files of this run ask for with `inject`, once for all projects, and stops them when the last project ends.
 */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const run = runOf(project);
  run.users += 1;
  const { wanted, services } = await run.started;
  // Only what runs is provided: `inject` of a service nobody saw asked for gives undefined and the test fails loudly.
  if (wanted.has('kafkaBrokers')) project.provide('kafkaBrokers', services.kafkaBrokers);
  if (wanted.has('redisUrl')) project.provide('redisUrl', services.redisUrl);
  if (wanted.has('clickhouseUrl')) project.provide('clickhouseUrl', services.clickhouseUrl);
  return async () => {
    run.users -= 1;
    if (run.users === 0) await services.stop();
  };
}

interface Run {
  users: number;
  readonly started: Promise<{ readonly wanted: ReadonlySet<string>; readonly services: Services }>;
}

/** Every project loads this file for itself; what they share hangs on the run they share. */
const RUN = Symbol.for('messtrack.testing.run');

function runOf(project: TestProject): Run {
  const holder: object & { [RUN]?: Run } = Object.assign(project.vitest, {});
  holder[RUN] ??= { users: 0, started: start(project) };
  return holder[RUN];
}

async function start(project: TestProject): Promise<Awaited<Run['started']>> {
  const isUser = ({ config }: TestProject) => [config.globalSetup].flat().some((file) => basename(file) === basename(import.meta.filename));
  const users = project.vitest.projects.filter(isUser);
  const files = await Promise.all([...new Set([project, ...users])].map(selectedFiles));
  const wanted = await injected(files.flat());
  const services = await startServices({
    kafka: wanted.has('kafkaBrokers'),
    redis: wanted.has('redisUrl'),
    clickhouse: wanted.has('clickhouseUrl'),
  });
  return { wanted, services };
}

async function selectedFiles(project: TestProject): Promise<readonly string[]> {
  // vitest keeps the filters of the command line in an internal field. Without it every service any test of the project wants is started.
  const filters: unknown = Reflect.get(project.vitest, 'filenamePattern');
  const { testFiles } = await project.globTestFiles(Array.isArray(filters) ? filters.map(String) : undefined);
  return testFiles;
}

/** Names given to `inject(…)` in the test files and in the helpers beside them. */
async function injected(testFiles: readonly string[]): Promise<ReadonlySet<string>> {
  const files = new Set(testFiles);
  for (const folder of new Set(testFiles.map((file) => dirname(file)))) {
    for (const name of await readdir(folder)) if (name.endsWith('.ts') && !name.includes('.test.')) files.add(join(folder, name));
  }
  const names = new Set<string>();
  for (const file of files) {
    for (const [, name] of (await readFile(file, 'utf8')).matchAll(/\binject\(\s*['"](\w+)['"]/g)) if (name !== undefined) names.add(name);
  }
  return names;
}
