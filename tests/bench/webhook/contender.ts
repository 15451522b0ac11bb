/** A contender in a process of its own: prints its port, then the microseconds of CPU it has used at each line it is sent. */
import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { COMPILED_ENVIRONMENT, keepCompiled } from '../compiled.ts';

export interface Contender {
  readonly contender: string;
  readonly port: number;
  cpuMicros(): Promise<number>;
  stop(): Promise<void>;
}

export async function startContender(script: string, contender: string, brokers: readonly string[]): Promise<Contender> {
  keepCompiled(script);
  const child = spawn(process.execPath, [script, contender, brokers.join(',')], {
    stdio: ['pipe', 'pipe', 'inherit'],
    env: COMPILED_ENVIRONMENT,
  });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const nextNumber = async () => {
    for (;;) {
      const { value, done } = await lines.next();
      if (done === true) throw new Error(`the contender "${contender}" ended`);
      if (/^\d+$/.test(value)) return Number(value);
      console.error(value);
    }
  };
  return {
    contender,
    port: await nextNumber(),
    cpuMicros() {
      child.stdin.write('\n');
      return nextNumber();
    },
    stop: () => ended(child),
  };
}

function ended(child: ChildProcess): Promise<void> {
  // One that died is gone already and ends no second time.
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve();
  return new Promise((resolve) => {
    child.once('exit', () => resolve());
    child.stdin?.end();
  });
}
