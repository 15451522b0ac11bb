/** Posts over real sockets: the short way of a plain one and Fastify's way of every other end alike. */
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { APP_SECRET, busAway, hubSignature, openGateway, type TestGateway, waBody, waText } from './gateway.ts';

const HOOK = '/hooks/whatsapp/acme/sales-wa';
let gateway: TestGateway;
let port: number;
beforeAll(async () => {
  gateway = await openGateway();
  await gateway.app.listen({ port: 0, host: '127.0.0.1' });
  const address = gateway.app.server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  port = address.port;
});
afterAll(async () => {
  await gateway.app.close();
  await gateway.service.close?.();
});
beforeEach(() => {
  gateway.log.clear();
});

const BODY = Buffer.from(JSON.stringify(waBody({ messages: [waText('Hello 😀 K7QM2-X9PRT')] })));
const SIGNATURE = hubSignature(BODY, APP_SECRET);

function head(lines: readonly string[], signature = SIGNATURE): string {
  return [`POST ${HOOK} HTTP/1.1`, 'host: x', `x-hub-signature-256: ${signature}`, ...lines, '', ''].join('\r\n');
}

async function open(): Promise<Socket> {
  const socket = connect(port, '127.0.0.1');
  await once(socket, 'connect');
  socket.setNoDelay(true);
  return socket;
}

/** Status line and text of the next answer. */
async function answerOf(socket: Socket): Promise<string> {
  let text = '';
  while (!/\r\n\r\n.*\n/s.test(text)) {
    const [data] = await once(socket, 'data');
    text += String(data);
  }
  return `${text.slice(9, 12)} ${text.slice(text.indexOf('\r\n\r\n') + 4)}`;
}

async function post(lines: readonly string[], signature?: string): Promise<string> {
  const socket = await open();
  socket.write(Buffer.concat([Buffer.from(head(lines, signature)), BODY]));
  const answer = await answerOf(socket);
  socket.destroy();
  return answer;
}

const LENGTH = `content-length: ${BODY.length}`;

describe('a post of a messenger', () => {
  it.each([
    'application/json',
    'application/json; charset=utf-8',
    'application/x-www-form-urlencoded',
    'text/plain',
    'application/vnd.api+json; charset="utf-8"',
  ])('of the type %s becomes the same touchpoint', async (type) => {
    expect(await post([`content-type: ${type}`, LENGTH])).toBe('200 ok\n');
    expect(
      await post(
        [`content-type: ${type}`, LENGTH],
        SIGNATURE.replace(/.$/, (last) => (last === '0' ? '1' : '0')),
      ),
    ).toMatch(/^401 /);
    expect(gateway.log.touchpoints().map(({ eventId }) => eventId)).toEqual(['wa/106540352242922/wamid.A1']);
  });

  it('without a type is taken, of a type that is none is refused with 415', async () => {
    expect(await post([LENGTH])).toBe('200 ok\n');
    expect(await post(['content-type: garbage', LENGTH])).toBe('415 the request cannot be read\n');
    expect(gateway.log.touchpoints()).toHaveLength(1);
  });

  it('is taken in as many pieces as it comes in, a connection serves one after the other', async () => {
    const socket = await open();
    for (const size of [1, 7, 64, BODY.length]) {
      socket.write(head(['content-type: application/json', LENGTH]));
      const answer = answerOf(socket);
      for (let at = 0; at < BODY.length; at += size) {
        socket.write(BODY.subarray(at, at + size));
        await new Promise((resolve) => setImmediate(resolve));
      }
      expect(await answer).toBe('200 ok\n');
    }
    socket.destroy();
    expect(gateway.log.touchpoints()).toHaveLength(4);
  });

  it('that breaks off is counted as 400 and stores nothing', async () => {
    const failed = async () => (await gateway.registry.getSingleMetric('messtrack_gateway_webhooks_total')!.get()).values;
    const count = async () => (await failed()).find(({ labels }) => labels['status'] === '400')?.value ?? 0;
    const before = await count();
    const socket = await open();
    socket.write(Buffer.concat([Buffer.from(head(['content-type: application/json', LENGTH])), BODY.subarray(0, 20)]));
    await new Promise((resolve) => setImmediate(resolve));
    socket.resetAndDestroy();
    await expect.poll(count).toBe(before + 1);
    expect(gateway.log.touchpoints()).toHaveLength(0);
    expect(await post(['content-type: application/json', LENGTH])).toBe('200 ok\n');
  });

  it('is asked for again when the log is away', async () => {
    gateway.log.failures.push(busAway());
    expect(await post(['content-type: application/json', LENGTH])).toBe('503 cannot be stored now; send it again\n');
    expect(await post(['content-type: application/json', LENGTH])).toBe('200 ok\n');
  });

  it('whose sender goes away before the answer is stored all the same', async () => {
    const socket = await open();
    socket.write(Buffer.concat([Buffer.from(head(['content-type: application/json', LENGTH])), BODY]));
    socket.end();
    await expect.poll(() => gateway.log.touchpoints()).toHaveLength(1);
    socket.destroy();
  });
});
