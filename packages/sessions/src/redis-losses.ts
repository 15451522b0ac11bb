/**
 * What Redis has acknowledged it may lose when it is killed, though it writes its file before it answers: while the disk is busy with a sync of that file (`appendfsync everysec`) it answers first and
 * writes up to two seconds later (aof.c, flushAppendOnlyFile; one kill of three showed it on a busy machine), and a replica that takes over is behind by what was under way. So whoever writes keeps what
 * was acknowledged a moment ago and writes it again after every loss of a connection, and nothing that is read between the two is believed.
 */
import { Cluster, type Redis } from 'ioredis';
import type { RedisClient } from './redis-client.ts';

export interface LossWatch {
  /** A call failed; where that means that another server answers from now on, it is a loss. */
  failed(error: unknown): void;
  /** Resolves when what may have been lost so far is there again. */
  repaired(): Promise<void>;
  /** The answer of a read during which nothing was lost, after all that was lost before is there again. */
  trusted<T>(read: () => Promise<T>): Promise<T>;
  close(): void;
}

/** `rewrite` writes again what was acknowledged a moment ago; it waits for the server however long that takes. */
export function watchLosses(client: RedisClient, rewrite: () => Promise<void>): LossWatch {
  let losses = 0;
  let madeGood = 0;
  let repairing: Promise<void> | undefined;
  let isClosed = false;

  async function repairOnce(): Promise<void> {
    while (madeGood < losses) {
      const upTo = losses;
      await rewrite();
      madeGood = upTo;
    }
  }

  function repair(): Promise<void> {
    repairing ??= repairOnce().finally(() => {
      repairing = undefined;
    });
    return repairing;
  }

  async function repaired(): Promise<void> {
    while (madeGood < losses) await repair();
  }

  function lost(): void {
    losses += 1;
    // At once, because other processes read here too. A failure is not lost: `madeGood` stays behind, so that the next read repairs first and meets it.
    if (!isClosed) repair().catch(() => undefined);
  }

  const watchNode = (node: Redis): void => void node.on('close', lost);
  const nodes = () => (client instanceof Cluster ? client.nodes('all') : [client]);
  nodes().forEach(watchNode);
  if (client instanceof Cluster) client.on('+node', watchNode);

  return {
    failed(error) {
      if (error instanceof Error && (error.name !== 'ReplyError' || error.message.startsWith('READONLY'))) losses += 1;
    },
    repaired,
    async trusted(read) {
      for (;;) {
        await repaired();
        const before = losses;
        const answer = await read();
        if (losses === before) return answer;
      }
    },
    close() {
      isClosed = true;
      for (const node of nodes()) node.off('close', lost);
      if (client instanceof Cluster) client.off('+node', watchNode);
    },
  };
}
