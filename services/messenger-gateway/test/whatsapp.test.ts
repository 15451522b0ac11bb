import { Channel } from '@messtrack/proto/gen/messtrack/v1/source.ts';
import { ContactChange, Message, MessageKind, MessageStatus, MessageStatus_Status } from '@messtrack/proto/gen/messtrack/v1/touchpoint.ts';
import { displayCode, newCode } from '@messtrack/tracking-code/tracking-code.ts';
import { renderVisible } from '@messtrack/tracking-code/visible.ts';
import { contactKey } from '@messtrack/workspace/contact-key.ts';
import { describe, expect, it } from 'vitest';
import { NOW, openGateway, waBody, waChange, waText, workspaceOf } from './gateway.ts';

const CODE = newCode((n) => Uint8Array.from({ length: n }, (_, i) => i * 37 + 5));
const WA_ID = contactKey('acme', 'whatsapp', 'wa_id', '16505551234');
const BSUID = contactKey('acme', 'whatsapp', 'bsuid', 'US.1349');

/** Touchpoints, dead letters and drops that one `messages` change makes. */
async function read(value: object, privacy = '') {
  const gateway = await openGateway([workspaceOf(privacy)]);
  expect(await gateway.whatsapp(waBody(value))).toBe(200);
  const drops = await gateway.registry.getSingleMetric('messtrack_gateway_drops_total')?.get();
  await gateway.app.close();
  return {
    touchpoints: gateway.log.touchpoints(),
    deadLetters: gateway.log.deadLetters(),
    drops: Object.fromEntries((drops?.values ?? []).map(({ labels, value: count }) => [String(labels['reason']), count])),
  };
}

async function readMessage(message: object, privacy = ''): Promise<Message> {
  const { touchpoints } = await read({ messages: [message] }, privacy);
  const kind = touchpoints[0]?.kind;
  if (kind?.$case !== 'message') throw new Error('no message came out');
  return kind.value;
}

