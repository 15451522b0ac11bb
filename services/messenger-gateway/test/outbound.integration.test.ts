/** Sending over a real log, real gRPC and HTTP servers that behave as the send APIs do. */
import { status } from '@grpc/grpc-js';
import { SendResponse_State } from '@messtrack/proto/gen/messtrack/v1/messenger_service.ts';
import { type Bus, BusUnavailableError } from '@messtrack/runtime/bus.ts';
import { metaError, telegramError } from '@messtrack/testing/fake-send-apis.ts';
import { contactKey } from '@messtrack/workspace/contact-key.ts';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
  ACCESS_TOKEN,
  BOT_TOKEN,
  D360_KEY,
  joinsOf,
  openSendingGateway,
  refusalOf,
  type SendingGateway,
  TWILIO_SID,
  TWILIO_TOKEN,
} from './outbound-world.ts';

const key = (kind: 'wa_id' | 'bsuid', value: string) => contactKey('acme', 'whatsapp', kind, value);
const hoursAgo = (hours: number) => Date.now() - hours * 3_600_000;
const contact = (value: string, lastMs: number) => [1, 'contact', key('wa_id', value), [], [['lead', lastMs, lastMs, '', ['', 0], []]]];

/** People by when they last wrote, as the matcher keeps them. */
const joins = joinsOf({
  [`contact/acme/sales-wa/${key('wa_id', '16505550001')}`]: contact('16505550001', hoursAgo(1)),
  [`contact/acme/sales-wa/${key('wa_id', '16505550002')}`]: contact('16505550002', hoursAgo(48)),
  [`contact/acme/sales-wa/${key('wa_id', '16505550003')}`]: contact('16505550003', hoursAgo(1)),
  [`contact/acme/sales-wa/${key('bsuid', 'US.777')}`]: [1, 'alias', key('wa_id', '16505550001')],
});
const template = { name: 'welcome', language: 'en_US', bodyParameters: ['Ann'] };
const optIn = () => ({ atMs: Date.now() - 1_000, where: 'site-form' });

let gateway: SendingGateway;
let keys = 0;
const newKey = () => {
  keys += 1;
  return `key-${keys}`;
};
const text = (recipient: string, idempotencyKey = newKey()) => ({
  recipient,
  idempotencyKey,
  content: { $case: 'text' as const, value: 'Hello' },
});
const templateTo = (recipient: string, idempotencyKey = newKey()) => ({
  recipient,
  idempotencyKey,
  content: { $case: 'template' as const, value: template },
});

beforeAll(async () => {
  gateway = await openSendingGateway({ joins });
});
beforeEach(() => {
  gateway.meta.clear();
  gateway.telegram.clear();
  gateway.twilio.clear();
});
afterAll(() => gateway.close());

