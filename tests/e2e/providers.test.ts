// biome-ignore-all lint/suspicious/noTemplateCurlyInString: references of workspace files look like template strings
/** A click on a redirect and the message that it caused, at every provider whose signatures differ, through one process: the lead names the placement. */
import { createHmac } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startTemporaryStandalone, type TemporaryStandalone } from '../../scripts/demo/temporary-standalone.ts';
import { query } from '../../scripts/demo/warehouse-view.ts';

const SECRET = 'e2e-secret-0123456789';
const WORKSPACE = `
workspace: acme
accounts:
  cloud: { channel: whatsapp, provider: whatsapp, phone: "+14155550100", phone_number_id: "106540352242922", app_secret: "\${E2E_SECRET}", verify_token: "\${E2E_SECRET}" }
  dialog: { channel: whatsapp, provider: 360dialog, phone: "+14155550101", phone_number_id: "206540352242922", webhook_token: "\${E2E_SECRET}" }
  twilio: { channel: whatsapp, provider: twilio, phone: "+14155550102", auth_token: "\${E2E_SECRET}", public_url: https://hooks.acme.example }
  gupshup: { channel: whatsapp, provider: gupshup, phone: "+14155550103", app: AcmeApp, webhook_token: "\${E2E_SECRET}" }
  page: { channel: messenger, provider: messenger, page_id: "108340567232421", username: acme.page, app_secret: "\${E2E_SECRET}", verify_token: "\${E2E_SECRET}" }
  insta: { channel: instagram, provider: instagram, instagram_id: "17841405822304914", username: acme_shop, app_secret: "\${E2E_SECRET}", verify_token: "\${E2E_SECRET}" }
placements:
  cloud-ad: { kind: redirect, account: cloud }
  dialog-ad: { kind: redirect, account: dialog }
  twilio-ad: { kind: redirect, account: twilio }
  gupshup-ad: { kind: redirect, account: gupshup }
  page-ad: { kind: redirect, account: page }
  insta-ad: { kind: redirect, account: insta }
`;

interface Webhook {
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

const json = { 'content-type': 'application/json' };
const hub = (body: string) => ({ ...json, 'x-hub-signature-256': `sha256=${createHmac('sha256', SECRET).update(body).digest('hex')}` });
const at = () => Math.floor(Date.now() / 1000);

function cloudApi(numberId: string, text: string): string {
  const messages = [{ from: '16505551234', id: `wamid.${numberId}`, timestamp: String(at()), type: 'text', text: { body: text } }];
  const value = { messaging_product: 'whatsapp', metadata: { display_phone_number: '1', phone_number_id: numberId }, messages };
  return JSON.stringify({ object: 'whatsapp_business_account', entry: [{ id: '1', changes: [{ field: 'messages', value }] }] });
}

function meta(object: 'page' | 'instagram', id: string, link: URL): string {
  const referral = { ref: link.searchParams.get('ref'), source: 'SHORTLINK', type: 'OPEN_THREAD' };
  const messaging = [
    { sender: { id: '777' }, recipient: { id }, timestamp: at() * 1000, message: { mid: `m_${id}`, text: 'hello', referral } },
  ];
  return JSON.stringify({ object, entry: [{ id, time: at() * 1000, messaging }] });
}

/** What the platform posts when the person who followed the link writes. */
const WEBHOOKS: Readonly<Record<string, (link: URL) => Webhook>> = {
  'cloud-ad'(link) {
    const body = cloudApi('106540352242922', textOf(link));
    // At the address of the app, which names no account.
    return { path: '/hooks/whatsapp', headers: hub(body), body };
  },
  'dialog-ad': (link) => ({
    path: '/hooks/360dialog/acme/dialog',
    headers: { ...json, authorization: `Bearer ${SECRET}` },
    body: cloudApi('206540352242922', textOf(link)),
  }),
  'twilio-ad'(link) {
    const fields = {
      AccountSid: 'AC1',
      Body: textOf(link),
      From: 'whatsapp:+16505551234',
      MessageSid: 'SM1',
      To: 'whatsapp:+14155550102',
      WaId: '16505551234',
    };
    const path = '/hooks/twilio/acme/twilio';
    const signed = `https://hooks.acme.example${path}${Object.entries(fields).flat().join('')}`;
    const signature = createHmac('sha1', SECRET).update(signed).digest('base64');
    const headers = { 'content-type': 'application/x-www-form-urlencoded', 'x-twilio-signature': signature };
    return { path, headers, body: new URLSearchParams(fields).toString() };
  },
  'gupshup-ad'(link) {
    const payload = {
      id: 'wamid.G',
      source: '16505551234',
      type: 'text',
      payload: { text: textOf(link) },
      sender: { phone: '16505551234' },
    };
    const body = JSON.stringify({ app: 'AcmeApp', timestamp: at() * 1000, version: 2, type: 'message', payload });
    return { path: `/hooks/gupshup/acme/gupshup?token=${SECRET}`, headers: json, body };
  },
  'page-ad'(link) {
    const body = meta('page', '108340567232421', link);
    return { path: '/hooks/messenger/acme/page', headers: hub(body), body };
  },
  'insta-ad'(link) {
    const body = meta('instagram', '17841405822304914', link);
    return { path: '/hooks/instagram/acme/insta', headers: hub(body), body };
  },
};

function textOf(link: URL): string {
  return link.searchParams.get('text') ?? '';
}

let folder: string;
let standalone: TemporaryStandalone;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'messtrack-providers-'));
  writeFileSync(join(folder, 'acme.yaml'), WORKSPACE);
  standalone = await startTemporaryStandalone({ env: { MESSTRACK_WORKSPACES: folder, E2E_SECRET: SECRET, LOG_LEVEL: 'error' } });
});
afterAll(async () => {
  await standalone?.stop();
  rmSync(folder, { recursive: true, force: true });
});

it('a redirect leads to a message that leads back to its placement, at every provider', async () => {
  const userAgent = 'Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X)';
  for (const [placement, webhookOf] of Object.entries(WEBHOOKS)) {
    const redirect = await fetch(`${standalone.url}/t/acme/${placement}`, { redirect: 'manual', headers: { 'user-agent': userAgent } });
    const link = new URL(redirect.headers.get('location') ?? '');
    const { path, headers, body } = webhookOf(link);
    const answer = await fetch(standalone.url + path, { method: 'POST', headers, body });
    expect([placement, answer.status]).toEqual([placement, 200]);
  }
  const read = () =>
    query<{ placement: string; method: string }>(
      { url: standalone.url, sqlToken: '' },
      'SELECT placement, method FROM messtrack.leads ORDER BY placement',
    );
  let leads = await read();
  while (leads.length < 6) {
    await sleep(100);
    leads = await read();
  }
  expect(leads).toEqual([
    { placement: 'cloud-ad', method: 'exact_id' },
    { placement: 'dialog-ad', method: 'exact_id' },
    { placement: 'gupshup-ad', method: 'exact_id' },
    { placement: 'insta-ad', method: 'hidden_id' },
    { placement: 'page-ad', method: 'hidden_id' },
    { placement: 'twilio-ad', method: 'exact_id' },
  ]);
});
