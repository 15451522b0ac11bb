import { credentials, Metadata, status } from '@grpc/grpc-js';
import {
  type GetSendRequest,
  type GetSendResponse,
  MessengerService,
  type SendRequest,
  type SendResponse,
  SendResponse_State,
} from '@messtrack/proto/gen/messtrack/v1/messenger_service.ts';
import { Click_Origin } from '@messtrack/proto/gen/messtrack/v1/touchpoint.ts';
import { GrpcRefusal, requireToken, startGrpc, unary } from '@messtrack/runtime/grpc.ts';
import { errorInfoTrailers } from '@messtrack/runtime/grpc-error-info.ts';
import { pino } from 'pino';
import { afterEach, describe, expect, it } from 'vitest';
import { grpcWriteFirst } from '../src/adapters/grpc-write-first.ts';
import type { WriteFirst, WriteFirstAnswer, WriteFirstRequest } from '../src/ports.ts';
import { FIXED_NOW, IPHONE, startHarness } from './harness.ts';

const YAML = `
workspace: acme
api_tokens: ["\${T:-acme-token}"]
accounts:
  sales-wa: { channel: whatsapp, provider: whatsapp, phone: "+14155550100", phone_number_id: "106540352242922", app_secret: "\${A:-a}", verify_token: "\${V:-v}", access_token: "\${X:-x}" }
  second-wa: { channel: whatsapp, provider: whatsapp, phone: "+14155550101", phone_number_id: "106540352242923", app_secret: "\${A:-a}", verify_token: "\${V:-v}", access_token: "\${X:-x}" }
  sales-tg: { channel: telegram, provider: telegram, username: acme_bot, secret_token: "\${S:-s}" }
placements:
  form: { kind: site, account: sales-wa, origins: ["https://acme.example"], source: { utm_source: site },
          sendback: { template: welcome, language: en_US, parameters: ["Acme"] } }
  pool: { kind: site, pool: [{ account: sales-wa }, { account: second-wa }], origins: ["https://acme.example"], sendback: { template: welcome, language: en_US } }
  button: { kind: site, account: sales-wa, origins: ["https://acme.example"] }
  bot: { kind: site, account: sales-tg, origins: ["https://acme.example"] }
`;

let close: () => Promise<void> = async () => {};
afterEach(() => close());

async function start(answer: WriteFirstAnswer | WriteFirst = { kind: 'sent' }) {
  const asked: WriteFirstRequest[] = [];
  const writeFirst: WriteFirst = {
    send: async (request) => {
      asked.push(request);
      return 'send' in answer ? answer.send(request) : answer;
    },
  };
  const harness = await startHarness({ yaml: YAML, writeFirst });
  close = harness.close;
  const post = (body: object, headers: Record<string, string> = {}) =>
    harness.app.inject({
      method: 'POST',
      url: '/v1/sendback',
      headers: { 'content-type': 'application/json', 'user-agent': IPHONE, origin: 'https://acme.example', ...headers },
      payload: JSON.stringify(body),
    });
  return { harness, asked, post };
}

const form = (part: object = {}) => ({
  workspace: 'acme',
  placement: 'form',
  click_id: 'click-1',
  phone: '+1 (415) 555-0123',
  consent: true,
  visitor_id: 'visitor-1',
  utm: { utm_campaign: 'spring' },
  ...part,
});