describe('Send', () => {
  it('sends a text inside the window, through the API of the provider', async () => {
    const sent = await gateway.send(text('+16505550001', 'first'));
    expect(sent).toEqual({ messageId: gateway.meta.requests[0]!.messageId, state: SendResponse_State.STATE_SENT });
    expect(gateway.meta.requests).toMatchObject([{ path: '/v24.0/106540352242922/messages', authorization: `Bearer ${ACCESS_TOKEN}` }]);
    expect(JSON.parse(gateway.meta.requests[0]!.body)).toEqual({
      messaging_product: 'whatsapp',
      recipient_type: 'individual',
      to: '16505550001',
      biz_opaque_callback_data: 'first',
      type: 'text',
      text: { preview_url: false, body: 'Hello' },
    });
  });

  it('puts a business-scoped id into recipient, because in `to` it is never delivered', async () => {
    await gateway.send(text('US.777'));
    expect(JSON.parse(gateway.meta.requests[0]!.body)).toMatchObject({ recipient: 'US.777' });
    expect(JSON.parse(gateway.meta.requests[0]!.body)).not.toHaveProperty('to');
  });

  it('sends a template to who has agreed, and to who has written before', async () => {
    await gateway.send({ ...templateTo('+16505559999'), optIn: optIn() });
    await gateway.send(templateTo('+16505550002'));
    expect(JSON.parse(gateway.meta.requests[0]!.body)).toMatchObject({
      to: '16505559999',
      type: 'template',
      template: {
        name: 'welcome',
        language: { code: 'en_US' },
        components: [{ type: 'body', parameters: [{ type: 'text', text: 'Ann' }] }],
      },
    });
    expect(gateway.meta.accepted()).toHaveLength(2);
  });

  it('gives the same answer to the same key and sends one message, asked twenty times at once and after a restart', async () => {
    const request = text('+16505550003', 'same');
    const answers = await Promise.all(Array.from({ length: 20 }, () => gateway.send(request)));
    await gateway.restart();
    answers.push(await gateway.send(request), await gateway.getSend('same'));
    expect(new Set(answers.map(({ messageId }) => messageId))).toEqual(new Set([gateway.meta.accepted()[0]!.messageId]));
    expect(gateway.meta.requests).toHaveLength(1);
    expect(await refusalOf(gateway.send({ ...request, content: { $case: 'text', value: 'Something else' } }))).toMatchObject({
      code: status.INVALID_ARGUMENT,
      reason: 'key_reused',
    });
  });

  it('writes to a Telegram chat', async () => {
    const sent = await gateway.send({ ...text('4503599627370495'), account: 'sales-tg' });
    expect(sent).toEqual({ messageId: gateway.telegram.requests[0]!.messageId, state: SendResponse_State.STATE_SENT });
    expect(gateway.telegram.requests).toMatchObject([{ path: `/bot${BOT_TOKEN}/sendMessage` }]);
    expect(JSON.parse(gateway.telegram.requests[0]!.body)).toEqual({ chat_id: '4503599627370495', text: 'Hello' });
  });

  it('sends through 360dialog with its key, as the Cloud API has it', async () => {
    const sent = await gateway.send({ ...templateTo('+16505559001'), account: 'sales-d360', optIn: optIn() });
    const [request] = gateway.meta.requests;
    expect(sent.messageId).toBe(request!.messageId);
    expect([request!.path, request!.headers['d360-api-key'], JSON.parse(request!.body).to]).toEqual([
      '/d360/messages',
      D360_KEY,
      '16505559001',
    ]);
  });

  it('sends through Twilio by form, with the content SID and its variables', async () => {
    const content = { $case: 'template' as const, value: { name: 'HX0123', language: 'en', bodyParameters: ['Ann', '7'] } };
    const sent = await gateway.send({ recipient: '+16505559002', idempotencyKey: newKey(), content, account: 'sales-tw', optIn: optIn() });
    const [request] = gateway.twilio.requests;
    expect(sent.messageId).toBe(request!.messageId);
    expect(request!.path).toBe(`/2010-04-01/Accounts/${TWILIO_SID}/Messages.json`);
    expect(request!.authorization).toBe(`Basic ${Buffer.from(`${TWILIO_SID}:${TWILIO_TOKEN}`).toString('base64')}`);
    expect(Object.fromEntries(new URLSearchParams(request!.body))).toEqual({
      To: 'whatsapp:+16505559002',
      From: 'whatsapp:+14155550104',
      ContentSid: 'HX0123',
      ContentVariables: '{"1":"Ann","2":"7"}',
    });
  });

  it('tells the log what was sent, to whom by every pseudonym, and what made us write', async () => {
    const origin = { clickId: 'click-1', clickedAtMs: 1_790_000_000_000, source: { utmSource: 'google', placement: 'site-form' } };
    const { messageId } = await gateway.send({ ...templateTo('+5511987654321', 'origin'), optIn: optIn(), origin });
    const read = async () =>
      (await gateway.touchpoints()).filter(({ kind }) => kind?.$case === 'sent' && kind.value.messageId === messageId);
    // The caller is answered once the end is durable; what follows from it is written with the offset of that record, a moment later.
    await expect.poll(read).toMatchObject([
      {
        eventId: `sent/sales-wa/${messageId}`,
        workspace: 'acme',
        account: 'sales-wa',
        kind: {
          $case: 'sent',
          value: {
            correlation: 'origin',
            template: 'welcome',
            origin,
            contact: { platformUserId: 'US.5511987654321', phone: '', name: '' },
          },
        },
      },
    ]);
    const kind = (await read())[0]!.kind;
    // The Brazilian number without its ninth digit is the same person.
    expect(kind?.$case === 'sent' ? kind.value.contact?.keys : []).toEqual([
      key('bsuid', 'US.5511987654321'),
      key('wa_id', '5511987654321'),
      key('wa_id', '551187654321'),
    ]);
  });
});

