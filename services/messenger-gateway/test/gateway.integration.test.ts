/** The gateway as a process of its own, on a real broker that is taken away and given back: 200 means that it is in the log. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Touchpoint } from '@messtrack/proto/gen/messtrack/v1/touchpoint.ts';
import { openKafkaBus } from '@messtrack/runtime/bus-kafka.ts';
import { createLogger } from '@messtrack/runtime/logger.ts';
import { type FaultProxy, startFaultProxy } from '@messtrack/testing/fault-proxy.ts';
import { freePort } from '@messtrack/testing/free-port.ts';
import { type GuardedProcess, startGuarded } from '@messtrack/testing/guarded-process.ts';
import { type KafkaInstance, startNativeKafka } from '@messtrack/testing/kafka.ts';
import { assertBalanced } from '@messtrack/testing/ledger.ts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hubSignature, waBody, waText } from './gateway.ts';

const MAIN = fileURLToPath(new URL('../src/main.ts', import.meta.url));
const SECRET = 'integration-app-secret';
const WORKSPACE = `
workspace: acme
api_tokens: ["\${API_TOKEN}"]
accounts:
  sales-wa: { channel: whatsapp, provider: whatsapp, phone: "+14155550100", phone_number_id: "106540352242922",
              app_secret: \${WA_SECRET}, verify_token: \${WA_VERIFY} }
placements:
  site: { kind: site, account: sales-wa, greetings: ["Hello! I have a question"], origins: ["https://acme.example"] }
`;

let kafka: KafkaInstance;
let proxy: FaultProxy;
let folder: string;
let gateway: GuardedProcess;
let port: number;

beforeAll(async () => {
  const proxyPort = await freePort();
  kafka = await startNativeKafka({ advertisedPort: proxyPort });
  proxy = await startFaultProxy({ port: proxyPort, targetPort: kafka.port });
  folder = await mkdtemp(join(tmpdir(), 'messtrack-gateway-'));
  await writeFile(join(folder, 'acme.yaml'), WORKSPACE);
  port = await freePort();
  gateway = await startProcess();
});

afterAll(async () => {
  await gateway?.stop();
  await proxy?.close();
  await kafka?.stop();
  await rm(folder, { recursive: true, force: true });
});

/** Messages that went in, by event id. */
const sent: string[] = [];

describe('the gateway process', () => {
  it('answers 200 only for what is in the log, over outage and kill -9, and loses nothing that is sent again', async () => {
    expect(await Promise.all(newMessages(200).map(post))).toEqual(Array.from({ length: 200 }, () => 200));

    await proxy.refuse();
    const refused = newMessages(20);
    const during = await Promise.all(refused.map(post));
    // Nothing can be durable: an answer of 200 would be a lie.
    expect(new Set(during), gateway.output()).toEqual(new Set([503]));
    await proxy.heal();
    await deliver(refused);

    const cutOff = newMessages(300);
    const inFlight = cutOff.map(post);
    await Promise.race(inFlight);
    await gateway.kill();
    const answers = await Promise.all(inFlight);
    gateway = await startProcess();
    await deliver(cutOff.filter((_, i) => answers[i] !== 200));

    const logged = await readLog();
    const entries = (ids: Iterable<string>) => [...ids].map((id) => ({ id, key: 'acme/sales-wa' }));
    // A message whose answer was lost stands in the log twice, under one event id.
    assertBalanced(entries(sent), entries(new Set(logged)), { order: 'any' });
  });

  it('drains and exits 0 on SIGTERM', async () => {
    const messages = newMessages(50);
    const answers = messages.map(post);
    await Promise.race(answers);
    const exit = await gateway.stop();
    expect(exit, gateway.output()).toEqual({ code: 0, signal: null });
    const statuses = await Promise.all(answers);
    const logged = new Set(await readLog());
    for (const [i, { id }] of messages.entries()) if (statuses[i] === 200) expect(logged).toContain(id);
  });
});

interface Sent {
  readonly id: string;
  readonly body: string;
}

function newMessages(count: number): readonly Sent[] {
  return Array.from({ length: count }, () => {
    const wamid = `wamid.${sent.length}`;
    const id = `wa/106540352242922/${wamid}`;
    sent.push(id);
    return { id, body: JSON.stringify(waBody({ messages: [waText('Hello! I have a question', { id: wamid })] })) };
  });
}

/** Status of the answer; 0 when there was none. */
async function post({ body }: Sent): Promise<number> {
  try {
    const response = await fetch(`http://127.0.0.1:${port}/hooks/whatsapp/acme/sales-wa`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-hub-signature-256': hubSignature(Buffer.from(body), SECRET) },
      body,
    });
    return response.status;
  } catch {
    return 0;
  }
}

/** As the platform does: again and again until 200. */
async function deliver(messages: readonly Sent[]): Promise<void> {
  let left = messages;
  while (left.length > 0) {
    const answers = await Promise.all(left.map(post));
    left = left.filter((_, i) => answers[i] !== 200);
  }
}

async function startProcess(): Promise<GuardedProcess> {
  const listening = Promise.withResolvers<void>();
  const child = await startGuarded({
    command: process.execPath,
    args: [MAIN],
    env: {
      KAFKA_BROKERS: kafka.brokers.join(','),
      MESSTRACK_WORKSPACES: folder,
      HTTP_HOST: '127.0.0.1',
      HTTP_PORT: String(port),
      ADMIN_HOST: '127.0.0.1',
      GRPC_HOST: '127.0.0.1',
      GRPC_PORT: '0',
      ADMIN_PORT: '0',
      API_TOKEN: 'integration-api-token-0123',
      WA_SECRET: SECRET,
      WA_VERIFY: 'integration-verify-token',
    },
    onLine: (line) => {
      if (line.includes('"msg":"listening"')) listening.resolve();
    },
  });
  child.exited.then(() => listening.reject(new Error(`the gateway ended before it listened:\n${child.output()}`)));
  await listening.promise;
  return child;
}

/** Event ids of all messages in the log, in the order of their partition. */
async function readLog(): Promise<readonly string[]> {
  const bus = await openKafkaBus({ brokers: kafka.brokers, clientId: 'test-reader', log: createLogger('test', 'silent') });
  const ids: string[] = [];
  for (const { topic, partition, first } of await bus.offsets('touchpoints.v1'))
    for await (const records of bus.read({ topic, partition }, first))
      for (const { value } of records) {
        const touchpoint = Touchpoint.decode(value);
        if (touchpoint.kind?.$case === 'message') ids.push(touchpoint.eventId);
      }
  await bus.close();
  return ids;
}