describe('WhatsApp messages', () => {
  it('become touchpoints without text, name and number', async () => {
    const text = renderVisible('Hello! I have a question about delivery', CODE, '{greeting} (request no. {code})');
    const { touchpoints } = await read({ messages: [waText(text)] });
    expect(touchpoints).toEqual([
      {
        eventId: 'wa/106540352242922/wamid.A1',
        workspace: 'acme',
        account: 'sales-wa',
        eventTimeMs: NOW - 5000,
        observedAtMs: NOW,
        kind: {
          $case: 'message',
          value: Message.fromPartial({
            messageId: 'wamid.A1',
            channel: 1,
            contact: { keys: [BSUID, WA_ID], platformUserId: 'US.1349', phone: '', name: '' },
            kind: MessageKind.MESSAGE_KIND_TEXT,
            codes: [{ code: CODE, carrier: 1, intact: true }],
            greetingVariant: 0,
            greetingPlacement: 'site-button',
            greetingSimilarity: 1,
            language: 'en',
            phonePlace: { country: 'US', region: 'California' },
            textLength: text.length,
          }),
        },
      },
    ]);
  });

  it.each([
    ['image', { image: { caption: `see ${displayCode(CODE)}` } }, MessageKind.MESSAGE_KIND_IMAGE],
    ['video', { video: { caption: `see ${displayCode(CODE)}` } }, MessageKind.MESSAGE_KIND_VIDEO],
    ['document', { document: { filename: `offer ${displayCode(CODE)}.pdf` } }, MessageKind.MESSAGE_KIND_DOCUMENT],
    ['order', { order: { text: CODE, product_items: [] } }, MessageKind.MESSAGE_KIND_ORDER],
    ['button', { button: { payload: CODE, text: 'Yes' } }, MessageKind.MESSAGE_KIND_BUTTON],
    [
      'interactive',
      { interactive: { type: 'button_reply', button_reply: { id: CODE, title: 'Yes' } } },
      MessageKind.MESSAGE_KIND_INTERACTIVE,
    ],
    ['interactive', { interactive: { type: 'list_reply', list_reply: { id: CODE, title: 'Yes' } } }, MessageKind.MESSAGE_KIND_INTERACTIVE],
  ])('of type %s give up their code', async (type, payload, kind) => {
    const message = await readMessage(waText('', { type, text: undefined, ...payload }));
    expect(message).toMatchObject({ kind, codes: [{ code: CODE, intact: true }], startPayload: '' });
  });

  it.each([
    ['audio', MessageKind.MESSAGE_KIND_AUDIO],
    ['sticker', MessageKind.MESSAGE_KIND_STICKER],
    ['location', MessageKind.MESSAGE_KIND_LOCATION],
    ['contacts', MessageKind.MESSAGE_KIND_CONTACTS],
    ['reaction', MessageKind.MESSAGE_KIND_REACTION],
    ['request_welcome', MessageKind.MESSAGE_KIND_WELCOME],
    ['button', MessageKind.MESSAGE_KIND_BUTTON],
    ['unsupported', MessageKind.MESSAGE_KIND_UNKNOWN],
    ['brand_new_type', MessageKind.MESSAGE_KIND_UNKNOWN],
    ['constructor', MessageKind.MESSAGE_KIND_UNKNOWN],
  ])('of type %s carry a referral', async (type, kind) => {
    const referral = {
      source_url: 'https://fb.me/x',
      source_id: '120212',
      source_type: 'AD',
      headline: 'Offer',
      ctwa_clid: 'ARAk',
      body: 'unused',
    };
    const message = await readMessage({ ...waText(''), text: undefined, type, referral });
    expect(message.kind).toBe(kind);
    expect(message.referral).toEqual({
      ctwaClid: 'ARAk',
      sourceId: '120212',
      sourceType: 'ad',
      sourceUrl: 'https://fb.me/x',
      headline: 'Offer',
    });
  });

  it('keep a referral that has no click id', async () => {
    expect((await readMessage(waText('hi', { referral: { source_id: '7', source_type: 'post' } }))).referral).toMatchObject({
      sourceId: '7',
      ctwaClid: '',
    });
  });

  it('keep a foreign button payload', async () => {
    expect(await readMessage(waText('', { type: 'button', button: { payload: 'PROMO_YES', text: 'Yes' } }))).toMatchObject({
      startPayload: 'PROMO_YES',
      textLength: 0,
    });
  });

  it('name the message they reply to', async () => {
    expect((await readMessage(waText('yes', { context: { from: '1', id: 'wamid.OURS' } }))).replyToMessageId).toBe('wamid.OURS');
  });

  it.each([['forwarded'], ['frequently_forwarded']])('lose their codes and their greeting when %s', async (mark) => {
    const text = renderVisible('Hello! I have a question about delivery', CODE, '{greeting} (request no. {code})');
    expect(await readMessage(waText(text, { context: { [mark]: true } }))).toMatchObject({
      forwarded: true,
      codes: [],
      greetingPlacement: '',
      greetingSimilarity: 0,
    });
  });

  it('of people who hide their number are known by their business-scoped id', async () => {
    const value = {
      contacts: [{ profile: { name: 'Ann' }, user_id: 'BR.9Z8', parent_user_id: 'BR.ENT.77' }],
      messages: [{ id: 'wamid.B', timestamp: NOW / 1000, type: 'text', text: { body: 'hi' } }],
    };
    const { touchpoints } = await read(value);
    expect(touchpoints[0]?.kind).toMatchObject({
      value: {
        contact: {
          platformUserId: 'BR.9Z8',
          keys: [contactKey('acme', 'whatsapp', 'bsuid', 'BR.9Z8'), contactKey('acme', 'whatsapp', 'parent_bsuid', 'BR.ENT.77')],
        },
        phonePlace: undefined,
      },
    });
  });

  it('find their contact among several', async () => {
    const value = {
      contacts: [
        { wa_id: '111', user_id: 'US.A' },
        { wa_id: '16505551234', user_id: 'US.B' },
      ],
      messages: [waText('x'), waText('y', { id: 'wamid.2', from: undefined, from_user_id: 'US.A' })],
    };
    const { touchpoints } = await read(value);
    expect(touchpoints.map(({ kind }) => (kind?.$case === 'message' ? kind.value.contact?.platformUserId : ''))).toEqual(['US.B', 'US.A']);
  });

  it('take no contact that is another person’s, neither of a message nor of a status beside it', async () => {
    const other = { wa_id: '16505550000', user_id: 'US.A' };
    const keysOf = (...ids: readonly (readonly ['wa_id' | 'bsuid', string])[]) =>
      ids.map(([kind, id]) => contactKey('acme', 'whatsapp', kind, id));
    const { touchpoints } = await read({
      contacts: [other],
      messages: [waText('x', { from: '16505550000' }), waText('y', { id: 'wamid.2' })],
      statuses: [{ id: 'wamid.OUT', status: 'delivered', timestamp: '1790000000', recipient_id: '16505559999' }],
    });
    const found = touchpoints.map(({ kind }) =>
      kind?.$case === 'message' || kind?.$case === 'messageStatus' ? kind.value.contact?.keys : undefined,
    );
    expect(found).toEqual([
      keysOf(['bsuid', 'US.A'], ['wa_id', '16505550000']),
      keysOf(['wa_id', '16505551234']),
      keysOf(['wa_id', '16505559999']),
    ]);
    const strangers = await read({ contacts: [other], messages: [waText('z', { from: undefined, from_user_id: 'US.B' })] });
    const kind = strangers.touchpoints[0]?.kind;
    expect(kind?.$case === 'message' ? kind.value.contact?.keys : undefined).toEqual(keysOf(['bsuid', 'US.B']));
  });

  it('keep both spellings of a Brazilian number', async () => {
    const { touchpoints } = await read(
      { contacts: [{ wa_id: '551187654321' }], messages: [waText('x', { from: '5511987654321' })] },
      'privacy: { keep_phone: true }',
    );
    const kind = touchpoints[0]?.kind;
    if (kind?.$case !== 'message') throw new Error('no message');
    expect(kind.value.contact).toMatchObject({
      phone: '+5511987654321',
      keys: ['551187654321', '5511987654321'].map((id) => contactKey('acme', 'whatsapp', 'wa_id', id)),
    });
  });

  it('are edited under an id of their own', async () => {
    const edit = { original_message_id: 'wamid.A1', message: { type: 'text', text: { body: `with ${displayCode(CODE)}` } } };
    const { touchpoints } = await read({ messages: [{ ...waText(''), text: undefined, type: 'edit', id: 'wamid.E', edit }] });
    expect(touchpoints[0]).toMatchObject({
      eventId: 'wa/106540352242922/wamid.E',
      kind: {
        value: {
          messageId: 'wamid.E',
          editsMessageId: 'wamid.A1',
          kind: MessageKind.MESSAGE_KIND_TEXT,
          codes: [{ code: CODE }],
        },
      },
    });
  });

  it.each([
    ['revoke', { revoke: { original_message_id: 'wamid.A1' } }, { not_a_message: 1 }],
    ['system', { system: { type: 'customer_identity_changed' } }, { not_a_message: 1 }],
  ])('of type %s are no messages', async (type, payload, drops) => {
    expect(await read({ messages: [{ ...waText(''), type, ...payload }] })).toMatchObject({ touchpoints: [], deadLetters: [], drops });
  });
});

