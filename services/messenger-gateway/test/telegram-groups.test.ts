import { encodeStartPayload } from '@messtrack/tracking-code/start-payload.ts';
import { displayCode } from '@messtrack/tracking-code/tracking-code.ts';
import { describe, expect, it } from 'vitest';
import { tgText } from './gateway.ts';
import { CODE, DATE, inGroup, read, readMessage, USER, withAccount } from './telegram-updates.ts';

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

  /** core.telegram.org/bots/api#message: `message_id` is 0 for ephemeral messages, and their own id is used again once one has expired. */
  it('tell what members say to the bot alone apart, where Telegram numbers all of it 0', async () => {
    const ephemeral = (extra: object) =>
      inGroup({ message_id: 0, ephemeral_message_id: 3, receiver_user: { id: 55, is_bot: true }, ...extra }, '/book');
    const eventIds = async (extra: object) => (await read(ephemeral(extra), groups)).touchpoints.map(({ eventId }) => eventId);
    const [first] = await eventIds({});
    const others = await Promise.all([{ from: { ...USER, id: 99 } }, { ephemeral_message_id: 4 }, { date: DATE + 1 }].map(eventIds));
    expect(new Set([first, ...others.flat()]).size).toBe(4);
    expect(await eventIds({})).toEqual([first]);
    // An edit belongs to its message, and what is answered has no name that others could know it by.
    const { message } = ephemeral({}) as { message: object };
    const edit = { update_id: 2, edited_message: { ...message, edit_date: DATE + 2 } };
    expect(await readMessage(edit, groups)).toMatchObject({
      editsMessageId: `-100777:ephemeral/3/${USER.id}/${DATE}`,
    });
    expect(await readMessage(inGroup({ reply_to_message: { message_id: 0, ephemeral_message_id: 3 } }), groups)).toMatchObject({
      replyToMessageId: '',
    });
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
