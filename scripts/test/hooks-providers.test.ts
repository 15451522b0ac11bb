// biome-ignore-all lint/suspicious/noTemplateCurlyInString: references of workspace files look like template strings
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startWebhookApis, type WebhookApis } from '@messtrack/testing/webhook-apis.ts';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { runHooks } from '../hooks/run.ts';

const KEY = 'provider-key-0123456789';
const TOKEN = 'webhook token+0123456789';
const SECRET = 'shared-secret-0123456789';
const META = 'app_secret: ${SECRET}, verify_token: ${SECRET}';
const URL_OF = 'https://track.acme.example/hooks';

/** One account of every provider that is told by calls. */
const ACCOUNTS: Readonly<Record<string, string>> = {
  wa: `{ channel: whatsapp, provider: whatsapp, phone: "+14155550100", phone_number_id: "106540352242922", waba_id: "102290129340398", app_id: "634974688087057", ${META}, access_token: \${KEY} }`,
  page: `{ channel: messenger, provider: messenger, page_id: "108340567232421", ${META}, access_token: \${KEY} }`,
  insta: `{ channel: instagram, provider: instagram, instagram_id: "17841405822304914", username: acme, ${META}, access_token: \${KEY} }`,
  d360: '{ channel: whatsapp, provider: 360dialog, phone: "+14155550100", phone_number_id: "106540352242923", webhook_token: ${TOKEN}, api_key: ${KEY} }',
  tw: `{ channel: whatsapp, provider: twilio, phone: "+14155550100", account_sid: "AC${'0'.repeat(32)}", auth_token: \${KEY} }`,
  wz: '{ channel: whatsapp, provider: wazzup, channel_id: c8cf90d2-0a1c-4ee9-8ac6-9b6a1d3b5d4e, phone: "+14155550100", webhook_token: ${TOKEN}, api_key: ${KEY} }',
  edna: '{ channel: whatsapp, provider: edna, subject_id: "345", phone: "+14155550100", webhook_token: ${TOKEN}, api_key: ${KEY}, cascade_id: "1" }',
  green:
    '{ channel: whatsapp, provider: green-api, accept_ban_risk: true, instance_id: "1101000001", phone: "+14155550100", webhook_token: ${TOKEN}, api_token: ${KEY} }',
  waha: '{ channel: whatsapp, provider: waha, accept_ban_risk: true, session: sales, phone: "+14155550100", hmac_key: ${SECRET}, api_url: "${WAHA}", api_key: ${KEY} }',
  evo: '{ channel: whatsapp, provider: evolution, accept_ban_risk: true, instance: acme, phone: "+14155550100", webhook_token: ${TOKEN}, api_url: "${EVO}", api_key: ${KEY} }',
  zapi: '{ channel: whatsapp, provider: z-api, accept_ban_risk: true, instance_id: A20DA9C0183A2D35, phone: "+14155550100", webhook_token: ${TOKEN}, instance_token: ${KEY}, client_token: ${CLIENT} }',
  vk: '{ channel: vk, provider: vk, username: acme, group_id: "206768104", confirmation: a1b2c3d4, secret_key: ${SECRET}, access_token: ${KEY} }',
  max: '{ channel: max, provider: max, username: acme_bot, webhook_token: ${TOKEN}, access_token: ${KEY} }',
};
const NAMES = Object.keys(ACCOUNTS);
/** Told again at every run: nobody can see whether the secret is the right one, or what is set at all. */
const TOLD_AGAIN = ['POST edna/api/callback/set', 'POST max/subscriptions'];

let apis: WebhookApis;
let folder: string;
let lines: string[];

beforeAll(async () => {
  apis = await startWebhookApis(KEY);
  folder = await mkdtemp(join(tmpdir(), 'messtrack-hooks-'));
});
afterAll(async () => {
  await apis.close();
  await rm(folder, { recursive: true, force: true });
});
beforeEach(() => apis.clear());

