/** Every sender against a stand-in that refuses what the provider's page does not describe. */
import { type StrictSendApis, startStrictSendApis } from '@messtrack/testing/strict-send-apis.ts';
import type { StrictAnswer, StrictProvider } from '@messtrack/testing/strict-send-contracts.ts';
import type { Account } from '@messtrack/workspace/accounts/account-kinds.ts';
import type { Workspace } from '@messtrack/workspace/workspace.ts';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createProviderCall } from '../src/adapters/provider-call.ts';
import { readCloudApiAnswer } from '../src/adapters/senders/cloud-api-messages.ts';
import { readDialog360Answer } from '../src/adapters/senders/dialog360-sender.ts';
import { readMetaAnswer } from '../src/adapters/senders/meta-messaging-sender.ts';
import { createSenders, type SenderOf } from '../src/adapters/senders/senders.ts';
import type { Content, SendResult } from '../src/domain/outbound.ts';
import { CONNECTION, CREDENTIALS, everySender, SENDING, startSendApis, urlsOf } from './sending-accounts.ts';

const TEXT: Content = { kind: 'text', text: 'Здравствуйте! 👋 "quoted" & more' };
const TEMPLATE: Content = { kind: 'template', name: 'b0f1c2d3-0001', language: 'ru', parameters: ['Ann', '7'] };

let apis: StrictSendApis;
let workspace: Workspace;
let senderOf: SenderOf;
let nowMs = 1_790_000_000_000;
const caller = createProviderCall({ timeoutMs: 2_000, allowsPrivate: true, privateHosts: new Set(['127.0.0.1']) });

beforeAll(async () => {
  apis = await startSendApis();
  workspace = everySender(apis.url('waha').replace(/\/waha$/, ''));
});
beforeEach(() => {
  apis.clear();
  senderOf = createSenders(urlsOf(apis), () => nowMs);
});
afterAll(async () => {
  caller.close();
  await apis.close();
});

const accountOf = (name: string): Account => workspace.accounts.get(name)!;

function send(name: string, recipient: string, content: Content = TEXT, correlation = 'order 4711'): Promise<SendResult> {
  const account = accountOf(name);
  return senderOf(account)!.send(account, { recipient, content, correlation }, caller.call, workspace);
}

const lastBody = () => apis.requests.at(-1)!.body;
const lastJson = () => JSON.parse(lastBody()) as Record<string, unknown>;
const lastForm = () => Object.fromEntries(new URLSearchParams(lastBody()));

describe('a text goes out as the provider documents it', () => {
  it.each(SENDING)('%s', async (name, provider, recipient) => {
    const result = await send(name, recipient);
    expect(apis.violations).toEqual([]);
    expect(result).toMatchObject({ kind: 'accepted' });
    expect(apis.requests.at(-1)).toMatchObject({ provider, method: 'POST' });
  });

  it('with the words of the text unchanged, and the person as the provider writes it', async () => {
    await send('biz', '42');
    expect(lastJson()).toEqual({ business_connection_id: CONNECTION, chat_id: '42', text: TEXT.kind === 'text' ? TEXT.text : '' });
    await send('page', '5550001234567');
    expect(lastJson()).toMatchObject({
      recipient: { id: '5550001234567' },
      messaging_type: 'RESPONSE',
      message: TEXT.kind === 'text' ? { text: TEXT.text } : {},
    });
    await send('gs', '+16505550001');
    expect(lastForm()).toMatchObject({ source: '14155550114', destination: '16505550001', 'src.name': 'DemoApp' });
    await send('wz-tg', '777000');
    expect(lastJson()).toMatchObject({ chatType: 'telegram', chatId: '777000', crmMessageId: 'order 4711' });
    await send('green', '+16505550004');
    expect(lastJson()).toMatchObject({ chatId: '16505550004@c.us' });
    await send('waha', '123456@lid');
    expect(lastJson()).toMatchObject({ session: 'default', chatId: '123456@lid' });
    await send('edna', '+16505550003');
    expect(lastJson()).toMatchObject({ requestId: 'order 4711', cascadeId: '1001' });
    expect(apis.violations).toEqual([]);
  });

  it('of Instagram with Facebook login over the page that the token is of', async () => {
    apis.clear();
    await send('insta-page', '5550001234568');
    // A page's address wants `messaging_type` for Messenger alone: Instagram's request has none, and the stand-in of Messenger says so.
    expect(apis.requests.at(-1)).toMatchObject({ provider: 'messenger', path: '/v24.0/108340567232421/messages' });
    expect(lastJson()).not.toHaveProperty('messaging_type');
  });
});

