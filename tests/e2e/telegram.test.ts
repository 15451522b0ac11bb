/** A machine that Telegram cannot call: a polled bot, a business account and an invite link, from the click or the join to the lead and the row. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startTelegramServer, type TelegramServer } from '@messtrack/testing/telegram-server.ts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTemporaryStandalone, type TemporaryStandalone } from '../../scripts/demo/temporary-standalone.ts';

const SECRETS = { E2E_API_TOKEN: 'e2e-api-token-0123456789', E2E_TG_TOKEN: '123456:AAH-very-secret-token_of_the_bot' };
const WORKSPACE = `
workspace: acme
api_tokens: [ \${E2E_API_TOKEN} ]
accounts:
  sales-tg: { channel: telegram, provider: telegram, username: acme_bot, bot_token: "\${E2E_TG_TOKEN}", updates: polling }
  boss-tg: { channel: telegram, provider: telegram-business, username: acme_boss, bot: sales-tg }
placements:
  ad: { kind: redirect, account: sales-tg, source: { utm_source: telegram_ads } }
  boss: { kind: redirect, account: boss-tg, greetings: ["Hello! I have a question"], source: { utm_source: blog } }
  metro: { kind: invite, account: sales-tg, chat: "@acme_news", source: { utm_source: outdoor, utm_campaign: metro } }
`;
const OWNER = { id: 99, is_bot: false, first_name: 'Boss' };

let instance: TemporaryStandalone;
let telegram: TelegramServer;
let workspaces: string;

beforeAll(async () => {
  workspaces = mkdtempSync(join(tmpdir(), 'messtrack-e2e-workspaces-'));
  writeFileSync(join(workspaces, 'acme.yaml'), WORKSPACE);
  telegram = await startTelegramServer({ token: SECRETS.E2E_TG_TOKEN, username: 'acme_bot' });
  instance = await startTemporaryStandalone({ env: { ...SECRETS, MESSTRACK_WORKSPACES: workspaces, TELEGRAM_API_URL: telegram.url } });
  // What Telegram keeps back unless it is named is sent from the first question on.
  write({ message: text(1, 'hello') });
  await telegram.drained();
});

afterAll(async () => {
  await instance?.stop();
  await telegram?.close();
  rmSync(workspaces, { recursive: true, force: true });
});

describe('a person', () => {
  it('who taps a link and starts the bot is a lead of the click', async () => {
    const link = await tap('ad');
    expect(link.host).toBe('t.me');
    write({ message: text(701, `/start ${link.searchParams.get('start')}`) });
    expect(await leadOf('sales-tg', 701)).toMatchObject({ method: 'hidden_id', resolved_to: 'click', source: { placement: 'ad' } });
  });

  it('who starts the bot with the name of a placement is a lead of its source', async () => {
    write({ message: text(702, '/start ad') });
    expect(await leadOf('sales-tg', 702)).toMatchObject({
      method: 'hidden_id',
      click_id: null,
      source: { placement: 'ad', utm_source: 'telegram_ads' },
    });
  });

  it('who joins the channel through a named link is a lead of its placement', async () => {
    const user = person(703);
    write({
      chat_member: {
        chat: { id: -100123, type: 'channel', title: 'News', username: 'acme_news' },
        from: user,
        date: nowS(),
        old_chat_member: { status: 'left', user },
        new_chat_member: { status: 'member', user },
        invite_link: {
          invite_link: 'https://t.me/+abc…',
          creator: OWNER,
          name: 'metro',
          creates_join_request: false,
          is_primary: false,
          is_revoked: false,
        },
      },
    });
    expect(await leadOf('sales-tg', 703)).toMatchObject({
      method: 'hidden_id',
      source: { placement: 'metro', utm_source: 'outdoor', utm_campaign: 'metro' },
    });
    await rowsOf(
      `SELECT named_source['utm_campaign'] AS campaign FROM messtrack.messages WHERE invite_link_name = 'metro' AND kind = 'join'`,
      ([row]) => row?.['campaign'] === 'metro',
    );
    expect((await fetch(`${instance.url}/t/acme/metro`, { redirect: 'manual' })).status).toBe(404);
  });

  it('who writes the draft to a business account is a lead of the click; what the owner answers is none', async () => {
    const link = await tap('boss');
    expect(link.pathname).toBe('/acme_boss');
    const draft = link.searchParams.get('text') ?? '';
    expect(draft).toContain('Hello! I have a question');
    const chat = { id: 704, type: 'private', first_name: 'Ann' };
    write({ business_message: { ...text(704, 'with pleasure'), from: OWNER, message_id: 1, chat, business_connection_id: 'bc1' } });
    write({ business_message: { ...text(704, draft), business_connection_id: 'bc1' } });
    expect(await leadOf('boss-tg', 704)).toMatchObject({
      method: 'exact_id',
      resolved_to: 'click',
      source: { placement: 'boss', utm_source: 'blog' },
    });
    // The owner's words came before the person's, and the lead of these is there.
    expect(await rows(`SELECT DISTINCT platform_user_id FROM messtrack.messages WHERE platform_user_id = '${OWNER.id}'`)).toEqual([]);
  });

  it('who blocks the bot is shown as such, and again when it is allowed', async () => {
    const bot = { id: 123456, is_bot: true, first_name: 'Acme' };
    const change = (before: string, after: string, at: number) => ({
      my_chat_member: {
        chat: { id: 705, type: 'private' },
        from: person(705),
        date: at,
        old_chat_member: { user: bot, status: before },
        new_chat_member: { user: bot, status: after },
      },
    });
    write(change('member', 'kicked', nowS() - 10));
    expect(await stateOf('705', 'blocked')).toMatchObject({ account: 'sales-tg', connection_id: '' });
    write(change('kicked', 'member', nowS()));
    expect(await stateOf('705', 'unblocked')).toMatchObject({ account: 'sales-tg' });
  });
});

function write(update: Readonly<Record<string, unknown>>): void {
  if (telegram.push(update) === undefined) throw new Error(`nobody asked Telegram for ${Object.keys(update)[0]}`);
}

function nowS(): number {
  return Math.floor(Date.now() / 1_000);
}

function person(id: number) {
  return { id, is_bot: false, first_name: 'Ann', language_code: 'en' };
}

let messageNumber = 100;
function text(id: number, words: string) {
  messageNumber++;
  return { message_id: messageNumber, date: nowS(), chat: { id, type: 'private', first_name: 'Ann' }, from: person(id), text: words };
}

async function tap(placement: string): Promise<URL> {
  const answer = await fetch(`${instance.url}/t/acme/${placement}`, { redirect: 'manual', headers: { 'user-agent': BROWSER } });
  expect(answer.status).toBe(302);
  return new URL(answer.headers.get('location') ?? '');
}
const BROWSER = 'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36';

async function leadOf(account: string, user: number): Promise<unknown> {
  const answer = await fetch(`${instance.url}/v1/leads?account=${account}&contact=${user}&wait=20s`, {
    headers: { authorization: `Bearer ${SECRETS.E2E_API_TOKEN}` },
  });
  expect(answer.status).toBe(200);
  return ((await answer.json()) as { readonly lead: unknown }).lead;
}

async function rows(query: string): Promise<readonly Record<string, unknown>[]> {
  const answer = await fetch(`${instance.url}/sql?query=${encodeURIComponent(`${query} FORMAT JSONEachRow`)}`);
  const body = await answer.text();
  if (!answer.ok) throw new Error(body);
  return body
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as Record<string, unknown>);
}

/** Rows arrive a moment after the record; the test's own timeout ends a wait for those that never do. */
async function rowsOf(query: string, isThere: (found: readonly Record<string, unknown>[]) => boolean) {
  for (;;) {
    const found = await rows(query);
    if (isThere(found)) return found;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

async function stateOf(user: string, state: string): Promise<unknown> {
  const query = `SELECT account, state, connection_id FROM messtrack.contact_states WHERE platform_user_id = '${user}'`;
  return (await rowsOf(query, ([row]) => row?.['state'] === state))[0];
}