async function run(args: readonly string[] = ['--url', 'https://track.acme.example'], accounts = ACCOUNTS, key = KEY): Promise<number> {
  const entries = Object.entries(accounts).map(([name, account]) => `  ${name}: ${account}`);
  await writeFile(join(folder, 'acme.yaml'), `workspace: acme\napi_tokens: [ "\${API}" ]\naccounts:\n${entries.join('\n')}\n`);
  lines = [];
  const urls = {
    WHATSAPP: 'whatsapp',
    MESSENGER: 'messenger',
    INSTAGRAM: 'instagram',
    DIALOG360: '360dialog',
    TWILIO: 'twilio',
    WAZZUP: 'wazzup',
    EDNA: 'edna',
    ZAPI: 'z-api',
    VK: 'vk',
    MAX: 'max',
  };
  const env = {
    KEY: key,
    TOKEN,
    SECRET,
    CLIENT: 'client-token-0123456789',
    API: 'acme-api-token-0123456789',
    WAHA: apis.url('waha'),
    EVO: apis.url('evolution'),
    GREEN_API_URL: apis.url('green-api'),
    PRIVATE_API_HOSTS: '127.0.0.1',
    ...Object.fromEntries(Object.entries(urls).map(([name, provider]) => [`${name}_API_URL`, apis.url(provider)])),
  };
  const code = await runHooks(['--workspaces', folder, ...args], { env, print: (line) => lines.push(line) });
  for (const secret of [KEY, TOKEN, encodeURIComponent(TOKEN), SECRET, 'wrong-key']) expect(lines.join('\n')).not.toContain(secret);
  return code;
}

const only = (...names: readonly string[]) => Object.fromEntries(names.map((name) => [name, ACCOUNTS[name]!]));
const first = (name: string) => lines.find((line) => line.startsWith(`acme/${name}: `))?.slice(`acme/${name}: `.length);

