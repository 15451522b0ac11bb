import { MessageKind } from '@messtrack/proto/gen/messtrack/v1/touchpoint.ts';
import { encodeStartPayload } from '@messtrack/tracking-code/start-payload.ts';
import { displayCode } from '@messtrack/tracking-code/tracking-code.ts';
import { contactKey } from '@messtrack/workspace/contact-key.ts';
import { describe, expect, it } from 'vitest';
import { NOW, openGateway, tgText, workspaceOf } from './gateway.ts';
import { CHAT, CODE, DATE, inGroup, read, readMessage, USER } from './telegram-updates.ts';

describe('/start', () => {
  it.each([
    [`/start ${encodeStartPayload(CODE, 'tg-ad')}`, [{ code: CODE, carrier: 4, intact: true }], ''],
    [`/start@acme_bot ${CODE}`, [{ code: CODE, carrier: 4, intact: true }], ''],
    ['/start', [], ''],
    ['/start promo_spring', [], 'promo_spring'],
    // Telegram's affiliate programme takes this prefix for itself; what comes through all the same is foreign.
    ['/start _tgr_QK1', [], '_tgr_QK1'],
  ])('%s', async (text, codes, startPayload) => {
    expect(await readMessage(tgText(text))).toMatchObject({ codes, startPayload, isStartCommand: true, language: '', uiLanguage: 'pt' });
  });

  it('given again makes a message again', async () => {
    const gateway = await openGateway();
    for (const message_id of [7, 8]) await gateway.telegram(tgText(`/start ${CODE}`, { message_id }));
    expect(gateway.log.touchpoints().map(({ eventId }) => eventId)).toEqual([
      'tg/sales-tg/4503599627370495/7',
      'tg/sales-tg/4503599627370495/8',
    ]);
    await gateway.app.close();
  });

  it("forwarded is somebody else's", async () => {
    expect(await readMessage(tgText(`/start ${CODE}`, { forward_origin: { type: 'user' } }))).toMatchObject({
      codes: [],
      forwarded: true,
      startPayload: '',
    });
  });
});

