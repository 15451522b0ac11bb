/**
 * Sending: messages a second through the gRPC service Messenger and its durable queue, against a loop that writes durably, posts to the same provider and writes again, and one that only posts. Each contender
 * is a process of its own with a log (on Kafka: a topic) of its own, they take turns; the provider is an HTTP server in this process, and so is the caller of Messenger. After each turn the provider must have got every message
 * once. `--kafka`: the log is Kafka's instead of the embedded one.
 */
import { fileURLToPath } from 'node:url';
import { credentials, Metadata } from '@grpc/grpc-js';
import {
  MessengerClient,
  SendRequest,
  type SendResponse,
  SendResponse_State,
} from '@messtrack/proto/gen/messtrack/v1/messenger_service.ts';
import { startFakeMeta } from '@messtrack/testing/fake-send-apis.ts';
import { type Services, startServices } from '@messtrack/testing/services.ts';
import { medianRate, packageVersion, type Sample, writeResult } from './result.ts';
import { ACCOUNTS, API_TOKEN } from './sending/accounts.ts';
import { IN_FLIGHT, keyOf, recipientOf, TEMPLATE } from './sending/load.ts';
import { type Contender, startContender } from './webhook/contender.ts';

const CONTENDERS = ['post', 'bare', 'gateway'] as const;
const RUNS = 5;
const MESSAGES = 4_000;
const WARM_UP_MESSAGES = 6_000;
const SERVER = fileURLToPath(new URL('sending/server.ts', import.meta.url));
const isKafka = process.argv.includes('--kafka');

const services: Services | undefined = isKafka ? await startServices({ kafka: true }) : undefined;
const meta = await startFakeMeta();
const samples: Sample[] = [];
try {
  const servers: Contender[] = [];
  // One after the other: two that create the same topics at once meet each other's.
  for (const contender of CONTENDERS) servers.push(await startContender(SERVER, contender, [meta.url, ...(services?.kafkaBrokers ?? [])]));
  const gateway = servers.find(({ contender }) => contender === 'gateway')!;
  const client = new MessengerClient(`127.0.0.1:${gateway.port}`, credentials.createInsecure());
  try {
    for (const server of servers) await turn(server, WARM_UP_MESSAGES, '0', client);
    for (let run = 1; run <= RUNS; run += 1)
      for (let i = 0; i < servers.length; i += 1) {
        const server = servers[(i + run) % servers.length]!;
        const cpuBefore = await server.cpuMicros();
        const seconds = await turn(server, MESSAGES, String(run), client);
        const cpuMicrosPerMessage = Math.round((((await server.cpuMicros()) - cpuBefore) / MESSAGES) * 10) / 10;
        samples.push({ contender: server.contender, run, count: MESSAGES, seconds, more: { cpuMicrosPerMessage } });
        console.log(
          `run ${run} ${server.contender.padEnd(8)} ${Math.round(MESSAGES / seconds)} messages/s, ${cpuMicrosPerMessage} µs CPU per message`,
        );
      }
  } finally {
    client.close();
    for (const server of servers) await server.stop();
  }
} finally {
  await meta.close();
  await services?.stop();
}

writeResult({
  name: isKafka ? 'sending-kafka' : 'sending',
  says: `Messages a second to a provider on the same machine, each to another person, ${isKafka ? 'on Kafka' : 'on the embedded log'}: through gRPC Messenger with its queue, idempotency, limits and touchpoint; by a loop with a durable record before and after the post; and by posts alone. Provider and caller share the machine, so absolute numbers are lower than on a machine of its own.`,
  parameters: { runs: RUNS, messagesPerRun: MESSAGES, inFlight: IN_FLIGHT, accounts: ACCOUNTS, log: isKafka ? 'kafka' : 'lmdb' },
  versions: { '@grpc/grpc-js': packageVersion('@grpc/grpc-js') },
  samples,
  ratios: {
    'gateway / bare': { value: medianRate(samples, 'gateway') / medianRate(samples, 'bare') },
    'gateway / bare, by CPU per message': { value: leastCpu('bare') / leastCpu('gateway') },
    'bare / post': { value: medianRate(samples, 'bare') / medianRate(samples, 'post') },
  },
});

function leastCpu(contender: string): number {
  return Math.min(
    ...samples.filter((sample) => sample.contender === contender).map(({ more }) => more?.['cpuMicrosPerMessage'] ?? Number.NaN),
  );
}

/** Seconds until the last message is answered. The provider's ledger is compared: every message once, none else. */
async function turn(server: Contender, count: number, run: string, client: MessengerClient): Promise<number> {
  meta.clear();
  const startedAtMs = performance.now();
  if (server.contender === 'gateway') await sendAll(client, count, run);
  else {
    const answer = await fetch(`http://127.0.0.1:${server.port}/?count=${count}&run=${run}`);
    if (!answer.ok) throw new Error(`${server.contender}: ${await answer.text()}`);
  }
  const seconds = (performance.now() - startedAtMs) / 1_000;
  const keys = meta
    .accepted()
    .map(({ body }) => (JSON.parse(body) as { readonly biz_opaque_callback_data: string }).biz_opaque_callback_data);
  const got = new Set(keys);
  const isWhole = keys.length === count && Array.from({ length: count }, (_, index) => keyOf(index, run)).every((key) => got.has(key));
  if (!isWhole) throw new Error(`${server.contender}: ${count} messages were sent, ${keys.length} arrived, ${got.size} of them different`);
  return seconds;
}

async function sendAll(client: MessengerClient, count: number, run: string): Promise<void> {
  const metadata = new Metadata();
  metadata.set('authorization', `Bearer ${API_TOKEN}`);
  let next = 0;
  const worker = async () => {
    while (next < count) {
      const index = next++;
      const request = SendRequest.fromPartial({
        workspace: 'bench',
        account: `wa-${index % ACCOUNTS}`,
        recipient: recipientOf(index, run),
        idempotencyKey: keyOf(index, run),
        content: { $case: 'template', value: { ...TEMPLATE, bodyParameters: [String(index)] } },
        optIn: { atMs: 1_790_000_000_000, where: 'bench' },
        answerWithinMs: 60_000,
      });
      const { state } = await new Promise<SendResponse>((resolve, reject) => {
        client.send(request, metadata, (error, response) => (error === null ? resolve(response) : reject(error)));
      });
      if (state !== SendResponse_State.STATE_SENT) throw new Error(`${keyOf(index, run)} was not sent: ${state}`);
    }
  };
  await Promise.all(Array.from({ length: IN_FLIGHT }, worker));
}
