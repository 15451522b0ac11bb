import type { Touchpoint } from '@messtrack/proto/gen/messtrack/v1/touchpoint.ts';
import { Touchpoint as TouchpointCodec } from '@messtrack/proto/gen/messtrack/v1/touchpoint.ts';
import { BusUnavailableError, type OutRecord } from '@messtrack/runtime/bus.ts';
import type { Account } from '@messtrack/workspace/accounts/account-kinds.ts';
import { parseWorkspace } from '@messtrack/workspace/parse.ts';
import type { Workspace } from '@messtrack/workspace/workspace.ts';
import { Registry } from 'prom-client';
import { afterEach, describe, expect, it } from 'vitest';
import { startAccountChecks } from '../src/adapters/account-checks.ts';
import { checkAccount } from '../src/adapters/account-questions.ts';
import type { CallAnswer, CallRequest } from '../src/adapters/provider-call.ts';
import { DEFAULT_PROVIDER_URLS } from '../src/adapters/senders/provider-urls.ts';
import { createAccountMetrics } from '../src/metrics.ts';
import { openGateway, type TestGateway, tgText, waBody, waText } from './gateway.ts';

const NOW = 1_790_000_000_000;
const DAY = 86_400_000;
const SECRETS = {
  APP_SECRET: 'app-secret-0123456789',
  VERIFY: 'verify-token-0123456789',
  WA_TOKEN: 'EAAB-token-of-acme',
  BOT_TOKEN: '110201543:AAHdqTcv',
  HOOK: 'hook-secret-0123456789',
};
const FILE = `
workspace: acme
accounts:
  wa: { channel: whatsapp, provider: whatsapp, phone: "+14155550100", phone_number_id: "106540352242922", waba_id: "102290129340398", app_id: "634974688087057",
        app_secret: \${APP_SECRET}, verify_token: \${VERIFY}, access_token: \${WA_TOKEN} }
  plain-wa: { channel: whatsapp, provider: whatsapp, phone: "+14155550102", phone_number_id: "106540352242924",
        app_secret: \${APP_SECRET}, verify_token: \${VERIFY}, access_token: \${WA_TOKEN} }
  mute-wa: { channel: whatsapp, provider: whatsapp, phone: "+14155550101", phone_number_id: "200000000000001", waba_id: "102290129340398", app_id: "634974688087057",
             app_secret: \${APP_SECRET}, verify_token: \${VERIFY} }
  page: { channel: messenger, provider: messenger, page_id: "108340567232421", app_secret: \${APP_SECRET}, verify_token: \${VERIFY}, access_token: \${WA_TOKEN} }
  tg: { channel: telegram, provider: telegram, username: acme_bot, bot_token: \${BOT_TOKEN}, secret_token: \${HOOK} }
  biz: { channel: telegram, provider: telegram-business, username: acme_boss, bot: tg, connection_id: bc-1 }
`;

function workspaceOfChecks(): Workspace {
  const result = parseWorkspace(FILE, { file: 'acme.yaml', env: SECRETS, readFile: () => '' });
  if ('problems' in result) throw new Error(result.problems.map(({ path, message }) => `${path}: ${message}`).join('\n'));
  return result.workspace;
}
const workspace = workspaceOfChecks();
const account = (name: string): Account => workspace.accounts.get(name)!;

type Answers = Readonly<Record<string, readonly [status: number, body: unknown]>>;

/** A provider by the part of the address that tells its methods apart; everything else does not exist there. */
function provider(answers: Answers) {
  const requests: CallRequest[] = [];
  const call = async (request: CallRequest): Promise<CallAnswer> => {
    requests.push(request);
    const found = Object.entries(answers).find(([part]) => request.url.href.includes(part));
    const [status, body] = found === undefined ? [404, { error: { code: 100 } }] : found[1];
    return { kind: 'answered', status, body, retryAfterMs: undefined };
  };
  return { requests, call };
}

async function ask(name: string, answers: Answers) {
  const { requests, call } = provider(answers);
  const found = await checkAccount(account(name), workspace, { call, urls: DEFAULT_PROVIDER_URLS, clock: () => NOW });
  return {
    requests,
    said: found.map(({ check, isGood, detail, value }) =>
      [check, isGood ? 'good' : 'bad', detail, value].filter((part) => part !== '' && part !== 0).join(' '),
    ),
  };
}