describe('the id that is kept is the one that webhooks name', () => {
  it.each<readonly [string, string, StrictAnswer, string]>([
    ['waha', '+16505550006', { status: 201, body: { key: { id: '3EB0NOWEB', fromMe: true } } }, '3EB0NOWEB'],
    ['waha', '+16505550006', { status: 201, body: { id: 'true_16505550006@c.us_3EB0GOWS' } }, '3EB0GOWS'],
    ['waha', '+16505550006', { status: 201, body: { id: { id: '3EB0WEB', _serialized: 'true_1@c.us_3EB0WEB' } } }, '3EB0WEB'],
    ['chatapp', '+16505550005', { status: 200, body: { success: true, data: { messageId: 'CA1' } } }, 'CA1'],
    ['vk', '9001', { status: 200, body: { response: 5 } }, '5'],
  ])('%s to %s: %j is %s', async (name, recipient, answer, expected) => {
    if (name === 'chatapp') await send(name, recipient);
    apis.script(providerOf(name), answer);
    expect(await send(name, recipient)).toMatchObject({ kind: 'accepted', messageId: expected });
  });

  it('of a business connection names the connection, as its messages do', async () => {
    expect(await send('biz', '42')).toMatchObject({ messageId: expect.stringMatching(new RegExp(`^${CONNECTION}:42:\\d+$`)) });
  });
});

const providerOf = (name: string): StrictProvider => SENDING.find(([account]) => account === name)?.[1] ?? 'wazzup';
const recipientOf = (name: string): string => SENDING.find(([account]) => account === name)?.[2] ?? '+16505550009';
const meta = (code: number, subcode?: number): StrictAnswer => ({
  status: 400,
  body: { error: { message: 'scripted', type: 'OAuthException', code, ...(subcode === undefined ? {} : { error_subcode: subcode }) } },
});
const telegram = (code: number, description: string, parameters?: object): StrictAnswer => ({
  status: code,
  body: { ok: false, error_code: code, description, ...(parameters === undefined ? {} : { parameters }) },
});
const wazzup = (error: string): StrictAnswer => ({ status: 400, body: { error, description: 'scripted' } });
const vk = (code: number): StrictAnswer => ({ status: 200, body: { error: { error_code: code, error_msg: 'scripted' } } });