describe('Telegram messages', () => {
  it('become touchpoints with ids of 52 bits', async () => {
    const { touchpoints } = await read(tgText(`Olá! ${displayCode(CODE).toLowerCase()}`));
    expect(touchpoints).toMatchObject([
      {
        eventId: 'tg/sales-tg/4503599627370495/7',
        eventTimeMs: NOW - 5000,
        kind: {
          value: {
            messageId: '4503599627370495:7',
            channel: 2,
            contact: {
              platformUserId: '4503599627370495',
              keys: [contactKey('acme', 'telegram', 'tg_user', '4503599627370495')],
              name: '',
              phone: '',
            },
            kind: MessageKind.MESSAGE_KIND_TEXT,
            codes: [{ code: CODE, carrier: 1, intact: true }],
            isStartCommand: false,
            text: '',
          },
        },
      },
    ]);
  });

  it.each([
    ['photo', [{}], MessageKind.MESSAGE_KIND_IMAGE],
    ['animation', {}, MessageKind.MESSAGE_KIND_VIDEO],
    ['voice', {}, MessageKind.MESSAGE_KIND_AUDIO],
    ['document', { file_name: 'a.pdf' }, MessageKind.MESSAGE_KIND_DOCUMENT],
  ])('%s with caption gives up its code', async (field, value, kind) => {
    const update = tgText('', { text: undefined, [field]: value, caption: displayCode(CODE) });
    expect(await readMessage(update)).toMatchObject({ kind, codes: [{ code: CODE }] });
  });

  it.each([
    ['sticker', MessageKind.MESSAGE_KIND_STICKER],
    ['contact', MessageKind.MESSAGE_KIND_CONTACTS],
    ['venue', MessageKind.MESSAGE_KIND_LOCATION],
    ['web_app_data', MessageKind.MESSAGE_KIND_INTERACTIVE],
    ['dice', MessageKind.MESSAGE_KIND_STICKER],
    ['game', MessageKind.MESSAGE_KIND_INTERACTIVE],
    ['invoice', MessageKind.MESSAGE_KIND_ORDER],
    ['poll', MessageKind.MESSAGE_KIND_POLL],
    ['checklist', MessageKind.MESSAGE_KIND_CHECKLIST],
    ['story', MessageKind.MESSAGE_KIND_STORY],
    ['giveaway', MessageKind.MESSAGE_KIND_GIVEAWAY],
    ['giveaway_winners', MessageKind.MESSAGE_KIND_GIVEAWAY],
    ['paid_media', MessageKind.MESSAGE_KIND_IMAGE],
    ['rich_message', MessageKind.MESSAGE_KIND_TEXT],
    ['hologram_of_tomorrow', MessageKind.MESSAGE_KIND_UNKNOWN],
  ])('%s is a message', async (field, kind) => {
    expect(await readMessage(tgText('', { text: undefined, [field]: {} }))).toMatchObject({ kind, textLength: 0 });
  });

  it.each<readonly [string, object, MessageKind]>([
    ['paid_media', { star_count: 5, paid_media: [{ type: 'preview' }, { type: 'video', video: {} }] }, MessageKind.MESSAGE_KIND_VIDEO],
    ['poll', { question: 'Which?', options: [{ text: 'a' }, { text: displayCode(CODE) }] }, MessageKind.MESSAGE_KIND_POLL],
    ['checklist', { title: displayCode(CODE), tasks: [{ id: 1, text: 'x' }] }, MessageKind.MESSAGE_KIND_CHECKLIST],
    ['live_photo', {}, MessageKind.MESSAGE_KIND_IMAGE],
  ])('%s gives up its code wherever it has words', async (field, value, kind) => {
    const update = tgText('', { text: undefined, [field]: value, caption: displayCode(CODE) });
    expect(await readMessage(update)).toMatchObject({ kind, codes: [{ code: CODE }] });
  });

  it('of blocks are read as the reader sees them, and nested without end are read to a bound', async () => {
    const half = Math.floor(CODE.length / 2);
    const blocks = [
      { type: 'heading', size: 1, text: 'Hello' },
      {
        type: 'list',
        items: [
          { label: '1', blocks: [{ type: 'paragraph', text: ['no. ', { type: 'bold', text: CODE.slice(0, half) }, CODE.slice(half)] }] },
        ],
      },
    ];
    const keepText = workspaceOf('privacy: { keep_text: true }');
    const message = await readMessage(tgText('', { text: undefined, rich_message: { blocks } }), keepText);
    expect(message).toMatchObject({
      kind: MessageKind.MESSAGE_KIND_TEXT,
      codes: [{ code: CODE, intact: true }],
      text: `Hello\nno. ${CODE}`,
    });
    let deep: object = { type: 'paragraph', text: CODE };
    for (let i = 0; i < 2_000; i++) deep = { type: 'details', blocks: [deep], text: [[{ text: 'x' }]] };
    const wide = Array.from({ length: 20_000 }, () => ({ type: 'paragraph', text: 'words' }));
    for (const many of [[deep], wide])
      expect((await readMessage(tgText('', { text: undefined, rich_message: { blocks: many } }), keepText)).textLength).toBeLessThan(
        40_000,
      );
  });

  it('edited carry the id of what they replace', async () => {
    const { touchpoints } = await read({
      update_id: 2,
      edited_message: { message_id: 7, date: DATE, edit_date: DATE + 2, chat: CHAT, from: USER, text: displayCode(CODE) },
    });
    expect(touchpoints[0]).toMatchObject({
      eventId: `tg/sales-tg/4503599627370495/7/edit/${NOW - 3000}`,
      eventTimeMs: NOW - 3000,
      kind: {
        value: { messageId: `4503599627370495:7/edit/${NOW - 3000}`, editsMessageId: '4503599627370495:7', codes: [{ code: CODE }] },
      },
    });
  });

  it('that reply name the message; what they quote is not theirs', async () => {
    const message = await readMessage(
      tgText('yes', { reply_to_message: { message_id: 3, text: displayCode(CODE) }, quote: { text: displayCode(CODE) } }),
    );
    expect(message).toMatchObject({ replyToMessageId: '4503599627370495:3', codes: [] });
  });

  it.each([
    ['forward_origin', {}],
    ['forward_from', {}],
    ['forward_date', 1],
    ['forward_sender_name', 'Bob'],
  ])('with %s are forwarded', async (field, value) => {
    expect(await readMessage(tgText(displayCode(CODE), { [field]: value }))).toMatchObject({ forwarded: true, codes: [] });
  });

  it('keep text and name where the workspace asks', async () => {
    expect(await readMessage(tgText('Guten Tag'), 'privacy: { keep_text: true, keep_name: true }')).toMatchObject({
      text: 'Guten Tag',
      contact: { name: 'Ann' },
    });
  });

  it.each([
    ['a group', tgText('x', { chat: { id: -5, type: 'group' } }), 'group_chat'],
    ['a supergroup', tgText('x', { chat: { id: -5, type: 'supergroup' } }), 'group_chat'],
    ['a group of 2015, without type', tgText('x', { chat: { id: -5 } }), 'group_chat'],
    ['a channel', { update_id: 1, channel_post: { chat: { id: -5 } } }, 'group_chat'],
    ['a bot of ours', tgText('x', { from: { ...USER, id: 77, is_bot: true } }), 'bot_author'],
    ['a service message', tgText('', { text: undefined, pinned_message: {} }), 'not_a_message'],
    ['what a channel says in its discussion group', inGroup({ is_automatic_forward: true, sender_chat: { id: -100123 } }), 'group_chat'],
    [
      'deleted business messages',
      { update_id: 1, deleted_business_messages: { business_connection_id: 'bc1', message_ids: [1] } },
      'not_a_message',
    ],
    ['a guest message', { update_id: 1, guest_message: {} }, 'not_a_message'],
    ['counts of anonymous reactions', { update_id: 1, message_reaction_count: {} }, 'not_a_message'],
    ['an update of tomorrow', { update_id: 1, telepathy: {} }, 'unknown_event'],
    ['an update without content', { update_id: 1 }, 'empty'],
    ['a message without content', tgText('', { text: undefined }), 'empty'],
  ])('of %s are counted drops', async (_, update, reason) => {
    expect(await read(update)).toEqual({ touchpoints: [], deadLetters: [], drops: [reason] });
  });

  it.each([
    ['no object', [1], 'schema_mismatch'],
    ['nothing', {}, 'schema_mismatch'],
    ['a message that is a text', { update_id: 1, message: 'x' }, 'schema_mismatch'],
    ['no chat', { update_id: 1, message: { message_id: 1 } }, 'missing_field'],
    ['a press without sender', { update_id: 1, callback_query: { id: '1' } }, 'missing_field'],
    ['a reaction without message', { update_id: 1, message_reaction: { chat: CHAT } }, 'missing_field'],
    ['a block without person', { update_id: 1, my_chat_member: { chat: CHAT } }, 'missing_field'],
    ['a connection without user', { update_id: 1, business_connection: { id: 'bc1' } }, 'missing_field'],
    ['no sender', tgText('x', { from: undefined }), 'missing_field'],
    ['an id beyond 53 bits', tgText('x', { from: { ...USER, id: 2 ** 60 } }), 'missing_field'],
    ['no date', tgText('x', { date: undefined }), 'timestamp_out_of_range'],
    ['a date that is none', tgText('x', { date: 'now' }), 'timestamp_out_of_range'],
  ])('with %s are dead letters', async (_, update, reason) => {
    expect(await read(update)).toEqual({ touchpoints: [], deadLetters: [reason], drops: [] });
  });
});

