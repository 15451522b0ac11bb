/** The gateway as a process that asks Telegram, killed while it writes: what Telegram was told to forget is in the log, and every message is there under one id. */
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
import { startTelegramServer, type TelegramServer } from '@messtrack/testing/telegram-server.ts';
import { afterAll, beforeAll, expect, it } from 'vitest';

const CHILD = fileURLToPath(new URL('polling-child.ts', import.meta.url));
const TOKEN = '123456:AAH-very-secret-token_of_the_bot';
const WORKSPACE = `
workspace: acme
api_tokens: ["\${API_TOKEN}"]
accounts:
  sales-tg: { channel: telegram, provider: telegram, username: acme_bot, bot_token: "\${TG_TOKEN}", updates: polling }
`;

let kafka: KafkaInstance;
let proxy: FaultProxy;
let telegram: TelegramServer;
let folder: string;
let gateway: GuardedProcess;
const output: string[] = [];

beforeAll(async () => {
  const proxyPort = await freePort();
  kafka = await startNativeKafka({ advertisedPort: proxyPort });
  proxy = await startFaultProxy({ port: proxyPort, targetPort: kafka.port });
  telegram = await startTelegramServer({ token: TOKEN, username: 'acme_bot' });
  folder = await mkdtemp(join(tmpdir(), 'messtrack-polling-'));
  await writeFile(join(folder, 'acme.yaml'), WORKSPACE);
  gateway = await startProcess();
});

afterAll(async () => {
  await gateway?.stop();
  await telegram?.close();
  await proxy?.close();
  await kafka?.stop();
  await rm(folder, { recursive: true, force: true });
});

/** Messages that people wrote, by event id, and the update each came in. */
const written: { readonly id: string; readonly update: number }[] = [];

it('loses and doubles nothing over kill -9, an outage of the log and bad answers', async () => {
  write(150);
  await telegram.drained();

  for (const records of [1, 250]) {
    const before = telegram.forgotten.length;
    write(records);
    write(100);
    // Dead in the middle: something is confirmed or about to be, the rest waits.
    while (telegram.forgotten.length === before && records > 1) await new Promise((resolve) => setImmediate(resolve));
    await gateway.kill();
    telegram.fault({ kind: 'truncate' }, { kind: 'status', status: 502 });
    gateway = await startProcess();
  }

  await telegram.drained();
  await proxy.refuse();
  write(50);
  const confirmed = telegram.forgotten.length;
  await said('not_stored');
  // Nothing can be durable: to let Telegram forget would be to lose it.
  expect(telegram.forgotten.length).toBe(confirmed);
  await proxy.heal();
  await telegram.drained();
  expect(await gateway.stop(30_000)).toEqual({ code: 0, signal: null });

  expect(telegram.forgotten).toEqual(written.map(({ update }) => update));
  const entries = (ids: Iterable<string>) => [...ids].map((id) => ({ id, key: 'acme/sales-tg' }));
  assertBalanced(entries(written.map(({ id }) => id)), entries(new Set(await readLog())), { order: 'any' });
  expect(output.join('\n')).not.toContain('very-secret');
});

function write(count: number): void {
  for (let i = 0; i < count; i++) {
    const number = written.length + 1;
    const person = { id: 700 + (number % 7), is_bot: false, first_name: 'Ann' };
    const update = telegram.push({
      message: {
        message_id: number,
        date: Math.floor(Date.now() / 1000),
        chat: { id: person.id, type: 'private' },
        from: person,
        text: 'hello',
      },
    });
    written.push({ id: `tg/sales-tg/${person.id}/${number}`, update: update ?? 0 });
  }
}

/** Until the process says so. */
async function said(result: string): Promise<void> {
  while (!output.some((line) => line.includes(`"result":"${result}"`))) await new Promise((resolve) => setTimeout(resolve, 20));
}

/** Event ids of all messages in the log. */
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

async function startProcess(): Promise<GuardedProcess> {
  const started = Promise.withResolvers<void>();
  const child = await startGuarded({
    command: process.execPath,
    args: [CHILD, kafka.brokers.join(','), folder, telegram.url],
    env: { API_TOKEN: 'acme-api-token-0123456789', TG_TOKEN: TOKEN },
    onLine: (line) => {
      output.push(line);
      if (line.includes('"msg":"started"')) started.resolve();
    },
  });
  child.exited.then(() => started.reject(new Error(`the gateway ended before it had started:\n${child.output()}`)));
  await started.promise;
  return child;
}
