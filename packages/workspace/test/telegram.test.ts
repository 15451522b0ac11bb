import { describe, expect, it } from 'vitest';
import { parseWorkspace } from '../src/parse.ts';
import type { Workspace } from '../src/workspace.ts';

const ENV = { API: 'acme-api-token-0123456789', TOKEN: '123456:AAbbCCddEEffGGhhIIjjKKllMMnnOO', SECRET: 'a-secret-token' };
const BOT = `  bot: { channel: telegram, provider: telegram, username: acme_bot, bot_token: \${TOKEN}, secret_token: \${SECRET} }`;

function parse(accounts: string, placements = '') {
  const text = `workspace: acme\napi_tokens: [ \${API} ]\naccounts:\n${accounts}\n${placements === '' ? '' : `placements:\n${placements}\n`}`;
  return parseWorkspace(text, { file: 'acme.yaml', env: ENV, readFile: () => '' });
}

function problemsOf(accounts: string, placements = ''): readonly string[] {
  const result = parse(accounts, placements);
  return 'problems' in result ? result.problems.map(({ path, message }) => `${path}: ${message}`) : [];
}

function workspaceOf(accounts: string, placements = ''): Workspace {
  const result = parse(accounts, placements);
  if ('problems' in result) throw new Error(JSON.stringify(result.problems));
  return result.workspace;
}

describe('a bot', () => {
  it('is called by Telegram and hears private chats alone unless its account says otherwise', () => {
    expect(workspaceOf(BOT).accounts.get('bot')).toMatchObject({ updates: 'webhook', groups: false });
    const polled = BOT.replace(/secret_token: [^ ]+/, 'updates: polling, groups: true');
    expect(workspaceOf(polled).accounts.get('bot')).toMatchObject({ updates: 'polling', groups: true, secretToken: undefined });
  });

  it.each([
    ['a webhook without secret', BOT.replace(/, secret_token: [^ ]+/, ''), 'accounts.bot.secret_token: is missing; write a reference'],
    [
      'polling without token',
      BOT.replace(/bot_token: [^ ]+ /, 'updates: polling, '),
      'accounts.bot.bot_token: is missing; updates: polling asks Telegram with it',
    ],
    ['another way', BOT.replace(' }', ', updates: pigeon }'), 'accounts.bot.updates: must be one of: webhook, polling'],
  ])('with %s is refused', (_, accounts, problem) => {
    expect(problemsOf(accounts)).toEqual([expect.stringContaining(problem)]);
  });
});

describe('a business account', () => {
  const boss = (rest: string, name = 'boss') =>
    `  ${name}: { channel: telegram, provider: telegram-business, username: acme_boss, ${rest} }`;

  it('is read through a bot and linked to by a text', () => {
    const workspace = workspaceOf(`${BOT}\n${boss('bot: bot')}`, '  site: { kind: site, account: boss, greetings: ["Hello!"] }');
    expect(workspace.accounts.get('boss')).toMatchObject({ channel: 'telegram', bot: 'bot', receiver: undefined });
    expect(workspace.placements.get('site')?.greetings).toEqual(['Hello!']);
    expect(problemsOf(`${BOT}\n${boss('bot: bot')}`, '  site: { kind: site, account: boss, carrier: start_payload }')).toEqual([
      expect.stringContaining("links to a person's Telegram account carry nothing but text"),
    ]);
  });

  it.each([
    ['of no bot', [boss('bot: boot')], 'accounts.boss.bot: names no account with provider telegram; there are: bot'],
    ['of another business account', [boss('bot: boss')], 'accounts.boss.bot: names no account with provider telegram'],
    [
      'that takes what another takes',
      [boss('bot: bot'), boss('bot: bot', 'deputy')],
      'accounts.deputy.connection_id: is missing; boss already takes the connections of bot that name no account',
    ],
    [
      'that names the connection of another',
      [boss('bot: bot, connection_id: bc1'), boss('bot: bot, connection_id: bc1', 'deputy')],
      'accounts.deputy.connection_id: is also that of account boss',
    ],
  ])('%s is refused', (_, accounts, problem) => {
    expect(problemsOf([BOT, ...accounts].join('\n'))).toEqual([expect.stringContaining(problem)]);
  });
});

describe('an invite placement', () => {
  it('is a named link in a chat; the name is its own unless the file gives one', () => {
    const { placements } = workspaceOf(
      BOT,
      `  metro: { kind: invite, account: bot, chat: "@acme_news" }\n  bus: { kind: invite, account: bot, chat: "-1001234567890", link_name: "Bus 7" }\n  site: { kind: site, account: bot }`,
    );
    expect([...placements.values()].map(({ invite }) => invite)).toEqual([
      { chat: '@acme_news', linkName: 'metro' },
      { chat: '-1001234567890', linkName: 'Bus 7' },
      undefined,
    ]);
  });

  it.each([
    ['without chat', 'kind: invite, account: bot', 'p.chat: is missing; write the channel or group'],
    ['of a chat by link', 'kind: invite, account: bot, chat: "https://t.me/acme"', 'p.chat: must be the channel or group'],
    ['with greetings', 'kind: invite, account: bot, chat: "@acme_news", greetings: ["Hi"]', 'p.greetings: means nothing here'],
    ['of another kind', 'kind: redirect, account: bot, link_name: x', 'p.link_name: is for placements of kind invite alone'],
    [
      'with a long name',
      `kind: invite, account: bot, chat: "@acme_news", link_name: "${'x'.repeat(33)}"`,
      'p.link_name: must be 1 to 32 characters',
    ],
  ])('%s is refused', (_, placement, problem) => {
    expect(problemsOf(BOT, `  p: { ${placement} }`)).toEqual([expect.stringContaining(problem)]);
  });

  it('shares its link with no other', () => {
    const two =
      '  a: { kind: invite, account: bot, chat: "@acme_news", link_name: x }\n  b: { kind: invite, account: bot, chat: "@Acme_News", link_name: x }';
    expect(problemsOf(BOT, two)).toEqual([
      'placements.b.link_name: is also that of placement a in the same chat; joins could be of either',
    ]);
  });

  it('needs a bot', () => {
    const wa = `  wa: { channel: whatsapp, provider: whatsapp, phone: "+14155550100", phone_number_id: "106540352242922", app_secret: \${SECRET}, verify_token: \${SECRET} }`;
    expect(problemsOf(wa, '  p: { kind: invite, account: wa, chat: "@acme_news" }')).toEqual([
      expect.stringContaining('p.account: must be a Telegram bot'),
    ]);
  });
});
