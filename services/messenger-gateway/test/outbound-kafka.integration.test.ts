/** Two gateways on one Kafka: whichever is asked, one of them sends, once, and both can tell what came of it. */
import { credentials, Metadata } from '@grpc/grpc-js';
import {
  MessengerClient,
  SendRequest,
  type SendResponse,
  SendResponse_State,
} from '@messtrack/proto/gen/messtrack/v1/messenger_service.ts';
import { TOPIC_LIST } from '@messtrack/proto/topics.ts';
import { openKafkaBus } from '@messtrack/runtime/bus-kafka.ts';
import { startGrpc } from '@messtrack/runtime/grpc.ts';
import { createLogger } from '@messtrack/runtime/logger.ts';
import { type FakeProvider, startFakeMeta } from '@messtrack/testing/fake-send-apis.ts';
import { fixedWorkspaces } from '@messtrack/workspace/registry.ts';
import { fastify } from 'fastify';
import { Registry } from 'prom-client';
import { afterAll, beforeAll, expect, inject, it } from 'vitest';
import { DEFAULT_GATEWAY_SETTINGS, outboundSettings } from '../src/config.ts';
import { startGateway } from '../src/service.ts';
import { API_TOKEN, sendingWorkspace } from './outbound-world.ts';

const RUN = String(Date.now());
const log = createLogger('test', 'silent');

interface Replica {
  readonly client: MessengerClient;
  close(): Promise<void>;
}

let meta: FakeProvider;
let one: Replica;
let two: Replica;

beforeAll(async () => {
  meta = await startFakeMeta();
  [one, two] = await Promise.all([startReplica('one'), startReplica('two')]);
});

afterAll(async () => {
  await Promise.all([one?.close(), two?.close()]);
  await meta?.close();
});

it('send each message once whichever gateway is asked, and answer alike, also when one has gone', async () => {
  const keys = Array.from({ length: 24 }, (_, i) => `kafka-${RUN}-${i}`);
  const answers = await Promise.all(keys.flatMap((key) => [send(one, key), send(two, key)]));
  for (let i = 0; i < keys.length; i += 1) {
    expect(answers[2 * i]).toMatchObject({ state: SendResponse_State.STATE_SENT });
    expect(answers[2 * i + 1]).toEqual(answers[2 * i]);
  }
  await one.close();
  const later = await Promise.all([...keys, `kafka-${RUN}-new`].map((key) => send(two, key)));
  expect(later.slice(0, -1)).toEqual(keys.map((_, i) => answers[2 * i]));
  expect(later.at(-1)).toMatchObject({ state: SendResponse_State.STATE_SENT });
  const sent = meta.accepted().map(({ body }) => (JSON.parse(body) as { biz_opaque_callback_data: string }).biz_opaque_callback_data);
  expect(sent.sort()).toEqual([...keys, `kafka-${RUN}-new`].sort());
});

it('stop in the middle of many messages and leave none of them in doubt: the next one sends what was announced and not begun', async () => {
  const keys = Array.from({ length: 400 }, (_, i) => `stops-${RUN}-${i}`);
  let replica = await startReplica('stops-0');
  await Promise.all([two.close(), ...keys.map((key) => send(replica, key, 1))]);
  const before = meta.accepted().length;
  for (const stop of [1, 2, 3]) {
    await expect.poll(() => meta.accepted().length - before).toBeGreaterThan(stop * 80);
    await replica.close();
    replica = await startReplica(`stops-${stop}`);
  }
  const answers = await Promise.all(keys.map((key) => send(replica, key)));
  await replica.close();
  expect(answers.filter(({ state }) => state !== SendResponse_State.STATE_SENT)).toEqual([]);
  expect(meta.accepted().length - before).toBe(keys.length);
});

async function send({ client }: Replica, key: string, answerWithinMs = 60_000): Promise<SendResponse> {
  const number = String(1_000 + (Number(key.split('-')[2]) || 999)).padStart(4, '0');
  const request = SendRequest.fromPartial({
    workspace: 'acme',
    account: 'sales-wa',
    recipient: `+1415555${number}`,
    idempotencyKey: key,
    content: { $case: 'template', value: { name: 'welcome', language: 'en_US', bodyParameters: [] } },
    optIn: { atMs: 1_790_000_000_000, where: 'form' },
    answerWithinMs,
  });
  const metadata = new Metadata();
  metadata.set('authorization', `Bearer ${API_TOKEN}`);
  return await new Promise((resolve, reject) => {
    client.send(request, metadata, (error, response) => (error === null ? resolve(response) : reject(error)));
  });
}

async function startReplica(name: string): Promise<Replica> {
  const bus = await openKafkaBus({ brokers: inject('kafkaBrokers'), clientId: `outbound-${name}`, log });
  await bus.ensureTopics(TOPIC_LIST);
  const app = fastify();
  const gateway = await startGateway({
    app,
    bus,
    workspaces: fixedWorkspaces([sendingWorkspace()]),
    settings: { ...DEFAULT_GATEWAY_SETTINGS, outbound: outboundSettings({ WHATSAPP_API_URL: `${meta.url}/v24.0` }) },
    log,
    registry: new Registry(),
  });
  await app.ready();
  const grpc = await startGrpc({ host: '127.0.0.1', port: 0, services: [gateway.value.messenger!.service], log, shutdownMs: 200 });
  const client = new MessengerClient(`127.0.0.1:${grpc.value.port}`, credentials.createInsecure());
  let closing: Promise<void> | undefined;
  const close = async () => {
    client.close();
    await grpc.close?.();
    await app.close();
    await gateway.close?.();
    await bus.close();
  };
  return {
    client,
    close: () => {
      closing ??= close();
      return closing;
    },
  };
}