const FINE: Answers = {
  quality_rating: [200, { quality_rating: 'GREEN', status: 'CONNECTED', id: '1' }],
  messaging_limit: [200, { whatsapp_business_manager_messaging_limit: 'TIER_1K', id: '1' }],
  subscribed_apps: [200, { data: [{ whatsapp_business_api_data: { id: '634974688087057', name: 'acme', link: 'https://x.example' } }] }],
  debug_token: [
    200,
    {
      data: {
        app_id: '634974688087057',
        is_valid: true,
        expires_at: 0,
        data_access_expires_at: 0,
        scopes: ['whatsapp_business_messaging'],
      },
    },
  ],
};

describe('what WhatsApp says of an account', () => {
  it('is asked of its own API alone, each thing with the token it needs', async () => {
    const { requests, said } = await ask('wa', FINE);
    expect(said).toEqual([
      'token good',
      'quality good GREEN',
      'number good CONNECTED',
      'messaging_limit good TIER_1K 1000',
      'subscription good 1 apps',
      'token good',
      'token_expiry good',
    ]);
    expect(requests.map(({ method, url, headers }) => [method, `${url.origin}${url.pathname}`, headers['authorization']])).toEqual([
      ['GET', 'https://graph.facebook.com/v24.0/106540352242922', `Bearer ${SECRETS.WA_TOKEN}`],
      ['GET', 'https://graph.facebook.com/v24.0/106540352242922', `Bearer ${SECRETS.WA_TOKEN}`],
      ['GET', 'https://graph.facebook.com/v24.0/102290129340398/subscribed_apps', `Bearer ${SECRETS.WA_TOKEN}`],
      ['GET', 'https://graph.facebook.com/v24.0/debug_token', `Bearer 634974688087057|${SECRETS.APP_SECRET}`],
    ]);
    expect(requests.at(-1)!.url.searchParams.get('input_token')).toBe(SECRETS.WA_TOKEN);
  });

  it.each<readonly [string, Answers, string]>([
    ['a red rating', { quality_rating: [200, { quality_rating: 'RED', status: 'CONNECTED' }] }, 'quality bad RED'],
    ['a number that is restricted', { quality_rating: [200, { quality_rating: 'GREEN', status: 'RESTRICTED' }] }, 'number bad RESTRICTED'],
    ['no app subscribed', { subscribed_apps: [200, { data: [] }] }, 'subscription bad 0 apps'],
    [
      'another app subscribed',
      { subscribed_apps: [200, { data: [{ whatsapp_business_api_data: { id: '1' } }] }] },
      'subscription bad 1 apps',
    ],
    [
      'a token that was taken back',
      { debug_token: [200, { data: { is_valid: false, expires_at: 1, error: { code: 190 } } }] },
      'token bad 190',
    ],
    [
      'a token without the right to send',
      { debug_token: [200, { data: { is_valid: true, expires_at: 0, scopes: ['email'] } }] },
      'token bad no whatsapp_business_messaging',
    ],
    [
      'a token that ends in three days',
      { debug_token: [200, { data: { is_valid: true, expires_at: (NOW + 3 * DAY) / 1_000 } }] },
      `token_expiry bad ${NOW + 3 * DAY}`,
    ],
    [
      'a token whose access to data ends sooner',
      { debug_token: [200, { data: { is_valid: true, expires_at: 0, data_access_expires_at: (NOW + 2 * DAY) / 1_000 } }] },
      `token_expiry bad ${NOW + 2 * DAY}`,
    ],
    [
      'a token that ends in a month',
      { debug_token: [200, { data: { is_valid: true, expires_at: (NOW + 30 * DAY) / 1_000 } }] },
      `token_expiry good ${NOW + 30 * DAY}`,
    ],
    [
      'no limit',
      { messaging_limit: [200, { whatsapp_business_manager_messaging_limit: 'TIER_UNLIMITED' }] },
      'messaging_limit good TIER_UNLIMITED -1',
    ],
    [
      'a small limit',
      { messaging_limit: [200, { whatsapp_business_manager_messaging_limit: 'TIER_250' }] },
      'messaging_limit good TIER_250 250',
    ],
  ])('%s', async (_, answers, expected) => {
    expect((await ask('wa', { ...FINE, ...answers })).said).toContain(expected);
  });

  it('error 190 is a token that is not accepted, and nothing more is asked with it', async () => {
    const { requests, said } = await ask('wa', { quality_rating: [401, { error: { code: 190, message: 'expired' } }] });
    expect(said).toEqual(['token bad 190']);
    expect(requests).toHaveLength(1);
  });

  it.each<readonly [string, Answers]>([
    ['is away', { '': [502, undefined] }],
    ['answers with another error', { '': [400, { error: { code: 4 } }] }],
    ['answers with what nobody knows', { '': [200, []] }],
    [
      'answers with nothing in it',
      {
        debug_token: [200, { data: {} }],
        subscribed_apps: [200, {}],
        messaging_limit: [200, { whatsapp_business_manager_messaging_limit: 'TIER_OF_TOMORROW' }],
      },
    ],
  ])('nothing where Meta %s', async (_, answers) => {
    expect((await ask('wa', answers)).said).toEqual([]);
  });

  it('what the file does not name is not asked, and an account without a token asks nobody', async () => {
    expect((await ask('plain-wa', FINE)).requests.map(({ url }) => url.pathname)).toEqual([
      '/v24.0/106540352242924',
      '/v24.0/106540352242924',
    ]);
    expect(await ask('mute-wa', FINE)).toEqual({ requests: [], said: [] });
  });
});