describe('a refusal has the reason that says what to do', () => {
  it.each<readonly [string, StrictAnswer, string]>([
    ['biz', telegram(403, 'Forbidden: BUSINESS_PEER_USAGE_MISSING'), 'outside_window'],
    ['biz', telegram(400, 'Bad Request: BUSINESS_PEER_INVALID'), 'recipient_unknown'],
    ['biz', telegram(403, "Forbidden: bot can't send messages to bots"), 'not_opted_in'],
    ['biz', telegram(403, "Forbidden: the bot can't send messages to the bot"), 'not_opted_in'],
    ['biz', telegram(400, 'Bad Request: USER_IS_BLOCKED'), 'not_opted_in'],
    ['biz', telegram(403, 'Forbidden: PRIVACY_PREMIUM_REQUIRED'), 'not_opted_in'],
    ['biz', telegram(400, 'Bad Request: BUSINESS_CONNECTION_INVALID'), 'credentials_refused'],
    ['page', meta(10, 2018278), 'outside_window'],
    ['page', meta(100, 2018001), 'recipient_unknown'],
    ['page', meta(551), 'not_opted_in'],
    ['page', meta(190), 'credentials_refused'],
    ['page', meta(100), 'content_refused'],
    ['page', meta(987654), 'provider_refused'],
    ['insta', meta(10, 2534022), 'outside_window'],
    ['insta', meta(200), 'credentials_refused'],
    ['insta', meta(294), 'credentials_refused'],
    ['gs', { status: 400, body: { status: 'error', message: 'Invalid Destination' } }, 'recipient_unknown'],
    ['gs', { status: 401, body: { status: 'error', message: 'Portal User Not Found With APIKey' } }, 'credentials_refused'],
    ['gs', { status: 400, body: { status: 'error', message: 'Template did not match' } }, 'template_refused'],
    ['wz', wazzup('BAD_CONTACT'), 'recipient_unknown'],
    ['wz', wazzup('24_HOURS_EXCEEDED'), 'outside_window'],
    ['wz', wazzup('MESSAGES_NOT_TEXT_FIRST'), 'not_opted_in'],
    ['wz', wazzup('CHANNEL_LIMIT_EXCEEDED'), 'rate_limited'],
    ['wz', wazzup('TEMPLATE_REJECTED'), 'template_refused'],
    ['wz', wazzup('CHAT_NO_ACCESS'), 'recipient_unknown'],
    ['wz', wazzup('CHANNEL_BLOCKED'), 'credentials_refused'],
    ['wz', wazzup('CHANNEL_WAPI_REJECTED'), 'credentials_refused'],
    ['wz', wazzup('WRONG_TRANSPORT'), 'credentials_refused'],
    ['wz', wazzup('MESSAGES_TOO_LONG_WABA_TEMPLATE'), 'content_refused'],
    ['wz', wazzup('somethingOfTomorrow'), 'provider_refused'],
    ['wz', { status: 401, body: { error: 'unauthorized' } }, 'credentials_refused'],
    ['edna', { status: 403, body: {} }, 'credentials_refused'],
    ['edna', { status: 400, body: { code: 'bad-request' } }, 'provider_refused'],
    ['green', { status: 466, body: { correspondentsStatus: { status: 'QUOTE_EXCEEDED' } } }, 'rate_limited'],
    [
      'green',
      { status: 400, body: { message: "Validation failed. Details: 'chatId' must be one of the following formats" } },
      'content_refused',
    ],
    ['green', { status: 400, body: { message: 'instance account not authorized' } }, 'credentials_refused'],
    [
      'green',
      { status: 400, body: { message: 'Instance account is expired. Renew your instance from personal area' } },
      'credentials_refused',
    ],
    ['waha', { status: 404, body: { message: 'Session not found' } }, 'credentials_refused'],
    ['evo', { status: 400, body: { response: { message: [{ exists: false, number: '1' }] } } }, 'recipient_unknown'],
    ['evo', { status: 404, body: { response: { message: ['The "acme" instance does not exist'] } } }, 'credentials_refused'],
    ['zapi', { status: 400, body: { error: 'Phone is not valid' } }, 'provider_refused'],
    ['vk', vk(901), 'not_opted_in'],
    ['vk', vk(914), 'content_refused'],
    ['vk', vk(113), 'recipient_unknown'],
    ['vk', vk(5), 'credentials_refused'],
    ['vk', vk(29), 'rate_limited'],
    ['max', { status: 403, body: { code: 'chat.denied', message: 'scripted' } }, 'not_opted_in'],
    ['max', { status: 403, body: { code: 'error.dialog.suspended', message: 'scripted' } }, 'not_opted_in'],
    ['max', { status: 403, body: { code: 'of.tomorrow', message: 'error.dialog.suspended' } }, 'not_opted_in'],
    ['max', { status: 403, body: { code: 'dialog.not.found', message: 'error.dialog.notfound' } }, 'recipient_unknown'],
    ['max', { status: 403, body: { code: 'of.tomorrow', message: 'scripted' } }, 'credentials_refused'],
    ['max', { status: 404, body: { code: 'chat.not.found', message: 'scripted' } }, 'recipient_unknown'],
    ['max', { status: 401, body: { code: 'verify.token', message: 'scripted' } }, 'credentials_refused'],
  ])('%s: %j is %s', async (name, answer, reason) => {
    if (name === 'biz') await send(name, recipientOf(name));
    apis.script(providerOf(name), answer);
    expect(await send(name, recipientOf(name))).toMatchObject({ kind: 'refused', reason });
  });

  it.each<readonly [string, StrictAnswer, string, number, boolean]>([
    ['biz', telegram(429, 'Too Many Requests: retry after 7', { retry_after: 7 }), 'rate_limited', 7_000, true],
    ['page', meta(613), 'rate_limited', 60_000, true],
    ['insta', meta(2), 'provider_unavailable', 10_000, true],
    [
      'gs',
      { status: 429, body: { status: 'error', message: 'Too Many Requests' }, headers: { 'retry-after': '9' } },
      'rate_limited',
      9_000,
      true,
    ],
    ['wz', wazzup('MESSAGE_CHANNEL_UNAVAILABLE'), 'provider_unavailable', 30_000, true],
    ['wz', { status: 429, body: {} }, 'rate_limited', 5_000, true],
    ['green', { status: 429, body: '' }, 'rate_limited', 5_000, true],
    ['green', { status: 400, body: { message: 'instance in starting process try later' } }, 'provider_unavailable', 10_000, true],
    ['waha', { status: 422, body: { error: 'Session status is not as expected' } }, 'provider_unavailable', 30_000, true],
    ['vk', vk(6), 'rate_limited', 1_000, true],
    ['vk', vk(9), 'rate_limited', 60_000, true],
    ['max', { status: 429, body: { code: 'too.many.requests', message: 'scripted' } }, 'rate_limited', 5_000, true],
  ])('%s: %j waits as %s', async (name, answer, reason, afterMs, ofAccount) => {
    if (name === 'biz') await send(name, recipientOf(name));
    apis.script(providerOf(name), answer);
    expect(await send(name, recipientOf(name))).toEqual({ kind: 'later', reason, afterMs, ofAccount, code: expect.any(String) });
  });

  it.each(SENDING)(
    '%s: a success without an id, a proxy, an error of the server may have been a message',
    async (name, provider, recipient) => {
      if (name === 'biz' || name === 'chatapp') await send(name, recipient);
      for (const answer of [
        { status: 200, body: {} },
        { status: 502, body: '<html>' },
        { status: 500, body: {} },
      ]) {
        apis.script(provider, answer);
        expect(await send(name, recipient)).toMatchObject({ kind: 'unconfirmed' });
      }
    },
  );

  it.each(SENDING)(
    '%s: who is sent on to another address has sent nothing, and is not told that it may have arrived',
    async (name, provider, recipient) => {
      if (name === 'biz' || name === 'chatapp') await send(name, recipient);
      for (const status of [301, 302, 307, 308]) {
        apis.script(provider, { status, body: '<html>' });
        expect(await send(name, recipient)).toEqual({ kind: 'refused', reason: 'provider_refused', code: String(status) });
      }
    },
  );

  const CLOUD_API = 'messages of the Cloud API';
  it.each([
    [CLOUD_API, readCloudApiAnswer],
    ['messages of Messenger and Instagram', readMetaAnswer],
  ])("%s: Meta's own error of its server may have been a message, one of ours was none, and too many is waited out", (of, read) => {
    const answer = (status: number, code: number, retryAfterMs?: number) =>
      read({ kind: 'answered', status, body: { error: { message: 'An unknown error occurred', code } }, retryAfterMs });
    expect(answer(500, 131000)).toEqual({ kind: 'unconfirmed', code: '131000' });
    expect(answer(500, 1)).toEqual({ kind: 'unconfirmed', code: '1' });
    expect(answer(200, 1)).toEqual({ kind: 'unconfirmed', code: '1' });
    expect(answer(400, 1)).toEqual({ kind: 'refused', reason: 'provider_refused', code: '1' });
    expect(answer(403, 368)).toEqual({ kind: 'refused', reason: 'provider_refused', code: '368' });
    expect(answer(401, 190)).toEqual({ kind: 'refused', reason: 'credentials_refused', code: '190' });
    expect(answer(429, 80008, 9_000)).toEqual({ kind: 'later', reason: 'rate_limited', code: '80008', afterMs: 9_000, ofAccount: true });
    expect(answer(403, 299)).toEqual({ kind: 'refused', reason: 'credentials_refused', code: '299' });
    if (of === CLOUD_API) expect(answer(500, 131016)).toMatchObject({ kind: 'later', reason: 'provider_unavailable' });
  });

  // Meta, WhatsApp Business Platform, support/error-codes.
  it.each([
    [131064, 'rate_limited'],
    [131063, 'template_refused'],
    [132008, 'template_refused'],
    [132018, 'template_refused'],
    [134101, 'template_refused'],
    [134102, 'template_refused'],
  ])('%i of the Cloud API is %s', (code, reason) => {
    expect(readCloudApiAnswer({ kind: 'answered', status: 400, body: { error: { code } }, retryAfterMs: undefined })).toEqual({
      kind: 'refused',
      reason,
      code: String(code),
    });
  });

  it.each(['You have exceeded the endpoint rate limit.', 'You have exceeded the limit of 1 request every 2 seconds. Try again later.'])(
    '360dialog: a limit that it says with 400 and words is waited out: %s',
    (developerMessage) => {
      const answer = (text: string, retryAfterMs?: number) =>
        readDialog360Answer({
          kind: 'answered',
          status: 400,
          body: { meta: { httpCode: 400, developerMessage: text, success: false } },
          retryAfterMs,
        });
      expect(answer(developerMessage)).toEqual({ kind: 'later', reason: 'rate_limited', code: '400', afterMs: 5_000, ofAccount: true });
      expect(answer(developerMessage, 9_000)).toMatchObject({ afterMs: 9_000 });
      for (const refusal of ['Your WhatsApp for Business API has been disabled.', 'Could not send message due to lack of payment.', '']) {
        expect(answer(refusal)).toEqual({ kind: 'refused', reason: 'provider_refused', code: '400' });
      }
      // Meta's own limit comes through as Meta says it.
      const pair = { kind: 'answered', status: 400, body: { error: { code: 131056 } }, retryAfterMs: undefined } as const;
      expect(readDialog360Answer(pair)).toMatchObject({ kind: 'later', ofAccount: false });
    },
  );

  it('Wazzup: a repeated crmMessageId was a message, whose id nobody knows', async () => {
    apis.script('wazzup', wazzup('repeatedCrmMessageId'));
    expect(await send('wz', '+16505550002')).toMatchObject({ kind: 'unconfirmed' });
  });
});

