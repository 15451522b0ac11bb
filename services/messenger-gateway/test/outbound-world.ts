/** A gateway that sends: a real embedded log, a real gRPC server and client, providers that are HTTP servers of ours. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { credentials, Metadata, type ServiceError, type status } from '@grpc/grpc-js';
import {
  GetSendRequest,
  type GetSendResponse,
  MessengerClient,
  SendRequest,
  type SendResponse,
} from '@messtrack/proto/gen/messtrack/v1/messenger_service.ts';
import { Touchpoint } from '@messtrack/proto/gen/messtrack/v1/touchpoint.ts';
import { TOPIC_LIST, TOPICS } from '@messtrack/proto/topics.ts';
import type { Bus } from '@messtrack/runtime/bus.ts';
import { openLmdbBus } from '@messtrack/runtime/bus-lmdb.ts';
import { startGrpc } from '@messtrack/runtime/grpc.ts';
import { readErrorInfo } from '@messtrack/runtime/grpc-error-info.ts';
import { createLogger } from '@messtrack/runtime/logger.ts';
import type { JoinRead, JoinStore } from '@messtrack/sessions/join-store.ts';
import { type FakeProvider, startFakeMeta, startFakeTelegram, startFakeTwilio } from '@messtrack/testing/fake-send-apis.ts';
import { parseWorkspace } from '@messtrack/workspace/parse.ts';
import { fixedWorkspaces } from '@messtrack/workspace/registry.ts';
import type { Workspace } from '@messtrack/workspace/workspace.ts';
import { fastify } from 'fastify';
import { Registry } from 'prom-client';
import { DEFAULT_PROVIDER_URLS } from '../src/adapters/senders/provider-urls.ts';
import { DEFAULT_GATEWAY_SETTINGS, type OutboundSettings } from '../src/config.ts';
import { startGateway } from '../src/service.ts';
import { APP_SECRET, hubSignature, PHONE_NUMBER_ID } from './gateway.ts';

export const API_TOKEN = 'acme-api-token-0123456789';
export const ACCESS_TOKEN = 'EAAB-access-token-of-acme';
export const D360_KEY = 'd360-api-key-of-acme-0123';
export const TWILIO_SID = 'AC0123456789abcdef0123456789abcdef';
export const TWILIO_TOKEN = 'twilio-token-of-acme-01234';
export const BOT_TOKEN = '110201543:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw';

const WORKSPACE = `
workspace: acme
api_tokens: ["\${API_TOKEN}"]
accounts:
  sales-wa: { channel: whatsapp, provider: whatsapp, phone: "+14155550100", phone_number_id: "${PHONE_NUMBER_ID}",
              app_secret: \${APP_SECRET}, verify_token: \${VERIFY_TOKEN}, access_token: \${ACCESS_TOKEN} }
  mute-wa: { channel: whatsapp, provider: whatsapp, phone: "+14155550101", phone_number_id: "200000000000001",
             app_secret: \${APP_SECRET}, verify_token: \${VERIFY_TOKEN} }
  sales-d360: { channel: whatsapp, provider: 360dialog, phone: "+14155550103", phone_number_id: "300000000000003",
                webhook_token: \${D360_TOKEN}, api_key: \${D360_KEY} }
  sales-tw: { channel: whatsapp, provider: twilio, phone: "+14155550104", account_sid: ${TWILIO_SID}, auth_token: \${TWILIO_TOKEN} }
  sales-tg: { channel: telegram, provider: telegram, username: acme_bot, secret_token: \${TG_SECRET}, bot_token: \${BOT_TOKEN} }
`;

export function sendingWorkspace(): Workspace {
  const env = {
    API_TOKEN,
    APP_SECRET,
    VERIFY_TOKEN: 'wa-verify-token-01234567',
    ACCESS_TOKEN,
    BOT_TOKEN,
    D360_KEY,
    D360_TOKEN: 'd360-webhook-token-01234',
    TWILIO_TOKEN,
    TG_SECRET: 'tg-secret-token-01234567',
  };
  const result = parseWorkspace(WORKSPACE, { file: 'acme.yaml', env, readFile: () => '' });
  if ('problems' in result) throw new Error(result.problems.map(({ path, message }) => `${path}: ${message}`).join('\n'));
  return result.workspace;
}

export interface SendingGateway {
  readonly bus: Bus;
  readonly meta: FakeProvider;
  readonly telegram: FakeProvider;
  readonly twilio: FakeProvider;
  readonly registry: Registry;
  /** What was logged, as written. */
  readonly logged: () => string;
  send(request: Parameters<typeof SendRequest.fromPartial>[0], token?: string): Promise<SendResponse>;
  getSend(key: string, account?: string): Promise<GetSendResponse>;
  /** Posts a signed webhook with one value of the field `messages`; returns the status. */
  webhook(value: object): Promise<number>;
  /** Posts any webhook as it is; returns the status. */
  post(webhook: { readonly url: string; readonly headers: Readonly<Record<string, string>>; readonly payload: Buffer }): Promise<number>;
  touchpoints(): Promise<readonly Touchpoint[]>;
  /** Stops the gateway and starts another on the same log. */
  restart(): Promise<void>;
  close(): Promise<void>;
}

export interface SendingOptions {
  readonly joins?: Pick<JoinStore, 'read'>;
  readonly settings?: Partial<OutboundSettings>;
  /** What the gateway gets instead of the log itself. */
  readonly through?: (bus: Bus) => Bus;
  /** Default: accounts at the Cloud API, 360dialog, Twilio and a Telegram bot. */
  readonly workspace?: Workspace;
}

