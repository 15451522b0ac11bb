import { ContactState_State, type Message, MessageKind } from '@messtrack/proto/gen/messtrack/v1/touchpoint.ts';
import { encodeStartPayload } from '@messtrack/tracking-code/start-payload.ts';
import { displayCode, newCode } from '@messtrack/tracking-code/tracking-code.ts';
import { contactKey } from '@messtrack/workspace/contact-key.ts';
import type { Workspace } from '@messtrack/workspace/workspace.ts';
import { describe, expect, it } from 'vitest';
import { NOW, openGateway, tgText, workspaceOf } from './gateway.ts';

const CODE = newCode((n) => Uint8Array.from({ length: n }, (_, i) => i * 37 + 5));
const USER = { id: 4503599627370495, is_bot: false, first_name: 'Ann', last_name: 'Example', language_code: 'pt-BR' };
const CHAT = { id: USER.id, type: 'private' };
const DATE = NOW / 1000 - 5;

/** A message of the person in a group. */
function inGroup(extra: object = {}, text = 'hello'): object {
  return tgText(text, { chat: { id: -100777, type: 'supergroup', title: 'Neighbours' }, ...extra });
}

function withAccount(extra: string): Workspace {
  return workspaceOf('', (file) => file.replace('username: acme_bot,', `username: acme_bot, ${extra},`));
}

async function read(update: unknown, privacy: string | Workspace = '') {
  const gateway = await openGateway([typeof privacy === 'string' ? workspaceOf(privacy) : privacy]);
  expect(await gateway.telegram(update)).toBe(200);
  const drops = await gateway.registry.getSingleMetric('messtrack_gateway_drops_total')?.get();
  await gateway.app.close();
  return {
    touchpoints: gateway.log.touchpoints(),
    deadLetters: gateway.log.deadLetters().map(({ reason }) => reason),
    drops: (drops?.values ?? []).map(({ labels }) => labels['reason']),
  };
}

async function readMessage(update: unknown, privacy: string | Workspace = ''): Promise<Message> {
  const kind = (await read(update, privacy)).touchpoints[0]?.kind;
  if (kind?.$case !== 'message') throw new Error('no message came out');
  return kind.value;
}