describe('what the others say', () => {
  it.each<readonly [number, unknown, readonly string[]]>([
    [200, { data: [{ id: '1', subscribed_fields: ['messages', 'messaging_postbacks'] }] }, ['subscription good 1 apps']],
    [200, { data: [{ id: '1', subscribed_fields: ['feed'] }] }, ['subscription bad 1 apps']],
    [200, { data: [{ id: '1', subscribed_fields: [{ name: 'messages' }] }] }, ['subscription good 1 apps']],
    [400, { error: { code: 190 } }, ['token bad 190']],
  ])('Messenger: %i %j', async (status, body, expected) => {
    expect((await ask('page', { subscribed_apps: [status, body] })).said).toEqual(expected);
  });

  it.each<readonly [number, unknown, readonly string[]]>([
    [200, { ok: true, result: { url: 'https://x.example', pending_update_count: 0 } }, ['token good', 'webhook good']],
    [200, { ok: true, result: { url: '', pending_update_count: 0 } }, ['token good', 'webhook bad not set']],
    [200, { ok: true, result: { url: 'https://x.example', last_error_date: NOW / 1_000 - 60 } }, ['token good', 'webhook bad failing']],
    [200, { ok: true, result: { url: 'https://x.example', last_error_date: NOW / 1_000 - 7_200 } }, ['token good', 'webhook good']],
    [401, { ok: false, error_code: 401, description: 'Unauthorized' }, ['token bad 401']],
    [502, undefined, []],
  ])('Telegram: %i %j', async (status, body, expected) => {
    const { requests, said } = await ask('tg', { getWebhookInfo: [status, body] });
    expect(said).toEqual(expected);
    expect(requests[0]!.url.pathname).toBe(`/bot${SECRETS.BOT_TOKEN}/getWebhookInfo`);
  });

  it.each<readonly [number, unknown, readonly string[]]>([
    [200, { ok: true, result: { id: 'bc-1', is_enabled: true, rights: { can_reply: true } } }, ['connection good']],
    [200, { ok: true, result: { id: 'bc-1', is_enabled: true, rights: {} } }, ['connection bad may not answer']],
    [200, { ok: true, result: { id: 'bc-1', is_enabled: false, can_reply: true } }, ['connection bad disabled']],
    [400, { ok: false, error_code: 400, description: 'Bad Request: business connection not found' }, ['connection bad ended']],
    [429, { ok: false, error_code: 429, description: 'Too Many Requests' }, []],
  ])('Telegram Business: %i %j', async (status, body, expected) => {
    expect((await ask('biz', { 'getBusinessConnection?business_connection_id=bc-1': [status, body] })).said).toEqual(expected);
  });
});

