/** A workspace with accounts at every gateway, VK and MAX, and what a webhook of each needs to be believed. */
import { createHmac } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseWorkspace } from '@messtrack/workspace/parse.ts';
import type { Workspace } from '@messtrack/workspace/workspace.ts';
import type { Posted } from './provider-accounts.ts';

export const TOKEN = 'gateway-token-0123456789';
export const OTHER_TOKEN = 'another-gateway-token-987';
export const HMAC_KEY = 'waha-hmac-key-0123456789';
export const API_KEY = 'evolution-instance-token-01';
export const VK_SECRET = 'vk-secret-0123456789';
export const VK_CONFIRMATION = 'a1b2c3d4';
export const WAZZUP_CHANNEL = 'c8cf90d2-0a1c-4ee9-8ac6-9b6a1d3b5d4e';
export const WAZZUP_TELEGRAM = '11111111-2222-4333-8444-555555555555';
export const WAZZUP_FOREIGN = '99999999-2222-4333-8444-555555555555';
export const GROUP_ID = '206768104';

const FILE = `
workspace: acme
accounts:
  wz-wa: { channel: whatsapp, provider: wazzup, channel_id: "${WAZZUP_CHANNEL}", webhook_token: \${TOKEN}, phone: "+14155550120" }
  wz-tg: { channel: telegram, provider: wazzup, channel_id: "${WAZZUP_TELEGRAM}", webhook_token: \${TOKEN}, username: acme_sales }
  wz-foreign: { channel: whatsapp, provider: wazzup, channel_id: "${WAZZUP_FOREIGN}", webhook_token: \${OTHER_TOKEN}, phone: "+14155550121" }
  edna: { channel: whatsapp, provider: edna, subject_id: "345", webhook_token: \${TOKEN}, phone: "+14155550122" }
  edna-2: { channel: whatsapp, provider: edna, subject_id: "47610", webhook_token: \${TOKEN}, phone: "+14155550123" }
  green: { channel: whatsapp, provider: green-api, accept_ban_risk: true, instance_id: "7103000000", webhook_token: \${TOKEN}, phone: "+14155550124" }
  green-tg: { channel: telegram, provider: green-api, accept_ban_risk: true, instance_id: "7103000001", webhook_token: \${TOKEN}, username: acme_person }
  chatapp: { channel: whatsapp, provider: chatapp, license_id: "1229", webhook_token: \${TOKEN}, phone: "+14155550125" }
  chatapp-ig: { channel: instagram, provider: chatapp, license_id: "1229", webhook_token: \${TOKEN}, username: acme.shop }
  waha: { channel: whatsapp, provider: waha, accept_ban_risk: true, hmac_key: \${HMAC_KEY}, phone: "+14155550126" }
  waha-2: { channel: whatsapp, provider: waha, accept_ban_risk: true, session: second, webhook_token: \${TOKEN}, phone: "+14155550127" }
  waha-3: { channel: whatsapp, provider: waha, accept_ban_risk: true, session: third, webhook_token: \${TOKEN}, phone: "+14155550128" }
  evo: { channel: whatsapp, provider: evolution, accept_ban_risk: true, instance: acme, api_key: \${API_KEY}, phone: "+14155550129" }
  evo-2: { channel: whatsapp, provider: evolution, accept_ban_risk: true, webhook_token: \${TOKEN}, phone: "+14155550130" }
  zapi: { channel: whatsapp, provider: z-api, accept_ban_risk: true, instance_id: A20DA9C0183A2D35A260F53F5D2B9244, webhook_token: \${TOKEN}, phone: "+14155550131" }
  vk: { channel: vk, provider: vk, username: acme, group_id: "${GROUP_ID}", confirmation: ${VK_CONFIRMATION}, secret_key: \${VK_SECRET} }
  max: { channel: max, provider: max, username: acme_bot, webhook_token: \${TOKEN} }
placements:
  site-button: { kind: site, account: vk }
`;

