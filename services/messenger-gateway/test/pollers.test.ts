/** Pollers follow the workspaces in force. */
import { sealSecret } from '@messtrack/runtime/secret.ts';
import { startTelegramServer, type TelegramServer } from '@messtrack/testing/telegram-server.ts';
import type { TelegramAccount } from '@messtrack/workspace/accounts/telegram-account.ts';
import type { Workspace, WorkspaceRegistry } from '@messtrack/workspace/workspace.ts';
import pino from 'pino';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { type Pollers, startPollers } from '../src/adapters/telegram-pollers.ts';
import { workspaceOf } from './gateway.ts';

const OLD = '123456:AAH-the-old-token';
const NEW = '123456:AAH-the-new-token';
const TIMINGS = { pollTimeoutS: 0.1, graceMs: 300, baseDelayMs: 5, maxDelayMs: 20, minEmptyMs: 5, conflictDelayMs: 10 };

let server: TelegramServer;
let pollers: Pollers | undefined;
let taken: string[];
let lines: string[];
const surprises: unknown[] = [];

beforeEach(async () => {
  server = await startTelegramServer({ token: NEW, username: 'acme_bot' });
  taken = [];
  lines = [];
});

afterEach(async () => {
  await pollers?.close();
  await server.close();
  expect(surprises.splice(0)).toEqual([]);
});

/** A workspace whose bots are those given: account name to token. */
function workspace(bots: Readonly<Record<string, string>>, updates: 'polling' | 'webhook' = 'polling'): Workspace {
  const base = workspaceOf();
  const template = base.accounts.get('sales-tg');
  if (template?.provider !== 'telegram') throw new Error('sales-tg is missing');
  const accounts = Object.entries(bots).map(([name, token]): [string, TelegramAccount] => [
    name,
    { ...template, name, updates, botToken: sealSecret(token) },
  ]);
  return { ...base, accounts: new Map(accounts) };
}

function follow(first: Workspace) {
  let current = new Map([[first.name, first]]);
  const listeners: ((workspaces: ReadonlyMap<string, Workspace>) => void)[] = [];
  const registry: WorkspaceRegistry = { current: () => current, onChange: (each) => void listeners.push(each), close: async () => {} };
  pollers = startPollers({
    workspaces: registry,
    take: async ({ account, updates }) => {
      taken.push(...updates.map(() => account));
      return 'durable';
    },
    apiUrl: server.url,
    timings: TIMINGS,
    log: pino({ level: 'info' }, { write: (line: string) => void lines.push(line) }),
    onResult: () => undefined,
    onSurprise: (error) => void surprises.push(error),
  });
  return {
    change(next: Workspace) {
      current = new Map([[next.name, next]]);
      for (const listener of listeners) listener(current);
    },
  };
}

it('a token that was replaced is taken up at once', async () => {
  const followed = follow(workspace({ a: OLD }));
  server.push({ message: {} });
  while (!lines.some((line) => line.includes('unauthorized'))) await new Promise((resolve) => setTimeout(resolve, 5));
  followed.change(workspace({ a: NEW }));
  await server.drained();
  expect(taken).toEqual(['a']);
});

it('an account that goes over to another, or to a webhook, is asked for no more', async () => {
  const followed = follow(workspace({ a: NEW }));
  server.push({ message: {} });
  await server.drained();
  followed.change(workspace({ b: NEW }));
  server.push({ message: {} });
  await server.drained();
  // The old one had its question open when its update came, or the new one has it: each has one taker.
  expect(taken).toHaveLength(2);
  server.push({ message: {} });
  await server.drained();
  expect(taken.at(-1)).toBe('b');
  followed.change(workspace({ b: NEW }, 'webhook'));
  await pollers?.close();
  const asked = server.calls.length;
  server.push({ message: {} });
  expect(server.calls.length).toBe(asked);
  expect(taken).toHaveLength(3);
});

it('a bot that two accounts ask for is asked for the first, and the second is told', async () => {
  follow(workspace({ a: NEW, b: NEW }));
  server.push({ message: {} });
  server.push({ message: {} });
  await server.drained();
  expect(new Set(taken)).toEqual(new Set(['a']));
  expect(lines.map((line) => JSON.parse(line) as Record<string, unknown>)).toMatchObject([{ account: 'b', owner: 'acme/a', level: 50 }]);
  expect(lines.join('')).not.toContain('new-token');
});

it('an error nobody expected reaches whoever runs us', async () => {
  const met = Promise.withResolvers<unknown>();
  const only = workspace({ a: NEW });
  const own = startPollers({
    workspaces: { current: () => new Map([[only.name, only]]), onChange: () => {}, close: async () => {} },
    take: async () => {
      throw new Error('the disk is gone');
    },
    apiUrl: server.url,
    timings: TIMINGS,
    log: pino({ level: 'silent' }),
    onResult: () => undefined,
    onSurprise: met.resolve,
  });
  server.push({ message: {} });
  expect(await met.promise).toMatchObject({ message: 'the disk is gone' });
  expect(server.forgotten).toEqual([]);
  await own.close();
});
