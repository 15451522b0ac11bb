import { encodeStartPayload } from '@messtrack/tracking-code/start-payload.ts';
import { displayCode } from '@messtrack/tracking-code/tracking-code.ts';
import { describe, expect, it } from 'vitest';
import { tgText } from './gateway.ts';
import { CODE, inGroup, read, readMessage, USER, withAccount } from './telegram-updates.ts';

describe('groups', () => {
  const groups = withAccount('groups: true');

  it('are taken where the account asks for them, each person for themselves', async () => {
    const { touchpoints } = await read(inGroup({}, `hello ${displayCode(CODE)}`), groups);
    expect(touchpoints).toMatchObject([
      {
        eventId: 'tg/sales-tg/-100777/7',
        kind: { value: { messageId: '-100777:7', codes: [{ code: CODE }], contact: { platformUserId: '4503599627370495' } } },
      },
    ]);
  });

  it('opened by startgroup bring the payload of the link', async () => {
    expect(await readMessage(inGroup({}, `/start@acme_bot ${encodeStartPayload(CODE, 'tg-ad')}`), groups)).toMatchObject({
      codes: [{ code: CODE, carrier: 4, intact: true }],
      isStartCommand: true,
    });
  });

  it('keep commands for other bots as words', async () => {
    expect(await readMessage(inGroup({}, '/start@other_bot promo'), groups)).toMatchObject({ isStartCommand: false, startPayload: '' });
    expect(await readMessage(inGroup({}, '/start@ACME_bot promo'), groups)).toMatchObject({ isStartCommand: true, startPayload: 'promo' });
  });

  it.each([
    ['an anonymous administrator', { sender_chat: { id: -100777 }, from: { id: 1087968824, is_bot: true } }, 'outgoing'],
    ['the linked channel', { is_automatic_forward: true, from: { id: 777000, is_bot: false } }, 'outgoing'],
    ['a bot', { from: { id: 55, is_bot: true } }, 'bot_author'],
  ])('drop what %s writes', async (_, extra, reason) => {
    expect(await read(inGroup(extra), groups)).toEqual({ touchpoints: [], deadLetters: [], drops: [reason] });
  });

  it('of direct messages to a channel are a conversation of two, whatever the account asks', async () => {
    const direct = {
      chat: { id: -100888, type: 'supergroup', is_direct_messages: true },
      direct_messages_topic: { topic_id: 1, user: USER },
    };
    expect((await read(tgText('hi', direct))).touchpoints).toMatchObject([{ eventId: 'tg/sales-tg/-100888/7' }]);
    expect(await read(tgText('hello Ann', { ...direct, from: { ...USER, id: 99 } }))).toMatchObject({
      touchpoints: [],
      drops: ['outgoing'],
    });
  });
});
