/** The matcher in a process of its own, wired as main.ts wires it but for the servers: prints "ready" when it owns all partitions, ends with its stdin. */
import { DEFAULT_MATCHER_SETTINGS } from '@messtrack/matcher/config.ts';
import { startMatcher } from '@messtrack/matcher/service.ts';
import { TOPICS } from '@messtrack/proto/topics.ts';
import { openKafkaBus } from '@messtrack/runtime/bus-kafka.ts';
import { openRedisJoinStore } from '@messtrack/sessions/join-store-redis.ts';
import { fixedWorkspaces } from '@messtrack/workspace/registry.ts';
import { fastify } from 'fastify';
import { pino } from 'pino';
import { Registry } from 'prom-client';

export interface MatcherProcessOptions {
  readonly brokers: readonly string[];
  readonly redisUrl: string;
  readonly prefix: string;
  readonly groupId: string;
}

const { brokers, redisUrl, prefix, groupId } = JSON.parse(process.argv[2] ?? '') as MatcherProcessOptions;
process.stdin.resume().once('end', () => process.exit(0));
// To stderr: stdout is what the benchmark reads.
const log = pino({ level: 'warn' }, pino.destination(2));
const bus = await openKafkaBus({ brokers, clientId: 'matcher', log });
const matcher = await startMatcher({
  app: fastify({ logger: false }),
  bus,
  joins: await openRedisJoinStore({ url: redisUrl, prefix, log }),
  workspaces: fixedWorkspaces([]),
  settings: { ...DEFAULT_MATCHER_SETTINGS, groupId },
  log,
  registry: new Registry(),
});
const ready = setInterval(() => {
  if (matcher.value.assigned().length < TOPICS.touchpoints.partitions) return;
  clearInterval(ready);
  console.log('ready');
}, 5);
await matcher.failed;
