/**
 * grammY reads the same updates: what it calls sender, chat, message and payload must be what we made of them. Its types hold the fixtures to the Bot API, and
 * whatever else arrives is read without a surprise.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { Bot, type Context } from 'grammy';
import type { Update, UserFromGetMe } from 'grammy/types';
import { describe, expect, it } from 'vitest';
import { ALLOWED_UPDATES, readTelegram } from '../src/adapters/telegram.ts';
import type { InboundEvent } from '../src/domain/inbound.ts';

const CORPUS_DIR = process.env['CORPUS_DIR'] ?? fileURLToPath(new URL('../../../tests/corpus', import.meta.url));
const NOW = Date.UTC(2026, 10, 24, 12, 0, 0);
const ME: UserFromGetMe = {
  id: 123456,
  is_bot: true,
  first_name: 'Acme',
  username: 'acme_bot',
  can_join_groups: true,
  can_read_all_group_messages: true,
  supports_inline_queries: false,
  can_connect_to_business: true,
  has_main_web_app: false,
  has_topics_enabled: false,
  allows_users_to_create_topics: false,
} as UserFromGetMe;

const ANN = { id: 4503599627370495, is_bot: false, first_name: 'Ann', language_code: 'pt' } as const;
const CHAT = { id: ANN.id, type: 'private', first_name: 'Ann' } as const;
const DATE = NOW / 1000 - 5;

/** What Telegram sends for each kind that is read, held to the Bot API by grammY's types. */
const FIXTURES: readonly Update[] = [
  {
    update_id: 1,
    message: {
      message_id: 7,
      date: DATE,
      chat: CHAT,
      from: ANN,
      text: '/start promo_spring',
      entities: [{ type: 'bot_command', offset: 0, length: 6 }],
    },
  },
  { update_id: 2, message: { message_id: 8, date: DATE, chat: CHAT, from: ANN, text: 'hello' } },
  { update_id: 3, edited_message: { message_id: 8, date: DATE, edit_date: DATE + 1, chat: CHAT, from: ANN, text: 'hello!' } },
  {
    update_id: 4,
    message: {
      message_id: 9,
      date: DATE,
      chat: CHAT,
      from: ANN,
      contact: { phone_number: '+5511912345678', first_name: 'Ann', user_id: ANN.id },
    },
  },
  {
    update_id: 5,
    callback_query: {
      id: '608',
      from: ANN,
      chat_instance: '-5',
      data: 'price',
      message: { message_id: 7, date: DATE, chat: CHAT, from: ME, text: 'Menu' },
    },
  },
  {
    update_id: 6,
    message_reaction: {
      chat: CHAT,
      message_id: 7,
      user: ANN,
      date: DATE,
      old_reaction: [],
      new_reaction: [{ type: 'emoji', emoji: '👍' }],
    },
  },
  {
    update_id: 7,
    chat_member: {
      chat: { id: -100123, type: 'channel', title: 'News' },
      from: ANN,
      date: DATE,
      old_chat_member: { status: 'left', user: ANN },
      new_chat_member: { status: 'member', user: ANN },
      invite_link: {
        invite_link: 'https://t.me/+abc…',
        creator: ME,
        creates_join_request: false,
        is_primary: false,
        is_revoked: false,
        name: 'metro',
      },
    },
  },
  {
    update_id: 8,
    chat_join_request: {
      chat: { id: -100123, type: 'channel', title: 'News' },
      from: ANN,
      user_chat_id: ANN.id,
      date: DATE,
      invite_link: {
        invite_link: 'https://t.me/+abc…',
        creator: ME,
        creates_join_request: true,
        is_primary: false,
        is_revoked: false,
        name: 'metro',
      },
    },
  },
  {
    update_id: 9,
    business_message: { message_id: 3, date: DATE, chat: CHAT, from: ANN, text: 'hi', business_connection_id: 'bc1' },
  },
  {
    update_id: 10,
    edited_business_message: {
      message_id: 3,
      date: DATE,
      edit_date: DATE + 2,
      chat: CHAT,
      from: ANN,
      text: 'hi there',
      business_connection_id: 'bc1',
    },
  },
];

/** grammY's view of an update. */
async function contextOf(update: Update): Promise<Context> {
  const bot = new Bot('123456:token', { botInfo: ME });
  let seen: Context | undefined;
  bot.use((context) => {
    seen = context;
  });
  await bot.handleUpdate(update);
  if (seen === undefined) throw new Error('grammY handed the update to nobody');
  return seen;
}

function read(update: unknown): InboundEvent | undefined {
  const [reading] = readTelegram(update, { account: 'sales-tg', username: 'acme_bot', groups: true, observedAtMs: NOW });
  return reading?.outcome.kind === 'ok' ? reading.outcome.value : undefined;
}