describe('a shared number', () => {
  const card = { text: undefined, contact: { phone_number: '+55 11 91234-5678', first_name: 'Ann', user_id: USER.id } };

  it('tells the country, and the number where the workspace keeps it', async () => {
    expect(await readMessage(tgText('', card))).toMatchObject({
      phonePlace: { country: 'BR' },
      contact: { phone: '', keys: [contactKey('acme', 'telegram', 'tg_user', String(USER.id))] },
    });
    expect(await readMessage(tgText('', card), 'privacy: { keep_phone: true }')).toMatchObject({ contact: { phone: '+5511912345678' } });
  });

  it.each([
    ["somebody else's card", { ...card.contact, user_id: 99 }],
    ['a card of nobody on Telegram', { phone_number: '+5511912345678', first_name: 'Bob' }],
    ['a number that is none', { ...card.contact, phone_number: 'ask me' }],
  ])('is none in %s', async (_, contact) => {
    const message = await readMessage(tgText('', { ...card, contact }), 'privacy: { keep_phone: true }');
    expect(message.phonePlace).toBeUndefined();
    expect(message.contact?.phone).toBe('');
  });
});

describe('data of a mini app', () => {
  it('gives up the code it was opened with', async () => {
    const data = JSON.stringify({ start: displayCode(CODE), size: 3 });
    expect(await readMessage(tgText('', { text: undefined, web_app_data: { data, button_text: 'Order' } }))).toMatchObject({
      kind: MessageKind.MESSAGE_KIND_INTERACTIVE,
      codes: [{ code: CODE }],
      textLength: 0,
    });
  });
});
