// biome-ignore-all lint/suspicious/noTemplateCurlyInString: references of workspace files look like template strings
/** People whom no click of ours could name: they joined through a named invite link, or wrote to an account that serves one source. From the webhook to the row. */
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
  club-tg: { channel: telegram, provider: telegram, username: acme_club_bot, secret_token: "\${E2E_SECRET}" }
  bus-tg: { channel: telegram, provider: telegram, username: acme_bus_bot, secret_token: "\${E2E_SECRET}", dedicated_to: bus }
  bus-wa: { channel: whatsapp, provider: whatsapp, phone: "+14155550112", phone_number_id: "106540352242932", app_secret: "\${E2E_SECRET}", verify_token: "\${E2E_SECRET}", dedicated_to: bus }
  shop-wa: { channel: whatsapp, provider: whatsapp, phone: "+14155550113", phone_number_id: "106540352242933", app_secret: "\${E2E_SECRET}", verify_token: "\${E2E_SECRET}" }
placements:
  metro: { kind: invite, account: club-tg, chat: "@acme_news", source: { utm_source: outdoor, utm_campaign: metro } }
  flyer: { kind: invite, account: club-tg, chat: "-1002000000002", link_name: "flyer 2026", source: { utm_source: paper } }
  bus: { kind: print, account: bus-wa, words: [yellow], source: { utm_source: outdoor, utm_campaign: bus } }
  bus-sign: { kind: redirect, account: bus-wa, greetings: ["Hello! I saw the bus"], source: { utm_source: outdoor, utm_campaign: bus-qr } }
  shop: { kind: redirect, account: shop-wa, greetings: ["Hello! I have a question"], source: { utm_source: shop } }
