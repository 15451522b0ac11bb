/**
 * Webhooks: signed WhatsApp posts per second through the gateway, against bare node:http doing HMAC, JSON.parse and a kafkajs send of the same posts.
 * Each contender runs in a process of its own on the same broker, taking turns; the load comes from this process. 200 is answered after the broker's ack
 * in all of them.
 *
 * What the bare loop does: reads the body, proves the signature, parses the JSON and lets the value go, writes the body as it came, under one key and without headers,
 * and answers by node:http. "bare merged" puts what waits into one send; "bare" makes a send of each. What it does not do, and the gateway does: find account and settings
 * by the address, read the event, find code, greeting, language, country and region, make the pseudonyms of the person, encode a touchpoint with its headers, count, and
 * bound sizes, waiting and memory. The other way round the gateway's records are shorter than the bodies and are encoded by our own encoder, which the bare loop, a plain
 * kafkajs, does without.
 */
import { fileURLToPath } from 'node:url';
import { startServices } from '@messtrack/testing/services.ts';
import autocannon from 'autocannon';
import { Kafka, logLevel } from 'kafkajs';
import { medianOf, medianRate, packageVersion, type Sample, writeResult } from './result.ts';
import { type Contender, startContender } from './webhook/contender.ts';
import { BARE_TOPIC, HOOK_PATH, signedPosts } from './webhook/load.ts';

const CONTENDERS = ['bare', 'bare merged', 'gateway'] as const;
const RUNS = 5;
const SECONDS = 4;
/** The JIT is done after some 30,000 posts; until then a post costs twice what it costs later, in the gateway more than in the loops of a page. */
const WARM_UP_SECONDS = 12;
const CONNECTIONS = 128;
/** Every connection of the load generator prepares all of them before it begins, inside the time that it reports: 4,000 of them made a turn of 4 s one of 11. */
const POSTS = 400;
const PARTITIONS = 12;
const SERVER = fileURLToPath(new URL('webhook/server.ts', import.meta.url));

const services = await startServices({ kafka: true });
const samples: Sample[] = [];
try {
  await createBareTopic(services.kafkaBrokers);
  const servers = await Promise.all(CONTENDERS.map((contender) => startContender(SERVER, contender, services.kafkaBrokers)));
  try {
    for (const server of servers) await load(server, WARM_UP_SECONDS, 1);
    for (let run = 1; run <= RUNS; run += 1) {
      // Turns begin with another contender each time: what warms up or fills up meets all alike.
      for (let i = 0; i < servers.length; i += 1) {
        const server = servers[(i + run) % servers.length]!;
        const cpuBefore = await server.cpuMicros();
        const { posts, seconds, p99Ms, connectionErrors } = await load(server, SECONDS, run);
        const cpuMicrosPerPost = ((await server.cpuMicros()) - cpuBefore) / posts;
        samples.push({
          contender: server.contender,
          run,
          count: posts,
          seconds,
          more: { p99Ms, connectionErrors, cpuMicrosPerPost: Math.round(cpuMicrosPerPost * 10) / 10 },
        });
        console.log(
          `run ${run} ${server.contender.padEnd(12)} ${Math.round(posts / seconds)} posts/s, p99 ${p99Ms} ms, ${cpuMicrosPerPost.toFixed(1)} µs CPU per post`,
        );
      }
    }
  } finally {
    for (const server of servers) await server.stop();
  }
} finally {
  await services.stop();
}

const gateway = medianRate(samples, 'gateway');
const fastestBare = Math.max(medianRate(samples, 'bare'), medianRate(samples, 'bare merged'));
writeResult({
  name: 'webhook',
  says: 'Signed WhatsApp posts per second, one message each, answered after the broker has them; the load generator and the broker share the machine, so absolute numbers are lower than on a machine of its own.',
  parameters: {
    runs: RUNS,
    secondsPerRun: SECONDS,
    warmUpSeconds: WARM_UP_SECONDS,
    connections: CONNECTIONS,
    posts: POSTS,
    partitions: PARTITIONS,
    acks: 'all; idempotent but for "bare"',
    greetingWithCode: 0.85,
  },
  versions: { kafkajs: packageVersion('kafkajs'), fastify: packageVersion('fastify'), autocannon: packageVersion('autocannon') },
  samples,
  ratios: {
    'gateway / faster bare': { value: gateway / fastestBare, aim: 0.8 },
    'gateway / bare merged, by CPU per post': { value: medianCpu('bare merged') / medianCpu('gateway') },
  },
});

async function load(
  server: Contender,
  seconds: number,
  seed: number,
): Promise<{ posts: number; seconds: number; p99Ms: number; connectionErrors: number }> {
  const result = await autocannon({
    url: `http://127.0.0.1:${server.port}`,
    connections: CONNECTIONS,
    duration: seconds,
    requests: signedPosts(POSTS, seed).map(({ body, signature }) => ({
      method: 'POST',
      path: HOOK_PATH,
      headers: { 'content-type': 'application/json', 'x-hub-signature-256': signature },
      body,
    })),
  });
  // A post that is answered with anything but 200 makes the comparison void; one whose connection broke was not counted and is written down.
  if (result.non2xx > 0) throw new Error(`${server.contender}: ${result.non2xx} refusals`);
  return { posts: result['2xx'], seconds: result.duration, p99Ms: result.latency.p99, connectionErrors: result.errors };
}

function medianCpu(contender: string): number {
  return medianOf(samples, contender, 'cpuMicrosPerPost');
}

async function createBareTopic(brokers: string[]): Promise<void> {
  const admin = new Kafka({ brokers, clientId: 'bench-admin', logLevel: logLevel.ERROR }).admin();
  await admin.connect();
  await admin.createTopics({ topics: [{ topic: BARE_TOPIC, numPartitions: PARTITIONS, replicationFactor: 1 }] });
  await admin.disconnect();
}
