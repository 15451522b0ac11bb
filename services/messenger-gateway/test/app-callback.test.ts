/** One callback of an app for the numbers of many clients: the id in each element decides, and the signature must be right for the account it names. */
import { parseWorkspace } from '@messtrack/workspace/parse.ts';
import type { Workspace } from '@messtrack/workspace/workspace.ts';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { busAway, hubSignature, NOW, openGateway, type TestGateway, VERIFY_TOKEN, waChange, waText } from './gateway.ts';

const SECRETS = { APP_A: 'secret-of-app-a-0123456789', APP_B: 'secret-of-app-b-0123456789', VERIFY: VERIFY_TOKEN };

/** Two clients on app A, a third on app B; the second client's number is subscribed by both. */
function client(name: string, yaml: string): Workspace {
  const result = parseWorkspace(`workspace: ${name}\naccounts:\n${yaml}`, { file: `${name}.yaml`, env: SECRETS, readFile: () => '' });
  if ('problems' in result) throw new Error(result.problems.map(({ path, message }) => `${path}: ${message}`).join('\n'));
  return result.workspace;
}

const wa = (id: string, app: string, more = '') =>
  `{ channel: whatsapp, provider: whatsapp, phone: "+1415555${id}", phone_number_id: "10000000${id}", app_secret: \${${app}}, verify_token: \${VERIFY}${more} }`;
const CLIENTS = [
  client('first', `  one: ${wa('0001', 'APP_A')}\n  two: ${wa('0002', 'APP_A')}\n`),
  client('second', `  three: ${wa('0003', 'APP_A', `, other_app_secrets: ["\${APP_B}"]`)}\n`),
  client('third', `  four: ${wa('0004', 'APP_B')}\n`),
];

let gateway: TestGateway;
beforeEach(async () => {
  gateway = await openGateway(CLIENTS);
});
afterEach(async () => {
  await gateway.app.close();
  await gateway.service.close?.();
});

async function post(body: unknown, secret: string, provider = 'whatsapp'): Promise<number> {
  const payload = Buffer.isBuffer(body) ? body : Buffer.from(JSON.stringify(body));
  const headers = { 'content-type': 'application/json', 'x-hub-signature-256': hubSignature(payload, secret) };
  return (await gateway.app.inject({ method: 'POST', url: `/hooks/${provider}`, headers, payload })).statusCode;
}

const message = (id: string) => waChange({ messages: [waText('x', { id: `wamid.${id}` })] }, `10000000${id}`);
const body = (...changes: readonly unknown[]) => ({ object: 'whatsapp_business_account', entry: [{ id: '1', changes }] });
const placed = () => gateway.log.touchpoints().map(({ workspace, account }) => `${workspace}/${account}`);

describe('the callback of an app', () => {
  it('brings each element to the account that has its number, in whichever workspace, in one send', async () => {
    expect(await post(body(message('0001'), message('0003'), message('0002')), SECRETS.APP_A)).toBe(200);
    expect(placed()).toEqual(['first/one', 'second/three', 'first/two']);
    expect(gateway.log.records.filter(({ headers }) => headers['type'] === 'Touchpoint.message').map(({ key }) => key)).toEqual([
      'first/one',
      'second/three',
      'first/two',
    ]);
    expect(gateway.log.sends.at(-1)).toHaveLength(3);
  });

  it('believes an app for its own numbers alone', async () => {
    expect(await post(body(message('0001'), message('0004'), message('0003')), SECRETS.APP_B)).toBe(200);
    expect(placed()).toEqual(['third/four', 'second/three']);
    expect(await gateway.count('messtrack_gateway_drops_total', 'other_account')).toBe(1);
  });

  it('gives the same record as the address of the account, so that a message that came by both counts once', async () => {
    expect(await post(body(message('0001')), SECRETS.APP_A)).toBe(200);
    const payload = Buffer.from(JSON.stringify(body(message('0001'))));
    const headers = { 'x-hub-signature-256': hubSignature(payload, SECRETS.APP_A) };
    expect((await gateway.app.inject({ method: 'POST', url: '/hooks/whatsapp/first/one', headers, payload })).statusCode).toBe(200);
    const [first, second] = gateway.log.touchpoints();
    expect(second).toEqual(first);
    expect(first).toMatchObject({ eventId: 'wa/100000000001/wamid.0001', observedAtMs: NOW });
  });

  it.each([
    ['a secret of no app', 'whatsapp', 401],
    ['a provider whose apps serve one account', 'telegram', 404],
    ['a provider nobody knows', 'pigeon', 404],
    ['a provider without accounts', 'messenger', 401],
  ])('refuses %s', async (_, provider, status) => {
    expect(await post(body(message('0001')), 'a-secret-of-nobody', provider)).toBe(status);
    expect(placed()).toEqual([]);
  });

  it('keeps what names no account of ours under no workspace, or counts it', async () => {
    const unknown = waChange({ messages: [waText('x')] }, '99999');
    expect(await post(body(unknown, 'broken', waChange({ messages: [{}] }, '100000000001')), SECRETS.APP_A)).toBe(200);
    expect(gateway.log.deadLetters().map(({ workspace, account, reason }) => [workspace, account, reason])).toEqual([
      ['', '', 'schema_mismatch'],
      ['first', 'one', 'missing_field'],
    ]);
    expect(await gateway.count('messtrack_gateway_drops_total', 'other_account')).toBe(1);
  });

  it('tries every app on a small body, and on a large one those whose numbers it names: hashing megabytes for all of them is a way to hold it up', async () => {
    const large = 'x'.repeat(20_000);
    const nobodys = (text: string) => body(waChange({ messages: [waText(text)] }, '99999'));
    expect(await post(nobodys('x'), SECRETS.APP_B)).toBe(200);
    expect(await post(nobodys(large), SECRETS.APP_B)).toBe(401);
    const own = waChange({ messages: [waText(large, { id: 'wamid.large' })] }, '100000000004');
    expect(await post(body(own), SECRETS.APP_A)).toBe(401);
    expect(await post(body(own), SECRETS.APP_B)).toBe(200);
    expect(placed()).toEqual(['third/four']);
  });

  it('answers 400 for what is no JSON, and 503 while the log is away', async () => {
    expect(await post(Buffer.from('{'), SECRETS.APP_A)).toBe(400);
    gateway.log.failure = busAway();
    expect(await post(body(message('0001')), SECRETS.APP_A)).toBe(503);
    gateway.log.failure = undefined;
    expect(await post(body(message('0001')), SECRETS.APP_A)).toBe(200);
  });

  it('is verified by the token of any account', async () => {
    const get = async (provider: string, token: string) => {
      const { statusCode, body: text } = await gateway.app.inject(
        `/hooks/${provider}?hub.mode=subscribe&hub.challenge=7&hub.verify_token=${token}`,
      );
      return [statusCode, text];
    };
    expect(await get('whatsapp', VERIFY_TOKEN)).toEqual([200, '7']);
    expect((await get('whatsapp', 'wrong'))[0]).toBe(403);
    expect((await get('telegram', VERIFY_TOKEN))[0]).toBe(404);
  });
});