describe('the form that asks to be written to', () => {
  it('is a click, and the template of the placement goes to the number, named by the click', async () => {
    const { harness, asked, post } = await start();
    const answer = await post(form());
    expect([answer.statusCode, answer.json()]).toEqual([202, { accepted: ['click/acme/click-1'], state: 'sent' }]);
    expect(answer.headers['access-control-allow-origin']).toBe('https://acme.example');
    expect(harness.clicks()).toMatchObject([
      { clickId: 'click-1', code: '', carriers: [], origin: Click_Origin.ORIGIN_SENDBACK, visitorId: 'visitor-1', key: 'acme/sales-wa' },
    ]);
    expect(asked).toMatchObject([
      {
        account: 'sales-wa',
        recipient: '+14155550123',
        key: expect.stringMatching(/^sendback\/click-1\/[0-9a-f]{4}$/),
        template: { template: 'welcome', language: 'en_US', parameters: ['Acme'] },
        click: { clickId: 'click-1', placement: 'form' },
      },
    ]);
    // The number is nowhere but with whoever sends.
    expect(harness.producer.sent.some(({ value }) => Buffer.from(value).includes('4155550123'))).toBe(false);
    expect(harness.lines.join('')).not.toContain('4155550123');
  });

  it('of a pool is written to from one account however often it is sent, and from the account of the tap where a tap has made the code', async () => {
    const { harness, asked, post } = await start();
    for (let id = 0; id < 8; id += 1)
      for (let round = 0; round < 2; round += 1)
        expect((await post(form({ placement: 'pool', click_id: `tap-${id}`, phone: `+1415555${1_000 + id}` }))).statusCode).toBe(202);
    const accountsOf = (id: number) => asked.filter(({ click }) => click.clickId === `tap-${id}`).map(({ account }) => account);
    const chosen = Array.from({ length: 8 }, (_, id) => accountsOf(id));
    expect(chosen.every(([first, again, ...more]) => first === again && more.length === 0)).toBe(true);
    expect(new Set(chosen.flat())).toEqual(new Set(['sales-wa', 'second-wa']));

    const tap = form({ placement: 'pool', click_id: 'tap-x', account: 'second-wa', code: '32STT5473H' });
    expect((await post(tap)).statusCode).toBe(202);
    expect((await post({ ...tap, phone: '+1 415 555 0124' })).statusCode).toBe(202);
    const ofTap = asked.filter(({ click }) => click.clickId === 'tap-x');
    expect(ofTap.map(({ account }) => account)).toEqual(['second-wa', 'second-wa']);
    // A corrected number is another message.
    expect(new Set(ofTap.map(({ key }) => key)).size).toBe(2);
    expect(harness.clicks().filter(({ clickId }) => clickId === 'tap-x')).toMatchObject(
      Array.from({ length: 2 }, () => ({ code: '32STT5473H', origin: Click_Origin.ORIGIN_BEACON, key: 'acme/second-wa' })),
    );
    expect((await post({ ...tap, account: 'sales-tg' })).json().error).toBe('unknown_account');
  });

  it('takes a national number with its country', async () => {
    const { asked, post } = await start();
    expect((await post(form({ phone: '030 901820', country: 'de' }))).statusCode).toBe(202);
    expect((await post(form({ phone: '0049 30 901820', click_id: 'click-2' }))).statusCode).toBe(202);
    expect(asked.map(({ recipient }) => recipient)).toEqual(['+4930901820', '+4930901820']);
  });

  it('says everything that is wrong with it at once, and does nothing', async () => {
    const { harness, asked, post } = await start();
    const answer = await post({ placement: 7, click_id: 'a b', phone: 'call me', consent: 'yes' });
    expect(answer.statusCode).toBe(400);
    expect(answer.json().problems.map(({ path }: { path: string }) => path)).toEqual(['workspace', 'placement', 'click_id', 'consent']);
    const numbers = ['call me', '+1', '123', '+999123456789', '415 555 0123', '+14155550123 ext. 7'];
    for (const phone of numbers) expect((await post(form({ phone }))).json().problems, phone).toMatchObject([{ path: 'phone' }]);
    expect((await post(form({ phone: undefined }))).json().problems).toEqual([
      { path: 'phone', message: 'is missing; give phone, or telegram' },
    ]);
    expect([harness.clicks(), asked]).toEqual([[], []]);
  });

  it.each([
    ['of a page that is not listed', form(), { origin: 'https://evil.example' }, 403, 'origin_not_allowed'],
    ['of a placement without template', form({ placement: 'button' }), {}, 404, 'no_sendback'],
    ['of a placement that is none', form({ placement: 'none' }), {}, 404, 'unknown_placement'],
    [
      'of a bot, which may not write first',
      form({ placement: 'bot', phone: undefined, telegram: '@ann_example' }),
      {},
      422,
      'cannot_write_first',
    ],
    ['with a Telegram name', form({ phone: undefined, telegram: 'ann_example' }), {}, 422, 'cannot_write_first'],
  ])('%s is refused, and no click', async (_, body, headers, code, error) => {
    const { harness, asked, post } = await start();
    const answer = await post(body, headers);
    expect([answer.statusCode, answer.json().error]).toEqual([code, error]);
    if (code === 422) expect(answer.json().link).toBe(`/t/acme/${body.placement}`);
    expect([harness.clicks(), asked]).toEqual([[], []]);
  });

  it.each([
    ['unconfirmed', { kind: 'unconfirmed' }, 202, undefined, undefined],
    ['queued', { kind: 'queued' }, 202, undefined, undefined],
    ['nobody there', { kind: 'refused', reason: 'recipient_unknown', retryAfterMs: 0 }, 422, 'recipient_unknown', undefined],
    ['limits', { kind: 'refused', reason: 'rate_limited', retryAfterMs: 4_200 }, 429, 'too_many_messages', '5'],
    ['no gateway', { kind: 'refused', reason: 'unreachable', retryAfterMs: 5_000 }, 503, 'try_again', '5'],
    ['an expired token', { kind: 'refused', reason: 'credentials_refused', retryAfterMs: 0 }, 502, 'sending_not_available', undefined],
    ['a paused template', { kind: 'refused', reason: 'template_paused', retryAfterMs: 0 }, 502, 'sending_not_available', undefined],
  ] as const)('is told what came of it: %s', async (_, outcome, code, error, retryAfter) => {
    const { harness, post } = await start(outcome);
    const answer = await post(form());
    expect([answer.statusCode, answer.json().error, answer.headers['retry-after']]).toEqual([code, error, retryAfter]);
    expect(harness.clicks()).toHaveLength(1);
    const label = outcome.kind === 'refused' ? outcome.reason : outcome.kind;
    expect(await harness.registry.metrics()).toContain(`messtrack_ingest_sendbacks_total{outcome="${label}"} 1`);
  });

  it('is stopped when one number is asked for again and again, by whomever', async () => {
    const { asked, post } = await start();
    const codes = [];
    for (let i = 0; i < 7; i += 1) codes.push((await post(form({ click_id: `click-${i}` }))).statusCode);
    expect(codes).toEqual([202, 202, 202, 202, 202, 429, 429]);
    expect(asked).toHaveLength(5);
    expect((await post(form({ phone: '+14155550124', click_id: 'other' }))).statusCode).toBe(202);
  });

  it('is stopped when one household asks for many numbers, from however many of its addresses', async () => {
    const harness = await startHarness({ yaml: YAML, trustProxy: ['127.0.0.1'], writeFirst: { send: async () => ({ kind: 'sent' }) } });
    close = harness.close;
    const ask = async (i: number, ip: string) =>
      (
        await harness.app.inject({
          method: 'POST',
          url: '/v1/sendback',
          headers: { 'content-type': 'application/json', 'user-agent': IPHONE, 'x-forwarded-for': ip },
          payload: JSON.stringify(form({ click_id: `click-${i}`, phone: `+1415555${1_000 + i}` })),
        })
      ).statusCode;
    const answers: number[] = [];
    for (let i = 0; i < 31; i += 1) answers.push(await ask(i, `2001:db8:1:2::${i + 1}`));
    expect(answers).toEqual([...new Array(30).fill(202), 429]);
    expect(await ask(40, '2001:db8:1:3::1')).toBe(202);
  });

  it('tells the page why it was refused, whoever refuses', async () => {
    const { harness, post } = await start();
    const refusals = [
      await post({}),
      await post(form(), { 'content-type': 'application/xml' }),
      await harness.app.inject({
        method: 'POST',
        url: '/v1/sendback',
        headers: { 'content-type': 'text/plain', origin: 'https://acme.example' },
        payload: 'x'.repeat(17_000),
      }),
      await harness.app.inject({
        method: 'POST',
        url: '/v1/sendback',
        headers: { 'content-type': 'text/plain', origin: 'https://acme.example' },
        payload: '{',
      }),
    ];
    expect(refusals.map(({ statusCode, headers }) => [statusCode, headers['access-control-allow-origin']])).toEqual(
      [400, 415, 413, 400].map((status) => [status, 'https://acme.example']),
    );
  });

  it('is refused where nobody sends', async () => {
    const harness = await startHarness({ yaml: YAML });
    close = harness.close;
    const payload = JSON.stringify(form());
    const answer = await harness.app.inject({
      method: 'POST',
      url: '/v1/sendback',
      headers: { 'content-type': 'application/json' },
      payload,
    });
    expect([answer.statusCode, answer.json().error, harness.clicks()]).toEqual([502, 'sending_not_available', []]);
  });
});

