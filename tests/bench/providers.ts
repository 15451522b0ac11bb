/**
 * Webhooks of every provider: posts per second through the gateway, each with its own proof, against bare node:http doing the same proof, the same parse
 * and a kafkajs send of the same posts. Two processes on the same broker serve all providers in turns; 200 is answered after the broker's ack in both.
 *
 * `--part 1/4` measures a quarter of the providers and leaves the rest of the result as it stands; `details.measured` says of each provider when, and of which commit.
 * What the bare loop does not do is said in webhook.ts.
 */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { providerOf } from '@messtrack/messenger-gateway/adapters/providers.ts';
import { TOPICS } from '@messtrack/proto/topics.ts';
import { startServices } from '@messtrack/testing/services.ts';
import { newCode } from '@messtrack/tracking-code/tracking-code.ts';
import { renderVisible } from '@messtrack/tracking-code/visible.ts';
import { ACCOUNT_KINDS } from '@messtrack/workspace/accounts/account-kinds.ts';
import autocannon, { type Request } from 'autocannon';
import { Kafka, logLevel } from 'kafkajs';
import { BARE_TOPIC, CASES, type ProviderCase } from './providers/cases.ts';
import { commit, medianRate, packageVersion, type Sample, writeResult } from './result.ts';
import { type Contender, startContender } from './webhook/contender.ts';
import { generator } from './webhook/load.ts';

const RUNS = 5;
const SECONDS = 1;
/** The JIT is done after some 30,000 posts of the path all providers share; each provider's own code needs some seconds more: the first two cost a fifth more than the rest. */
const WARM_UP_SECONDS = 10;
const OWN_WARM_UP_SECONDS = 3;
const CONNECTIONS = 64;
/** Every connection of the load generator prepares all of them before it begins. */
const POSTS = 400;
const SERVER = fileURLToPath(new URL('providers/server.ts', import.meta.url));

const GREETINGS = [
  'Hello! I have a question',
  'Hi, I am writing from your site',
  'Hello! I saw your offer',
  'Hi! Is the offer still open?',
];
const OWN_WORDS = [
  'Good evening, how much is delivery to the centre?',
  'Здравствуйте, сколько стоит доставка',
  'Bom dia, vocês entregam hoje?',
];

const missing = ACCOUNT_KINDS.map(({ provider }) => provider).filter(
  (name) => providerOf(name) !== undefined && !CASES.some(({ provider }) => provider === name),
);
if (missing.length > 0) throw new Error(`providers without a case: ${missing.join(', ')}`);

const PARTS = /^([1-9]\d?)\/([1-9]\d?)$/;
const cases = chosenCases(process.argv);
const services = await startServices({ kafka: true });
const samples: Sample[] = [];
try {
  const admin = new Kafka({ brokers: services.kafkaBrokers, clientId: 'bench-admin', logLevel: logLevel.ERROR }).admin();
  await admin.connect();
  await admin.createTopics({ topics: [{ topic: BARE_TOPIC, numPartitions: 12, replicationFactor: 1 }] });
  const written = async () => (await admin.fetchTopicOffsets(TOPICS.touchpoints.name)).reduce((sum, { offset }) => sum + Number(offset), 0);
  const servers = await Promise.all(['bare', 'gateway'].map((contender) => startContender(SERVER, contender, services.kafkaBrokers)));
  try {
    for (const server of servers) await load(server, cases[0]!, WARM_UP_SECONDS, 0);
    for (const each of cases) {
      const before = await written();
      const counted = samples.length;
      for (const server of servers) await load(server, each, OWN_WARM_UP_SECONDS, 0);
      for (let run = 1; run <= RUNS; run += 1) {
        // Turns begin with another contender each time: what warms up or fills up meets both alike.
        for (const server of run % 2 === 0 ? servers : servers.toReversed()) {
          const cpuBefore = await server.cpuMicros();
          const { posts, seconds, p99Ms } = await load(server, each, SECONDS, run);
          const cpuMicrosPerPost = Math.round((((await server.cpuMicros()) - cpuBefore) / posts) * 10) / 10;
          const contender = `${each.provider} ${server.contender}`;
          samples.push({ contender, run, count: posts, seconds, more: { p99Ms, cpuMicrosPerPost } });
          console.log(
            `${contender.padEnd(20)} run ${run} ${Math.round(posts / seconds)} posts/s, p99 ${p99Ms} ms, ${cpuMicrosPerPost} µs CPU per post`,
          );
        }
      }
      // A post that is read as nothing to keep would be cheap and prove nothing.
      const posts = samples
        .slice(counted)
        .filter(({ contender }) => contender.endsWith(' gateway'))
        .reduce((sum, { count }) => sum + count, 0);
      const records = (await written()) - before;
      if (records < posts) throw new Error(`${each.provider}: ${posts} posts were answered and ${records} messages written`);
    }
  } finally {
    for (const server of servers) await server.stop();
    await admin.disconnect();
  }
} finally {
  await services.stop();
}

