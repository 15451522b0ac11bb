/** Polling against a server that behaves as the Bot API does; what the log holds and what Telegram forgot must be the same. */

import { sealSecret } from '@messtrack/runtime/secret.ts';
import { startTelegramServer, type TelegramServer } from '@messtrack/testing/telegram-server.ts';
import { Bot } from 'grammy';
import pino from 'pino';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ALLOWED_UPDATES } from '../src/adapters/telegram.ts';
import { telegramApi } from '../src/adapters/telegram-api.ts';
import { DEFAULT_GATEWAY_SETTINGS } from '../src/config.ts';
import { busAway, NOW, openGateway, type TestGateway, workspaceOf } from './gateway.ts';

const TOKEN = '123456:AAH-very-secret-token_of_the_bot';
const TIMINGS = { pollTimeoutS: 0.1, graceMs: 300, baseDelayMs: 5, maxDelayMs: 20, minEmptyMs: 10, conflictDelayMs: 20 };

let server: TelegramServer;
let gateway: TestGateway | undefined;
let lines: string[];

beforeEach(async () => {
  server = await startTelegramServer({ token: TOKEN, username: 'acme_bot' });
  lines = [];
});

afterEach(async () => {
  await gateway?.service.close?.();
  await gateway?.app.close();
  gateway = undefined;
  await server.close();
});

async function poll(token = TOKEN): Promise<TestGateway> {
  const workspace = workspaceOf('', (file) => file.replace(/secret_token: [^ ]+/, `bot_token: \${TG_TOKEN}, updates: polling`), {
    TG_TOKEN: token,
  });
  gateway = await openGateway(
    [workspace],
    { ...DEFAULT_GATEWAY_SETTINGS, telegramApiUrl: server.url, pollTimings: TIMINGS },
    pino({ level: 'info' }, { write: (line: string) => void lines.push(line) }),
  );
  return gateway;
}

let messages = 0;
function message(text = 'hello'): object {
  messages++;
  return {
    message: {
      message_id: messages,
      date: NOW / 1000 - 5,
      chat: { id: 777, type: 'private' },
      from: { id: 777, is_bot: false, first_name: 'Ann' },
      text,
    },
  };
}

function push(count: number): readonly string[] {
  return Array.from({ length: count }, () => {
    server.push(message() as Record<string, unknown>);
    return `tg/sales-tg/777/${messages}`;
  });
}

const logged = () => gateway?.log.touchpoints().map(({ eventId }) => eventId) ?? [];