describe('npm run hooks, for every provider with a call for it,', () => {
  it('sets address, secret and events, and changes nothing the next time', async () => {
    expect([await run(), lines.filter((line) => line.includes('PROBLEM'))]).toEqual([0, []]);
    const token = encodeURIComponent(TOKEN);
    const bearer = `Bearer ${TOKEN}`;
    expect(apis.state).toMatchObject({
      whatsapp: { phone_number: `${URL_OF}/whatsapp/acme/wa`, verify_token: SECRET, subscribed: true },
      messenger: { fields: expect.arrayContaining(['messages', 'messaging_postbacks', 'messaging_referrals']) },
      instagram: { fields: expect.arrayContaining(['messages', 'messaging_referral']) },
      '360dialog': { url: `${URL_OF}/360dialog/acme/d360`, headers: { Authorization: bearer } },
      twilio: { webhook: { callback_url: `${URL_OF}/twilio/acme/tw#rc=5&rp=all`, callback_method: 'POST' } },
      wazzup: {
        webhooksUri: `${URL_OF}/wazzup/acme/wz?token=${token}`,
        subscriptions: { messagesAndStatuses: true, contactsAndDealsCreation: true },
      },
      edna: {
        subjectId: 345,
        inMessageCallbackUrl: `${URL_OF}/edna/acme/edna?token=${token}`,
        statusCallbackUrl: `${URL_OF}/edna/acme/edna?token=${token}`,
      },
      'green-api': {
        webhookUrl: `${URL_OF}/green-api/acme/green`,
        webhookUrlToken: TOKEN,
        incomingWebhook: 'yes',
        outgoingWebhook: 'yes',
        delaySendMessagesMilliseconds: 500,
      },
      waha: {
        config: {
          debug: true,
          webhooks: [{ url: `${URL_OF}/waha/acme/waha`, events: ['message', 'message.ack', 'message.edited'], hmac: { key: SECRET } }],
        },
      },
      evolution: {
        webhook: { url: `${URL_OF}/evolution/acme/evo`, enabled: true, webhookByEvents: false, headers: { Authorization: bearer } },
      },
      'z-api': {
        receivedCallbackUrl: `${URL_OF}/z-api/acme/zapi?token=${token}`,
        messageStatusCallbackUrl: `${URL_OF}/z-api/acme/zapi?token=${token}`,
      },
      vk: {
        servers: [{ url: `${URL_OF}/vk/acme/vk`, secret_key: SECRET, title: 'messtrack' }],
        settings: { 1: { message_new: 1, message_edit: 1, message_allow: 1, message_deny: 1 } },
      },
      max: {
        subscriptions: [
          { url: `${URL_OF}/max/acme/max`, secret: TOKEN, update_types: expect.arrayContaining(['bot_started', 'message_created']) },
        ],
      },
    });
    expect(first('wz')).toBe(`sends webhooks to ${URL_OF}/wazzup/acme/wz`);
    const before = structuredClone(apis.state);
    (apis.changes as string[]).length = 0;
    expect(await run()).toBe(0);
    expect([...apis.changes].sort()).toEqual(TOLD_AGAIN);
    expect(apis.state).toEqual(before);
    for (const name of NAMES.filter((each) => each !== 'edna' && each !== 'max'))
      expect([name, first(name)]).toEqual([name, 'keeps its webhook']);
  });

  it('says in a dry run what differs, and changes nothing', async () => {
    expect(await run(['--url', 'https://track.acme.example', '--dry-run'])).toBe(0);
    expect(apis.changes).toEqual([]);
    for (const name of NAMES)
      expect([name, first(name)]).toEqual([
        name,
        expect.stringMatching(/^would be told: (sends webhooks to https:\/\/track|subscribes the app)/),
      ]);
  });

  it.each<readonly [string, string, (state: Record<string, Record<string, unknown>>) => void]>([
    [
      'wa',
      'puts right: the app is not subscribed to the WhatsApp business account',
      ({ whatsapp }) => {
        whatsapp!['subscribed'] = false;
      },
    ],
    [
      'page',
      'puts right: field messaging_referrals is not subscribed',
      ({ messenger }) => {
        messenger!['fields'] = (messenger!['fields'] as string[]).filter((field) => field !== 'messaging_referrals');
      },
    ],
    [
      'd360',
      'puts right: the header Authorization is not the webhook_token',
      (state) => {
        state['360dialog']!['headers'] = { authorization: 'Bearer other' };
      },
    ],
    [
      'tw',
      'puts right: statuses go elsewhere',
      ({ twilio }) => {
        (twilio!['webhook'] as Record<string, unknown>)['status_callback_url'] = 'https://other.example/x';
      },
    ],
    [
      'wz',
      'puts right: messagesAndStatuses is off',
      ({ wazzup }) => {
        wazzup!['subscriptions'] = {};
      },
    ],
    [
      'wz',
      `sends webhooks to ${URL_OF}/wazzup/acme/wz`,
      ({ wazzup }) => {
        wazzup!['webhooksUri'] = 'https://crm.example/secret-path';
      },
    ],
    [
      'green',
      'puts right: incomingWebhook is off, webhookUrlToken is not the webhook_token',
      (state) => {
        Object.assign(state['green-api']!, { incomingWebhook: 'no', webhookUrlToken: 'x' });
      },
    ],
    [
      'waha',
      'puts right: event message.ack is missing, hmac.key is not the hmac_key',
      ({ waha }) => {
        Object.assign((waha!['config'] as { webhooks: object[] }).webhooks[0]!, { events: ['message', 'message.edited'], hmac: {} });
      },
    ],
    [
      'evo',
      'puts right: it is switched off, webhookByEvents changes the address, event MESSAGES_UPDATE is missing',
      ({ evolution }) => {
        Object.assign(evolution!['webhook'] as object, { enabled: false, webhookByEvents: true, events: ['MESSAGES_UPSERT'] });
      },
    ],
    [
      'zapi',
      'puts right: statuses go elsewhere',
      (state) => {
        state['z-api']!['messageStatusCallbackUrl'] = 'https://other.example';
      },
    ],
    [
      'vk',
      'puts right: VK says failed of the address, event message_new is missing, the secret key is another one',
      ({ vk }) => {
        Object.assign((vk!['servers'] as object[])[0]!, { status: 'failed', secret_key: 'x' });
        vk!['settings'] = { 1: { message_edit: 1, message_allow: 1, message_deny: 1 } };
      },
    ],
    [
      'max',
      'puts right: update bot_started is missing',
      ({ max }) => {
        (max!['subscriptions'] as { update_types: string[] }[])[0]!.update_types.shift();
      },
    ],
  ])('sees what somebody has changed and mends it: %s %s', async (name, said, change) => {
    expect(await run(undefined, only(name))).toBe(0);
    const right = structuredClone(apis.state);
    change(apis.state);
    expect(await run(undefined, only(name))).toBe(0);
    expect(first(name)).toBe(said);
    expect(lines.join('\n')).not.toContain('secret-path');
    const mended = structuredClone(apis.state);
    if (name === 'wz') mended['wazzup']!['subscriptions'] = right['wazzup']!['subscriptions'] = {};
    expect(mended).toEqual(right);
  });

  it('leaves the webhooks of others alone where a provider has several', async () => {
    const other = 'https://crm.example/their-secret';
    (apis.state['waha']!['config'] as { webhooks: object[] }).webhooks.push({ url: other, events: ['*'] });
    (apis.state['vk']!['servers'] as object[]).push({ id: 1, url: other, title: 'crm', secret_key: 'x', status: 'ok' });
    (apis.state['max']!['subscriptions'] as object[]).push({ url: other, update_types: ['message_created'] });
    expect(await run(undefined, only('waha', 'vk', 'max'))).toBe(0);
    expect(lines.filter((line) => line.includes('before:'))).toEqual(
      ['waha', 'vk', 'max'].map((name) => `acme/${name}: before: no webhook here, one at crm.example`),
    );
    const urls = [
      (apis.state['waha']!['config'] as { webhooks: object[] }).webhooks,
      apis.state['vk']!['servers'],
      apis.state['max']!['subscriptions'],
    ] as { url: string }[][];
    for (const list of urls) expect(list.map(({ url }) => url)).toEqual([other, expect.stringContaining('track.acme.example')]);
    expect(await run(['--remove'], only('waha', 'vk', 'max'))).toBe(0);
    const left = [
      (apis.state['waha']!['config'] as { webhooks: object[] }).webhooks,
      apis.state['vk']!['servers'],
      apis.state['max']!['subscriptions'],
    ] as { url: string }[][];
    for (const list of left) expect(list.map(({ url }) => url)).toEqual([other]);
  });

  it('takes webhooks away where a call can, and names those where none can', async () => {
    await run();
    expect(await run(['--remove'])).toBe(1);
    const hand = lines.filter((line) => line.includes('PROBLEM')).map((line) => line.split(':')[0]);
    expect(hand).toEqual(['page', 'insta', 'd360', 'tw', 'wz', 'edna', 'zapi'].map((name) => `acme/${name}`));
    expect(apis.state).toMatchObject({
      whatsapp: { phone_number: '' },
      'green-api': { webhookUrl: '' },
      evolution: { webhook: { enabled: false } },
      vk: { servers: [] },
      max: { subscriptions: [] },
    });
  });

  it('names the credentials that are refused', async () => {
    expect(await run(undefined, ACCOUNTS, 'wrong-key-0123456789')).toBe(1);
    const problems = lines.filter((line) => line.includes('PROBLEM'));
    expect(problems).toHaveLength(NAMES.length);
    for (const problem of problems)
      expect(problem).toMatch(/does not accept the credentials|refuses \(401\): the credentials are not accepted/);
    expect(apis.changes).toEqual(['POST edna/api/callback/set']);
  });

  it('repeats what a provider says, without the secret in it', async () => {
    apis.refuse('wazzup', 400, { error: 'testPostNotPassed', message: `no 200 from ${URL_OF}?token=${encodeURIComponent(TOKEN)}` });
    expect(await run(undefined, only('wz'))).toBe(1);
    expect(lines).toContain(`acme/wz: PROBLEM: wazzup refuses (400): no 200 from ${URL_OF}?token=[secret]`);
  });

  it('says what is wrong with the number, session or instance behind an account', async () => {
    Object.assign(apis.state['green-api']!, { stateInstance: 'notAuthorized' });
    Object.assign(apis.state['waha']!, { status: 'SCAN_QR_CODE' });
    Object.assign(apis.state['evolution']!, { state: 'close' });
    Object.assign(apis.state['z-api']!, { connected: false });
    Object.assign(apis.state['wazzup']!, { state: 'qr' });
    Object.assign(apis.state['twilio']!, { status: 'OFFLINE' });
    expect(await run()).toBe(1);
    expect(lines.filter((line) => line.includes('PROBLEM')).map((line) => line.split(': PROBLEM: ')[1])).toEqual(
      [
        ['twilio', 'OFFLINE'],
        ['wazzup', 'qr'],
        ['green-api', 'notAuthorized'],
        ['waha', 'SCAN_QR_CODE'],
        ['evolution', 'close'],
        ['z-api', 'disconnected'],
      ].map(([provider, state]) => `no message arrives: ${provider} says "${state}" of the account itself`),
    );
  });

  it('asks no server of a private network that the operator has not named', async () => {
    const inside = { waha: ACCOUNTS['waha']!.replace('${WAHA}', 'http://10.0.0.7:3000') };
    expect(await run(undefined, inside)).toBe(1);
    expect(lines).toEqual([
      'acme/waha: PROBLEM: waha does not say where its webhooks go (EBLOCKED): the address is in a private network, and PRIVATE_API_HOSTS does not name its host',
    ]);
  });

  it('VK gets no server before the file has the string that VK asks for', async () => {
    apis.state['vk']!['confirmation'] = 'ffff0000';
    expect(await run(undefined, only('vk'))).toBe(1);
    expect(lines.join('\n')).toContain('confirmation in the workspace file has to be "ffff0000"');
    expect(apis.state['vk']!['servers']).toEqual([]);
  });

  it('one address of an app, or of an account of Wazzup, serves the others', async () => {
    const second = ACCOUNTS['wz']!.replace('c8cf90d2', 'd8cf90d2');
    await run(undefined, only('wa', 'wz'));
    Object.assign(apis.state['whatsapp']!, { phone_number: '', application: `${URL_OF}/whatsapp` });
    expect(await run(undefined, { ...only('wa'), wz: ACCOUNTS['wz']!, wz2: second })).toBe(1);
    expect([first('wa'), first('wz'), first('wz2')]).toEqual(['keeps its webhook', 'keeps its webhook', 'keeps its webhook']);
    expect(lines.at(-1)).toBe('acme/wz2: PROBLEM: no message arrives: wazzup says "no such channel" of the account itself');
  });

  it('prints what a person does where there is no call, or no key for it', async () => {
    const bare = Object.fromEntries(
      Object.entries(ACCOUNTS).map(([name, account]) => [
        name,
        account.replaceAll(/, (?:access_token|api_key|api_token|instance_token|account_sid|cascade_id): (?:\$\{KEY\}|"[^"]*")/g, ''),
      ]),
    );
    const more = {
      gup: '{ channel: whatsapp, provider: gupshup, phone: "+14155550100", app: Acme, webhook_token: ${TOKEN} }',
      chat: '{ channel: whatsapp, provider: chatapp, license_id: "1229", phone: "+14155550100", webhook_token: ${TOKEN} }',
    };
    expect(await run(undefined, { ...bare, ...more })).toBe(0);
    expect(apis.calls).toEqual([]);
    expect(lines).toHaveLength(NAMES.length + 2);
    for (const line of lines) expect(line).toMatch(/(?:^acme\/\w+: by hand: |is done by hand: ).*https:\/\/track\.acme\.example\/hooks\//);
    expect(first('gup')).toContain(`${URL_OF}/gupshup/acme/gup?token={webhook_token}`);
  });
});
