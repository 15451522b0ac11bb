/** A workspace with one account at each provider beside the Cloud API and Telegram, and what a webhook of each needs to be believed. */
import { createHmac } from 'node:crypto';
import { parseWorkspace } from '@messtrack/workspace/parse.ts';
import type { Workspace } from '@messtrack/workspace/workspace.ts';
import { hubSignature, openGateway, type TestGateway } from './gateway.ts';

export const PAGE_ID = '108340567232421';
export const INSTAGRAM_ID = '17841405822304914';
export const META_SECRET = 'meta-app-secret-0123456789';
export const SECOND_META_SECRET = 'second-meta-app-secret-01';
export const TOKEN = 'webhook-token-0123456789ab';
export const PLATFORM_SECRET = 'platform-secret-0123456789';
export const TWILIO_TOKEN = '12345';
export const TWILIO_URL = 'https://hooks.acme.example/gateway';
export const NUMBER_ID = '106540352242922';

const WORKSPACE = `
workspace: acme
accounts:
  page: { channel: messenger, provider: messenger, page_id: "${PAGE_ID}", username: acme.page,
          app_secret: \${META_SECRET}, other_app_secrets: ["\${SECOND_META_SECRET}"], verify_token: \${VERIFY} }
  insta: { channel: instagram, provider: instagram, instagram_id: "${INSTAGRAM_ID}", username: acme_shop,
           app_secret: \${META_SECRET}, verify_token: \${VERIFY} }
  d360: { channel: whatsapp, provider: 360dialog, phone: "+14155550110", phone_number_id: "${NUMBER_ID}", webhook_token: \${TOKEN} }
  d360-partner: { channel: whatsapp, provider: 360dialog, phone: "+14155550111", phone_number_id: "206540352242922",
                  platform_secret: \${PLATFORM_SECRET} }
  twilio: { channel: whatsapp, provider: twilio, phone: "+14155550112", auth_token: \${TWILIO_TOKEN}, public_url: "${TWILIO_URL}/" }
  twilio-proxied: { channel: whatsapp, provider: twilio, phone: "+14155550113", auth_token: \${TWILIO_TOKEN} }
  gupshup: { channel: whatsapp, provider: gupshup, phone: "+14155550114", app: DemoApp, webhook_token: \${TOKEN} }
placements:
  page-button: { kind: site, account: page }
`;

const ENV = {
  META_SECRET,
  SECOND_META_SECRET,
  VERIFY: 'verify-token-0123456789',
  TOKEN,
  PLATFORM_SECRET,
  TWILIO_TOKEN,
};

export const TWILIO_SID = 'SM00000000000000000000000000000001';
/** An inbound message as Twilio posts it. */
export const TWILIO_INBOUND = {
  MessageSid: TWILIO_SID,
  SmsMessageSid: TWILIO_SID,
  SmsSid: TWILIO_SID,
  AccountSid: 'AC00000000000000000000000000000000',
  From: 'whatsapp:+16505551234',
  To: 'whatsapp:+14155550112',
  WaId: '16505551234',
  ProfileName: 'Ann Example',
  Body: 'Hello! I have a question',
  NumMedia: '0',
  NumSegments: '1',
  SmsStatus: 'received',
  ReferralNumMedia: '0',
  ApiVersion: '2010-04-01',
};

export function providerWorkspace(): Workspace {
  const result = parseWorkspace(WORKSPACE, { file: 'acme.yaml', env: ENV, readFile: () => '' });
  if ('problems' in result) throw new Error(result.problems.map(({ path, message }) => `${path}: ${message}`).join('\n'));
  return result.workspace;
}

export interface Posted {
  readonly provider: string;
  readonly account: string;
  readonly payload: Buffer;
  readonly headers: Readonly<Record<string, string>>;
  /** Path and query; the account's own address unless given. */
  readonly url?: string;
}

export async function post(gateway: TestGateway, { provider, account, payload, headers, url }: Posted): Promise<number> {
  const response = await gateway.app.inject({ method: 'POST', url: url ?? `/hooks/${provider}/acme/${account}`, headers, payload });
  return response.statusCode;
}

export function meta(channel: 'messenger' | 'instagram', body: unknown, secret = META_SECRET): Posted {
  const payload = bytesOf(body);
  return {
    provider: channel,
    account: channel === 'messenger' ? 'page' : 'insta',
    payload,
    headers: { 'content-type': 'application/json', 'x-hub-signature-256': hubSignature(payload, secret) },
  };
}

export function dialog360(body: unknown): Posted {
  const headers = { 'content-type': 'application/json', authorization: `Bearer ${TOKEN}` };
  return { provider: '360dialog', account: 'd360', payload: bytesOf(body), headers };
}

export function gupshup(body: unknown): Posted {
  const headers = { 'content-type': 'application/json', authorization: `Bearer ${TOKEN}` };
  return { provider: 'gupshup', account: 'gupshup', payload: bytesOf(body), headers };
}

/** Signed as Twilio does: the address it was given, then every field by name. */
export function twilio(fields: Readonly<Record<string, string>>, token = TWILIO_TOKEN): Posted {
  const payload = Buffer.from(new URLSearchParams(fields).toString());
  const url = `${TWILIO_URL}/hooks/twilio/acme/twilio`;
  return {
    provider: 'twilio',
    account: 'twilio',
    payload,
    headers: { 'content-type': 'application/x-www-form-urlencoded', 'x-twilio-signature': twilioSignature(url, fields, token) },
  };
}

export function twilioSignature(url: string, fields: Readonly<Record<string, string>>, token = TWILIO_TOKEN): string {
  const signed = Object.keys(fields)
    .sort()
    .map((name) => name + fields[name])
    .join('');
  return createHmac('sha1', token)
    .update(url + signed)
    .digest('base64');
}

/** What one webhook becomes, through the real routes. */
export async function outcomeOf(posted: Posted, workspace = providerWorkspace()) {
  const gateway = await openGateway([workspace]);
  const status = await post(gateway, posted);
  const drops = await gateway.registry.getSingleMetric('messtrack_gateway_drops_total')?.get();
  await gateway.app.close();
  return {
    status,
    touchpoints: gateway.log.touchpoints(),
    deadLetters: gateway.log.deadLetters(),
    drops: Object.fromEntries((drops?.values ?? []).map(({ labels, value }) => [String(labels['reason']), value])),
  };
}

function bytesOf(body: unknown): Buffer {
  return Buffer.isBuffer(body) ? body : Buffer.from(JSON.stringify(body));
}