describe('/start', () => {
  it.each([
    [`/start ${encodeStartPayload(CODE, 'tg-ad')}`, [{ code: CODE, carrier: 4, intact: true }], ''],
    [`/start@acme_bot ${CODE}`, [{ code: CODE, carrier: 4, intact: true }], ''],
    ['/start', [], ''],
    ['/start promo_spring', [], 'promo_spring'],
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
    ['dice', MessageKind.MESSAGE_KIND_UNKNOWN],
    ['hologram_of_tomorrow', MessageKind.MESSAGE_KIND_UNKNOWN],
  ])('%s is a message', async (field, kind) => {
    expect(await readMessage(tgText('', { text: undefined, [field]: {} }))).toMatchObject({ kind, textLength: 0 });
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

describe('business connections', () => {
  const message = { message_id: 7, date: DATE, chat: CHAT, from: USER, text: 'hi', business_connection_id: 'bc1' };

  it("deliver messages of the other person, apart from those of the bot's own chat", async () => {
    const { touchpoints } = await read({ update_id: 1, business_message: message });
    expect(touchpoints[0]).toMatchObject({
      eventId: 'tg/sales-tg/bc1/4503599627370495/7',
      kind: { value: { messageId: 'bc1:4503599627370495:7' } },
    });
  });

  const connection = { id: 'bc1', user: { id: 99, is_bot: false, first_name: 'Owner' }, user_chat_id: 99, date: DATE, is_enabled: true };

  it.each([
    ['made', { rights: { can_reply: true } }, ContactState_State.STATE_CONNECTED, true],
    ['without the right to answer', { rights: {} }, ContactState_State.STATE_CONNECTED, false],
    ['of the time before rights', { can_reply: true }, ContactState_State.STATE_CONNECTED, true],
    ['ended', { is_enabled: false }, ContactState_State.STATE_DISCONNECTED, false],
  ])('%s are states of their owner', async (_, extra, state, canReply) => {
    const { touchpoints } = await read({ update_id: 31, business_connection: { ...connection, ...extra } });
    const value = { state, canReply, connectionId: 'bc1', contact: { platformUserId: '99', name: '' } };
    expect(touchpoints).toMatchObject([{ eventTimeMs: NOW, kind: { $case: 'contactState', value } }]);
  });

  it('made, ended and made again are three states', async () => {
    const gateway = await openGateway();
    for (const [update_id, is_enabled] of [
      [1, true],
      [2, false],
      [3, true],
      [3, true],
    ] as const)
      await gateway.telegram({ update_id, business_connection: { ...connection, is_enabled } });
    expect(new Set(gateway.log.touchpoints().map(({ eventId }) => eventId)).size).toBe(3);
    await gateway.app.close();
  });

  it('edited messages replace those of the same connection', async () => {
    const edit = await readMessage({ update_id: 1, edited_business_message: { ...message, edit_date: DATE + 1, text: displayCode(CODE) } });
    expect(edit).toMatchObject({ editsMessageId: 'bc1:4503599627370495:7', codes: [{ code: CODE, carrier: 1 }] });
  });

  it('have no start command: the person wrote the words', async () => {
    expect(await readMessage({ update_id: 1, business_message: { ...message, text: '/start promo' } })).toMatchObject({
      isStartCommand: false,
      startPayload: '',
    });
  });

  describe('of an account of their own', () => {
    const business = (extra = '') =>
      workspaceOf('', (file) =>
        file.replace(
          'placements:',
          `  boss-tg: { channel: telegram, provider: telegram-business, username: acme_boss, bot: sales-tg${extra} }\nplacements:`,
        ),
      );
    const accountOf = async (workspace: Workspace, connectionId: string) => {
      const { touchpoints } = await read(
        { update_id: 1, business_message: { ...message, business_connection_id: connectionId } },
        workspace,
      );
      return touchpoints[0]?.account;
    };

    it('go there, and without one to the bot', async () => {
      expect(await accountOf(business(), 'bc1')).toBe('boss-tg');
      expect(await accountOf(workspaceOf(), 'bc1')).toBe('sales-tg');
    });

    it('are told apart by the connection where accounts name one', async () => {
      expect(await accountOf(business(', connection_id: bc1'), 'bc1')).toBe('boss-tg');
      expect(await accountOf(business(', connection_id: bc1'), 'bc2')).toBe('sales-tg');
    });

    it("leave the bot's own messages to the bot", async () => {
      expect((await read(tgText('hi'), business())).touchpoints[0]?.account).toBe('sales-tg');
    });
  });

  it.each([
    ['the owner', { from: { ...USER, id: 99 } }],
    ["the owner's bot", { sender_business_bot: { id: 5 } }],
    ['an away message', { is_from_offline: true }],
  ])('drop what %s writes', async (_, extra) => {
    expect(await read({ update_id: 1, business_message: { ...message, ...extra } })).toMatchObject({
      touchpoints: [],
      drops: ['outgoing'],
    });
  });
});

describe('joins', () => {
  const chat = { id: -100123, type: 'channel' };
  const joined = { old_chat_member: { status: 'left', user: USER }, new_chat_member: { status: 'member', user: USER } };

  it('through a named link become messages', async () => {
    const { touchpoints } = await read({
      update_id: 1,
      chat_member: { chat, from: USER, date: DATE, ...joined, invite_link: { name: 'metro', invite_link: 'https://t.me/+x…' } },
    });
    expect(touchpoints[0]).toMatchObject({
      eventId: `tg/sales-tg/-100123/join/4503599627370495/${NOW - 5000}`,
      kind: { value: { kind: MessageKind.MESSAGE_KIND_JOIN, inviteLinkName: 'metro', contact: { platformUserId: '4503599627370495' } } },
    });
    const asked = await read({
      update_id: 1,
      chat_join_request: { chat, from: USER, date: DATE, user_chat_id: 1, invite_link: { name: 'metro' } },
    });
    expect(asked.touchpoints[0]).toMatchObject({ kind: { value: { kind: MessageKind.MESSAGE_KIND_JOIN, inviteLinkName: 'metro' } } });
  });

  describe('of a placement', () => {
    const invite = (chat: string) =>
      workspaceOf('', (file) =>
        file.replace(
          'placements:',
          `placements:\n  metro-sign: { kind: invite, account: sales-tg, chat: "${chat}", link_name: metro, source: { utm_source: outdoor } }`,
        ),
      );
    const join = (name: string) => ({
      update_id: 1,
      chat_member: {
        chat: { ...chat, username: 'Acme_News' },
        from: USER,
        date: DATE,
        ...joined,
        invite_link: { name, creator: { id: 5 } },
      },
    });

    it.each(['-100123', '@acme_news'])('have its source, the chat named as %s', async (named) => {
      expect(await readMessage(join('metro'), invite(named))).toMatchObject({
        inviteLinkName: 'metro',
        namedSource: { placement: 'metro-sign', utmSource: 'outdoor', utmCampaign: '' },
      });
    });

    it.each([
      ['another link', join('flyer'), invite('-100123')],
      ['another chat', join('metro'), invite('-100124')],
    ])('are not those of %s', async (_, update, workspace) => {
      expect((await readMessage(update, workspace)).namedSource).toBeUndefined();
    });
  });

  it('a start payload that is the name of a placement has its source, one that is not has none', async () => {
    expect((await readMessage(tgText('/start tg-ad'))).namedSource).toMatchObject({ placement: 'tg-ad' });
    expect((await readMessage(tgText('/start site-button'))).namedSource).toBeUndefined();
    expect((await readMessage(tgText('tg-ad'))).namedSource).toBeUndefined();
  });

  it.each([
    ['without a link', joined],
    ['through a link without name', { ...joined, invite_link: {} }],
    ['of members already', { ...joined, old_chat_member: { status: 'administrator' }, invite_link: { name: 'metro' } }],
    ['that are departures', { new_chat_member: { status: 'left', user: USER }, invite_link: { name: 'metro' } }],
  ])('%s are no messages', async (_, change) => {
    expect(await read({ update_id: 1, chat_member: { chat, from: USER, date: DATE, ...change } })).toMatchObject({
      touchpoints: [],
      drops: ['not_a_message'],
    });
  });
});