describe('WhatsApp identity changes', () => {
  it.each([
    [
      'number',
      { from: '16505551234', system: { type: 'user_changed_number', wa_id: '16505559999', previous_user_id: 'US.1', user_id: 'US.2' } },
      [
        ['bsuid', 'US.1'],
        ['wa_id', '16505551234'],
      ],
      [
        ['bsuid', 'US.2'],
        ['wa_id', '16505559999'],
      ],
      'changed_number',
      'US.2',
    ],
    [
      'number, as older versions say it',
      { from: '16505551234', system: { type: 'user_changed_number', new_wa_id: '16505559999' } },
      [['wa_id', '16505551234']],
      [['wa_id', '16505559999']],
      'changed_number',
      '',
    ],
    [
      // Meta, webhooks/components, object `system` (`customer`: the id before the update).
      'number, by the word of the reference',
      { from: '16505551234', system: { type: 'customer_changed_number', wa_id: '16505559999', customer: '16505551234' } },
      [['wa_id', '16505551234']],
      [['wa_id', '16505559999']],
      'changed_number',
      '',
    ],
    [
      'business-scoped id',
      { from_user_id: 'US.2', system: { type: 'user_changed_user_id', previous_user_id: 'US.1', user_id: 'US.2' } },
      [['bsuid', 'US.1']],
      [['bsuid', 'US.2']],
      'changed_user_id',
      'US.2',
    ],
  ] as const)('of a %s', async (_, message, previous, current, reason, platformUserId) => {
    const { touchpoints } = await read({
      contacts: undefined,
      messages: [{ id: 'wamid.S', timestamp: '1790000000', type: 'system', ...message }],
    });
    const keys = (list: readonly (readonly ['bsuid' | 'wa_id', string])[]) =>
      list.map(([kind, value]) => contactKey('acme', 'whatsapp', kind, value));
    expect(touchpoints[0]).toMatchObject({
      eventId: 'wa/106540352242922/wamid.S',
      kind: {
        $case: 'contactChange',
        value: ContactChange.fromPartial({ previousKeys: keys(previous), keys: keys(current), reason, platformUserId, channel: 1 }),
      },
    });
  });

  // Shape: developer.8x8.com/connect/docs/whatsapp-business-scoped-user-ids (rawEvent of `user_id_update`).
  const update = (part: object) => ({
    object: 'whatsapp_business_account',
    entry: [
      {
        id: '1',
        changes: [
          {
            field: 'user_id_update',
            value: { messaging_product: 'whatsapp', metadata: { phone_number_id: '106540352242922' }, user_id_update: [part] },
          },
        ],
      },
    ],
  });

  it('in a field of their own move the person, once however often they come', async () => {
    const ids = { user_id: { previous: 'US.1', current: 'US.2' }, parent_user_id: { previous: 'US.ENT.1', current: 'US.ENT.2' } };
    const gateway = await openGateway();
    for (const part of [{ wa_id: '16505559999', ...ids, timestamp: '1790000000' }, ids])
      expect(await gateway.whatsapp(update(part))).toBe(200);
    await gateway.app.close();
    const key = (kind: 'bsuid' | 'parent_bsuid' | 'wa_id', value: string) => contactKey('acme', 'whatsapp', kind, value);
    const [first, second] = gateway.log.touchpoints();
    expect(first).toMatchObject({
      eventTimeMs: 1_790_000_000_000,
      kind: {
        $case: 'contactChange',
        value: {
          previousKeys: [key('bsuid', 'US.1'), key('parent_bsuid', 'US.ENT.1')],
          keys: [key('bsuid', 'US.2'), key('wa_id', '16505559999'), key('parent_bsuid', 'US.ENT.2')],
          reason: 'changed_user_id',
          platformUserId: 'US.2',
        },
      },
    });
    expect(second?.eventId).toBe(first?.eventId);
  });

  it.each([
    ['no object', 'US.1', 'schema_mismatch'],
    ['without ids', { wa_id: '16505559999', user_id: 'US.2' }, 'missing_field'],
  ])('in a field of their own, %s, are dead letters', async (_, part, reason) => {
    const gateway = await openGateway();
    expect(await gateway.whatsapp(update(part as object))).toBe(200);
    await gateway.app.close();
    expect(gateway.log.deadLetters()).toMatchObject([{ reason }]);
  });

  it('without a new identifier are dead letters', async () => {
    const { deadLetters } = await read({
      messages: [{ id: 'w', from: '1', timestamp: '1790000000', type: 'system', system: { type: 'user_changed_number' } }],
    });
    expect(deadLetters).toMatchObject([{ reason: 'missing_field' }]);
  });
});