/** Until somebody logs it. */
async function said(result: string): Promise<Record<string, unknown>> {
  for (;;) {
    const line = lines.map((each) => JSON.parse(each) as Record<string, unknown>).find((each) => each['result'] === result);
    if (line !== undefined) return line;
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

describe('polling', () => {
  it('writes what Telegram holds, in order and once, and asks for every kind that is read', async () => {
    const sent = push(250);
    await poll();
    await server.drained();
    expect(logged()).toEqual(sent);
    expect(server.forgotten).toEqual(Array.from({ length: 250 }, (_, i) => i + 1));
    expect(server.calls[0]?.parameters).toMatchObject({ allowed_updates: ALLOWED_UPDATES, limit: 100 });
    const later = push(3);
    await server.drained();
    expect(logged()).toEqual([...sent, ...later]);
  });

  it('gets joins through invite links, which Telegram keeps back unless they are named', async () => {
    await poll();
    push(1);
    await server.drained();
    const user = { id: 778, is_bot: false, first_name: 'Bob' };
    const joined = { old_chat_member: { status: 'left', user }, new_chat_member: { status: 'member', user } };
    server.push({
      chat_member: { chat: { id: -5, type: 'channel' }, from: user, date: NOW / 1000, ...joined, invite_link: { name: 'metro' } },
    });
    await server.drained();
    expect(logged().at(-1)).toBe(`tg/sales-tg/-5/join/778/${NOW}`);
  });

  it('confirms nothing before the log has it', async () => {
    const open = await poll();
    push(1);
    await server.drained();
    open.log.failure = busAway();
    const sent = push(20);
    expect(await said('not_stored')).toMatchObject({ level: 40 });
    expect(server.forgotten).toHaveLength(1);
    open.log.failure = undefined;
    await server.drained();
    expect(logged().slice(1)).toEqual(sent);
  });

  it('lives through bad answers and loses nothing', async () => {
    const sent = push(30);
    server.fault(
      { kind: 'status', status: 502 },
      { kind: 'truncate' },
      { kind: 'drop' },
      { kind: 'status', status: 200, body: '{"ok":true,"result":{"update_id":1}}' },
      { kind: 'status', status: 200, body: '{"ok":true,"result":[{"message":{}}]}' },
      { kind: 'status', status: 200, body: 'null' },
      { kind: 'status', status: 302 },
      { kind: 'too_many', retryAfterS: 0 },
      { kind: 'hang' },
    );
    await poll();
    await server.drained();
    expect(logged()).toEqual(sent);
    expect(await gateway?.count('messtrack_gateway_polls_total', 'rate_limited')).toBe(1);
    expect(await gateway?.count('messtrack_gateway_polls_total', 'unavailable')).toBe(8);
    expect(lines.filter((line) => line.includes('cannot be reached'))).toHaveLength(2);
    expect(lines.at(-1)).toContain('updates arrive again');
  });

  it('goes on when ids start below the old ones after a quiet week', async () => {
    server.continueAt(900_000_000);
    await poll();
    const before = push(2);
    await server.drained();
    const asked = server.calls.length;
    // An empty answer in between, as a quiet week has many.
    while (!server.calls.slice(asked).some(({ parameters }) => parameters['offset'] === undefined))
      await new Promise((resolve) => setTimeout(resolve, 20));
    server.continueAt(7);
    const after = push(2);
    await server.drained();
    expect(logged()).toEqual([...before, ...after]);
  });

  it('keeps the large update of a batch as a dead letter, and its neighbours as they are', async () => {
    const { RecordTooLargeError } = await import('@messtrack/runtime/bus.ts');
    const sent = push(3);
    const open = await poll();
    await server.drained();
    expect(logged()).toEqual(sent);
    open.log.clear();
    const before = messages;
    // The batch as a whole, then the second of three by itself.
    open.log.failures.push(new RecordTooLargeError('too large'));
    open.log.refuse = (records) =>
      records.some(({ headers }) => JSON.stringify(headers).includes(`777/${before + 2}`))
        ? new RecordTooLargeError('too large')
        : undefined;
    for (let i = 0; i < 3; i++) push(1);
    await server.drained();
    expect(logged()).toEqual([`tg/sales-tg/777/${before + 1}`, `tg/sales-tg/777/${before + 3}`]);
    expect(open.log.deadLetters().map(({ reason }) => reason)).toEqual(['too_large']);
  });
});

describe('a bot that somebody else listens to', () => {
  it('says which host has its webhook, not the path, and goes on when it is gone', async () => {
    const api = telegramApi(sealSecret(TOKEN), server.url);
    const sent = push(1);
    await api.call('setWebhook', { url: 'https://old.example/hook/s3cret-path' }, { timeoutMs: 1000 });
    await poll();
    const line = await said('webhook_set');
    expect(line).toMatchObject({ account: 'sales-tg', detail: 'old.example', level: 50 });
    expect(JSON.stringify(line)).not.toContain('s3cret-path');
    await api.call('deleteWebhook', {}, { timeoutMs: 1000 });
    await server.drained();
    expect(logged()).toEqual(sent);
  });

  it('shares with a grammY bot without losing an update: whoever is let ask has it', async () => {
    const theirs: number[] = [];
    const bot = new Bot(TOKEN, { client: { apiRoot: server.url } });
    bot.on('message', (context) => void theirs.push(context.message.message_id));
    // Thrown out by the other is what this is about; grammY gives up then, as its user would see.
    const ended = bot.start({ timeout: 1 }).catch(() => undefined);
    push(1);
    await server.drained();
    expect(theirs).toHaveLength(1);
    await poll();
    const sent = push(40).map((id) => Number(id.split('/').at(-1)));
    await server.drained();
    await bot.stop().catch(() => undefined);
    await ended;
    const ours = logged().map((id) => Number(id.split('/').at(-1)));
    expect(new Set([...theirs.slice(1), ...ours])).toEqual(new Set(sent));
  });

  it('tells a second poller of the same bot', async () => {
    await poll();
    push(1);
    await server.drained();
    const other = telegramApi(sealSecret(TOKEN), server.url);
    while (!lines.some((line) => line.includes('other_poller'))) await other.call('getUpdates', { timeout: 1 }, { timeoutMs: 30 });
    const sent = push(3);
    await server.drained();
    expect(logged().slice(-3)).toEqual(sent);
  });

  it('of a token that is refused says so', async () => {
    await poll('123456:another-token');
    expect(await said('unauthorized')).toMatchObject({ level: 50, detail: 'Unauthorized' });
  });
});

describe('the end', () => {
  it('does not wait for Telegram', async () => {
    const open = await poll();
    push(1);
    await server.drained();
    server.fault({ kind: 'hang' });
    await open.service.close?.();
    const asked = server.calls.length;
    push(1);
    // Nobody asks any more: a barrier of our own comes right behind what was asked.
    await telegramApi(sealSecret(TOKEN), server.url).call('getMe', {}, { timeoutMs: 1000 });
    expect(server.calls.slice(asked).map(({ method }) => method)).toEqual(['getMe']);
  });
});

describe('the token', () => {
  it('is in no line that is logged, whatever went wrong', async () => {
    server.fault(
      { kind: 'status', status: 404, body: `{"ok":false,"error_code":404,"description":"Not Found: /bot${TOKEN}/getUpdates"}` },
      { kind: 'drop' },
      { kind: 'status', status: 500, body: `/bot${TOKEN}/getUpdates` },
    );
    const sent = push(1);
    await poll();
    await server.drained();
    expect(logged()).toEqual(sent);
    expect(lines.join('')).toContain('Not Found: /bot[secret]/getUpdates');
    expect(lines.join('')).not.toContain('very-secret');
  });

  it('is in nothing that a call answers when there is nobody', async () => {
    const api = telegramApi(sealSecret(TOKEN), 'http://127.0.0.1:1');
    expect(await api.call('getMe', {}, { timeoutMs: 1000 })).toEqual({ kind: 'unreachable', reason: 'network' });
  });
});
