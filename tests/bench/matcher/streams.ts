import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { cached } from '@messtrack/testing/cache-folder.ts';
import { run } from '@messtrack/testing/command.ts';

/** The version in streams/pom.xml. */
export const STREAMS_VERSION = '4.1.1';

const SOURCES = join(import.meta.dirname, 'streams');
const HEAP_MB = 1_024;

export type StreamsProgramName = 'left-join' | 'latest-click';

export interface StreamsPass {
  /** Records of the input that it has read. */
  readonly seen: number;
  readonly seconds: number;
  readonly cpuSeconds: number;
}

/** By partition, the offset after the last record that counts. */
export type PartitionEnds = ReadonlyMap<number, number>;

/** One of the programs of streams/ in a JVM of its own; its commands are described in streams/Main.java. */
export interface StreamsProgram {
  /** Folds the input under a new application id and resolves when it is committed up to `ends`; it stays up until `stop`. */
  run(applicationId: string, output: string, ends: PartitionEnds): Promise<StreamsPass>;
  /** Resolves when the input is committed up to these later ends. */
  settle(ends: PartitionEnds): Promise<void>;
  stop(): Promise<void>;
  close(): Promise<void>;
}

/** Folder of compiled classes; the caller removes it. */
export async function compileStreams(): Promise<{ readonly classPath: string; remove(): Promise<void> }> {
  const jars = await cached(`kafka-streams-${STREAMS_VERSION}`, async (folder) => {
    const goal = ['dependency:copy-dependencies', '-DincludeScope=runtime', `-DoutputDirectory=${folder}`];
    await succeed('mvn', ['-q', '-B', '-f', join(SOURCES, 'pom.xml'), ...goal]);
  });
  const classes = await mkdtemp(join(tmpdir(), 'messtrack-streams-classes-'));
  const sources = (await readdir(SOURCES)).filter((file) => file.endsWith('.java')).map((file) => join(SOURCES, file));
  await succeed('javac', ['-Xlint:all', '-Werror', '-d', classes, '-cp', join(jars, '*'), ...sources]);
  return { classPath: `${classes}:${join(jars, '*')}`, remove: () => rm(classes, { recursive: true, force: true }) };
}

export async function startStreams(
  name: StreamsProgramName,
  options: { readonly classPath: string; readonly brokers: readonly string[]; readonly input: string },
): Promise<StreamsProgram> {
  const states = await mkdtemp(join(tmpdir(), 'messtrack-streams-state-'));
  const child = spawn('java', [`-Xmx${HEAP_MB}m`, '-cp', options.classPath, 'Main', name, options.brokers.join(','), options.input], {
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  await once(child, 'spawn');
  let complaints = '';
  child.stderr.on('data', (chunk) => {
    complaints = `${complaints}${chunk}`.slice(-20_000);
  });
  const exited = new Promise<never>((_, reject) => {
    child.once('close', (code) => reject(new Error(`Kafka Streams ${name} ended with ${code}:\n${complaints}`)));
  });
  // Read by whoever waits for an answer; after `close` by nobody.
  exited.catch(() => undefined);
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();

  async function ask(command: string): Promise<string> {
    child.stdin.write(`${command}\n`);
    const answer = await Promise.race([lines.next(), exited]);
    return answer.done === true ? exited : answer.value;
  }

  return {
    run: async (applicationId, output, ends) =>
      JSON.parse(await ask(`run ${applicationId} ${output} ${join(states, applicationId)} ${written(ends)}`)) as StreamsPass,
    settle: async (ends) => void (await ask(`settle ${written(ends)}`)),
    stop: async () => void (await ask('stop')),
    close: async () => {
      // The end of its input is what ends it, also when this process is gone.
      child.stdin.end();
      await exited.catch(() => undefined);
      await rm(states, { recursive: true, force: true });
    },
  };
}

function written(ends: PartitionEnds): string {
  return [...ends].map(([partition, end]) => `${partition}:${end}`).join(',');
}

async function succeed(command: string, args: readonly string[]): Promise<void> {
  const { code, output } = await run(command, args);
  if (code === null)
    throw new Error(`the Kafka Streams programs need \`${command}\` (Debian and Ubuntu: apt install openjdk-17-jdk-headless maven)`);
  if (code !== 0) throw new Error(`${command} failed:\n${output}`);
}
