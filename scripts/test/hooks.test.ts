import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ALLOWED_UPDATES } from '@messtrack/messenger-gateway/adapters/telegram.ts';
import { startTelegramServer, type TelegramServer } from '@messtrack/testing/telegram-server.ts';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { runHooks } from '../hooks/run.ts';

const TOKEN = '123456:AAH-very-secret-token_of_the_bot';
const SECRET = 'the-secret-of-the-webhook';
const BOT = `channel: telegram, provider: telegram, username: acme_bot, bot_token: "\${TG_TOKEN}"`;
const WEBHOOK = `bot: { ${BOT}, secret_token: "\${TG_SECRET}" }`;
const POLLING = `bot: { ${BOT}, updates: polling }`;

let server: TelegramServer;
let folder: string;
let lines: string[];

beforeEach(async () => {
  server = await startTelegramServer({ token: TOKEN, username: 'Acme_Bot', chats: ['@acme_news'] });
  folder = await mkdtemp(join(tmpdir(), 'messtrack-hooks-'));
  lines = [];
});

afterEach(async () => {
  await server.close();
  await rm(folder, { recursive: true, force: true });
});

async function run(account: string, args: readonly string[] = [], more = ''): Promise<number> {
  await writeFile(join(folder, 'acme.yaml'), `workspace: acme\napi_tokens: [ "\${API}" ]\naccounts:\n  ${account}\n${more}`);
  lines = [];
  return runHooks(['--workspaces', folder, ...args], {
    env: { TG_TOKEN: TOKEN, TG_SECRET: SECRET, API: 'acme-api-token-0123456789', TELEGRAM_API_URL: server.url },
    print: (line) => lines.push(line),
  });
}

const methods = () => server.calls.map(({ method }) => method);
const INVITES = `placements:
  metro: { kind: invite, account: bot, chat: "@acme_news" }
  bus: { kind: invite, account: bot, chat: "@acme_news", link_name: "Bus 7" }
`;