describe('WhatsApp statuses', () => {
  const key = (kind: 'bsuid' | 'parent_bsuid' | 'wa_id', value: string) => contactKey('acme', 'whatsapp', kind, value);
  const status = (part: object) => ({ id: 'wamid.OUT', timestamp: '1790000000', status: 'sent', ...part });

  it.each([
    ['of one who shows the number', { recipient_id: '16505551234' }, [key('wa_id', '16505551234')], ''],
    [
      'of one who hides it',
      { status: 'read', recipient_user_id: 'US.1', parent_recipient_user_id: 'US.ENT.2' },
      [key('bsuid', 'US.1'), key('parent_bsuid', 'US.ENT.2')],
      'US.1',
    ],
    ['in a group', { recipient_type: 'group', recipient_id: 'G1', recipient_participant_id: '1650' }, [key('wa_id', '1650')], ''],
  ])('%s name the recipient by pseudonyms', async (_, part, keys, platformUserId) => {
    const { touchpoints } = await read({ statuses: [status(part)], contacts: undefined });
    expect(touchpoints[0]?.kind).toMatchObject({
      $case: 'messageStatus',
      value: { contact: { keys, platformUserId, phone: '', name: '' } },
    });
  });

  it('carry the code of an error, how they are paid for and what we gave them along', async () => {
    const { touchpoints } = await read({
      contacts: undefined,
      statuses: [
        status({ status: 'failed', errors: [{ code: 131047, title: 'Re-engagement message' }], biz_opaque_callback_data: 'order-7' }),
        status({ status: 'delivered', pricing: { type: 'free_entry_point' }, errors: [{ code: 1 }] }),
        status({ status: 'Shredded' }),
      ],
    });
    const channel = Channel.CHANNEL_WHATSAPP;
    expect(touchpoints.map(({ eventId, eventTimeMs, kind }) => ({ eventId, eventTimeMs, value: kind?.value }))).toEqual(
      [
        { status: MessageStatus_Status.STATUS_FAILED, word: 'failed', errorCode: '131047', correlation: 'order-7' },
        { status: MessageStatus_Status.STATUS_DELIVERED, word: 'delivered', pricingType: 'free_entry_point' },
        { status: MessageStatus_Status.STATUS_UNKNOWN, word: 'unknown' },
      ].map(({ word, ...value }) => ({
        eventId: `wa/106540352242922/wamid.OUT/${word}`,
        eventTimeMs: 1_790_000_000_000,
        value: MessageStatus.create({ messageId: 'wamid.OUT', channel, ...value }),
      })),
    );
  });

  it.each([['captured'], ['pending'], ['failed']])('of a payment are none of its message: %s', async (word) => {
    const payment = { reference_id: 'order-7', amount: { value: 100, offset: 100 }, currency: 'INR' };
    const { touchpoints, drops } = await read({ contacts: undefined, statuses: [status({ status: word, type: 'payment', payment })] });
    expect({ touchpoints, drops }).toEqual({ touchpoints: [], drops: { status_update: 1 } });
  });

  it('without a time are dead letters', async () => {
    const { deadLetters } = await read({ statuses: [status({ timestamp: 'soon' })] });
    expect(deadLetters).toMatchObject([{ reason: 'timestamp_out_of_range' }]);
  });
});

