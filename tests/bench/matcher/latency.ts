import { TOPIC_LIST } from '@messtrack/proto/topics.ts';
import { openKafkaBus } from '@messtrack/runtime/bus-kafka.ts';
import { startServices } from '@messtrack/testing/services.ts';
import { pino } from 'pino';
import { startChild } from './child.ts';
import { type Findings, quantile, rounded } from './findings.ts';
import type { LeadReaderOptions, SeenLead } from './lead-reader.ts';
import type { MatcherProcessOptions } from './matcher-process.ts';
import { BASE_MIX } from './mixes.ts';
import { recordOf } from './records.ts';
import { trafficUntil } from './traffic.ts';

/** Connections are made and code is compiled in the first seconds: they are not counted. */
const WARM_UP_SECONDS = 6;
const SECONDS = 12;
const SLICE_MS = 5;
const AIM_P99_MS = 250;
const AHEAD_MS = 45 * 60_000;

/**
 * From the moment a message is due to be sent to the moment another process has its lead, at a steady rate of touchpoints of the base mix.
 * It counts from when a message was due, not from when it was sent: a producer that falls behind would hide what it waits for.
 */
export async function measureLatency(perSecond: number): Promise<Findings> {
  const services = await startServices({ kafka: true, redis: true });
  const { kafkaBrokers: brokers, redisUrl } = services;
  try {
    const bus = await openKafkaBus({ brokers, clientId: 'bench', log: pino({ level: 'warn' }) });
    await bus.ensureTopics(TOPIC_LIST);
    const visits = trafficUntil(BASE_MIX.traffic, Math.round(perSecond * (WARM_UP_SECONDS + SECONDS)), Date.now() + AHEAD_MS);
    const records = visits.map(recordOf);
    const matcherOptions: MatcherProcessOptions = {
      brokers,
      redisUrl,
      prefix: `latency-${process.pid}:`,
      groupId: `latency-${process.pid}`,
    };
    const readerOptions: LeadReaderOptions = { brokers };
    const matcher = await startChild('matcher-process.ts', matcherOptions);
    const reader = await startChild('lead-reader.ts', readerOptions);
    await Promise.all([matcher.line(), reader.line()]);

    const producer = await bus.producer();
    const dueAtMs = new Map<string, number>();
    const sends: Promise<void>[] = [];
    const startedMs = now();
    const due = (index: number) => startedMs + (index / perSecond) * 1_000;
    for (let next = 0; next < records.length; ) {
      const from = next;
      while (next < records.length && due(next) <= now()) next += 1;
      if (next > from) sends.push(send(from, next));
      await new Promise((resolve) => setTimeout(resolve, SLICE_MS));
    }
    await Promise.all(sends);
    const behindMs = now() - due(records.length);
    await producer.close();

    reader.tell(String(dueAtMs.size));
    const seen = JSON.parse(await reader.line()) as readonly SeenLead[];
    await Promise.all([matcher.close(), reader.close()]);
    await bus.close();
    return findings(latencies(dueAtMs, seen, startedMs + WARM_UP_SECONDS * 1_000), perSecond, behindMs);

    async function send(from: number, to: number): Promise<void> {
      const positions = await producer.send(records.slice(from, to));
      positions.forEach(({ partition, offset }, index) => {
        if (visits[from + index]?.kind === 'message') dueAtMs.set(`${partition}/${offset}`, due(from + index));
      });
    }
  } finally {
    await services.stop();
  }
}

/** Every message makes one lead and every lead is of one message; anything else ends the benchmark. */
function latencies(dueAtMs: ReadonlyMap<string, number>, seen: readonly SeenLead[], fromMs: number): readonly number[] {
  const left = new Map(dueAtMs);
  const found: number[] = [];
  for (const [partition, offset, atMs] of seen) {
    const place = `${partition}/${offset}`;
    const due = left.get(place);
    if (due === undefined) throw new Error(`a lead names ${place}, where no message is that has none yet`);
    left.delete(place);
    if (due >= fromMs) found.push(atMs - due);
  }
  if (left.size > 0) throw new Error(`${left.size} messages have no lead`);
  return found;
}

function findings(latenciesMs: readonly number[], perSecond: number, behindMs: number): Findings {
  const [p50, p99, max] = [0.5, 0.99, 1].map((share) => quantile(latenciesMs, share));
  console.log(
    `message to lead at ${Math.round(perSecond)} touchpoints/s: p50 ${p50!.toFixed(0)} ms, p99 ${p99!.toFixed(0)} ms, max ${max!.toFixed(0)} ms`,
  );
  return {
    samples: [],
    parameters: {
      'message to lead: touchpoints per second': Math.round(perSecond),
      'message to lead: leads measured': latenciesMs.length,
      'message to lead: p50Ms': rounded(p50!, 1),
      'message to lead: p99Ms': rounded(p99!, 1),
      'message to lead: maxMs': rounded(max!, 1),
      'message to lead: producer behind at the end, ms': rounded(behindMs, 1),
    },
    ratios: { [`${AIM_P99_MS} ms / p99 from message to lead at half load`]: { value: AIM_P99_MS / p99!, aim: 1 } },
  };
}

function now(): number {
  return performance.timeOrigin + performance.now();
}
