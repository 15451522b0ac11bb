/** A workspace that can send through every provider that Telegram's bots, the Cloud API, 360dialog and Twilio are not, and the stand-in for their APIs. */
import { type StrictSendApis, startStrictSendApis } from '@messtrack/testing/strict-send-apis.ts';
import type { StrictProvider } from '@messtrack/testing/strict-send-contracts.ts';
import { parseWorkspace } from '@messtrack/workspace/parse.ts';
import type { Workspace } from '@messtrack/workspace/workspace.ts';
import { DEFAULT_PROVIDER_URLS, type ProviderUrls } from '../src/adapters/senders/provider-urls.ts';

export const API_TOKEN = 'acme-api-token-0123456789';
export const HOOK_TOKEN = 'hook-token-0123456789abc';
export const META_SECRET = 'meta-app-secret-0123456789';
export const CONNECTION = 'bc-1';

/** Each names itself, so that a log which holds one says which. */
export const CREDENTIALS = {
  telegram: '110201543:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw',
  messenger: 'EAAB-page-token-0123456789',
  instagram: 'IGAA-instagram-token-01234',
  gupshup: 'gupshup-api-key-0123456789',
  wazzup: 'wazzup-api-key-01234567890',
  edna: 'edna-api-key-0123456789abc',
  'green-api': 'greenapitoken0123456789abcdef',
  'chatapp-email': 'ops@acme.example',
  'chatapp-password': 'chatapp-password-01234',
  waha: 'waha-api-key-0123456789abc',
  evolution: 'evolution-instance-token-01',
  'z-api': 'ZAPIINSTANCETOKEN0123456789',
  'z-api-client': 'zapi-client-token-01234567',
  vk: 'vk1.a.community-token-0123',
  max: 'max-bot-token-0123456789ab',
} as const;

const variable = (name: string) => name.toUpperCase().replaceAll('-', '_');

function file(ownServers: string): string {
  return `
workspace: acme
api_tokens: ["\${API_TOKEN}"]
accounts:
  tg: { channel: telegram, provider: telegram, username: acme_bot, bot_token: \${TELEGRAM}, secret_token: \${HOOK_TOKEN} }
  biz: { channel: telegram, provider: telegram-business, username: acme_boss, bot: tg, connection_id: ${CONNECTION} }
  page: { channel: messenger, provider: messenger, page_id: "108340567232421", app_secret: \${META_SECRET}, verify_token: \${HOOK_TOKEN}, access_token: \${MESSENGER} }
  insta: { channel: instagram, provider: instagram, instagram_id: "17841405822304914", username: acme_shop, app_secret: \${META_SECRET}, verify_token: \${HOOK_TOKEN},
           access_token: \${INSTAGRAM} }
  insta-page: { channel: instagram, provider: instagram, instagram_id: "17841405822304915", page_id: "108340567232421", username: acme_two, app_secret: \${META_SECRET},
                verify_token: \${HOOK_TOKEN}, access_token: \${MESSENGER} }
  gs: { channel: whatsapp, provider: gupshup, phone: "+14155550114", app: DemoApp, webhook_token: \${HOOK_TOKEN}, api_key: \${GUPSHUP} }
  wz: { channel: whatsapp, provider: wazzup, channel_id: c8cf90d2-0a1c-4ee9-8ac6-9b6a1d3b5d4e, webhook_token: \${HOOK_TOKEN}, phone: "+14155550120", api_key: \${WAZZUP} }
  wz-waba: { channel: whatsapp, provider: wazzup, channel_id: 22222222-2222-4333-8444-555555555555, transport: wapi, webhook_token: \${HOOK_TOKEN},
             phone: "+14155550121", api_key: \${WAZZUP} }
  wz-tg: { channel: telegram, provider: wazzup, channel_id: 11111111-2222-4333-8444-555555555555, webhook_token: \${HOOK_TOKEN}, username: acme_sales, api_key: \${WAZZUP} }
  edna: { channel: whatsapp, provider: edna, subject_id: "345", webhook_token: \${HOOK_TOKEN}, phone: "+14155550122", cascade_id: "1001", api_key: \${EDNA} }
  green: { channel: whatsapp, provider: green-api, accept_ban_risk: true, instance_id: "1101000001", webhook_token: \${HOOK_TOKEN}, phone: "+14155550124",
           api_token: \${GREEN_API} }
  chatapp: { channel: whatsapp, provider: chatapp, license_id: "1229", webhook_token: \${HOOK_TOKEN}, phone: "+14155550125", messenger_type: caWhatsApp,
             email: "${CREDENTIALS['chatapp-email']}", password: \${CHATAPP_PASSWORD}, app_id: app_1 }
  waha: { channel: whatsapp, provider: waha, accept_ban_risk: true, webhook_token: \${HOOK_TOKEN}, phone: "+14155550126", api_url: "${ownServers}/waha", api_key: \${WAHA} }
  evo: { channel: whatsapp, provider: evolution, accept_ban_risk: true, instance: acme, api_key: \${EVOLUTION}, phone: "+14155550129", api_url: "${ownServers}/evolution/" }
  zapi: { channel: whatsapp, provider: z-api, accept_ban_risk: true, instance_id: A20DA9C0183A2D35A260F53F5D2B9244, webhook_token: \${HOOK_TOKEN},
          phone: "+14155550131", instance_token: \${Z_API}, client_token: \${Z_API_CLIENT} }
  vk: { channel: vk, provider: vk, username: acme, group_id: "206768104", confirmation: a1b2c3d4, secret_key: \${HOOK_TOKEN}, access_token: \${VK} }
  max: { channel: max, provider: max, username: acme_bot, webhook_token: \${HOOK_TOKEN}, access_token: \${MAX} }
  mute-waha: { channel: whatsapp, provider: waha, accept_ban_risk: true, session: mute, webhook_token: \${HOOK_TOKEN}, phone: "+14155550132" }
  mute-biz: { channel: telegram, provider: telegram-business, username: acme_boss_two, bot: tg }
`;
}

