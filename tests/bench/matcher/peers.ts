import { TOPICS } from '@messtrack/proto/topics.ts';
import type { Bus, RecordPosition } from '@messtrack/runtime/bus.ts';
import { answerLine, difference, expectedLatest, expectedPairs } from './expected.ts';
import { recordOf } from './records.ts';
import { compileStreams, type PartitionEnds, type StreamsPass, type StreamsProgram, startStreams } from './streams.ts';
import type { Visit } from './traffic.ts';

/** The two Kafka Streams programs on a log that is written. */
export interface Peers {
  /** Records that the left join must write: one per message and click of the hour before it. */
  readonly pairs: number;
  latestClick(run: number): Promise<StreamsPass>;
  /** With `toTheEnd` it is also checked for the messages without a click, which it only lets go of when time has passed: no contender can read the log after that. */
  leftJoin(run: number, toTheEnd: boolean): Promise<StreamsPass>;
  close(): Promise<void>;
}

const HOUR_MS = 3_600_000;
/** The join looks for messages whose window is over at most once per second of the clock (emit.interval.ms of Kafka Streams). */
const EMIT_INTERVAL_MS = 1_000;
/** Later than the grace of the join. */
const BARRIER_MS = 60_000;
const OUTPUT = { cleanup: 'delete', retentionMs: 24 * HOUR_MS, maxRecordBytes: 1_048_576, partitions: 12 } as const;

/** What each pass writes is compared with brute force; a difference ends the benchmark. */
export async function openPeers(brokers: readonly string[], bus: Bus, visits: readonly Visit[], ends: PartitionEnds): Promise<Peers> {
  const pairs = expectedPairs(visits);
  const paired = pairs.filter((line) => !isWithoutClick(line));
  const latest = expectedLatest(visits);
  const compiled = await compileStreams();
  const input = TOPICS.touchpoints.name;
  const programs = {
    leftJoin: await startStreams('left-join', { classPath: compiled.classPath, brokers, input }),
    latestClick: await startStreams('latest-click', { classPath: compiled.classPath, brokers, input }),
  };

  return {
    pairs: pairs.length,

    async latestClick(run) {
      const { pass, output } = await start(programs.latestClick, `latest-click-${process.pid}-${run}`);
      await programs.latestClick.stop();
      check('the Processor with the latest click', latest, await answersOf(output));
      return pass;
    },

    async leftJoin(run, toTheEnd) {
      const { pass, output } = await start(programs.leftJoin, `left-join-${process.pid}-${run}`);
      if (toTheEnd) await letTimePass(programs.leftJoin);
      await programs.leftJoin.stop();
      const answers = await answersOf(output);
      // Before time has passed at the end of the log, some messages without a click are still waiting for one.
      if (toTheEnd) check('the left join', pairs, answers);
      else
        check(
          'the left join',
          paired,
          answers.filter((line) => !isWithoutClick(line)),
        );
      return pass;
    },

    async close() {
      await Promise.all([programs.leftJoin.close(), programs.latestClick.close()]);
      await compiled.remove();
    },
  };

  async function start(program: StreamsProgram, id: string): Promise<{ readonly pass: StreamsPass; readonly output: string }> {
    const output = `${id}-output`;
    await bus.ensureTopics([{ name: output, ...OUTPUT }]);
    const pass = await program.run(id, output, ends);
    // More only by what a matcher before it has appended; less, and records were lost.
    if (pass.seen < visits.length) throw new Error(`${id} saw ${pass.seen} records of ${visits.length}`);
    return { pass, output };
  }

  /** A click in every partition, later than the last message's grace; and again, because the first may come within the interval. */
  async function letTimePass(program: StreamsProgram): Promise<void> {
    const template = visits.find((visit) => visit.kind === 'click');
    if (template === undefined) throw new Error('there is no click in the log');
    const endMs = (visits.at(-1)?.observedAtMs ?? 0) + BARRIER_MS;
    const producer = await bus.producer();
    for (const atMs of [endMs, endMs + 1]) {
      const barrier = recordOf({ ...template, account: 'barrier', eventTimeMs: atMs, observedAtMs: atMs });
      const barriers = Array.from({ length: TOPICS.touchpoints.partitions }, (_, partition) => ({ ...barrier, partition }));
      await program.settle(endsOf(await producer.send(barriers)));
      await new Promise((resolve) => setTimeout(resolve, EMIT_INTERVAL_MS + 200));
    }
    await producer.close();
  }

  /** What the topic holds, sorted as the expected lines are. */
  async function answersOf(topic: string): Promise<readonly string[]> {
    const lines: string[] = [];
    for (let partition = 0; partition < OUTPUT.partitions; partition += 1) {
      for await (const records of bus.read({ topic, partition }, 0)) {
        for (const { key, value } of records) lines.push(answerLine(text(key), text(value)));
      }
    }
    return lines.sort();
  }
}

/** Where what has been sent ends. */
export function endsOf(positions: readonly RecordPosition[]): PartitionEnds {
  const ends = new Map<number, number>();
  for (const { partition, offset } of positions) ends.set(partition, Math.max(ends.get(partition) ?? 0, offset + 1));
  return ends;
}

function check(name: string, expected: readonly string[], found: readonly string[]): void {
  const problem = difference(name, expected, found);
  if (problem !== undefined) throw new Error(problem);
}

function isWithoutClick(line: string): boolean {
  return line.endsWith('\t');
}

function text(bytes: Uint8Array | null): string {
  return bytes === null ? '' : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString();
}