describe('credentials that the provider does not know', () => {
  it.each(SENDING)('%s are refused as such, and nothing is sent', async (name, provider, recipient) => {
    const strange = Object.fromEntries(Object.keys(CREDENTIALS).map((key) => [key, `another-${key}`]));
    const others = await startStrictSendApis(strange);
    try {
      const account = everySender(others.url('waha').replace(/\/waha$/, '')).accounts.get(name)!;
      const result = await createSenders(
        urlsOf(others),
        () => nowMs,
      )(account)!.send(account, { recipient, content: TEXT, correlation: 'k' }, caller.call, workspace);
      expect(result).toMatchObject({ kind: 'refused', reason: 'credentials_refused' });
      expect(others.violations.length).toBeGreaterThan(0);
      expect(others.violations.every((violation) => violation.startsWith(provider))).toBe(true);
    } finally {
      await others.close();
    }
  });
});

describe('Telegram Business', () => {
  const connection = (rights: object): StrictAnswer => ({
    status: 200,
    body: { ok: true, result: { id: CONNECTION, is_enabled: true, ...rights } },
  });

  it.each([
    ['the owner took the right to answer away', { rights: {} }],
    ['the owner ended the connection', { is_enabled: false, rights: { can_reply: true } }],
    ['the right is written as before version 9', { can_reply: false }],
  ])('sends nothing where %s', async (_, rights) => {
    apis.script('telegram', connection(rights));
    expect(await send('biz', '42')).toEqual({ kind: 'refused', reason: 'credentials_refused', code: 'can_reply' });
    expect(apis.requests.map(({ path }) => path.split('/').at(-1))).toEqual(['getBusinessConnection']);
  });

  it('asks for the rights once a minute, and again after a refusal', async () => {
    const asked = () => apis.requests.filter(({ path }) => path.endsWith('getBusinessConnection')).length;
    await send('biz', '42');
    await send('biz', '43');
    expect(asked()).toBe(1);
    nowMs += 60_001;
    await send('biz', '42');
    expect(asked()).toBe(2);
    apis.script('telegram', telegram(400, 'Bad Request: BUSINESS_CONNECTION_INVALID'));
    await send('biz', '42');
    await send('biz', '42');
    expect(asked()).toBe(3);
  });

  it('leaves it to Telegram where the rights cannot be asked for', async () => {
    apis.script('telegram', { status: 500, body: '' });
    expect(await send('biz', '42')).toMatchObject({ kind: 'accepted' });
  });
});