async function agree(update: Update): Promise<void> {
  const event = read(update);
  if (event?.type !== 'message') return;
  const context = await contextOf(update);
  expect(event.sender.identifiers).toEqual([{ kind: 'tg_user', value: String(context.from?.id) }]);
  expect(event.text).toBe(context.callbackQuery === undefined ? (context.msg?.text ?? context.msg?.caption ?? '') : '');
  const number = context.callbackQuery === undefined ? context.msgId : undefined;
  if (number !== undefined && event.kind !== 'reaction') expect(event.messageId).toContain(`${context.chatId}:${number}`);
  if (context.callbackQuery?.data !== undefined) expect(event.buttonPayload).toBe(context.callbackQuery.data);
  expect(event.inviteLinkName).toBe(
    event.kind === 'join' ? ((context.chatMember ?? context.chatJoinRequest)?.invite_link?.name ?? '') : '',
  );
  if (context.businessConnectionId !== undefined) expect(event.messageId).toContain(context.businessConnectionId);
}

describe('grammY', () => {
  it('reads the fixtures as we do, and they are of every kind that makes a message', async () => {
    for (const update of FIXTURES) {
      expect(read(update), JSON.stringify(update)).toMatchObject({ type: 'message' });
      await agree(update);
    }
    const states = ['my_chat_member', 'business_connection'];
    expect(new Set(FIXTURES.map((update) => Object.keys(update).at(-1)))).toEqual(
      new Set(ALLOWED_UPDATES.filter((kind) => !states.includes(kind))),
    );
  });

  it('reads the corpus as we do', async () => {
    const updates = readFileSync(join(CORPUS_DIR, 'telegram_updates.jsonl'), 'utf8')
      .split('\n')
      .filter(Boolean)
      .map((line) => (JSON.parse(line) as { payload: Update }).payload);
    let messages = 0;
    for (const update of updates) {
      if (read(update)?.type === 'message') messages++;
      await agree(update);
    }
    expect(messages).toBeGreaterThan(50);
  });

  it('finds the payload of /start where we do', async () => {
    const bot = new Bot('123456:token', { botInfo: ME });
    const payloads: string[] = [];
    bot.command('start', (context) => void payloads.push(context.match));
    await bot.handleUpdate(FIXTURES[0]!);
    const event = read(FIXTURES[0]);
    expect(event?.type === 'message' && event.mayBeStartCommand ? event.text : '').toBe(`/start ${payloads[0]}`);
  });
});

describe('whatever arrives', () => {
  const kinds = fc.constantFrom(...ALLOWED_UPDATES, 'channel_post', 'guest_message', 'telepathy', 'update_id', '__proto__');
  const junk = fc.oneof(fc.jsonValue({ maxDepth: 3 }), fc.string({ minLength: 15, maxLength: 90 }), fc.maxSafeInteger());
  /** A right update with one part of it put wrong. */
  const damaged = fc
    .record({ update: fc.constantFrom(...FIXTURES), path: fc.array(fc.nat(), { maxLength: 5 }), value: junk })
    .map(({ update, path, value }) => {
      const copy = JSON.parse(JSON.stringify(update)) as Record<string, unknown>;
      let at: Record<string, unknown> = copy;
      for (const [depth, index] of path.entries()) {
        const keys = Object.keys(at);
        const key = keys[index % Math.max(1, keys.length)] ?? 'x';
        const next = at[key];
        if (depth === path.length - 1 || typeof next !== 'object' || next === null) {
          at[key] = value;
          break;
        }
        at = next as Record<string, unknown>;
      }
      return copy;
    });
  const anything = fc.oneof(
    junk,
    fc
      .record({ update_id: fc.oneof(fc.integer(), junk), kind: kinds, value: junk })
      .map(({ update_id, kind, value }) => ({ update_id, [kind]: value })),
    damaged,
  );

  it('is one reading, the same every time, with ids within their bounds', () => {
    fc.assert(
      fc.property(anything, fc.boolean(), (update, groups) => {
        const settings = { account: 'a'.repeat(63), username: 'acme_bot', groups, observedAtMs: NOW };
        const [reading, ...more] = readTelegram(update, settings);
        expect(more).toEqual([]);
        expect(readTelegram(update, settings)).toEqual([reading]);
        if (reading?.outcome.kind !== 'ok') return;
        const event = reading.outcome.value;
        expect(event.eventId.length).toBeLessThanOrEqual(200);
        expect(Number.isSafeInteger(event.eventTimeMs)).toBe(true);
        if (event.type === 'message') expect(event.messageId.length).toBeLessThanOrEqual(200);
      }),
    );
  });

  it('never makes a lead of what the owner of a connected account writes', () => {
    const owner = fc.integer({ min: 1, max: 2 ** 52 - 1 });
    fc.assert(
      fc.property(owner, owner, fc.string(), fc.boolean(), (ownerId, personId, text, isEdit) => {
        fc.pre(ownerId !== personId);
        const kind = isEdit ? 'edited_business_message' : 'business_message';
        const message = {
          message_id: 1,
          date: DATE,
          chat: { id: personId, type: 'private' },
          from: { id: ownerId, is_bot: false },
          text: `x${text}`,
          business_connection_id: 'bc1',
        };
        const [reading] = readTelegram(
          { update_id: 1, [kind]: message },
          { account: 'a', username: 'acme_bot', groups: true, observedAtMs: NOW },
        );
        expect(reading?.outcome).toEqual({ kind: 'drop', reason: 'outgoing' });
      }),
    );
  });
});