describe('the answers as records', () => {
  function world(answers: () => Answers) {
    let nowMs = NOW;
    const told: Touchpoint[] = [];
    let isAway = false;
    const registry = new Registry();
    const checks = startAccountChecks({
      workspaces: () => new Map([['acme', { ...workspace, accounts: new Map([['wa', account('wa')]]) }]]),
      metrics: createAccountMetrics(registry),
      producer: {
        async send(records: readonly OutRecord[]) {
          if (isAway) throw new BusUnavailableError('away');
          for (const { value } of records) told.push(TouchpointCodec.decode(value));
          return [];
        },
      },
      call: (request) => provider(answers()).call(request),
      urls: DEFAULT_PROVIDER_URLS,
      clock: () => nowMs,
      everyMs: 3_600_000,
      onSurprise: (error) => {
        throw error;
      },
    });
    return {
      checks,
      registry,
      told: () => told.splice(0).map(({ kind }) => (kind?.$case === 'accountCheck' ? `${kind.value.check} ${kind.value.good}` : '')),
      pass: (ms: number) => (nowMs += ms),
      away: (value: boolean) => (isAway = value),
    };
  }

  it('are written once a day also when the clock was set back by a week', async () => {
    const { checks, told, pass } = world(() => FINE);
    await checks.round();
    const all = told();
    pass(-7 * 86_400_000);
    await checks.round();
    expect(told()).toEqual(all);
    pass(900_000);
    await checks.round();
    expect(told()).toEqual([]);
  });

  it('are written when they change, and once a day while they do not', async () => {
    let answers = FINE;
    const { checks, told, pass } = world(() => answers);
    await checks.round();
    expect(told()).toEqual(['token true', 'quality true', 'number true', 'messaging_limit true', 'subscription true', 'token_expiry true']);
    pass(900_000);
    await checks.round();
    expect(told()).toEqual([]);
    answers = { ...FINE, subscribed_apps: [200, { data: [] }] };
    pass(900_000);
    await checks.round();
    expect(told()).toEqual(['subscription false']);
    pass(DAY);
    await checks.round();
    expect(told()).toHaveLength(6);
    checks.close();
  });

  it('are told again where the log was away, and what sending met counts at once', async () => {
    const { checks, told, away, registry } = world(() => FINE);
    away(true);
    await checks.round();
    away(false);
    await checks.round();
    expect(told()).toHaveLength(6);
    checks.note(workspace, account('wa'), { check: 'token', isGood: false, detail: '190', value: 0 });
    await Promise.resolve();
    expect(told()).toEqual(['token false']);
    const text = await registry.metrics();
    expect(text).toContain('messtrack_gateway_account_check{workspace="acme",account="wa",check="token"} 0');
    expect(text).toContain('messtrack_gateway_account_messaging_limit_people{workspace="acme",account="wa"} 1000');
    expect(text).toContain('messtrack_gateway_account_token_expiry_seconds{workspace="acme",account="wa"} 0');
    for (const secret of Object.values(SECRETS)) expect(text).not.toContain(secret);
    checks.close();
  });
});

describe('metrics of an account', () => {
  let gateway: TestGateway;
  afterEach(() => gateway.app.close());

  it('tell messages apart by the best thing that they bring', async () => {
    gateway = await openGateway();
    const send = (id: string, part: object, contact: object = {}) =>
      gateway.whatsapp(waBody({ contacts: [{ wa_id: '16505551234', ...contact }], messages: [waText('hm', { id, ...part })] }));
    await send('a', { text: { body: 'Hello! I have a question about delivery' } });
    await send('b', { text: { body: 'what is the price' } });
    await send('c', { referral: { source_id: '1', source_type: 'ad' } });
    await send('d', { context: { from: '1', id: 'wamid.x' } });
    await send('e', { type: 'reaction', reaction: { message_id: 'wamid.x', emoji: '+' } });
    await gateway.whatsapp(
      waBody({ contacts: [{ user_id: 'US.1' }], messages: [waText('hm', { id: 'f', from: undefined, from_user_id: 'US.1' })] }),
    );
    await gateway.telegram(tgText('hi'));
    await gateway.whatsapp(waBody({ messages: [waText('x')] }), { secret: 'wrong-secret-wrong-secret' });
    const text = await gateway.registry.metrics();
    const of = (name: string) =>
      text
        .split('\n')
        .filter((line) => line.startsWith(name))
        .sort();
    expect(of('messtrack_gateway_account_messages_total')).toEqual([
      'messtrack_gateway_account_messages_total{workspace="acme",account="sales-tg",evidence="none"} 1',
      'messtrack_gateway_account_messages_total{workspace="acme",account="sales-wa",evidence="greeting"} 1',
      'messtrack_gateway_account_messages_total{workspace="acme",account="sales-wa",evidence="identifier"} 2',
      'messtrack_gateway_account_messages_total{workspace="acme",account="sales-wa",evidence="none"} 2',
    ]);
    expect(of('messtrack_gateway_account_hidden_numbers_total')).toEqual([
      'messtrack_gateway_account_hidden_numbers_total{workspace="acme",account="sales-wa"} 1',
    ]);
    expect(of('messtrack_gateway_account_signature_failures_total')).toEqual([
      'messtrack_gateway_account_signature_failures_total{workspace="acme",account="sales-wa"} 1',
    ]);
  });
});
