import { createHmac } from 'node:crypto';
import { connect } from 'node:net';
import { RecordTooLargeError } from '@messtrack/runtime/bus.ts';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { MAX_BODY_BYTES } from '../src/adapters/http-routes.ts';
import {
  APP_SECRET,
  busAway,
  hubSignature,
  openGateway,
  type TestGateway,
  TG_SECRET,
  tgText,
  VERIFY_TOKEN,
  waBody,
  waChange,
  waText,
} from './gateway.ts';

let gateway: TestGateway;
beforeEach(async () => {
  gateway = await openGateway();
});
afterEach(async () => {
  await gateway.app.close();
  await gateway.service.close?.();
});

const HOOK = '/hooks/whatsapp/acme/sales-wa';

describe('GET verification', () => {
  const url = (query: Record<string, string>) => `${HOOK}?${new URLSearchParams(query)}`;
  const good = { 'hub.mode': 'subscribe', 'hub.verify_token': VERIFY_TOKEN, 'hub.challenge': '1158201444' };

  it('gives the challenge back as text', async () => {
    const response = await gateway.app.inject({ url: url(good) });
    expect(response.statusCode).toBe(200);
    expect(response.body).toBe('1158201444');
    expect(response.headers['content-type']).toContain('text/plain');
  });

  it.each([
    ['a wrong token', url({ ...good, 'hub.verify_token': 'wrong' })],
    ['another mode', url({ ...good, 'hub.mode': 'unsubscribe' })],
    ['no challenge', url({ 'hub.mode': 'subscribe', 'hub.verify_token': VERIFY_TOKEN })],
    ['no query', HOOK],
    ['a repeated token', `${url(good)}&hub.verify_token=${VERIFY_TOKEN}`],
  ])('answers 403 to %s', async (_, path) => {
    expect((await gateway.app.inject({ url: path })).statusCode).toBe(403);
    expect(await gateway.count('messtrack_gateway_signature_failures_total', 'whatsapp')).toBe(1);
  });

  it('answers 405 for Telegram, which verifies nothing', async () => {
    const response = await gateway.app.inject({ url: '/hooks/telegram/acme/sales-tg' });
    expect(response.statusCode).toBe(405);
    expect(response.headers['allow']).toBe('POST');
  });
});

