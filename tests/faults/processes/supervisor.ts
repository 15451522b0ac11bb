import { readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Cluster, ClusterMember } from '@messtrack/testing/cluster.ts';

export interface Supervisor {
  readonly restarts: Record<string, number>;
  readonly unexpected: string[];
  readonly memoryMb: Record<string, number>;
  /** Names of members that somebody has stopped and starts again. */
  readonly resting: Set<string>;
  stop(): Promise<void>;
}

/** Starts again what ended, as an orchestrator does: after a second, as often as it takes. */
export function supervise(cluster: Cluster): Supervisor {
  const restarts: Record<string, number> = {};
  const unexpected: string[] = [];
  const memoryMb: Record<string, number> = {};
  const resting = new Set<string>();
  let isOver = false;

  async function keep(member: ClusterMember): Promise<void> {
    while (!isOver) {
      await sleep(500);
      if (isOver) return;
      if (resting.has(member.name)) continue;
      if (member.isRunning()) {
        memoryMb[member.name] = Math.max(memoryMb[member.name] ?? 0, await ownMemoryMb(member.pid()));
        continue;
      }
      const output = member.output();
      if (!output.includes('"level":"fatal"')) unexpected.push(`${member.name}: ${output.slice(-500)}`);
      restarts[member.name] = (restarts[member.name] ?? 0) + 1;
      await sleep(1_000);
      // It ends again while what it needs is away: the next round sees it.
      await member.start().catch(() => undefined);
    }
  }

  const keeping = Promise.all(cluster.members.map(keep));
  return {
    restarts,
    unexpected,
    memoryMb,
    resting,
    async stop() {
      isOver = true;
      await keeping;
    },
  };
}

async function ownMemoryMb(pid: number | undefined): Promise<number> {
  const status = pid === undefined ? '' : await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '');
  return Math.round(Number(/^RssAnon:\s+(\d+) kB/m.exec(status)?.[1] ?? 0) / 1_024);
}

export async function areAllReady({ members }: Cluster): Promise<boolean> {
  const answers = await Promise.all(members.map(isReady));
  return answers.every((isOk) => isOk);
}

async function isReady({ adminPort }: ClusterMember): Promise<boolean> {
  try {
    return (await fetch(`http://127.0.0.1:${adminPort}/readyz`, { signal: AbortSignal.timeout(5_000) })).ok;
  } catch {
    return false;
  }
}