describe('WhatsApp elements that are no message', () => {
  it.each([
    [{ statuses: [{}, {}] }, { status_update: 2 }],
    [{ message_echoes: [{}] }, { echo: 1 }],
    [{ calls: [{}], errors: [{}] }, { not_a_message: 2 }],
    [{ user_actions: [{ action_type: 'marketing_messages_link_click' }] }, { not_a_message: 1 }],
    [{}, { empty: 1 }],
  ])('%j are counted', async (value, drops) => {
    expect(await read(value)).toMatchObject({ touchpoints: [], deadLetters: [], drops });
  });

  it.each([
    [{ field: 'smb_message_echoes', value: { message_echoes: [{}, {}] } }, { echo: 2 }],
    [{ field: 'message_echoes', value: { message_echoes: [{}] } }, { echo: 1 }],
    [{ field: 'account_update', value: {} }, { not_a_message: 1 }],
    [{ field: 'history', value: { history: [] } }, { not_a_message: 1 }],
    [{ field: 'consumer_profile', value: { wa_id: '4915100000001' } }, { not_a_message: 1 }],
    [{ field: 'billing-event', value: {} }, { not_a_message: 1 }],
    [{ field: 'invented_tomorrow', value: {} }, { unknown_event: 1 }],
  ])('of another field are counted: %j', async (change, drops) => {
    const gateway = await openGateway();
    await gateway.whatsapp({ object: 'whatsapp_business_account', entry: [{ changes: [change] }] });
    for (const [reason, count] of Object.entries(drops)) expect(await gateway.count('messtrack_gateway_drops_total', reason)).toBe(count);
    expect(gateway.log.touchpoints()).toEqual([]);
    await gateway.app.close();
  });

  it('of another object are counted as a whole', async () => {
    const gateway = await openGateway();
    await gateway.whatsapp({ object: 'page', entry: [{}, {}] });
    expect(await gateway.count('messtrack_gateway_drops_total', 'wrong_object')).toBe(1);
    await gateway.app.close();
  });
});

