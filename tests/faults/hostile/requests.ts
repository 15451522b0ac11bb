/**
 * Hostile posts against one gateway that nobody restarts, with honest ones in between: what each was answered, how long the honest ones took beside hostile and beside honest traffic, how much
 * memory the process held, and what stands in its log at the end.
 */
import { readFileSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { Touchpoint } from '@messtrack/proto/gen/messtrack/v1/touchpoint.ts';
import { TOPICS } from '@messtrack/proto/topics.ts';
import { openLmdbBus } from '@messtrack/runtime/bus-lmdb.ts';
import { createLogger } from '@messtrack/runtime/logger.ts';
import { startGuarded } from '@messtrack/testing/guarded-process.ts';
import { CASES } from '../../bench/providers/cases.ts';
import { generator } from '../../bench/webhook/load.ts';
import { type Attack, attack, FIRST_PROVED, FIRST_UNPROVED, honestPost } from './attacks.ts';
import { openClient } from './client.ts';

export interface TrafficParameters {
  /** Hostile posts, and honest ones among them, at most. */
  readonly requests: number;
  /** Number of the first of them: no two sittings send the same. */
  readonly first: number;
  /** Honest posts before and after, to which the latency beside hostile ones is compared; 0 where it is not. */
  readonly baseline: number;
  readonly inFlight: number;
  /** Posts per second. Where latencies are compared, what the machine has left tells what a post costs; a saturated one tells nothing. */
  readonly rate: number;
  readonly seed: number;
  /** True when the sitting has lasted long enough: what is left is for the next. */
  readonly isOver: () => boolean;
}

const ROOT = join(import.meta.dirname, '..', '..', '..');

/** One post in this many is honest and timed, in either traffic. */
const HONEST_EVERY = 20;
const WARM_UP = 10_000;
/** Posts between two looks at the memory. Every twentieth post is honest, so that this one is hostile. */
const SAMPLE_EVERY = 1_000;

/** What one gateway went through, from its start to its orderly end. */
export interface Traffic {
  /** Posts played of those asked for. */
  readonly played: number;
  readonly answers: Readonly<Record<string, Readonly<Record<string, number>>>>;
  /** Posts that were not answered as they should be, at most 20. */
  readonly surprises: readonly string[];
  readonly surprised: number;
  readonly honest: { readonly sent: number; readonly refused: number };
  /** Of honest posts. Milliseconds. */
  readonly latency: { readonly besideHonest: Quantiles; readonly besideHostile: Quantiles };
  /** Memory of the process's own (RssAnon) over the sitting. MB. */
  readonly memoryMb: { readonly afterQuarter: number; readonly highestAfterQuarter: number; readonly end: number };
  /** Messages in the log by who sent them. */
  readonly log: { readonly honest: number; readonly honestExpected: number; readonly unproved: number; readonly proved: number };
  readonly exitCode: number | null;
  readonly seconds: number;
}

export interface Quantiles {
  readonly p50: number;
  readonly p99: number;
  readonly count: number;
}

export async function playTraffic(parameters: TrafficParameters, now: () => number): Promise<Traffic> {
  const { requests, first, baseline, inFlight, rate, seed, isOver } = parameters;
  const folder = await mkdtemp(join(tmpdir(), 'messtrack-hostile-'));
  const program = fileURLToPath(new URL('gateway-process.ts', import.meta.url));
  const started = Promise.withResolvers<number>();
  const gateway = await startGuarded({
    command: '/bin/sh',
    args: ['-c', `${asNpmStart(program)} "$0"`, folder],
    env: { PATH: `${dirname(process.execPath)}:${process.env['PATH'] ?? ''}` },
    onLine: (line) => /^\d+$/.test(line) && started.resolve(Number(line)),
  });
  // Also after the start: a campaign against nobody would find that nobody was hurt.
  const ended = gateway.exited.then(({ code, signal }) => {
    throw new Error(`the gateway ended (${code ?? signal}):\n${gateway.output()}`);
  });
  ended.catch(started.reject);
  try {
    const client = openClient(await started.promise, inFlight);
    // A sitting that goes on where another ended goes on with other numbers too.
    const random = generator(seed + first);
    const startedAt = now();
    const state = { sequence: 0, refused: 0 };

    /** An honest post; its latency, when it was taken. */
    const honest = async (): Promise<number | undefined> => {
      const sequence = state.sequence++;
      const of = CASES[sequence % CASES.length]!;
      const { status, ms } = await client.post(honestPost(of, 'honest', sequence));
      if (status !== 200) {
        state.refused += 1;
        return undefined;
      }
      return ms;
    };
    /** `count` posts at most `perSecond` of them, with at most `inFlight` on their way; latencies of the honest posts among them that stand for all. */
    const play = async (count: number, perSecond: number, other: (index: number) => Promise<unknown>, isEnough = () => false) => {
      const timed: number[] = [];
      const beginsAt = now();
      let next = 0;
      const worker = async () => {
        while (next < count && !isEnough()) {
          const index = next++;
          const early = beginsAt + (index * 1000) / perSecond - now();
          if (early > 0) await sleep(early);
          if (index % HONEST_EVERY !== 0) await other(index);
          else {
            const ms = await honest();
            if (ms !== undefined) timed.push(ms);
          }
        }
      };
      await Promise.all(Array.from({ length: inFlight }, worker));
      return { timed, played: next };
    };

    await play(WARM_UP, Number.POSITIVE_INFINITY, honest);
    const before = await play(baseline, rate, honest);

    const answers: Record<string, Record<string, number>> = {};
    const surprises: string[] = [];
    let surprised = 0;
    const memory: number[] = [];
    const playHostile = async (index: number) => {
      const sent: Attack = attack(first + index, random);
      const { status } = await client.post(sent, sent.expects.includes('reset'));
      const counts = answers[sent.kind] ?? {};
      answers[sent.kind] = { ...counts, [status]: (counts[status] ?? 0) + 1 };
      if (!sent.expects.includes(status)) {
        surprised += 1;
        if (surprises.length < 20)
          surprises.push(`${sent.kind} to ${sent.path.replace(/\?.*/, '')}: ${status}, expected ${sent.expects.join(' or ')}`);
      }
      if (index % SAMPLE_EVERY === 1) memory.push(await ownMemoryMb(gateway.pid));
    };
    const beside = await play(requests, rate, playHostile, isOver);
    const after = await play(baseline, rate, honest);
    if (!gateway.isRunning()) await ended;
    const end = await ownMemoryMb(gateway.pid);
    const settled = memory.slice(Math.floor(memory.length / 4));
    client.close();
    const { code } = await gateway.stop();
    const log = await countLog(folder);
    return {
      played: beside.played,
      answers,
      surprises,
      surprised,
      honest: { sent: state.sequence, refused: state.refused },
      latency: { besideHonest: quantiles([...before.timed, ...after.timed]), besideHostile: quantiles(beside.timed) },
      memoryMb: { afterQuarter: settled[0] ?? end, highestAfterQuarter: Math.max(...settled, end), end },
      log: { ...log, honestExpected: state.sequence - state.refused },
      exitCode: code,
      seconds: (now() - startedAt) / 1000,
    };
  } finally {
    await gateway.kill();
    await rm(folder, { recursive: true, force: true });
  }
}

/**
 * The command of `npm start` with another program: memory is judged under the settings that people run. Without them V8 lets garbage of a machine with much
 * memory lie (a heap of 67 MB after a collection grew to 260), and malloc keeps an arena per thread.
 */
function asNpmStart(program: string): string {
  const { scripts } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { readonly scripts: { readonly start: string } };
  const command = scripts.start.replace('services/standalone/src/main.ts', `'${program}'`);
  if (!command.includes(program)) throw new Error('npm start does not start the standalone');
  return command;
}

/** Pages that are the process's own: the embedded log is mapped, and the kernel takes its pages back when it likes. */
async function ownMemoryMb(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  return Math.round(Number(/RssAnon:\s+(\d+) kB/.exec(status)?.[1] ?? 0) / 1024);
}

/** Messages in the log, each id once, by the range their number is of. */
async function countLog(path: string): Promise<{ readonly honest: number; readonly unproved: number; readonly proved: number }> {
  const bus = await openLmdbBus({ path, log: createLogger('hostile', 'error') });
  const seen = new Set<string>();
  const found = { honest: 0, unproved: 0, proved: 0 };
  try {
    for (const { topic, partition, first } of await bus.offsets(TOPICS.touchpoints.name)) {
      for await (const records of bus.read({ topic, partition }, first))
        for (const record of records) {
          const { eventId, kind } = Touchpoint.decode(record.value);
          if (kind?.$case !== 'message' || seen.has(eventId)) continue;
          seen.add(eventId);
          found[senderOf(kind.value.messageId)] += 1;
        }
    }
  } finally {
    await bus.close();
  }
  return found;
}

/** By the word in the id, of which a form that was cut off keeps a beginning; by the range of its number where the provider's ids have no letters. */
function senderOf(messageId: string): 'honest' | 'unproved' | 'proved' {
  if (messageId.includes('honest')) return 'honest';
  if (/[a-z]/i.test(messageId)) return 'proved'.startsWith(messageId.slice(0, 6)) || messageId.includes('proved') ? 'proved' : 'unproved';
  const number = Number(/(\d{1,9})$/.exec(messageId)?.[1] ?? 0);
  return number >= FIRST_PROVED ? 'proved' : number >= FIRST_UNPROVED ? 'unproved' : 'honest';
}

function quantiles(values: readonly number[]): Quantiles {
  const sorted = [...values].sort((a, b) => a - b);
  const at = (share: number) => Math.round((sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? 0) * 100) / 100;
  return { p50: at(0.5), p99: at(0.99), count: sorted.length };
}
