import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect as connectHttp2 } from 'node:http2';
import { createRequire } from 'node:module';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { type ChannelCredentials, Client, credentials, Metadata, type ServiceError, status } from '@grpc/grpc-js';
import { loadSync } from '@grpc/proto-loader';
import {
  type GetSendRequest,
  type GetSendResponse,
  MessengerClient,
  type MessengerServer,
  MessengerService,
  type SendRequest,
  type SendResponse,
  SendResponse_State,
} from '@messtrack/proto/gen/messtrack/v1/messenger_service.ts';
import { service as healthService } from 'grpc-health-check';
import { generate } from 'selfsigned';
import { afterEach, describe, expect, it } from 'vitest';
import {
  bearerToken,
  type GrpcOptions,
  GrpcRefusal,
  type GrpcServer,
  type GrpcTls,
  loadGrpcTls,
  requireToken,
  startGrpc,
  unary,
} from '../src/grpc.ts';
import type { Running } from '../src/lifecycle.ts';
import { memoryLog } from './memory-log.ts';

const TOKEN = 'hunter2-token';
const memory = memoryLog();

const messenger: MessengerServer = {
  send: unary<SendRequest, SendResponse>(memory.log, 'Messenger/Send', async (request, metadata) => {
    requireToken(metadata, (token) => token === TOKEN);
    if (request.recipient === 'nobody') throw new GrpcRefusal(status.NOT_FOUND, 'no such recipient');
    if (request.recipient === 'defect') throw new TypeError('hunter2 defect');
    return { messageId: `sent-to-${request.recipient}`, state: SendResponse_State.STATE_SENT };
  }),
  getSend: unary<GetSendRequest, GetSendResponse>(memory.log, 'Messenger/GetSend', async () => {
    throw new GrpcRefusal(status.NOT_FOUND, 'no such message');
  }),
};

let running: Running<GrpcServer> | undefined;
const clients: Client[] = [];

afterEach(async () => {
  for (const client of clients.splice(0)) client.close();
  await running?.close?.();
  running = undefined;
});

async function start(tls?: GrpcTls, more: Partial<GrpcOptions> = {}): Promise<number> {
  running = await startGrpc({
    host: '127.0.0.1',
    port: 0,
    services: [{ definition: MessengerService, implementation: { ...messenger } }],
    tls,
    log: memory.log,
    shutdownMs: 200,
    ...more,
  });
  return running.value.port;
}

function authorized(token = TOKEN): Metadata {
  const metadata = new Metadata();
  metadata.set('authorization', `Bearer ${token}`);
  return metadata;
}

function send(
  port: number,
  recipient: string,
  metadata: Metadata,
  using: ChannelCredentials = credentials.createInsecure(),
  host = '127.0.0.1',
): Promise<SendResponse> {
  const client = new MessengerClient(`${host}:${port}`, using);
  clients.push(client);
  const request: SendRequest = {
    workspace: 'acme',
    account: 'sales-wa',
    recipient,
    idempotencyKey: 'k',
    content: { $case: 'text', value: 'Hello' },
    optIn: undefined,
    origin: undefined,
    maxWaitMs: 0,
    answerWithinMs: 0,
  };
  return new Promise((resolve, reject) => {
    client.send(request, metadata, (error, response) => (error === null ? resolve(response) : reject(error)));
  });
}

interface AnyMethod {
  readonly path: string;
  readonly requestSerialize: (value: never) => Buffer;
  readonly responseDeserialize: (bytes: Buffer) => unknown;
}

function genericClient(port: number): Client {
  const client = new Client(`127.0.0.1:${port}`, credentials.createInsecure());
  clients.push(client);
  return client;
}

function checkHealth(port: number, name: string): Promise<unknown> {
  const method = healthService['Check'] as unknown as AnyMethod;
  return new Promise((resolve, reject) => {
    genericClient(port).makeUnaryRequest(
      method.path,
      (value: object) => method.requestSerialize(value as never),
      method.responseDeserialize,
      { service: name },
      (error: ServiceError | null, response?: unknown) => (error === null ? resolve(response) : reject(error)),
    );
  });
}

function watchHealth(port: number) {
  const method = healthService['Watch'] as unknown as AnyMethod;
  const watch = genericClient(port).makeServerStreamRequest(
    method.path,
    (value: object) => method.requestSerialize(value as never),
    method.responseDeserialize,
    { service: '' },
  );
  const statuses: unknown[] = [];
  watch.on('data', (update) => statuses.push(update));
  watch.on('error', () => undefined);
  return { watch, statuses, first: once(watch, 'data') };
}