/** A join store of contacts by full key. */
export function joinsOf(entries: Readonly<Record<string, unknown>>): Pick<JoinStore, 'read'> {
  return {
    read: async (reads: readonly JoinRead[]) =>
      reads.map(({ key }) => (entries[key] === undefined ? null : { value: Buffer.from(JSON.stringify(entries[key])), position: 1 })),
  };
}

export async function openSendingGateway(options: SendingOptions = {}): Promise<SendingGateway> {
  const folder = await mkdtemp(join(tmpdir(), 'messtrack-outbound-'));
  const lines: string[] = [];
  const log = createLogger('test', 'trace', { write: (line: string) => void lines.push(line) });
  const bus = await openLmdbBus({ path: folder, log });
  await bus.ensureTopics(TOPIC_LIST);
  const [meta, telegram, twilio] = await Promise.all([startFakeMeta(), startFakeTelegram(), startFakeTwilio()]);
  const outbound: OutboundSettings = {
    providerUrls: {
      ...DEFAULT_PROVIDER_URLS,
      whatsapp: new URL(`${meta.url}/v24.0`),
      telegram: new URL(telegram.url),
      dialog360: new URL(`${meta.url}/d360`),
      twilio: new URL(twilio.url),
    },
    allowsPrivate: true,
    privateHosts: new Set(['127.0.0.1']),
    callTimeoutMs: 400,
    orphanedMs: 1_000,
    unclearMs: 200,
    checkEveryMs: 3_600_000,
    ...options.settings,
  };
  const registry = new Registry();

  async function start() {
    const app = fastify();
    const gateway = await startGateway({
      app,
      bus: options.through?.(bus) ?? bus,
      workspaces: fixedWorkspaces([options.workspace ?? sendingWorkspace()]),
      joins: options.joins,
      settings: { ...DEFAULT_GATEWAY_SETTINGS, outbound },
      log,
      registry: new Registry(),
    });
    await app.ready();
    const grpc = await startGrpc({ host: '127.0.0.1', port: 0, services: [gateway.value.messenger!.service], log, shutdownMs: 200 });
    const client = new MessengerClient(`127.0.0.1:${grpc.value.port}`, credentials.createInsecure());
    return { app, gateway, grpc, client };
  }

  let running = await start();
  const stop = async () => {
    running.client.close();
    await running.grpc.close?.();
    await running.app.close();
    await running.gateway.close?.();
  };
  return {
    bus,
    meta,
    telegram,
    twilio,
    registry,
    logged: () => lines.join(''),
    send: (request, token = API_TOKEN) => {
      const full = SendRequest.fromPartial({ workspace: 'acme', account: 'sales-wa', answerWithinMs: 5_000, ...request });
      return new Promise((resolve, reject) => {
        running.client.send(full, bearer(token), (error, response) => (error === null ? resolve(response) : reject(error)));
      });
    },
    getSend: (key, account = 'sales-wa') => {
      const request = GetSendRequest.create({ workspace: 'acme', account, idempotencyKey: key });
      return new Promise((resolve, reject) => {
        running.client.getSend(request, bearer(API_TOKEN), (error, response) => (error === null ? resolve(response) : reject(error)));
      });
    },
    async webhook(value) {
      const metadata = { display_phone_number: '14155550100', phone_number_id: PHONE_NUMBER_ID };
      const change = { field: 'messages', value: { messaging_product: 'whatsapp', metadata, ...value } };
      const payload = Buffer.from(JSON.stringify({ object: 'whatsapp_business_account', entry: [{ id: '1', changes: [change] }] }));
      const headers = { 'content-type': 'application/json', 'x-hub-signature-256': hubSignature(payload, APP_SECRET) };
      return (await running.app.inject({ method: 'POST', url: '/hooks/whatsapp/acme/sales-wa', headers, payload })).statusCode;
    },
    post: async (webhook) => (await running.app.inject({ method: 'POST', ...webhook })).statusCode,
    touchpoints: () => readTouchpoints(bus),
    async restart() {
      await stop();
      running = await start();
    },
    async close() {
      await stop();
      await bus.close();
      await Promise.all([meta.close(), telegram.close(), twilio.close()]);
      await rm(folder, { recursive: true, force: true });
    },
  };
}

function bearer(token: string): Metadata {
  const metadata = new Metadata();
  if (token !== '') metadata.set('authorization', `Bearer ${token}`);
  return metadata;
}

export async function readTouchpoints(bus: Bus): Promise<readonly Touchpoint[]> {
  const found: Touchpoint[] = [];
  for (const { partition, first } of await bus.offsets(TOPICS.touchpoints.name)) {
    for await (const records of bus.read({ topic: TOPICS.touchpoints.name, partition }, first))
      for (const { value } of records) found.push(Touchpoint.decode(value));
  }
  return found.filter(({ kind }) => kind?.$case !== 'epoch');
}

export interface Refusal {
  readonly code: status;
  readonly reason: string;
  readonly details: Readonly<Record<string, string>>;
}

/** Code, reason and metadata of a refused call, read from the standard details as a client of any language does. */
export async function refusalOf(call: Promise<unknown>): Promise<Refusal> {
  const error = await call.then(
    () => {
      throw new Error('the call was answered');
    },
    (reason: unknown) => reason as ServiceError,
  );
  const info = readErrorInfo(error.metadata);
  return { code: error.code, reason: info?.reason ?? '', details: info?.metadata ?? {} };
}