describe('Send refuses', () => {
  it.each([
    ['a person who never agreed', () => templateTo('+16505558888'), status.FAILED_PRECONDITION, 'not_opted_in'],
    ['text after the window', () => text('+16505550002'), status.FAILED_PRECONDITION, 'outside_window'],
    ['text to a stranger', () => text('+16505557777'), status.FAILED_PRECONDITION, 'outside_window'],
    [
      'an account without credentials',
      () => ({ ...text('+16505550001'), account: 'mute-wa' }),
      status.FAILED_PRECONDITION,
      'not_configured',
    ],
    ['a template on Telegram', () => ({ ...templateTo('42'), account: 'sales-tg' }), status.UNIMPLEMENTED, 'unsupported'],
    [
      'an endless text',
      () => ({ ...text('+16505550001'), content: { $case: 'text' as const, value: 'x'.repeat(4_097) } }),
      status.INVALID_ARGUMENT,
      'content_refused',
    ],
  ])('%s, and calls nobody', async (_, request, code, reason) => {
    expect(await refusalOf(gateway.send(request()))).toMatchObject({ code, reason });
    expect(gateway.meta.requests).toEqual([]);
  });

  it.each([
    [131026, status.NOT_FOUND, 'recipient_unknown'],
    [131047, status.FAILED_PRECONDITION, 'outside_window'],
    [131050, status.FAILED_PRECONDITION, 'not_opted_in'],
    [132015, status.FAILED_PRECONDITION, 'template_paused'],
    [132001, status.FAILED_PRECONDITION, 'template_refused'],
    [190, status.FAILED_PRECONDITION, 'credentials_refused'],
    [131049, status.RESOURCE_EXHAUSTED, 'rate_limited'],
    [999999, status.ABORTED, 'provider_refused'],
  ])('with the code of Meta: %i, once and for all', async (code, grpc, reason) => {
    gateway.meta.script(metaError(code));
    const request = { ...templateTo('+16505551000'), optIn: optIn() };
    const expected = { code: grpc, reason, details: { provider_code: String(code) } };
    expect(await refusalOf(gateway.send(request))).toEqual(expected);
    expect(await refusalOf(gateway.send(request))).toEqual(expected);
    expect(gateway.meta.requests).toHaveLength(1);
  });

  it.each([
    [400, 'Bad Request: chat not found', status.NOT_FOUND, 'recipient_unknown'],
    [403, 'Forbidden: bot was blocked by the user', status.FAILED_PRECONDITION, 'not_opted_in'],
    [401, 'Unauthorized', status.FAILED_PRECONDITION, 'credentials_refused'],
  ])('with the words of Telegram: %i %s', async (code, description, grpc, reason) => {
    gateway.telegram.script(telegramError(code, description));
    expect(await refusalOf(gateway.send({ ...text('42'), account: 'sales-tg' }))).toMatchObject({ code: grpc, reason });
  });

  it.each([
    [21211, 400, status.NOT_FOUND, 'recipient_unknown'],
    [21610, 400, status.FAILED_PRECONDITION, 'not_opted_in'],
    [63014, 400, status.FAILED_PRECONDITION, 'not_opted_in'],
    [63007, 400, status.FAILED_PRECONDITION, 'credentials_refused'],
    [63041, 400, status.FAILED_PRECONDITION, 'template_paused'],
    [20003, 401, status.FAILED_PRECONDITION, 'credentials_refused'],
  ])('with the code of Twilio: %i', async (code, http, grpc, reason) => {
    gateway.twilio.script({ status: http, body: { code, message: 'scripted', status: http } });
    expect(await refusalOf(gateway.send({ ...templateTo('+16505551009'), account: 'sales-tw', optIn: optIn() }))).toEqual({
      code: grpc,
      reason,
      details: { provider_code: String(code) },
    });
  });

  it('a person who never agreed, whoever else is waited for before', async () => {
    const many = Array.from({ length: 400 }, () => ({
      ...templateTo('+16505559500'),
      optIn: optIn(),
      maxWaitMs: 5_000,
      answerWithinMs: 1,
    }));
    await Promise.all(many.map((request) => gateway.send(request)));
    expect(await refusalOf(gateway.send(templateTo('+16505559501')))).toMatchObject({ reason: 'not_opted_in' });
    expect(gateway.meta.requests.filter(({ body }) => body.includes('16505559501'))).toEqual([]);
  });

  it('strangers, and says every problem at once', async () => {
    expect((await refusalOf(gateway.send(text('+16505550001'), ''))).code).toBe(status.UNAUTHENTICATED);
    expect((await refusalOf(gateway.send(text('+16505550001'), 'wrong-token-wrong-token'))).code).toBe(status.UNAUTHENTICATED);
    expect((await refusalOf(gateway.send({ ...text('+16505550001'), workspace: 'other' }))).code).toBe(status.PERMISSION_DENIED);
    const bad = {
      recipient: 'Ann',
      idempotencyKey: '',
      maxWaitMs: 99_999_999,
      content: { $case: 'template' as const, value: { name: '', language: 'English' } },
    };
    await expect(gateway.send(bad)).rejects.toMatchObject({
      code: status.INVALID_ARGUMENT,
      details:
        'idempotency_key must be 1 to 128 printable ASCII characters that do not begin with a space; max_wait_ms must be at most 86400000; ' +
        'recipient is none that whatsapp knows: a number in E.164 such as +14155550100, or, where the provider takes it, a business-scoped user id; ' +
        'template.name must have 1 to 512 characters; template.language must be a code such as "en_US"',
    });
    await expect(gateway.getSend('never-used')).rejects.toMatchObject({ code: status.NOT_FOUND });
  });
});

