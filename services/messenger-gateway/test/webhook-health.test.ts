// biome-ignore-all lint/suspicious/noTemplateCurlyInString: references of workspace files look like template strings
/** What providers say of the webhooks of our accounts: each answer as its pages show it, and what it means. */
import { parseWorkspace } from '@messtrack/workspace/parse.ts';
import { describe, expect, it } from 'vitest';
import { checkAccount } from '../src/adapters/account-questions.ts';
import type { CallAnswer, CallRequest } from '../src/adapters/provider-call.ts';
import { DEFAULT_PROVIDER_URLS } from '../src/adapters/senders/provider-urls.ts';

const SECRETS = { KEY: 'provider-key-0123456789', TOKEN: 'webhook-token-0123456789', SECRET: 'shared-secret-0123456789' };
const META = 'app_secret: ${SECRET}, verify_token: ${SECRET}, access_token: ${KEY}';
const RISK = 'accept_ban_risk: true, phone: "+14155550100"';
const FILE = `
workspace: acme
accounts:
  wa: { channel: whatsapp, provider: whatsapp, phone: "+14155550100", phone_number_id: "106540352242922", ${META} }
  insta: { channel: instagram, provider: instagram, instagram_id: "17841405822304914", username: acme, ${META} }
  d360: { channel: whatsapp, provider: 360dialog, phone: "+14155550101", phone_number_id: "106540352242923", webhook_token: \${TOKEN}, api_key: \${KEY} }
  tw: { channel: whatsapp, provider: twilio, phone: "+14155550102", account_sid: "AC${'0'.repeat(32)}", auth_token: \${KEY} }
  wz: { channel: whatsapp, provider: wazzup, channel_id: c8cf90d2-0a1c-4ee9-8ac6-9b6a1d3b5d4e, phone: "+14155550103", webhook_token: \${TOKEN}, api_key: \${KEY} }
  edna: { channel: whatsapp, provider: edna, subject_id: "345", phone: "+14155550104", webhook_token: \${TOKEN}, api_key: \${KEY}, cascade_id: "1" }
  green: { channel: whatsapp, provider: green-api, ${RISK}, instance_id: "1101000001", webhook_token: \${TOKEN}, api_token: \${KEY} }
  waha: { channel: whatsapp, provider: waha, ${RISK}, webhook_token: \${TOKEN}, api_url: "https://waha.example", api_key: \${KEY} }
  evo: { channel: whatsapp, provider: evolution, ${RISK}, instance: acme, api_url: "https://evo.example", api_key: \${KEY} }
  zapi: { channel: whatsapp, provider: z-api, ${RISK}, instance_id: A20DA9C0183A2D35, webhook_token: \${TOKEN}, instance_token: \${KEY} }
  vk: { channel: vk, provider: vk, username: acme, group_id: "206768104", confirmation: a1b2c3d4, secret_key: \${SECRET}, access_token: \${KEY} }
  max: { channel: max, provider: max, username: acme_bot, webhook_token: \${TOKEN}, access_token: \${KEY} }
  mute: { channel: max, provider: max, username: acme_too, webhook_token: \${TOKEN} }
`;
const parsed = parseWorkspace(FILE, { file: 'acme.yaml', env: SECRETS, readFile: () => '' });
if ('problems' in parsed) throw new Error(parsed.problems.map(({ path, message }) => `${path}: ${message}`).join('\n'));
const { workspace } = parsed;

/** Answers by a part of the address; what is not named does not exist there. */
async function ask(name: string, answers: Readonly<Record<string, readonly [number, unknown]>>) {
  const requests: CallRequest[] = [];
  const call = async (request: CallRequest): Promise<CallAnswer> => {
    requests.push(request);
    const [status, body] = Object.entries(answers).find(([part]) => request.url.href.includes(part))?.[1] ?? [404, undefined];
    return { kind: 'answered', status, body, retryAfterMs: undefined };
  };
  const found = await checkAccount(workspace.accounts.get(name)!, workspace, { call, urls: DEFAULT_PROVIDER_URLS, clock: () => 0 });
  for (const { detail } of found) for (const secret of Object.values(SECRETS)) expect(detail).not.toContain(secret);
  return {
    requests,
    said: found.map(({ check, isGood, detail }) => `${check} ${isGood ? 'good' : 'bad'}${detail === '' ? '' : ` ${detail}`}`),
  };
}