describe('POST', () => {
  it('answers 200 after the log has the touchpoint', async () => {
    expect(await gateway.whatsapp(waBody({ messages: [waText('hello')] }))).toBe(200);
    expect(gateway.log.touchpoints().map(({ eventId }) => eventId)).toEqual(['wa/106540352242922/wamid.A1']);
    expect(await gateway.telegram(tgText('hi'))).toBe(200);
    expect(gateway.log.touchpoints()[1]).toMatchObject({
      eventId: 'tg/sales-tg/4503599627370495/7',
      account: 'sales-tg',
      workspace: 'acme',
    });
  });

  it.each([
    ['missing', undefined],
    ['of another secret', hubSignature(Buffer.from('{}'), 'other')],
    ['too short', 'sha256=00'],
    ['too long', `sha256=${'0'.repeat(66)}`],
    ['no hexadecimal', `sha256=${'g'.repeat(64)}`],
    ['without its name', createHmac('sha256', APP_SECRET).update('{}').digest('hex')],
    ['empty', ''],
  ])('answers 401 when the signature is %s, and writes nothing', async (_, signature) => {
    gateway.log.clear();
    const headers = signature === undefined ? {} : { 'x-hub-signature-256': signature };
    const response = await gateway.app.inject({
      method: 'POST',
      url: HOOK,
      headers: { 'content-type': 'application/json', ...headers },
      payload: '{}',
    });
    expect(response.statusCode).toBe(401);
    expect(gateway.log.records).toEqual([]);
    expect(await gateway.count('messtrack_gateway_signature_failures_total', 'whatsapp')).toBe(1);
  });

  it.each([['wrong'], [''], [`${TG_SECRET}x`], [TG_SECRET.slice(1)], [undefined]])(
    'answers 401 to the Telegram secret %j',
    async (secret) => {
      const headers = secret === undefined ? {} : { 'x-telegram-bot-api-secret-token': secret };
      const response = await gateway.app.inject({
        method: 'POST',
        url: '/hooks/telegram/acme/sales-tg',
        headers,
        payload: JSON.stringify(tgText('hi')),
      });
      expect(response.statusCode).toBe(401);
    },
  );

  it('checks the bytes as they came: an escaped body and its plain twin have different signatures', async () => {
    const escaped = Buffer.from('{"object":"page","text":"\\u00e4\\u00f6 \\ud83d\\ude00"}');
    const plain = Buffer.from(JSON.stringify(JSON.parse(escaped.toString())));
    expect(await gateway.whatsapp(escaped)).toBe(200);
    const response = await gateway.app.inject({
      method: 'POST',
      url: HOOK,
      headers: { 'x-hub-signature-256': hubSignature(escaped, APP_SECRET) },
      payload: plain,
    });
    expect(response.statusCode).toBe(401);
  });

  it.each([
    ['/hooks/signal/acme/sales-wa', 'unknown provider'],
    ['/hooks/__proto__/acme/sales-wa', 'unknown provider'],
    ['/hooks/whatsapp/nobody/sales-wa', 'unknown workspace'],
    ['/hooks/whatsapp/acme/nobody', 'unknown account'],
    ['/hooks/telegram/acme/sales-wa', 'unknown account'],
  ])('answers 404 to %s and says which', async (url, text) => {
    const response = await gateway.app.inject({ method: 'POST', url, payload: '{}' });
    expect([response.statusCode, response.body.trim()]).toEqual([404, text]);
  });

  it('answers 413 above 3 MB, announced or streamed, without reading to the end', async () => {
    const large = Buffer.alloc(MAX_BODY_BYTES + 1, 32);
    expect(await gateway.whatsapp(large)).toBe(413);

    await gateway.app.listen({ port: 0, host: '127.0.0.1' });
    const address = gateway.app.server.address();
    if (address === null || typeof address === 'string') throw new Error('no port');
    const socket = connect(address.port, '127.0.0.1');
    const answer = new Promise<string>((resolve, reject) => {
      let text = '';
      socket.on('data', (data) => {
        text += data.toString();
        if (text.includes('\r\n')) resolve(text);
      });
      socket.on('error', reject);
    });
    socket.write(`POST ${HOOK} HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n`);
    const chunk = Buffer.alloc(100_000, 97);
    for (let i = 0; i < 31; i += 1)
      socket.write(Buffer.concat([Buffer.from(`${chunk.length.toString(16)}\r\n`), chunk, Buffer.from('\r\n')]));
    expect(await answer).toMatch(/^HTTP\/1\.1 413/);
    socket.destroy();
  });

  it('takes a body of exactly the limit', async () => {
    expect(await gateway.whatsapp(Buffer.from(`{}${' '.repeat(MAX_BODY_BYTES - 2)}`))).toBe(200);
  });

  it.each([['not json'], [''], ['{"a":'], ['\u0000']])('answers 400 to signed %j, and 401 to the same unsigned', async (text) => {
    expect(await gateway.whatsapp(Buffer.from(text))).toBe(400);
    const unsigned = await gateway.app.inject({ method: 'POST', url: HOOK, payload: text });
    expect(unsigned.statusCode).toBe(401);
  });

  it('refuses compressed bodies', async () => {
    const response = await gateway.app.inject({ method: 'POST', url: HOOK, headers: { 'content-encoding': 'gzip' }, payload: 'x' });
    expect(response.statusCode).toBe(415);
  });

  it.each([
    [null],
    [[]],
    ['text'],
    [42],
    [{}],
    [{ object: 7 }],
    [{ object: 'whatsapp_business_account' }],
    [{ object: 'whatsapp_business_account', entry: {} }],
  ])('answers 200 to authentic JSON it cannot read (%j) and keeps it as a dead letter', async (body) => {
    expect(await gateway.whatsapp(body)).toBe(200);
    const [letter, ...others] = gateway.log.deadLetters();
    expect(others).toEqual([]);
    expect(letter).toMatchObject({
      reason: 'schema_mismatch',
      origin: 'hooks/whatsapp',
      workspace: 'acme',
      account: 'sales-wa',
      failedAtMs: Date.UTC(2026, 10, 24, 12),
    });
    expect(JSON.parse(Buffer.from(letter!.raw).toString())).toEqual(body);
    expect(await gateway.count('messtrack_gateway_dead_letters_total', 'schema_mismatch')).toBe(1);
  });

  it('answers 503 while the log is away, so that the platform sends again, and 200 afterwards', async () => {
    gateway.log.failure = busAway();
    expect(await gateway.whatsapp(waBody({ messages: [waText('hello')] }))).toBe(503);
    gateway.log.failure = undefined;
    expect(await gateway.whatsapp(waBody({ messages: [waText('hello')] }))).toBe(200);
    expect(gateway.log.touchpoints()).toHaveLength(1);
  });

  it('keeps a webhook that the log will never take as a dead letter', async () => {
    const { log } = gateway;
    log.failures.push(new RecordTooLargeError('too large'));
    expect(await gateway.whatsapp(waBody({ messages: [waText('hello')] }))).toBe(200);
    expect(log.deadLetters()).toMatchObject([{ reason: 'too_large', account: 'sales-wa' }]);
    expect(log.touchpoints()).toEqual([]);
  });

  it('ends the service on an error nobody expected, and asks the platform to send again', async () => {
    gateway.log.failure = new Error('surprise');
    expect(await gateway.whatsapp(waBody({ messages: [waText('hello')] }))).toBe(503);
    await expect(gateway.service.failed).rejects.toThrow('surprise');
  });

  it('writes all events of a webhook in one send', async () => {
    gateway.log.clear();
    const body = {
      object: 'whatsapp_business_account',
      entry: [
        {
          id: '1',
          changes: [
            waChange({
              messages: [waText('a'), waText('b', { id: 'wamid.B' })],
              statuses: [{ id: 'wamid.S', timestamp: '1790000000', status: 'read' }, { status: 'read' }],
            }),
          ],
        },
        {
          id: '2',
          changes: [
            waChange({ messages: [waText('c', { id: 'wamid.C' })] }),
            waChange({ messages: [{ type: 'text' }, waText('d', { id: 'wamid.D' })] }),
          ],
        },
      ],
    };
    expect(await gateway.whatsapp(body)).toBe(200);
    expect(gateway.log.sends).toHaveLength(1);
    expect(gateway.log.touchpoints().map(({ eventId }) => eventId.split('/')[2])).toEqual([
      'wamid.A1',
      'wamid.B',
      'wamid.S',
      'wamid.C',
      'wamid.D',
    ]);
    expect(gateway.log.deadLetters()).toMatchObject([{ reason: 'missing_field', detail: 'a message has no usable id' }]);
    expect(await gateway.count('messtrack_gateway_drops_total', 'status_update')).toBe(1);
    expect(await gateway.count('messtrack_gateway_events_total', 'text')).toBe(4);
    expect(await gateway.count('messtrack_gateway_webhooks_total', '200')).toBe(1);
  });

  it('gives the same event ids and times at every delivery', async () => {
    const body = waBody({ messages: [waText('hello')] });
    await gateway.whatsapp(body);
    await gateway.whatsapp(body);
    const [first, second] = gateway.log.touchpoints();
    expect(second).toEqual(first);
  });

  it('carries the trace of the request into the record, and nothing that is no trace', async () => {
    const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
    for (const value of [traceparent, 'nonsense']) {
      await gateway.app.inject({
        method: 'POST',
        url: '/hooks/telegram/acme/sales-tg',
        headers: { 'x-telegram-bot-api-secret-token': TG_SECRET, traceparent: value },
        payload: JSON.stringify(tgText('hi')),
      });
    }
    const headers = gateway.log.records
      .filter(({ headers: each }) => each['type'] === 'Touchpoint.message')
      .map((record) => record.headers['traceparent']);
    expect(headers).toEqual([traceparent, undefined]);
  });
});
