import { ContactState_State, MessageKind } from '@messtrack/proto/gen/messtrack/v1/touchpoint.ts';
import { displayCode } from '@messtrack/tracking-code/tracking-code.ts';
import { describe, expect, it } from 'vitest';
import { NOW } from './gateway.ts';
import { CHAT, CODE, DATE, read, readMessage, USER } from './telegram-updates.ts';

describe('presses of buttons', () => {
  const press = { id: '608120766128219694', from: USER, chat_instance: '-5', data: 'promo_spring' };
  const message = { message_id: 7, date: DATE - 999, chat: CHAT, from: { id: 77, is_bot: true }, text: displayCode(CODE) };

  it('are messages with the payload, and none of the words above the button', async () => {
    const { touchpoints } = await read({ update_id: 1, callback_query: { ...press, message } });
    expect(touchpoints).toMatchObject([
      {
        eventId: 'tg/sales-tg/4503599627370495/press/608120766128219694',
        eventTimeMs: NOW,
        kind: {
          value: {
            kind: MessageKind.MESSAGE_KIND_BUTTON,
            startPayload: 'promo_spring',
            replyToMessageId: '4503599627370495:7',
            codes: [],
            textLength: 0,
            contact: { platformUserId: '4503599627370495' },
          },
        },
      },
    ]);
  });

  it('give up a code in the payload', async () => {
    expect(await readMessage({ update_id: 1, callback_query: { ...press, message, data: CODE } })).toMatchObject({
      codes: [{ code: CODE }],
      startPayload: '',
    });
  });

  it('under a message too old to be shown still count', async () => {
    const old = { message_id: 7, date: 0, chat: CHAT };
    expect((await read({ update_id: 1, callback_query: { ...press, message: old } })).touchpoints).toHaveLength(1);
  });

  it.each([
    ['under an inline message in another chat', { inline_message_id: 'AQ' }, 'not_a_message'],
    ['in a group', { message: { ...message, chat: { id: -5, type: 'group' } } }, 'group_chat'],
    [
      'by the owner of a connected account',
      { message: { ...message, chat: { id: 5, type: 'private' }, business_connection_id: 'bc1' } },
      'outgoing',
    ],
  ])('%s are dropped', async (_, extra, reason) => {
    expect(await read({ update_id: 1, callback_query: { ...press, ...extra } })).toEqual({
      touchpoints: [],
      deadLetters: [],
      drops: [reason],
    });
  });
});

describe('reactions', () => {
  const reaction = { chat: CHAT, message_id: 7, user: USER, date: DATE, old_reaction: [], new_reaction: [{ type: 'emoji', emoji: '👍' }] };

  it('are messages that answer the one they stand on', async () => {
    expect(await readMessage({ update_id: 1, message_reaction: reaction })).toMatchObject({
      kind: MessageKind.MESSAGE_KIND_REACTION,
      replyToMessageId: '4503599627370495:7',
    });
  });

  it.each([
    ['taken back', { new_reaction: [] }, 'not_a_message'],
    ['by a channel', { user: undefined, actor_chat: { id: -5 } }, 'outgoing'],
    ['in a group', { chat: { id: -5, type: 'supergroup' } }, 'group_chat'],
  ])('%s are dropped', async (_, extra, reason) => {
    expect(await read({ update_id: 1, message_reaction: { ...reaction, ...extra } })).toEqual({
      touchpoints: [],
      deadLetters: [],
      drops: [reason],
    });
  });
});

describe('blocks', () => {
  const bot = { id: 77, is_bot: true };
  const change = (before: string, after: string, extra: object = {}) => ({
    update_id: 1,
    my_chat_member: {
      chat: CHAT,
      from: USER,
      date: DATE,
      old_chat_member: { user: bot, status: before },
      new_chat_member: { user: bot, status: after },
      ...extra,
    },
  });

  it.each([
    ['member', 'kicked', 'blocked', ContactState_State.STATE_BLOCKED],
    ['kicked', 'member', 'unblocked', ContactState_State.STATE_UNBLOCKED],
  ])('%s to %s are %s', async (before, after, word, state) => {
    const { touchpoints } = await read(change(before, after));
    expect(touchpoints).toMatchObject([
      {
        eventId: `tg/sales-tg/4503599627370495/${word}/${NOW - 5000}`,
        eventTimeMs: NOW - 5000,
        kind: { $case: 'contactState', value: { state, connectionId: '', contact: { platformUserId: '4503599627370495' } } },
      },
    ]);
  });

  it.each([
    ['of the first start', change('left', 'member')],
    ['in a channel', change('member', 'kicked', { chat: { id: -5, type: 'channel' } })],
  ])('%s are none', async (_, update) => {
    expect(await read(update)).toEqual({ touchpoints: [], deadLetters: [], drops: ['not_a_message'] });
  });
});
