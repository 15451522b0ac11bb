import type { Bus } from '@messtrack/runtime/bus.ts';
import type { TransactionPhase } from '@messtrack/runtime/bus-phase.ts';
import type { OpenChildBus } from './bus-harness.ts';

/**
 * The process the contract suite kills. What to do comes in BUS_CONTRACT_TASK, the bus from the module named there.
 */
export type ChildJob = ProcessJob | CrashJob;

interface ProcessJob {
  readonly kind: 'process';
  readonly groupId: string;
  readonly input: string;
  readonly output: string;
  readonly maxBatchRecords: number;
  /** Without it the child works until nothing is left, and exits 0. */
  readonly kill?: { readonly phase: TransactionPhase; readonly transaction: number };
}

interface CrashJob {
  readonly kind: 'crash';
  readonly groupId: string;
  readonly topic: string;
  readonly thrown: 'Error' | 'SyntaxError';
}

interface ChildTask {
  readonly module: string;
  readonly settings: unknown;
  readonly job: ChildJob;
}

const { module, settings, job }: ChildTask = JSON.parse(process.env['BUS_CONTRACT_TASK'] ?? '{}');
const { openChildBus }: { openChildBus: OpenChildBus } = await import(module);
// Passes of the phase itself: two partitions go through their phases side by side, so the third transaction to begin need not be the one in a phase.
let passes = 0;
const bus = await openChildBus(settings, (phase) => {
  if (job.kind !== 'process' || job.kill?.phase !== phase) return;
  passes++;
  if (passes === job.kill.transaction) process.kill(process.pid, 'SIGKILL');
});

switch (job.kind) {
  case 'process':
    await work(bus, job);
    break;
  case 'crash':
    await crash(bus, job);
    break;
}

async function work(bus: Bus, { groupId, input, output, maxBatchRecords }: ProcessJob): Promise<void> {
  const processor = await bus.process({
    groupId,
    topic: input,
    maxBatchRecords,
    createWorker: async (_, committed) => ({
      startOffset: committed,
      process: async (batch) =>
        batch.records.map((each) => ({
          topic: output,
          key: each.key ?? '',
          value: each.value,
          headers: { origin: `${each.partition}:${each.offset}` },
          partition: each.partition,
        })),
    }),
  });
  processor.crashed.catch((error: unknown) => die(error));
  for (;;) {
    const ends = await bus.offsets(input);
    const committed = await bus.committed(groupId, input);
    if (ends.every((end) => committed.some((each) => each.partition === end.partition && each.offset >= end.next))) break;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  await processor.close();
  await bus.close();
}

async function crash(bus: Bus, { groupId, topic, thrown }: CrashJob): Promise<void> {
  const error = thrown === 'Error' ? new Error('the handler gave up') : new SyntaxError('the handler gave up');
  const consumer = await bus.consume({ groupId, topics: [topic], onBatch: () => Promise.reject(error) });
  consumer.crashed.catch((reason: unknown) => die(reason));
  // As a service does: nothing else keeps it busy, and it must not live on half alive.
  setInterval(() => undefined, 1_000);
}

function die(reason: unknown): void {
  console.error(`consumer crashed: ${reason instanceof Error ? reason.message : String(reason)}`);
  process.exit(1);
}