describe('npm run hooks', () => {
  it('sets the webhook of a bot with its secret and every kind of update that is read', async () => {
    expect(await run(WEBHOOK, ['--url', 'https://track.acme.example/'])).toBe(0);
    expect(server.webhook()).toEqual({
      url: 'https://track.acme.example/hooks/telegram/acme/bot',
      secretToken: SECRET,
      allowedUpdates: ALLOWED_UPDATES,
    });
    expect(ALLOWED_UPDATES).toContain('chat_member');
    expect(ALLOWED_UPDATES).toContain('business_connection');
    expect(lines[0]).toBe('acme/bot: sends updates to https://track.acme.example/hooks/telegram/acme/bot');
    expect(await run(WEBHOOK, ['--url', 'https://track.acme.example'])).toBe(0);
    expect(lines[0]).toBe('acme/bot: keeps its webhook');
  });

  it('takes the address from the workspace, and asks for one where there is none', async () => {
    expect(await run(WEBHOOK)).toBe(1);
    expect(lines.join('\n')).toContain('acme/bot: PROBLEM: there is no public address: give --url https://');
    expect(await run(WEBHOOK, [], 'public_url: https://go.acme.example\n')).toBe(0);
    expect(server.webhook().url).toBe('https://go.acme.example/hooks/telegram/acme/bot');
  });

  it('takes the webhook away where a bot is polled, or where told to', async () => {
    await run(WEBHOOK, ['--url', 'https://track.acme.example']);
    expect(await run(POLLING)).toBe(0);
    expect(server.webhook().url).toBe('');
    expect(lines).toEqual(['acme/bot: has no webhook any more', 'acme/bot: before: webhook at track.acme.example, 0 updates waiting']);
    await run(WEBHOOK, ['--url', 'https://track.acme.example']);
    expect(await run(WEBHOOK, ['--remove'])).toBe(0);
    expect(server.webhook().url).toBe('');
  });

  it('only says what it would do in a dry run', async () => {
    const args = ['--url', 'https://track.acme.example', '--dry-run', '--invites', join(folder, 'links.json')];
    expect(await run(WEBHOOK, args, INVITES)).toBe(0);
    expect(lines).toEqual([
      'acme/bot: would be told: sends updates to https://track.acme.example/hooks/telegram/acme/bot',
      'acme/bot: before: no webhook, 0 updates waiting',
      'acme/metro: the link named "metro" in @acme_news would be made',
      'acme/bus: the link named "Bus 7" in @acme_news would be made',
    ]);
    expect(new Set(methods())).toEqual(new Set(['getMe', 'getWebhookInfo']));
  });

  it('keeps what waits unless told otherwise', async () => {
    server.push({ message: {} });
    await run(WEBHOOK, ['--url', 'https://track.acme.example']);
    expect(lines.at(-1)).toContain('1 updates waiting');
    await run(POLLING);
    expect(lines.at(-1)).toContain('1 updates waiting');
    await run(WEBHOOK, ['--url', 'https://track.acme.example', '--drop-pending']);
    await run(POLLING);
    expect(lines.at(-1)).toContain('0 updates waiting');
  });

  it('makes invite links once and keeps their addresses', async () => {
    const file = join(folder, 'links.json');
    await run(POLLING, [], INVITES);
    expect(lines).toContain('acme/metro: the link named "metro" in @acme_news counts once it exists; --invites FILE makes it');
    for (let i = 0; i < 2; i++) expect(await run(POLLING, ['--invites', file], INVITES)).toBe(0);
    expect(lines).toContain('acme/bus: the link named "Bus 7" in @acme_news is https://t.me/+link2');
    expect(methods().filter((method) => method === 'createChatInviteLink')).toHaveLength(2);
    expect(JSON.parse(await readFile(file, 'utf8'))).toEqual({
      'acme/metro': { chat: '@acme_news', name: 'metro', link: 'https://t.me/+link1' },
      'acme/bus': { chat: '@acme_news', name: 'Bus 7', link: 'https://t.me/+link2' },
    });
  });

  it.each([
    [
      'a bot without token',
      `bot: { channel: telegram, provider: telegram, username: acme_bot, secret_token: "\${TG_SECRET}" }`,
      '',
      'has no bot_token',
    ],
    ['the token of another bot', POLLING.replace('acme_bot', 'other_bot'), '', 'the token is that of @Acme_Bot, the file says @other_bot'],
    ['groups that the bot does not hear', POLLING.replace(' }', ', groups: true }'), '', 'privacy mode'],
    [
      'business accounts that cannot connect',
      `${POLLING}\n  boss: { channel: telegram, provider: telegram-business, username: acme_boss, bot: bot }`,
      '',
      'Business Mode',
    ],
    [
      'a chat in which it is nobody',
      POLLING,
      'placements: { x: { kind: invite, account: bot, chat: "@other" } }\n',
      'must be an administrator of @other',
    ],
    ['a file that is wrong', 'bot: { channel: telegram, provider: telegram }', '', 'acme.yaml:4 accounts.bot.username: is missing'],
  ])('names %s as a problem', async (_, account, more, problem) => {
    expect(await run(account, ['--invites', join(folder, 'links.json')], more)).toBe(1);
    expect(lines.join('\n')).toContain(problem);
    expect(lines.join('\n')).not.toContain('very-secret');
  });

  it('says that a token is refused, and never which', async () => {
    const wrong = POLLING.replace('TG_TOKEN', 'API');
    expect(await run(wrong)).toBe(1);
    expect(lines).toEqual(['acme/bot: PROBLEM: getMe: Telegram refuses (401 Unauthorized); the token is wrong or was taken back']);
  });

  it.each([
    [['--url', 'http://track.acme.example'], '--url must be scheme and host'],
    [['--url', 'https://u:p@track.acme.example'], '--url must be scheme and host'],
    [['--workspace', 'beta'], 'there is no workspace beta; there are: acme'],
    [['--account', 'nobody'], 'there is no account in what was named'],
    [['--pigeon'], "Unknown option '--pigeon'"],
  ])('refuses %j', async (args, problem) => {
    expect(await run(POLLING, args)).toBe(1);
    expect(lines.join('\n')).toContain(problem);
  });

  it('refuses a file of links that is none, and leaves it as it is', async () => {
    const file = join(folder, 'links.json');
    await writeFile(file, '[1]');
    expect(await run(POLLING, ['--invites', file], INVITES)).toBe(1);
    expect(lines).toEqual([`${file} is no file of invite links; move it away, or name another`]);
    expect(await readFile(file, 'utf8')).toBe('[1]');
  });
});
