import { setTimeout as delay } from 'node:timers/promises';
import type { Logger } from 'pino';
import { BusUnavailableError, FencedError, type TopicPartition } from './bus.ts';
import type { LogStore } from './bus-lmdb-store.ts';
import type { Topic } from './bus-lmdb-tables.ts';

/** One partition in the hands of one member. */
export interface Claim extends TopicPartition {
  readonly of: Topic;
  readonly epoch: number;
  /** Next offset to read as committed when the claim began, -1 when nothing ever was. */
  readonly committed: number;
  /** Offset after the last record when the claim began. */
  readonly endAtStart: number;
}

/** All partitions of one member between two rebalances. */
export interface Assignment {
  readonly claims: readonly Claim[];
  /** True when no new batch may begin: finish what is in progress and let go. */
  isRevoked(): boolean;
  /** True when the group went on without waiting any longer: whatever is in progress belongs to somebody else. */
  isStale(): boolean;
  onRevoked(listener: () => void): () => void;
  /** The member is alive: it has begun a batch or says so. */
  sign(): void;
}

export interface Member {
  readonly topics: readonly Topic[];
  /** Works on the assignment; settles when every claim is let go. Never rejects: a member that fails leaves the group. */
  run(assignment: Assignment): Promise<void>;
}

/**
 * A consumer group whose members live in this process. Every change of membership is a full rebalance, as in Kafka's classic protocol: all members
 * finish the batch in progress and let go, then the partitions are divided anew and every partition gets a new epoch in the log. Commits carry the
 * epoch and are checked inside the write transaction, so an owner of the past cannot write, in this process or in another.
 */
export interface Group {
  /** Resolves with the first assignment made: positions are fixed from then on. */
  join(member: Member): Promise<void>;
  /** Resolves when the member has let go of everything. */
  leave(member: Member): Promise<void>;
}

interface Running {
  readonly member: Member;
  readonly done: Promise<void>;
  isDone: boolean;
  revoke(): void;
  markStale(): void;
  /** Monotonic time of the last sign of life, or of the revocation when that is later. Milliseconds. */
  lastSignMs(): number;
}

const RETRY_MS = 500;

/** @param stalledAfterMs how long a rebalance waits for a batch in progress that gives no sign of life. Milliseconds */
export function createGroup(groupId: string, store: LogStore, log: Logger, stalledAfterMs: number): Group {
  const members = new Set<Member>();
  const running = new Set<Running>();
  const joining = new Map<Member, PromiseWithResolvers<void>>();
  let isDirty = false;
  let isRebalancing = false;

  function requestRebalance(): void {
    isDirty = true;
    if (!isRebalancing) void rebalance();
  }

  async function rebalance(): Promise<void> {
    isRebalancing = true;
    while (isDirty) {
      isDirty = false;
      for (const each of running) each.revoke();
      await Promise.all([...running].map(letGo));
      if (isDirty || members.size === 0) continue;
      const divided = divide([...members]);
      const claims = await takeOver(divided);
      for (const member of members) {
        start(member, claims.get(member) ?? []);
        joining.get(member)?.resolve();
        joining.delete(member);
      }
    }
    isRebalancing = false;
  }

  /** Waits for the member, but not for one that stands still: it is out, and joins again when it moves. */
  async function letGo(each: Running): Promise<void> {
    while (!each.isDone) {
      const remainingMs = each.lastSignMs() + stalledAfterMs - performance.now();
      if (remainingMs <= 0) break;
      const timer = new AbortController();
      await Promise.race([each.done, delay(remainingMs, undefined, { signal: timer.signal }).catch(() => undefined)]);
      timer.abort();
    }
    if (each.isDone) return;
    log.warn({ groupId, stalledAfterMs }, 'consumer stands still, its partitions go to others');
    each.markStale();
    running.delete(each);
    if (members.delete(each.member)) {
      void each.done.then(() => {
        if (left.has(each.member)) return;
        members.add(each.member);
        requestRebalance();
      });
    }
  }

  const left = new WeakSet<Member>();

  /** Bumps the epoch of every partition, in one transaction. */
  async function takeOver(divided: ReadonlyMap<Member, readonly Omit<Claim, 'epoch' | 'committed' | 'endAtStart'>[]>) {
    for (;;) {
      try {
        return await store.transact((txn) => {
          const claims = new Map<Member, Claim[]>();
          for (const [member, parts] of divided) {
            const owned = parts.map((part): Claim => {
              const { offset, epoch } = txn.takeOver(groupId, part.of, part.partition);
              return { ...part, epoch, committed: offset, endAtStart: txn.head(part.of, part.partition).next };
            });
            claims.set(member, owned);
          }
          return claims;
        });
      } catch (error) {
        if (!(error instanceof BusUnavailableError)) throw error;
        if (members.size === 0) return new Map<Member, Claim[]>();
        log.debug({ groupId, err: error }, 'partitions cannot be taken over, trying again');
        await delay(RETRY_MS);
      }
    }
  }

  function start(member: Member, claims: readonly Claim[]): void {
    const listeners = new Set<() => void>();
    let isRevoked = false;
    let isStale = false;
    let signedAt = performance.now();
    const assignment: Assignment = {
      claims,
      isRevoked: () => isRevoked,
      isStale: () => isStale,
      onRevoked(listener) {
        listeners.add(listener);
        return () => listeners.delete(listener);
      },
      sign() {
        signedAt = performance.now();
      },
    };
    const entry: Running = {
      member,
      isDone: false,
      done: member.run(assignment).then(() => {
        entry.isDone = true;
        running.delete(entry);
      }),
      revoke() {
        if (isRevoked) return;
        isRevoked = true;
        signedAt = performance.now();
        for (const listener of listeners) listener();
      },
      markStale() {
        isStale = true;
      },
      lastSignMs: () => signedAt,
    };
    running.add(entry);
  }

  return {
    join(member) {
      const joined = Promise.withResolvers<void>();
      joining.set(member, joined);
      members.add(member);
      requestRebalance();
      return joined.promise;
    },

    async leave(member) {
      left.add(member);
      members.delete(member);
      // Whoever still waits to be let in gets no assignment any more, and needs none.
      joining.get(member)?.resolve();
      joining.delete(member);
      const own = [...running].filter((each) => each.member === member);
      for (const each of own) each.revoke();
      requestRebalance();
      await Promise.all(own.map((each) => each.done));
    },
  };
}

/** Partitions of each topic in equal runs over the members that read it, in the order they joined. */
function divide(members: readonly Member[]): Map<Member, { topic: string; partition: number; of: Topic }[]> {
  const divided = new Map(members.map((member) => [member, [] as { topic: string; partition: number; of: Topic }[]]));
  const topics = new Map(members.flatMap((member) => member.topics).map((topic) => [topic.id, topic]));
  for (const topic of topics.values()) {
    const readers = members.filter((member) => member.topics.some((each) => each.id === topic.id));
    for (let partition = 0; partition < topic.partitions; partition++) {
      const reader = readers[Math.floor((partition * readers.length) / topic.partitions)];
      if (reader !== undefined) divided.get(reader)?.push({ topic: topic.name, partition, of: topic });
    }
  }
  return divided;
}

/** What a commit of a stale assignment is answered with, before it costs a transaction. */
export function assertNotStale(assignment: Assignment, groupId: string): void {
  if (assignment.isStale()) throw new FencedError(`the partitions of this member of ${groupId} went to others`);
}