describe('the gRPC server', () => {
  it('serves a ts-proto service to a caller with the token', async () => {
    const port = await start();
    await expect(send(port, 'anna', authorized())).resolves.toEqual({ messageId: 'sent-to-anna', state: SendResponse_State.STATE_SENT });
  });

  it('refuses a caller without the token or with another', async () => {
    const port = await start();
    await expect(send(port, 'anna', new Metadata())).rejects.toMatchObject({ code: status.UNAUTHENTICATED });
    await expect(send(port, 'anna', authorized('guess'))).rejects.toMatchObject({ code: status.UNAUTHENTICATED });
  });

  it('answers a refusal with its status and a defect with INTERNAL, which is logged and not told', async () => {
    const port = await start();
    await expect(send(port, 'nobody', authorized())).rejects.toMatchObject({ code: status.NOT_FOUND, details: 'no such recipient' });
    const defect = await send(port, 'defect', authorized()).catch((error: ServiceError) => error);
    expect(defect).toMatchObject({ code: status.INTERNAL, details: 'internal error' });
    expect(memory.lines()).toContainEqual(expect.objectContaining({ msg: 'gRPC call failed', method: 'Messenger/Send' }));
    expect(memory.text()).not.toContain('hunter2-token');
  });

  it('answers the standard health service for the server and each service, and says when it stops serving', async () => {
    const port = await start();
    await expect(checkHealth(port, '')).resolves.toMatchObject({ status: 'SERVING' });
    await expect(checkHealth(port, 'messtrack.v1.Messenger')).resolves.toMatchObject({ status: 'SERVING' });
    await expect(checkHealth(port, 'messtrack.v1.Unknown')).rejects.toMatchObject({ code: status.NOT_FOUND });
    running?.value.setServing(false);
    await expect(checkHealth(port, 'messtrack.v1.Messenger')).resolves.toMatchObject({ status: 'NOT_SERVING' });
  });

  it.each(['grpc.reflection.v1.ServerReflection', 'grpc.reflection.v1alpha.ServerReflection'])(
    'lists its services over %s',
    async (name) => {
      const port = await start();
      expect(await reflect(port, name)).toContain('messtrack.v1.Messenger');
    },
  );

  it('says by the health service what readiness says, and nothing good before its first word', async () => {
    const first = Promise.withResolvers<void>();
    let isReady = true;
    const health = { ready: () => first.promise.then(() => ({ isOk: isReady, findings: [] })) };
    const port = await start(undefined, { health, readinessEveryMs: 5 });
    await expect(checkHealth(port, '')).resolves.toMatchObject({ status: 'NOT_SERVING' });
    first.resolve();
    await expect.poll(() => checkHealth(port, 'messtrack.v1.Messenger')).toMatchObject({ status: 'SERVING' });
    isReady = false;
    await expect.poll(() => checkHealth(port, '')).toMatchObject({ status: 'NOT_SERVING' });
    isReady = true;
    await expect.poll(() => checkHealth(port, '')).toMatchObject({ status: 'SERVING' });
  });

  it.each([
    ['says nothing', Buffer.alloc(0)],
    [
      'has begun to speak and answers no more',
      Buffer.concat([Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'), Buffer.from([0, 0, 0, 4, 0, 0, 0, 0, 0])]),
    ],
  ])('cuts the connection of a client that %s', async (_, said) => {
    const port = await start(undefined, { connections: { idleMs: 600_000, pingMs: 20, pingTimeoutMs: 20 } });
    const socket = connect(port, '127.0.0.1');
    socket.write(said);
    socket.resume();
    await once(socket, 'close');
  });

  it('closes a connection without calls, and none with one', async () => {
    const port = await start(undefined, { connections: { idleMs: 50, pingMs: 600_000, pingTimeoutMs: 600_000 } });
    const { watch, statuses, first } = watchHealth(port);
    await first;
    // Opened later and closed: the other has been idle for longer, but for its call.
    const idle = connectHttp2(`http://127.0.0.1:${port}`);
    await once(idle, 'close');
    running?.value.setServing(false);
    await once(watch, 'data');
    expect(statuses).toMatchObject([{ status: 'SERVING' }, { status: 'NOT_SERVING' }]);
  });

  it('stops although a health watch stays open', async () => {
    const port = await start();
    const { statuses, first } = watchHealth(port);
    await first;
    await running?.close?.();
    running = undefined;
    expect(statuses).toMatchObject([{ status: 'SERVING' }, { status: 'NOT_SERVING' }]);
  });

  it('rejects when its port is taken', async () => {
    const port = await start();
    const second = startGrpc({
      host: '127.0.0.1',
      port,
      services: [{ definition: MessengerService, implementation: { ...messenger } }],
      log: memory.log,
    });
    await expect(second).rejects.toThrow(/EADDRINUSE|address/);
  });

  it('speaks TLS when given a certificate, and nothing else then', async () => {
    const { cert, private: key } = await generate([{ name: 'commonName', value: 'localhost' }], {
      extensions: [{ name: 'subjectAltName', altNames: [{ type: 2, value: 'localhost' }] }],
    });
    const folder = mkdtempSync(join(tmpdir(), 'messtrack-tls-'));
    const [certificateFile, keyFile] = [join(folder, 'cert.pem'), join(folder, 'key.pem')];
    writeFileSync(certificateFile, cert);
    writeFileSync(keyFile, key);
    const tls = await loadGrpcTls({ certificateFile, keyFile });
    rmSync(folder, { recursive: true });
    const certificate = Buffer.from(cert);
    const port = await start(tls);
    await expect(send(port, 'anna', authorized(), credentials.createSsl(certificate), 'localhost')).resolves.toEqual({
      messageId: 'sent-to-anna',
      state: SendResponse_State.STATE_SENT,
    });
    await expect(send(port, 'anna', authorized())).rejects.toMatchObject({ code: status.UNAVAILABLE });
  });
});

describe('the files of TLS', () => {
  it('may be left out together, not one by one', async () => {
    expect(await loadGrpcTls({})).toBeUndefined();
    await expect(loadGrpcTls({ certificateFile: 'cert.pem' })).rejects.toThrow('needs both');
    await expect(loadGrpcTls({ keyFile: 'key.pem' })).rejects.toThrow('needs both');
    await expect(loadGrpcTls({ clientAuthorityFile: 'ca.pem' })).rejects.toThrow('needs both');
    await expect(loadGrpcTls({ certificateFile: '/nowhere/cert.pem', keyFile: '/nowhere/key.pem' })).rejects.toMatchObject({
      code: 'ENOENT',
    });
  });
});

describe('the bearer token', () => {
  it.each([
    ['Bearer abc', 'abc'],
    ['bearer   abc', 'abc'],
    ['Basic abc', undefined],
    ['Bearer ', undefined],
    ['Bearer a b', undefined],
  ])('of "%s" is %s', (header, expected) => {
    const metadata = new Metadata();
    metadata.set('authorization', header);
    expect(bearerToken(metadata)).toBe(expected);
  });

  it('lets nobody in when no token is known, and says whose token it was otherwise', () => {
    expect(() => requireToken(authorized(), () => false)).toThrow(GrpcRefusal);
    expect(requireToken(authorized(), (token) => token === TOKEN)).toBe(TOKEN);
  });
});

/** Names of the services a server lists over reflection. The service's own .proto ships with @grpc/reflection, beside its build. */
async function reflect(port: number, name: string): Promise<readonly string[]> {
  const version = name.split('.')[2] ?? '';
  const root = join(dirname(createRequire(import.meta.url).resolve('@grpc/reflection')), '../proto');
  const loaded = loadSync(`grpc/reflection/${version}/reflection.proto`, { includeDirs: [root], keepCase: true });
  const definition = loaded[name] as unknown as Record<string, AnyMethod>;
  const method = definition['ServerReflectionInfo'];
  if (method === undefined) throw new Error('the reflection service has no ServerReflectionInfo');
  const call = genericClient(port).makeBidiStreamRequest(
    method.path,
    (value: object) => method.requestSerialize(value as never),
    method.responseDeserialize,
  );
  const answer = new Promise<{ list_services_response: { service: { name: string }[] } }>((resolve, reject) => {
    call.on('data', resolve);
    call.on('error', reject);
  });
  call.write({ list_services: '*' });
  const services = (await answer).list_services_response.service.map((each) => each.name);
  call.end();
  return services;
}
