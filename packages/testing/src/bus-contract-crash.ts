import { fileURLToPath } from 'node:url';
import { TRANSACTION_PHASES, type TransactionPhase } from '@messtrack/runtime/bus-phase.ts';
import { expect, it, onTestFinished } from 'vitest';
import type { ChildJob } from './bus-contract-child.ts';
import {
  type BusHarness,
  caughtUp,
  closing,
  copyWorker,
  newTopic,
  numbered,
  openForTest,
  readTopic,
  sendAll,
  uniqueName,
} from './bus-harness.ts';
import { type ProcessExit, startGuarded } from './guarded-process.ts';

const CHILD = fileURLToPath(new URL('./bus-contract-child.ts', import.meta.url));

export function crashContract(harness: BusHarness): void {
  it.each(TRANSACTION_PHASES)('loses nothing and doubles nothing when the process is killed after: %s', async (phase: TransactionPhase) => {
    const [groupId, setup] = [uniqueName('group'), await harness.open()];
    const [input, output] = [await newTopic(setup, 2), await newTopic(setup, 2)];
    await sendAll(
      setup,
      [0, 1].flatMap((partition) => numbered(input, partition, 100)),
    );
    await setup.close();
    const job = { kind: 'process', groupId, input, output, maxBatchRecords: 10 } as const;

    // The third transaction: there is something before it and something after it.
    const killed = await runChild(harness, { ...job, kill: { phase, transaction: 3 } });
    expect(killed.exit).toEqual({ code: null, signal: 'SIGKILL' });
    const finished = await runChild(harness, job);
    expect(finished.exit, finished.output).toEqual({ code: 0, signal: null });

    const bus = await openForTest(harness);
    const origins = (await readTopic(bus, output)).map((each) => each.headers['origin']);
    expect(origins).toEqual([0, 1].flatMap((partition) => Array.from({ length: 100 }, (_, index) => `${partition}:${index}`)));
    expect((await bus.committed(groupId, input)).every((each) => each.offset >= 100)).toBe(true);
  });

  it.each(['Error', 'SyntaxError'] as const)('ends the process when a consumer dies of a %s', async (thrown) => {
    const setup = await harness.open();
    const topic = await newTopic(setup, 1);
    await sendAll(setup, numbered(topic, 0, 3));
    await setup.close();
    const { exit, output } = await runChild(harness, { kind: 'crash', groupId: uniqueName('group'), topic, thrown });
    expect(exit).toEqual({ code: 1, signal: null });
    expect(output).toContain('consumer crashed: the handler gave up');
  });

  it('lives through a restart of the log', { timeout: 300_000 }, async () => {
    let bus = await openForTest({ open: harness.openRestartable ?? harness.open });
    const [input, output, groupId] = [await newTopic(bus, 2), await newTopic(bus, 2), uniqueName('group')];
    const process = async () =>
      closing(
        await bus.process({
          groupId,
          topic: input,
          maxBatchRecords: 10,
          createWorker: async (_, committed) => copyWorker(output, committed),
        }),
      );
    let processor = await process();
    let producer = await bus.producer();
    for (const partition of [0, 1]) await producer.send(numbered(input, partition, 100));
    await caughtUp(bus, groupId, input, processor);
    for (const partition of [0, 1]) await producer.send(numbered(input, partition, 500, 100));

    const after = await harness.restart(bus);
    if (after !== bus) {
      bus = after;
      onTestFinished(() => after.close());
      processor = await process();
      producer = await bus.producer();
    }
    for (const partition of [0, 1]) await persist(() => producer.send(numbered(input, partition, 100, 600)));
    await caughtUp(bus, groupId, input, processor);
    await producer.close();
    const origins = (await readTopic(bus, output)).map((each) => each.headers['origin']);
    const inputs = (await readTopic(bus, input)).map((each) => `${each.partition}:${each.offset}`);
    expect(origins).toEqual(inputs);
    expect(inputs.length).toBeGreaterThanOrEqual(1_400);
  });
}

/** A rejected send is not known to be durable; whoever needs it to be sends it again. */
async function persist(send: () => Promise<unknown>): Promise<void> {
  for (;;) {
    const sent = await send().then(
      () => true,
      () => false,
    );
    if (sent) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

async function runChild(harness: BusHarness, job: ChildJob): Promise<{ readonly exit: ProcessExit; readonly output: string }> {
  const task = JSON.stringify({ module: harness.child.module, settings: harness.child.settings(), job });
  const child = await startGuarded({ command: process.execPath, args: [CHILD], env: { BUS_CONTRACT_TASK: task } });
  const exit = await child.exited;
  return { exit, output: child.output() };
}
