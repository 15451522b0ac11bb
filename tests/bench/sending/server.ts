/**
 * One contender of the benchmark of sending in a process of its own: `node server.ts gateway|bare|post <provider>,<brokers …>`. Without brokers the log is the embedded one. Prints its port, then, at each
 * line on standard input, the microseconds of CPU it has used; ends when standard input does.
 *
 * `gateway` serves gRPC. `bare` and `post` send by themselves when told how many by GET /?count=…&run=…: `bare` writes a record before and another after the post, durably, which is the least that never sends
 * a message twice takes; `post` writes nothing.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { Agent, createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { DEFAULT_PROVIDER_URLS } from '@messtrack/messenger-gateway/adapters/senders/provider-urls.ts';
import { DEFAULT_GATEWAY_SETTINGS } from '@messtrack/messenger-gateway/config.ts';
import { startGateway } from '@messtrack/messenger-gateway/service.ts';
import { TOPIC_LIST, TOPICS } from '@messtrack/proto/topics.ts';
import type { Bus } from '@messtrack/runtime/bus.ts';
import { openKafkaBus } from '@messtrack/runtime/bus-kafka.ts';
import { openLmdbBus } from '@messtrack/runtime/bus-lmdb.ts';
import { startGrpc } from '@messtrack/runtime/grpc.ts';
import { createLogger } from '@messtrack/runtime/logger.ts';
import { fixedWorkspaces } from '@messtrack/workspace/registry.ts';
import { fastify } from 'fastify';
import { Registry } from 'prom-client';
import { ACCESS_TOKEN, ACCOUNTS, numberOf, sendingWorkspace } from './accounts.ts';
import { IN_FLIGHT, templateBody } from './load.ts';

/** Not the gateway's: on one broker it would read what the bare loop writes, and write a dead letter for each record. */
const BARE_TOPIC = 'bench.sending.bare';

const [contender = '', rest = ''] = process.argv.slice(2);
const [provider = '', ...brokers] = rest.split(',').filter((each) => each !== '');
const log = createLogger('bench', 'warn');
const folder = await mkdtemp(join(tmpdir(), 'messtrack-sending-'));
const bus: Bus =
  brokers.length > 0 ? await openKafkaBus({ brokers, clientId: `bench-${contender}`, log }) : await openLmdbBus({ path: folder, log });
await bus.ensureTopics([...TOPIC_LIST, { ...TOPICS.outbound, name: BARE_TOPIC }]);
const close = contender === 'gateway' ? await startGatewayContender() : await startBareContender(contender === 'bare');
for await (const _ of createInterface({ input: process.stdin })) {
  const { user, system } = process.cpuUsage();
  console.log(user + system);
}
await close();
await bus.close();
await rm(folder, { recursive: true, force: true });

async function startGatewayContender(): Promise<() => Promise<void>> {
  const app = fastify();
  const gateway = await startGateway({
    app,
    bus,
    workspaces: fixedWorkspaces([sendingWorkspace()]),
    settings: {
      ...DEFAULT_GATEWAY_SETTINGS,
      outbound: {
        providerUrls: { ...DEFAULT_PROVIDER_URLS, whatsapp: new URL(`${provider}/v24.0`) },
        allowsPrivate: true,
        privateHosts: new Set(),
        callTimeoutMs: 20_000,
        orphanedMs: 60_000,
        unclearMs: 3_000,
        checkEveryMs: 3_600_000,
      },
    },
    log,
    registry: new Registry(),
  });
  const grpc = await startGrpc({ host: '127.0.0.1', port: 0, services: [gateway.value.messenger!.service], log });
  console.log(grpc.value.port);
  return async () => {
    await grpc.close?.();
    await app.close();
    await gateway.close?.();
  };
}

async function startBareContender(isDurable: boolean): Promise<() => Promise<void>> {
  const producer = await bus.producer();
  const agent = new Agent({ keepAlive: true, maxSockets: IN_FLIGHT });

  function post(index: number, body: string): Promise<string> {
    return new Promise((resolve, reject) => {
      const headers = {
        authorization: `Bearer ${ACCESS_TOKEN}`,
        'content-type': 'application/json',
        'content-length': Buffer.byteLength(body),
      };
      const sent = request(`${provider}/v24.0/${numberOf(index % ACCOUNTS)}/messages`, { method: 'POST', agent, headers }, (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('end', () => {
          const answer = JSON.parse(Buffer.concat(chunks).toString('utf8')) as { readonly messages: readonly { readonly id: string }[] };
          resolve(answer.messages[0]!.id);
        });
      });
      sent.on('error', reject);
      sent.end(body);
    });
  }

  async function write(index: number, value: string): Promise<void> {
    if (!isDurable) return;
    await producer.send([{ topic: BARE_TOPIC, key: `bench/wa-${index % ACCOUNTS}`, value: Buffer.from(value), headers: {} }]);
  }

  async function sendAll(count: number, run: string): Promise<void> {
    let next = 0;
    const worker = async () => {
      while (next < count) {
        const index = next++;
        const body = templateBody(index, run);
        await write(index, body);
        const id = await post(index, body);
        await write(index, JSON.stringify({ run, index, id }));
      }
    };
    await Promise.all(Array.from({ length: IN_FLIGHT }, worker));
  }

  const server = createServer((incoming, response) => {
    const query = new URL(incoming.url ?? '/', 'http://server').searchParams;
    sendAll(Number(query.get('count')), query.get('run') ?? '').then(
      () => response.end('done'),
      (error: unknown) => response.writeHead(500).end(String(error)),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  console.log((server.address() as AddressInfo).port);
  return async () => {
    server.closeAllConnections();
    server.close();
    agent.destroy();
    await producer.close();
  };
}