/** Accounts that can send, with somebody to send to. */
export const SENDING: readonly (readonly [account: string, provider: StrictProvider, recipient: string])[] = [
  ['biz', 'telegram', '42'],
  ['page', 'messenger', '5550001234567'],
  ['insta', 'instagram', '5550001234568'],
  ['gs', 'gupshup', '+16505550001'],
  ['wz', 'wazzup', '+16505550002'],
  ['wz-tg', 'wazzup', '777000'],
  ['edna', 'edna', '+16505550003'],
  ['green', 'green-api', '+16505550004'],
  ['chatapp', 'chatapp', '+16505550005'],
  ['waha', 'waha', '+16505550006'],
  ['evo', 'evolution', '+16505550007'],
  ['zapi', 'z-api', '+16505550008'],
  ['vk', 'vk', '9001'],
  ['max', 'max', '9002'],
];

/** `ownServers`: where the servers stand whose address a workspace file names. */
export function everySender(ownServers: string): Workspace {
  const secrets = Object.fromEntries(Object.entries(CREDENTIALS).map(([name, value]) => [variable(name), value]));
  const env = { ...secrets, API_TOKEN, HOOK_TOKEN, META_SECRET };
  const result = parseWorkspace(file(ownServers), { file: 'acme.yaml', env, readFile: () => '' });
  if ('problems' in result) throw new Error(result.problems.map(({ path, message }) => `${path}: ${message}`).join('\n'));
  return result.workspace;
}

export function startSendApis(): Promise<StrictSendApis> {
  return startStrictSendApis(CREDENTIALS);
}

export function urlsOf({ url }: StrictSendApis): ProviderUrls {
  const of = (provider: StrictProvider, path = '') => new URL(`${url(provider)}${path}`);
  return {
    ...DEFAULT_PROVIDER_URLS,
    telegram: of('telegram'),
    messenger: of('messenger', '/v24.0'),
    instagram: of('instagram', '/v24.0'),
    gupshup: of('gupshup'),
    wazzup: of('wazzup'),
    edna: of('edna'),
    greenApi: of('green-api'),
    chatApp: of('chatapp'),
    zApi: of('z-api'),
    vk: of('vk'),
    max: of('max'),
  };
}