describe('bad WhatsApp elements', () => {
  const bad: [string, unknown, string][] = [
    ['no object', 7, 'schema_mismatch'],
    ['no id', waText('x', { id: undefined }), 'missing_field'],
    ['an id of another type', waText('x', { id: {} }), 'missing_field'],
    ['an endless id', waText('x', { id: 'w'.repeat(400) }), 'missing_field'],
    ['no type', waText('x', { type: undefined }), 'missing_field'],
    ['no timestamp', waText('x', { timestamp: undefined }), 'timestamp_out_of_range'],
    ['an unreadable timestamp', waText('x', { timestamp: 'yesterday' }), 'timestamp_out_of_range'],
    ['an edit without content', waText('x', { type: 'edit' }), 'missing_field'],
  ];

  it.each(bad)('with %s never cost their siblings', async (_, element, reason) => {
    const { touchpoints, deadLetters } = await read({
      messages: [waText('a', { id: 'wamid.1' }), element, waText('b', { id: 'wamid.2' })],
    });
    expect(touchpoints.map(({ eventId }) => eventId)).toEqual(['wa/106540352242922/wamid.1', 'wa/106540352242922/wamid.2']);
    expect(deadLetters).toMatchObject([{ reason }]);
    expect(JSON.parse(Buffer.from(deadLetters[0]!.raw).toString())).toEqual(JSON.parse(JSON.stringify(element)));
  });

  it('at every level never cost their siblings', async () => {
    const gateway = await openGateway();
    const body = {
      object: 'whatsapp_business_account',
      entry: [
        null,
        { id: '1' },
        { changes: [7, { field: 'messages' }, { field: 'messages', value: { messages: {} } }, waChange({ messages: [waText('a')] })] },
      ],
    };
    expect(await gateway.whatsapp(body)).toBe(200);
    expect(gateway.log.touchpoints()).toHaveLength(1);
    expect(gateway.log.deadLetters().map(({ reason }) => reason)).toEqual(Array.from({ length: 5 }, () => 'schema_mismatch'));
    await gateway.app.close();
  });

  it('without sender or receiver are dead letters', async () => {
    expect((await read({ contacts: [], messages: [waText('x', { from: undefined })] })).deadLetters).toMatchObject([
      { reason: 'missing_field' },
    ]);
    expect((await read({ metadata: {}, messages: [waText('x')] })).deadLetters).toMatchObject([
      { reason: 'missing_field', account: 'sales-wa' },
    ]);
  });
});
