/** The queue over kill -9: nobody gets a message twice, and every answer is what the provider's own books say. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { credentials, Metadata } from '@grpc/grpc-js';
import {
  MessengerClient,
  SendRequest,
  type SendResponse,
  SendResponse_State,
} from '@messtrack/proto/gen/messtrack/v1/messenger_service.ts';
import { readErrorInfo } from '@messtrack/runtime/grpc-error-info.ts';
import { type FakeProvider, startFakeMeta } from '@messtrack/testing/fake-send-apis.ts';
import { type GuardedProcess, startGuarded } from '@messtrack/testing/guarded-process.ts';
import { assertBalanced } from '@messtrack/testing/ledger.ts';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { APP_SECRET, hubSignature, waBody } from './gateway.ts';
import { API_TOKEN } from './outbound-world.ts';

const CHILD = fileURLToPath(new URL('outbound-child.ts', import.meta.url));
const MESSAGES = 160;

interface Running {
  readonly process: GuardedProcess;
  readonly client: MessengerClient;
  readonly hooks: string;
}

let folder: string;
let meta: FakeProvider;
let running: Running;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'messtrack-outbound-kill-'));
  meta = await startFakeMeta();
  running = await start();
});

afterAll(async () => {
  running?.client.close();
  await running?.process.kill();
  await meta?.close();
  await rm(folder, { recursive: true, force: true });
});

it('sends each message once over two kills in the middle, and knows which ones', async () => {
  const keys = Array.from({ length: MESSAGES }, (_, i) => `key-${i}`);
  for (const share of [0.25, 0.6]) {
    const asked = keys.map((key) => send(key));
    await acceptedAtLeast(Math.floor(MESSAGES * share));
    await running.process.kill();
    running.client.close();
    await Promise.all(asked);
    running = await start();
  }

  const answers = new Map<string, Answer>();
  while (answers.size < MESSAGES) {
    const open = keys.filter((key) => !answers.has(key));
    const got = await Promise.all(open.map(async (key) => [key, await send(key)] as const));
    for (const [key, answer] of got) if (answer.kind !== 'later') answers.set(key, answer);
  }

  const books = meta.accepted().map(({ body, messageId }) => {
    const { biz_opaque_callback_data: key, to } = JSON.parse(body) as { biz_opaque_callback_data: string; to: string };
    return { id: key, key: to, value: messageId! };
  });
  // Between the provider and the record of its answer a kill leaves a message that nobody here can know of; a status of the provider tells.
  const unknown = keys.filter((key) => answers.get(key)?.kind === 'unconfirmed');
  expect(unknown.length).toBeLessThan(MESSAGES / 2);
  for (const { id, value } of books) if (unknown.includes(id)) await postStatus(id, value);
  const reached = new Set(books.map(({ id }) => id));
  for (const key of unknown.filter((each) => reached.has(each))) {
    let answer = await send(key);
    while (answer.kind !== 'sent') answer = await send(key);
    answers.set(key, answer);
  }

  const claimed = keys.flatMap((key) => {
    const answer = answers.get(key)!;
    return answer.kind === 'sent' ? [{ id: key, key: numberOf(key), value: answer.messageId }] : [];
  });
  assertBalanced(claimed, books, { order: 'any' });
  expect(claimed.length).toBeGreaterThan(MESSAGES / 2);
});

type Answer = { readonly kind: 'sent'; readonly messageId: string } | { readonly kind: 'unconfirmed' | 'later' };

function numberOf(key: string): string {
  return `1415555${String(1_000 + Number(key.slice(4))).padStart(4, '0')}`;
}

/** One call: sent, in doubt, or to be repeated because the process went or the answer takes long. */
async function send(key: string): Promise<Answer> {
  const request = SendRequest.fromPartial({
    workspace: 'acme',
    account: 'sales-wa',
    recipient: `+${numberOf(key)}`,
    idempotencyKey: key,
    content: { $case: 'template', value: { name: 'welcome', language: 'en_US', bodyParameters: [] } },
    optIn: { atMs: 1_790_000_000_000, where: 'form' },
    answerWithinMs: 3_000,
  });
  const metadata = new Metadata();
  metadata.set('authorization', `Bearer ${API_TOKEN}`);
  return await new Promise((resolve, reject) => {
    running.client.send(request, metadata, (error, response: SendResponse) => {
      if (error === null) {
        const { state, messageId } = response;
        resolve(state === SendResponse_State.STATE_SENT ? { kind: 'sent', messageId } : { kind: 'later' });
        return;
      }
      const reason = readErrorInfo(error.metadata)?.reason;
      if (reason === undefined) resolve({ kind: 'later' });
      else if (reason === 'unconfirmed') resolve({ kind: 'unconfirmed' });
      else reject(error);
    });
  });
}

async function acceptedAtLeast(count: number): Promise<void> {
  while (meta.accepted().length < count) await new Promise((resolve) => setTimeout(resolve, 2));
}

async function postStatus(key: string, id: string): Promise<void> {
  const delivered = { id, status: 'delivered', timestamp: String(Math.floor(Date.now() / 1_000)), biz_opaque_callback_data: key };
  const body = JSON.stringify(waBody({ contacts: undefined, statuses: [delivered] }));
  const headers = { 'content-type': 'application/json', 'x-hub-signature-256': hubSignature(Buffer.from(body), APP_SECRET) };
  expect((await fetch(running.hooks, { method: 'POST', headers, body })).status).toBe(200);
}

async function start(): Promise<Running> {
  const ready = Promise.withResolvers<readonly [http: string, grpc: string]>();
  const child = await startGuarded({
    command: process.execPath,
    args: [CHILD],
    env: { OUTBOUND_CHILD: JSON.stringify({ folder, meta: meta.url, telegram: meta.url }) },
    onLine(line) {
      const [, http, grpc] = /^ready (\d+) (\d+)$/.exec(line) ?? [];
      if (http !== undefined && grpc !== undefined) ready.resolve([http, grpc]);
    },
  });
  void child.exited.then(() => ready.reject(new Error(`the child ended:\n${child.output()}`)));
  const [http, grpc] = await ready.promise;
  return {
    process: child,
    client: new MessengerClient(`127.0.0.1:${grpc}`, credentials.createInsecure()),
    hooks: `http://127.0.0.1:${http}/hooks/whatsapp/acme/sales-wa`,
  };
}
