import type { Account } from '@messtrack/workspace/accounts/account-kinds.ts';
import { afterEach, describe, expect, it } from 'vitest';
import { checkAccount } from '../src/adapters/account-checks.ts';
import type { CallAnswer, CallRequest } from '../src/adapters/provider-call.ts';
import { DEFAULT_PROVIDER_URLS } from '../src/adapters/senders/provider-urls.ts';
import { openGateway, type TestGateway, tgText, waBody, waText } from './gateway.ts';
import { ACCESS_TOKEN, BOT_TOKEN, sendingWorkspace } from './outbound-world.ts';

const NOW = 1_790_000_000_000;

describe('what a provider says of an account', () => {
  const account = (name: string): Account => sendingWorkspace().accounts.get(name)!;
  async function ask(name: string, status: number, body: unknown) {
    const requests: CallRequest[] = [];
    const call = async (request: CallRequest): Promise<CallAnswer> => {
      requests.push(request);
      return { kind: 'answered', status, body, retryAfterMs: undefined };
    };
    const found = await checkAccount(account(name), { call, urls: DEFAULT_PROVIDER_URLS, clock: () => NOW });
    return { requests, found: found.map(({ check, isGood }) => `${check} ${isGood ? 'good' : 'bad'}`) };
  }

  it.each([
    [200, { quality_rating: 'GREEN', id: '1' }, ['token good', 'quality good']],
    [200, { quality_rating: 'RED', id: '1' }, ['token good', 'quality bad']],
    [401, { error: { code: 190, message: 'expired' } }, ['token bad']],
    [400, { error: { code: 100 } }, []],
    [502, undefined, []],
  ])('WhatsApp: %i %j', async (status, body, expected) => {
    const { requests, found } = await ask('sales-wa', status, body);
    expect(found).toEqual(expected);
    expect(requests).toMatchObject([{ method: 'GET', headers: { authorization: `Bearer ${ACCESS_TOKEN}` } }]);
    expect(requests[0]!.url.href).toBe('https://graph.facebook.com/v24.0/106540352242922?fields=quality_rating,status');
  });

  it.each([
    [200, { ok: true, result: { url: 'https://x.example', pending_update_count: 0 } }, ['token good', 'webhook good']],
    [200, { ok: true, result: { url: '', pending_update_count: 0 } }, ['token good', 'webhook bad']],
    [200, { ok: true, result: { url: 'https://x.example', last_error_date: NOW / 1_000 - 60 } }, ['token good', 'webhook bad']],
    [200, { ok: true, result: { url: 'https://x.example', last_error_date: NOW / 1_000 - 7_200 } }, ['token good', 'webhook good']],
    [401, { ok: false, error_code: 401, description: 'Unauthorized' }, ['token bad']],
    [502, undefined, []],
  ])('Telegram: %i %j', async (status, body, expected) => {
    const { requests, found } = await ask('sales-tg', status, body);
    expect(found).toEqual(expected);
    expect(requests[0]!.url.pathname).toBe(`/bot${BOT_TOKEN}/getWebhookInfo`);
  });

  it('nothing of an account that has no credentials', async () => {
    expect(await ask('mute-wa', 200, {})).toEqual({ requests: [], found: [] });
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