describe('ChatApp', () => {
  it('asks for a token once, and again when the first is refused', async () => {
    const tokens = () => apis.requests.filter(({ path }) => path === '/v1/tokens').length;
    await send('chatapp', '+16505550005');
    await send('chatapp', '+16505550005');
    expect(tokens()).toBe(1);
    apis.script('chatapp', { status: 401, body: { success: false, error: { code: 'ApiInvalidTokenError' } } });
    expect(await send('chatapp', '+16505550005')).toMatchObject({ kind: 'accepted' });
    expect(tokens()).toBe(2);
  });

  it('refuses a wrong login and waits for a server that is away', async () => {
    apis.script('chatapp', { status: 400, body: { success: false, error: { code: 'ApiInvalidCredentialsError' } } });
    expect(await send('chatapp', '+16505550005')).toMatchObject({ kind: 'refused', reason: 'credentials_refused' });
    apis.script('chatapp', { status: 503, body: '' });
    expect(await send('chatapp', '+16505550005')).toMatchObject({ kind: 'later', reason: 'provider_unavailable' });
    expect(apis.requests.every(({ path }) => path === '/v1/tokens')).toBe(true);
  });
});

describe('what an account may be asked to send', () => {
  it.each([
    ['gs', true],
    ['wz-waba', true],
    ['wz', false],
    ['edna', false],
    ['waha', false],
    ['page', false],
  ])('templates through %s: %s', async (name, hasTemplates) => {
    const account = accountOf(name);
    expect(senderOf(account)!.rulesOf(account).hasTemplates).toBe(hasTemplates);
    if (!hasTemplates) return;
    expect(await send(name, '+16505550009', TEMPLATE)).toMatchObject({ kind: 'accepted' });
    expect(apis.violations).toEqual([]);
    expect(lastBody()).toContain('b0f1c2d3-0001');
  });

  it.each([
    ['biz', ['42'], ['-42', '+16505550001', '@ann']],
    ['page', ['5550001234567'], ['42', 'ann']],
    ['wz', ['+16505550001', '16505550001'], ['ann', 'US.123', '']],
    ['wz-tg', ['42'], ['ann', '+16505550001']],
    ['waha', ['+16505550001', '123@lid'], ['US.123', '1203630@g.us']],
    ['evo', ['+16505550001'], ['123@lid']],
    ['gs', ['+16505550001'], ['US.123']],
    ['vk', ['9001'], ['2000000001x', '-9001']],
    ['max', ['9002'], ['-5']],
  ])('recipients of %s', (name, right, wrong) => {
    const account = accountOf(name);
    const identifiersOf = (recipient: string) => senderOf(account)!.identifiersOf(recipient, account);
    for (const recipient of right) expect(identifiersOf(recipient)).not.toHaveLength(0);
    for (const recipient of wrong) expect(identifiersOf(recipient)).toBeUndefined();
  });

  it('nothing where the file names no credentials, or no server, or no connection', () => {
    for (const name of ['mute-waha', 'mute-biz']) {
      const account = accountOf(name);
      expect(senderOf(account)!.canSend(account, workspace)).toBe(false);
    }
    for (const [name] of SENDING) expect(senderOf(accountOf(name))!.canSend(accountOf(name), workspace)).toBe(true);
  });
});

describe('a server that a workspace file names', () => {
  it('may not stand in a network of our own unless the operator says so, though the operator has named one', async () => {
    const strict = createProviderCall({ timeoutMs: 500, allowsPrivate: true });
    for (const name of ['waha', 'evo']) {
      const account = accountOf(name);
      const result = await senderOf(account)!.send(
        account,
        { recipient: '+16505550006', content: TEXT, correlation: 'k' },
        strict.call,
        workspace,
      );
      expect(result).toMatchObject({ kind: 'later', reason: 'provider_unavailable', code: 'EBLOCKED' });
    }
    strict.close();
    expect(apis.requests).toEqual([]);
  });
});