const OURS = 'https://track.acme.example/gateway/hooks';
const GREEN = {
  webhookUrl: `${OURS}/green-api/acme/green`,
  webhookUrlToken: SECRETS.TOKEN,
  incomingWebhook: 'yes',
  outgoingWebhook: 'yes',
};
const WAHA_HOOK = {
  url: `${OURS}/waha/acme/waha`,
  events: ['*'],
  customHeaders: [{ name: 'authorization', value: `Bearer ${SECRETS.TOKEN}` }],
};
const VK_SERVER = { id: 3, url: `${OURS}/vk/acme/vk`, secret_key: SECRETS.SECRET, status: 'ok' };
const VK_EVENTS = { message_new: 1, message_edit: 1, message_allow: 1, message_deny: 1 };
const INSTAGRAM_FIELDS = ['messages', 'messaging_postbacks', 'messaging_referral', 'message_reactions', 'messaging_seen', 'message_edit'];

describe('a webhook', () => {
  it.each<readonly [string, Parameters<typeof ask>[1], readonly string[]]>([
    [
      'wa',
      { quality_rating: [200, { webhook_configuration: { application: `${OURS}/whatsapp`, phone_number: 'https://crm.example' } }] },
      ['token good', 'quality good', 'webhook bad elsewhere'],
    ],
    [
      'wa',
      { quality_rating: [200, { webhook_configuration: { application: `${OURS}/whatsapp` } }] },
      ['token good', 'quality good', 'webhook good'],
    ],
    ['wa', { quality_rating: [200, {}] }, ['token good', 'quality good']],
    ['insta', { subscribed_apps: [200, { data: [{ subscribed_fields: INSTAGRAM_FIELDS }] }] }, ['token good', 'subscription good']],
    ['insta', { subscribed_apps: [200, { data: [] }] }, ['token good', 'subscription bad not set']],
    ['insta', { subscribed_apps: [400, { error: { code: 190 } }] }, ['token bad 190']],
    [
      'd360',
      {
        'configs/webhook': [200, { url: `${OURS}/360dialog/acme/d360` }],
        health_status: [200, { health_status: { can_send_message: 'BLOCKED', entities: [] } }],
      },
      ['token good', 'webhook good', 'device bad BLOCKED'],
    ],
    [
      'd360',
      { 'configs/webhook': [200, { url: `${OURS}/360dialog/acme/d360`, headers: { Authorization: `Bearer ${SECRETS.TOKEN}` } }] },
      ['token good', 'webhook good'],
    ],
    [
      'd360',
      { 'configs/webhook': [200, { url: `${OURS}/360dialog/acme/d360`, headers: {} }] },
      ['token good', 'webhook bad the header Authorization is not the webhook_token'],
    ],
    ['d360', { 'configs/webhook': [200, { url: 'https://crm.example/x' }] }, ['token good', 'webhook bad elsewhere']],
    ['d360', { 'configs/webhook': [403, {}] }, ['token bad 403']],
    ['d360', { 'configs/webhook': [500, {}] }, []],
    [
      'wz',
      {
        webhooks: [200, { webhooksUri: '', subscriptions: { messagesAndStatuses: true } }],
        channels: [200, [{ channelId: 'C8CF90D2-0A1C-4EE9-8AC6-9B6A1D3B5D4E', state: 'active' }]],
      },
      ['token good', 'webhook bad not set', 'device good active'],
    ],
    [
      'wz',
      { webhooks: [200, { webhooksUri: `${OURS}/wazzup/acme/other?token=${SECRETS.TOKEN}`, subscriptions: {} }], channels: [200, []] },
      ['token good', 'webhook bad messagesAndStatuses is off', 'device bad no such channel'],
    ],
    ['wz', { webhooks: [401, { error: 'invalidApiKey' }] }, ['token bad 401']],
    [
      'tw',
      {
        Senders: [
          200,
          {
            senders: [
              {
                sender_id: 'whatsapp:+14155550102',
                status: 'OFFLINE',
                webhook: { callback_url: `${OURS}/twilio/acme/tw`, status_callback_url: `${OURS}/twilio/acme/tw` },
              },
            ],
          },
        ],
      },
      ['token good', 'webhook good', 'device bad OFFLINE'],
    ],
    ['tw', { Senders: [200, { senders: [] }] }, []],
    ['edna', {}, []],
    [
      'green',
      { getSettings: [200, GREEN], getStateInstance: [200, { stateInstance: 'authorized' }] },
      ['token good', 'webhook good', 'device good authorized'],
    ],
    [
      'green',
      { getSettings: [200, { ...GREEN, editedMessageWebhook: 'no' }], getStateInstance: [200, { stateInstance: 'notAuthorized' }] },
      ['token good', 'webhook bad editedMessageWebhook is off', 'device bad notAuthorized'],
    ],
    ['green', { getSettings: [200, GREEN], getStateInstance: [200, { stateInstance: 'starting' }] }, ['token good', 'webhook good']],
    [
      'waha',
      { 'sessions/default': [200, { status: 'WORKING', config: { webhooks: [{ url: 'https://crm.example' }, WAHA_HOOK] } }] },
      ['token good', 'webhook good', 'device good WORKING'],
    ],
    [
      'waha',
      { 'sessions/default': [200, { status: 'FAILED', config: { webhooks: [{ ...WAHA_HOOK, customHeaders: [] }] } }] },
      ['token good', 'webhook bad the header Authorization is not the webhook_token', 'device bad FAILED'],
    ],
    ['waha', { 'sessions/default': [404, {}] }, []],
    [
      'evo',
      {
        'webhook/find': [
          200,
          { webhook: { url: `${OURS}/evolution/acme/evo`, enabled: true, events: ['MESSAGES_UPSERT', 'MESSAGES_UPDATE'] } },
        ],
        connectionState: [200, { instance: { state: 'close' } }],
      },
      ['token good', 'webhook good', 'device bad close'],
    ],
    ['evo', { 'webhook/find': [200, null] }, ['token good', 'webhook bad not set']],
    [
      'zapi',
      {
        '/me': [
          200,
          { connected: false, receivedCallbackUrl: `${OURS}/z-api/acme/zapi`, messageStatusCallbackUrl: `${OURS}/z-api/acme/zapi` },
        ],
      },
      ['token good', 'webhook good', 'device bad disconnected'],
    ],
    [
      'vk',
      { getCallbackServers: [200, { response: { items: [VK_SERVER] } }], getCallbackSettings: [200, { response: { events: VK_EVENTS } }] },
      ['token good', 'webhook good'],
    ],
    [
      'vk',
      {
        getCallbackServers: [200, { response: { items: [{ ...VK_SERVER, status: 'failed' }] } }],
        getCallbackSettings: [200, { response: { events: VK_EVENTS } }],
      },
      ['token good', 'webhook bad VK says failed of the address'],
    ],
    ['vk', { getCallbackServers: [200, { error: { error_code: 5 } }] }, ['token bad 5']],
    // A token that only sends may not ask: that says nothing of the webhook.
    ['vk', { getCallbackServers: [200, { error: { error_code: 15, error_msg: 'Access denied' } }] }, []],
    [
      'max',
      { subscriptions: [200, { subscriptions: [{ url: `${OURS}/max/acme/max`, update_types: [] }] }] },
      ['token good', 'webhook good'],
    ],
    ['max', { subscriptions: [200, { subscriptions: [{ url: 'https://crm.example' }] }] }, ['token good', 'webhook bad elsewhere']],
    ['max', { subscriptions: [401, {}] }, ['token bad 401']],
    ['mute', {}, []],
  ])('of %s: %j', async (name, answers, expected) => {
    expect((await ask(name, answers)).said).toEqual(expected);
  });

  it.each(['wa', 'insta', 'd360', 'tw', 'wz', 'green', 'waha', 'evo', 'zapi', 'vk', 'max'])(
    'of %s is asked about, and nothing is changed by asking',
    async (name) => {
      for (const body of [
        undefined,
        null,
        [],
        'x',
        { data: 7, items: [7], subscriptions: [null], config: { webhooks: [7] }, response: 7, senders: {} },
      ]) {
        const { requests, said } = await ask(name, { '': [200, body] });
        expect(requests.every(({ method, url }) => method === 'GET' || url.pathname.includes('groups.get'))).toBe(true);
        expect(requests.every(({ url }) => url.protocol === 'https:')).toBe(true);
        expect(said.every((line) => /^(?:token|webhook|subscription|device|quality|number) /.test(line))).toBe(true);
      }
    },
  );
});