describe('what the provider puts off', () => {
  it('is tried again when it says so: 429 of Telegram with retry_after', async () => {
    gateway.telegram.script(telegramError(429, 'Too Many Requests: retry after 1', { retry_after: 1 }));
    const request = { ...text('4242'), account: 'sales-tg' };
    expect((await gateway.send(request)).state).toBe(SendResponse_State.STATE_SENT);
    const [refused, taken] = gateway.telegram.requests;
    expect(taken!.atMs - refused!.atMs).toBeGreaterThanOrEqual(1_000);
    expect(gateway.telegram.accepted()).toHaveLength(1);
  });

  it('fails when the message may not wait so long', async () => {
    gateway.meta.script({ status: 429, body: { error: { code: 131056 } }, headers: { 'retry-after': '30' } });
    const refusal = await refusalOf(gateway.send({ ...templateTo('+16505551001'), optIn: optIn(), maxWaitMs: 10_000 }));
    expect(refusal).toMatchObject({ code: status.RESOURCE_EXHAUSTED, reason: 'rate_limited', details: { provider_code: '131056' } });
    expect(Number(refusal.details['retry_after_ms'])).toBeGreaterThan(20_000);
  });
});

describe('a message without an answer', () => {
  it.each([['accept_and_cut'], ['accept_and_hang'], [{ status: 502 }]] as const)('%j is never sent again', async (script) => {
    gateway.telegram.script(script);
    const request = { ...text('777'), account: 'sales-tg' };
    expect(await refusalOf(gateway.send(request))).toMatchObject({ code: status.UNKNOWN, reason: 'unconfirmed' });
    await gateway.restart();
    expect(await refusalOf(gateway.send(request))).toMatchObject({ code: status.UNKNOWN, reason: 'unconfirmed' });
    expect(gateway.telegram.requests).toHaveLength(1);
  });

  it('is settled by the status that names it', async () => {
    gateway.meta.script('accept_and_cut');
    const request = { ...templateTo('+16505551002', 'settled-later'), optIn: optIn() };
    expect(await refusalOf(gateway.send(request))).toMatchObject({ reason: 'unconfirmed' });
    const id = gateway.meta.accepted()[0]!.messageId!;
    const delivered = {
      id,
      status: 'delivered',
      timestamp: String(Math.floor(Date.now() / 1_000)),
      recipient_id: '16505551002',
      biz_opaque_callback_data: 'settled-later',
    };
    expect(await gateway.webhook({ statuses: [delivered] })).toBe(200);
    const settled = await untilSent(() => gateway.send(request));
    expect(settled).toEqual({ messageId: id, state: SendResponse_State.STATE_SENT });
    const told = (await gateway.touchpoints()).filter(({ eventId }) => eventId.includes(id));
    expect(told.map(({ kind }) => kind?.$case).sort()).toEqual(['messageStatus', 'sent']);
    expect(gateway.meta.requests).toHaveLength(1);
  });
});