const ENV = { TOKEN, OTHER_TOKEN, HMAC_KEY, API_KEY, VK_SECRET };

export function gatewayWorkspace(): Workspace {
  const result = parseWorkspace(FILE, { file: 'acme.yaml', env: ENV, readFile: () => '' });
  if ('problems' in result) throw new Error(result.problems.map(({ path, message }) => `${path}: ${message}`).join('\n'));
  return result.workspace;
}

export const GATEWAYS = ['wazzup', 'edna', 'green-api', 'chatapp', 'waha', 'evolution', 'z-api', 'vk', 'max'] as const;
export type Gateway = (typeof GATEWAYS)[number];

const ACCOUNTS: Readonly<Record<Gateway, string>> = {
  wazzup: 'wz-wa',
  edna: 'edna',
  'green-api': 'green',
  chatapp: 'chatapp',
  waha: 'waha',
  evolution: 'evo',
  'z-api': 'zapi',
  vk: 'vk',
  max: 'max',
};

/** A webhook with the proof of its provider, or with that of somebody who has none. */
export function webhook(gateway: Gateway, body: unknown, proof: 'right' | 'wrong' | 'none' = 'right'): Posted {
  const account = ACCOUNTS[gateway];
  const secret = (right: string) => (proof === 'right' ? right : `${right.slice(0, -1)}~`);
  const payload = Buffer.isBuffer(body)
    ? body
    : Buffer.from(JSON.stringify(proof === 'none' ? withoutSecret(body) : withSecret(gateway, body, secret)));
  const url = `/hooks/${gateway}/acme/${account}`;
  const headers = { 'content-type': 'application/json' };
  if (proof === 'none') return { provider: gateway, account, payload, headers, url };
  switch (gateway) {
    case 'wazzup':
    case 'green-api':
      return { provider: gateway, account, payload, url, headers: { ...headers, authorization: `Bearer ${secret(TOKEN)}` } };
    case 'edna':
    case 'chatapp':
    case 'z-api':
      return { provider: gateway, account, payload, headers, url: `${url}?token=${encodeURIComponent(secret(TOKEN))}` };
    case 'waha': {
      const hmac = createHmac('sha512', secret(HMAC_KEY)).update(payload).digest('hex');
      return {
        provider: gateway,
        account,
        payload,
        url,
        headers: { ...headers, 'x-webhook-hmac': hmac, 'x-webhook-hmac-algorithm': 'sha512' },
      };
    }
    case 'max':
      return { provider: gateway, account, payload, url, headers: { ...headers, 'x-max-bot-api-secret': secret(TOKEN) } };
    case 'evolution':
    case 'vk':
      return { provider: gateway, account, payload, headers, url };
  }
}

/** Evolution API and VK bring their proof in the body. */
function withSecret(gateway: Gateway, body: unknown, secret: (right: string) => string): unknown {
  if (typeof body !== 'object' || body === null || Array.isArray(body)) return body;
  if (gateway === 'evolution') return { ...body, apikey: secret(API_KEY) };
  if (gateway === 'vk') return { ...body, secret: secret(VK_SECRET) };
  return body;
}

function withoutSecret(body: unknown): unknown {
  if (typeof body !== 'object' || body === null || Array.isArray(body)) return body;
  const { apikey: _key, secret: _secret, ...rest } = body as Record<string, unknown>;
  return rest;
}

export interface Fixture {
  readonly name: string;
  /** Page or repository the payload comes from. */
  readonly source: string;
  readonly body: unknown;
}

export function fixturesOf(gateway: Gateway): readonly Fixture[] {
  return linesOf(`fixtures/${gateway}.jsonl`).map((line) => JSON.parse(line) as Fixture);
}

export function linesOf(file: string): readonly string[] {
  return readFileSync(fileURLToPath(new URL(file, import.meta.url)), 'utf8')
    .split('\n')
    .filter(Boolean);
}