describe('the call of the gateway', () => {
  it('carries token, consent and click, and reads refusals from the standard details', async () => {
    const requests: SendRequest[] = [];
    const log = pino({ level: 'silent' });
    const answers: (() => SendResponse)[] = [
      () => ({ messageId: 'wamid.1', state: SendResponse_State.STATE_SENT }),
      () => refuse(status.RESOURCE_EXHAUSTED, 'rate_limited', { retry_after_ms: '2500' }),
      () => refuse(status.UNKNOWN, 'unconfirmed', {}),
      () => {
        throw new GrpcRefusal(status.UNAVAILABLE, 'the log is away', new Metadata());
      },
    ];
    const running = await startGrpc({
      host: '127.0.0.1',
      port: 0,
      log,
      services: [
        {
          definition: MessengerService,
          implementation: {
            send: unary<SendRequest, SendResponse>(log, 'send', async (request, metadata) => {
              requireToken(metadata, (token) => token === 'acme-token');
              requests.push(request);
              return answers.shift()!();
            }),
            getSend: unary<GetSendRequest, GetSendResponse>(log, 'getSend', async () => refuse(status.NOT_FOUND, 'none', {})),
          },
        },
      ],
      shutdownMs: 100,
    });
    const client = grpcWriteFirst(`127.0.0.1:${running.value.port}`, credentials.createInsecure(), log);
    const { harness, post } = await start(client);
    const got = [];
    for (const id of ['a', 'b', 'c', 'd']) got.push(await post(form({ click_id: id })));
    expect(got.map(({ statusCode }) => statusCode)).toEqual([202, 429, 202, 503]);
    expect(got.map((answer) => answer.json().state)).toEqual(['sent', undefined, 'unconfirmed', undefined]);
    expect(requests[0]).toMatchObject({
      workspace: 'acme',
      account: 'sales-wa',
      recipient: '+14155550123',
      idempotencyKey: expect.stringMatching(/^sendback\/a\/[0-9a-f]{4}$/),
      optIn: { atMs: FIXED_NOW, where: 'form' },
      origin: { clickId: 'a', clickedAtMs: FIXED_NOW, source: { utmSource: 'site', utmCampaign: 'spring', placement: 'form' } },
    });
    await running.close?.();
    expect((await post(form({ click_id: 'e' }))).json().error).toBe('try_again');
    expect(harness.clicks()).toHaveLength(5);
    client.close();
  });
});

function refuse(code: status, reason: string, details: Record<string, string>): never {
  throw new GrpcRefusal(code, 'refused', errorInfoTrailers(code, 'refused', reason, details));
}