`;

let folder: string;
let standalone: TemporaryStandalone;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'messtrack-sources-'));
  writeFileSync(join(folder, 'acme.yaml'), WORKSPACE);
  standalone = await startTemporaryStandalone({ env: { MESSTRACK_WORKSPACES: folder, E2E_SECRET: SECRET, LOG_LEVEL: 'error' } });
});
afterAll(async () => {
  await standalone?.stop();
  rmSync(folder, { recursive: true, force: true });
});

const ADMIN = { id: 99, is_bot: false, first_name: 'Boss', username: 'acme_boss' };
/** A public channel and a private group; Telegram shortens the address of a link that another administrator made. */
const NEWS = { id: -1_002_000_000_001, type: 'channel', title: 'Acme news', username: 'acme_news' };
const GROUP = { id: -1_002_000_000_002, type: 'supergroup', title: 'Acme friends' };
const LINK = { invite_link: 'https://t.me/+8Zx…', creator: ADMIN, creates_join_request: false, is_primary: false, is_revoked: false };

it('a person who joined through a named link is one lead of its placement, however many updates tell of it', async () => {
  const left = (id: number) => ({ old_chat_member: { user: person(id), status: 'left' } });
  const member = (id: number) => ({ new_chat_member: { user: person(id), status: 'member' } });
  const toRequest = { ...LINK, name: 'flyer 2026', creates_join_request: true, pending_join_request_count: 1 };
  // Nothing to attribute: the chat's own link has no name, and whom an administrator adds has no link.
  const primary = { ...LINK, is_primary: true };
  await telegram('club-tg', {
    chat_member: { chat: NEWS, from: person(801), date: nowS(), ...left(801), ...member(801), invite_link: primary },
  });
  await telegram('club-tg', { chat_member: { chat: NEWS, from: ADMIN, date: nowS(), ...left(802), ...member(802) } });
  // Asked, was let in by an administrator, left: the request is the lead, the rest belongs to it.
  await telegram('club-tg', {
    chat_join_request: { chat: GROUP, from: person(811), user_chat_id: 811, date: nowS() - 60, bio: 'about me', invite_link: toRequest },
  });
  await telegram('club-tg', {
    chat_member: {
      chat: GROUP,
      from: ADMIN,
      date: nowS() - 30,
      ...left(811),
      ...member(811),
      invite_link: toRequest,
      via_join_request: true,
    },
  });
  await telegram('club-tg', {
    chat_member: {
      chat: GROUP,
      from: person(811),
      date: nowS() - 10,
      old_chat_member: member(811).new_chat_member,
      new_chat_member: left(811).old_chat_member,
    },
  });
  // Joined the channel at once and wrote to the bot afterwards.
  await telegram('club-tg', {
    chat_member: {
      chat: NEWS,
      from: person(812),
      date: nowS() - 20,
      ...left(812),
      ...member(812),
      invite_link: { ...LINK, name: 'metro' },
    },
  });
  await telegram('club-tg', {
    message: { message_id: 1, from: person(812), chat: { ...person(812), type: 'private' }, date: nowS(), text: '/start' },
  });

  expect(await leadsOf('club-tg', 2)).toEqual([
    { user: '811', method: 'hidden_id', placement: 'flyer', utm_source: 'paper', utm_campaign: '', resolved_to: 'placement' },
    { user: '812', method: 'hidden_id', placement: 'metro', utm_source: 'outdoor', utm_campaign: 'metro', resolved_to: 'placement' },
  ]);
});

it('whoever writes to an account that serves one source is a lead of that source, code or not', async () => {
  const foreign = textOf(await tap('shop'));
  const own = textOf(await tap('bus-sign'));
  const ad = { source_url: 'https://fb.me/x', source_id: '120210000000000001', source_type: 'ad', ctwa_clid: 'ARAk-e2e' };
  await whatsApp('US.821', text('How much is it?'));
  await whatsApp('US.822', { type: 'audio', audio: { id: '1', mime_type: 'audio/ogg; codecs=opus', sha256: 'x', voice: true } });
  // A code counts for its own account only.
  await whatsApp('US.823', text(foreign));
  await whatsApp('US.824', text(own));
  await whatsApp('US.825', { ...text('Hi'), referral: ad });
  await telegram('bus-tg', {
    message: { message_id: 1, from: person(826), chat: { ...person(826), type: 'private' }, date: nowS(), text: '/start' },
  });

  const bus = { placement: 'bus', utm_source: 'outdoor', utm_campaign: 'bus', resolved_to: 'placement', method: 'dedicated_account' };
  expect(await leadsOf('bus-wa', 5)).toEqual([
    { ...bus, user: 'US.821' },
    { ...bus, user: 'US.822' },
    { ...bus, user: 'US.823' },
    { user: 'US.824', method: 'exact_id', placement: 'bus-sign', utm_source: 'outdoor', utm_campaign: 'bus-qr', resolved_to: 'click' },
    { user: 'US.825', method: 'hidden_id', placement: '', utm_source: '', utm_campaign: '', resolved_to: 'source' },
  ]);
  expect(await leadsOf('bus-tg', 1)).toEqual([{ ...bus, user: '826' }]);
});

function nowS(): number {
  return Math.floor(Date.now() / 1_000);
}

function person(id: number) {
  return { id, is_bot: false, first_name: 'Ann', last_name: 'Example', language_code: 'en' };
}

let updates = 500;
async function telegram(account: string, update: object): Promise<void> {
  updates++;
  const headers = { 'content-type': 'application/json', 'x-telegram-bot-api-secret-token': SECRET };
  await post(`/hooks/telegram/acme/${account}`, headers, JSON.stringify({ update_id: updates, ...update }));
}

function text(body: string) {
  return { type: 'text', text: { body } };
}

/** The number is withheld, as of people with a user name. */
async function whatsApp(user: string, content: object): Promise<void> {
  const messages = [{ from_user_id: user, id: `wamid.e2e${user}`, timestamp: String(nowS()), ...content }];
  const contacts = [{ profile: { name: 'Ann', username: '@ann' }, user_id: user }];
  const metadata = { display_phone_number: '14155550112', phone_number_id: '106540352242932' };
  const change = { field: 'messages', value: { messaging_product: 'whatsapp', metadata, contacts, messages } };
  const body = JSON.stringify({ object: 'whatsapp_business_account', entry: [{ id: '1', changes: [change] }] });
  const signature = createHmac('sha256', SECRET).update(body).digest('hex');
  await post('/hooks/whatsapp/acme/bus-wa', { 'content-type': 'application/json', 'x-hub-signature-256': `sha256=${signature}` }, body);
}

async function post(path: string, headers: Record<string, string>, body: string): Promise<void> {
  const answer = await fetch(standalone.url + path, { method: 'POST', headers, body });
  expect(answer.status).toBe(200);
}

async function tap(placement: string): Promise<URL> {
  const userAgent = 'Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X)';
  const answer = await fetch(`${standalone.url}/t/acme/${placement}`, { redirect: 'manual', headers: { 'user-agent': userAgent } });
  return new URL(answer.headers.get('location') ?? '');
}

function textOf(link: URL): string {
  return link.searchParams.get('text') ?? '';
}

/** All leads of the account, when there are as many as must come; one that must not comes before them. The test's own timeout ends the wait for one that never does. */
async function leadsOf(account: string, count: number): Promise<readonly Record<string, string>[]> {
  const columns = 'platform_user_id AS user, method, placement, utm_source, utm_campaign, resolved_to';
  for (;;) {
    const leads = await query<Record<string, string>>(
      { url: standalone.url, sqlToken: '' },
      `SELECT ${columns} FROM messtrack.leads WHERE account = '${account}' ORDER BY user`,
    );
    if (leads.length >= count) return leads;
    await sleep(100);
  }
}