describe('a window', () => {
  it('opens with a message that came through this gateway, before anybody else knows of it', async () => {
    const from = '16505556001';
    const message = { from, id: 'wamid.IN1', timestamp: String(Math.floor(Date.now() / 1_000)), type: 'text', text: { body: 'Hi' } };
    expect(await gateway.webhook({ contacts: [{ wa_id: from }], messages: [message] })).toBe(200);
    expect((await gateway.send(text(`+${from}`))).state).toBe(SendResponse_State.STATE_SENT);
  });
});

describe('a log that goes away while sending joins its group', () => {
  it('ends nothing: webhooks are answered, sending joins when the log is back', async () => {
    let refusals = 2;
    const through = (bus: Bus): Bus => ({
      ...bus,
      process(options) {
        if (refusals === 0) return bus.process(options);
        refusals -= 1;
        return Promise.reject(new BusUnavailableError('joining: the log does not answer'));
      },
    });
    const begun = await openSendingGateway({ joins, through });
    try {
      expect(
        await begun.webhook({
          messages: [
            {
              from: '16505559003',
              id: 'wamid.JOIN',
              timestamp: String(Math.floor(Date.now() / 1_000)),
              type: 'text',
              text: { body: 'Hello' },
            },
          ],
        }),
      ).toBe(200);
      expect(await begun.send(templateTo('+16505559003', 'joined'))).toMatchObject({ state: SendResponse_State.STATE_SENT });
      expect(refusals).toBe(0);
      expect(begun.logged()).toContain('sending cannot join its group');
    } finally {
      await begun.close();
    }
  });

  it('lets a gateway stop that has not joined', async () => {
    const through = (bus: Bus): Bus => ({ ...bus, process: () => Promise.reject(new BusUnavailableError('away')) });
    const begun = await openSendingGateway({ joins, through });
    await begun.close();
    expect(begun.logged()).not.toContain('nobody expected');
  });
});

describe('secrets', () => {
  it('stand in no log line', async () => {
    const logged = gateway.logged();
    for (const secret of [ACCESS_TOKEN, BOT_TOKEN, D360_KEY, TWILIO_TOKEN]) expect(logged).not.toContain(secret);
    expect(logged).not.toContain('16505550001');
  });
});

/** A confirmation is a record like any other: asked again until the queue has read it. */
async function untilSent(ask: () => ReturnType<SendingGateway['send']>): ReturnType<SendingGateway['send']> {
  for (;;) {
    const answer = await ask().catch(() => undefined);
    if (answer?.state === SendResponse_State.STATE_SENT) return answer;
  }
}
