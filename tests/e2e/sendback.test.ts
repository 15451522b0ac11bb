/** People who leave a number on the site: written to first, and their answers are leads of the click, on the embedded stores and through the public surface alone. */
import { createHmac } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type FakeProvider, startFakeMeta } from '@messtrack/testing/fake-send-apis.ts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTemporaryStandalone, type TemporaryStandalone } from '../../scripts/demo/temporary-standalone.ts';

const SECRETS = {
  E2E_API_TOKEN: 'e2e-api-token-0123456789',
  E2E_APP_SECRET: 'e2e-app-secret-0123456789',
  E2E_ACCESS_TOKEN: 'EAAB-e2e-access',
};
const WORKSPACE = `
workspace: acme
api_tokens: [ \${E2E_API_TOKEN} ]
accounts:
  sales-wa: { channel: whatsapp, provider: whatsapp, phone: "+14155550100", phone_number_id: "106540352242922",
              app_secret: \${E2E_APP_SECRET}, verify_token: \${E2E_APP_SECRET}, access_token: \${E2E_ACCESS_TOKEN} }
placements:
  form: { kind: site, account: sales-wa, origins: ["https://acme.example"], source: { utm_source: site },
          sendback: { template: welcome, language: en_US, parameters: ["Acme"] } }
`;

let instance: TemporaryStandalone;
let meta: FakeProvider;
let workspaces: string;

beforeAll(async () => {
  workspaces = mkdtempSync(join(tmpdir(), 'messtrack-e2e-workspaces-'));
  writeFileSync(join(workspaces, 'acme.yaml'), WORKSPACE);
  meta = await startFakeMeta();
  instance = await startTemporaryStandalone({
    env: { ...SECRETS, MESSTRACK_WORKSPACES: workspaces, WHATSAPP_API_URL: `${meta.url}/v24.0` },
  });
});

afterAll(async () => {
  await instance?.stop();
  await meta?.close();
  rmSync(workspaces, { recursive: true, force: true });
});

describe('somebody who leaves a number on the site', () => {
  it.each([
    ['replies to our message and hides the number', '+14155550201', (to: string) => ({ user_id: `US.${to}` }), true],
    ['writes without replying, under the id that the provider returned', '+14155550202', (to: string) => ({ user_id: `US.${to}` }), false],
    ['writes without replying, under the number alone', '+14155550203', (to: string) => ({ wa_id: to }), false],
  ])('and %s is a lead of that click', async (_, phone, person, replies) => {
    const clickId = `click-${phone.slice(1)}`;
    const to = phone.slice(1);
    expect(await leave(phone, clickId)).toEqual([202, { accepted: [`click/acme/${clickId}`], state: 'sent' }]);
    const ours = meta.accepted().filter(({ body }) => JSON.parse(body).to === to);
    expect(ours).toHaveLength(1);
    expect(JSON.parse(ours[0]!.body)).toMatchObject({ type: 'template', template: { name: 'welcome', language: { code: 'en_US' } } });

    const contact = person(to);
    await receive(`wamid.IN-${to}`, contact, replies ? { from: '14155550100', id: ours[0]!.messageId } : undefined);
    const lead = await leadOf(Object.values(contact)[0]!);
    expect(lead).toMatchObject({
      method: 'hidden_id',
      resolved_to: 'click',
      click_id: clickId,
      source: { utm_source: 'site', utm_campaign: 'spring', placement: 'form' },
    });
  });

  it('is written to once, however often the form is sent', async () => {
    const answers = await Promise.all([1, 2, 3].map(() => leave('+14155550204', 'click-once')));
    expect(answers.map(([status]) => status)).toEqual([202, 202, 202]);
    expect(meta.accepted().filter(({ body }) => JSON.parse(body).to === '14155550204')).toHaveLength(1);
  });
});

async function leave(phone: string, clickId: string): Promise<readonly [number, unknown]> {
  const body = { workspace: 'acme', placement: 'form', click_id: clickId, phone, consent: true, utm: { utm_campaign: 'spring' } };
  const answer = await fetch(`${instance.url}/v1/sendback`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', origin: 'https://acme.example' },
    body: JSON.stringify(body),
  });
  return [answer.status, await answer.json()];
}

async function receive(id: string, contact: object, context: object | undefined): Promise<void> {
  const { user_id: user, wa_id: number } = contact as { user_id?: string; wa_id?: string };
  const timestamp = String(Math.floor(Date.now() / 1_000));
  const message = { id, timestamp, type: 'text', text: { body: 'Yes please' }, from: number, from_user_id: user, context };
  const value = {
    messaging_product: 'whatsapp',
    metadata: { phone_number_id: '106540352242922' },
    contacts: [contact],
    messages: [message],
  };
  const body = JSON.stringify({ object: 'whatsapp_business_account', entry: [{ id: '1', changes: [{ field: 'messages', value }] }] });
  const signature = createHmac('sha256', SECRETS.E2E_APP_SECRET).update(body).digest('hex');
  const headers = { 'content-type': 'application/json', 'x-hub-signature-256': `sha256=${signature}` };
  expect((await fetch(`${instance.url}/hooks/whatsapp/acme/sales-wa`, { method: 'POST', headers, body })).status).toBe(200);
}

async function leadOf(contact: string): Promise<unknown> {
  const url = `${instance.url}/v1/leads?account=sales-wa&contact=${encodeURIComponent(contact)}&wait=20s`;
  const answer = await fetch(url, { headers: { authorization: `Bearer ${SECRETS.E2E_API_TOKEN}` } });
  expect(answer.status).toBe(200);
  return ((await answer.json()) as { readonly lead: unknown }).lead;
}