const now = { at: new Date().toISOString(), commit: commit() };
const kept = cases.length === CASES.length ? undefined : earlier();
const isMeasured = (name: string) => cases.some(({ provider }) => provider === name);
samples.unshift(...(kept?.samples ?? []).filter(({ contender }) => !isMeasured(contender.split(' ')[0]!)));
const known = CASES.filter(({ provider }) => samples.some(({ contender }) => contender === `${provider} gateway`));

writeResult({
  name: 'providers',
  says: 'Posts per second of one message each at every provider, proved, read and answered after the broker has them, against the same proof and parse by hand; the load generator and the broker share the machine, so absolute numbers are lower than on a machine of its own.',
  parameters: {
    runs: RUNS,
    secondsPerRun: SECONDS,
    connections: CONNECTIONS,
    posts: POSTS,
    acks: 'all, idempotent, in both',
    greetingWithCode: 0.85,
  },
  versions: { kafkajs: packageVersion('kafkajs'), fastify: packageVersion('fastify'), autocannon: packageVersion('autocannon') },
  samples,
  details: { measured: Object.fromEntries(known.map(({ provider }) => [provider, isMeasured(provider) ? now : kept?.measured(provider)])) },
  ratios: Object.fromEntries(
    known.flatMap(({ provider }) => [
      [
        `${provider}: gateway / bare`,
        { value: medianRate(samples, `${provider} gateway`) / medianRate(samples, `${provider} bare`), aim: 0.8 },
      ],
      // What a busy machine changes less: the work itself.
      [`${provider}: gateway / bare, by CPU per post`, { value: leastCpu(`${provider} bare`) / leastCpu(`${provider} gateway`) }],
    ]),
  ),
});

function chosenCases(args: readonly string[]): readonly ProviderCase[] {
  const at = args.indexOf('--part');
  if (at < 0) return CASES;
  const [, part, parts] = PARTS.exec(args[at + 1] ?? '') ?? [];
  if (part === undefined || Number(part) > Number(parts)) throw new Error('--part wants one of how many, such as 1/4');
  const chosen = CASES.filter((_, index) => index % Number(parts) === Number(part) - 1);
  if (chosen.length === 0) throw new Error(`there are ${CASES.length} providers: no part ${part} of ${parts}`);
  return chosen;
}

interface Earlier {
  readonly samples: readonly Sample[];
  measured(provider: string): unknown;
}

/** The result as it stands; of a file from before parts, all of it was measured at once. */
function earlier(): Earlier {
  const file = JSON.parse(readFileSync(new URL('results/providers.json', import.meta.url), 'utf8')) as {
    readonly measuredAt: string;
    readonly commit: string;
    readonly samples: readonly Sample[];
    readonly details?: { readonly measured?: Readonly<Record<string, unknown>> };
  };
  return {
    samples: file.samples,
    measured: (provider) => file.details?.measured?.[provider] ?? { at: file.measuredAt, commit: file.commit },
  };
}

function leastCpu(contender: string): number {
  return Math.min(
    ...samples.filter((sample) => sample.contender === contender).map(({ more }) => more?.['cpuMicrosPerPost'] ?? Number.NaN),
  );
}

async function load(
  server: Contender,
  each: ProviderCase,
  seconds: number,
  seed: number,
): Promise<{ readonly posts: number; readonly seconds: number; readonly p99Ms: number }> {
  const result = await autocannon({
    url: `http://127.0.0.1:${server.port}`,
    connections: CONNECTIONS,
    duration: seconds,
    requests: requestsOf(each, seed),
  });
  // A post that is answered with anything but 200 makes the comparison void.
  if (result.non2xx > 0) throw new Error(`${each.provider}, ${server.contender}: ${result.non2xx} refusals`);
  return { posts: result['2xx'], seconds: result.duration, p99Ms: result.latency.p99 };
}

/** 85 % keep the greeting and the code, 15 % are own words; every sender and message id differs. */
function requestsOf(each: ProviderCase, seed: number): readonly Request[] {
  const at = Math.floor(Date.now() / 1000);
  const next = generator(seed + 1);
  const bytes = (n: number) => Uint8Array.from({ length: n }, () => Math.floor(next() * 256));
  return Array.from({ length: POSTS }, (_, i) => {
    const text =
      i % 20 < 17
        ? renderVisible(GREETINGS[i % GREETINGS.length]!, newCode(bytes), '{greeting} (request no. {code})')
        : `${OWN_WORDS[i % OWN_WORDS.length]!} ${i % 50}`;
    const body = each.body({ phone: `1${4_150_000_000 + i}`, messageId: `3EB0${seed}A${1_000_000 + i}`, text, at });
    const { headers, query = '' } = each.prove(body);
    return { method: 'POST', path: each.path + query, headers: { 'content-type': each.contentType, ...headers }, body };
  });
}
