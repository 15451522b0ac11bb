/** Messenger and Instagram: who came by which link, and what is no message of theirs. Shapes as in Meta's webhook references. */
import { Message, MessageKind } from '@messtrack/proto/gen/messtrack/v1/touchpoint.ts';
import { encodeStartPayload } from '@messtrack/tracking-code/start-payload.ts';
import { newCode } from '@messtrack/tracking-code/tracking-code.ts';
import { contactKey } from '@messtrack/workspace/contact-key.ts';
import { describe, expect, it } from 'vitest';
import { NOW, openGateway } from './gateway.ts';
import { INSTAGRAM_ID, META_SECRET, meta, outcomeOf, PAGE_ID, post, providerWorkspace, SECOND_META_SECRET } from './provider-accounts.ts';

const CODE = newCode((n) => Uint8Array.from({ length: n }, (_, i) => i * 41 + 3));
const REF = encodeStartPayload(CODE, 'page-button');
const AT = NOW - 5_000;
const PERSON = '1254459154682919';

type Channel = 'messenger' | 'instagram';
const CHANNELS: readonly Channel[] = ['messenger', 'instagram'];

function body(channel: Channel, ...events: readonly object[]): object {
  const id = channel === 'messenger' ? PAGE_ID : INSTAGRAM_ID;
  const messaging = events.map((event) => ({ sender: { id: PERSON }, recipient: { id }, timestamp: AT, ...event }));
  return { object: channel === 'messenger' ? 'page' : 'instagram', entry: [{ id, time: AT, messaging }] };
}

async function read(channel: Channel, ...events: readonly object[]) {
  return outcomeOf(meta(channel, body(channel, ...events)));
}

async function readMessage(channel: Channel, event: object): Promise<Message> {
  const { touchpoints, deadLetters, drops } = await read(channel, event);
  const kind = touchpoints[0]?.kind;
  if (kind?.$case !== 'message') throw new Error(`no message came out: ${JSON.stringify({ deadLetters, drops })}`);
  return kind.value;
}

describe.each(CHANNELS)('a message on %s', (channel) => {
  it('becomes a touchpoint of a person known by the id for this account alone', async () => {
    const { status, touchpoints } = await read(channel, { message: { mid: 'm_1', text: 'Do you deliver to Berlin?' } });
    expect(status).toBe(200);
    expect(touchpoints).toEqual([
      {
        eventId: channel === 'messenger' ? `ms/${PAGE_ID}/m_1` : `ig/${INSTAGRAM_ID}/m_1`,
        workspace: 'acme',
        account: channel === 'messenger' ? 'page' : 'insta',
        eventTimeMs: AT,
        observedAtMs: NOW,
        kind: {
          $case: 'message',
          value: Message.fromPartial({
            messageId: 'm_1',
            channel: channel === 'messenger' ? 3 : 4,
            contact: {
              keys: [contactKey('acme', channel, channel === 'messenger' ? 'psid' : 'igsid', PERSON)],
              platformUserId: PERSON,
            },
            kind: MessageKind.MESSAGE_KIND_TEXT,
            language: 'en',
            textLength: 25,
          }),
        },
      },
    ]);
  });

  it.each([
    ['a first press in a new thread', { postback: { mid: 'm_2', title: 'Get Started', payload: 'START', referral: { ref: REF } } }],
    ['the opening of a thread that exists', { referral: { ref: REF, source: 'SHORTLINK', type: 'OPEN_THREAD' } }],
    ['the first message', { message: { mid: 'm_3', text: 'hi', referral: { ref: REF, source: 'IGME', type: 'OPEN_THREAD' } } }],
    ['a message with the referral beside it', { message: { mid: 'm_4', text: 'hi' }, referral: { ref: REF } }],
    ['a plug-in on a page', { optin: { ref: REF } }],
  ])('brings the code of the link with %s', async (_, event) => {
    const message = await readMessage(channel, event);
    expect(message.codes).toEqual([{ code: CODE, carrier: 4, intact: true }]);
    expect(message.referral).toBeUndefined();
    expect(message.startPayload).toBe('postback' in event ? 'START' : '');
  });

  it('prefers the code of the link over one in the text', async () => {
    const other = newCode((n) => Uint8Array.from({ length: n }, (_, i) => i * 7 + 90));
    const message = await readMessage(channel, { message: { mid: 'm_5', text: `request no. ${other}`, referral: { ref: REF } } });
    expect(message.codes.map(({ code }) => code)).toEqual([CODE, other]);
  });

  it('keeps a ref that is not ours, and the payload of a button where there is none', async () => {
    expect((await readMessage(channel, { referral: { ref: 'summer-promo' } })).startPayload).toBe('summer-promo');
    expect((await readMessage(channel, { postback: { mid: 'm', payload: 'PRICES' } })).startPayload).toBe('PRICES');
  });

  it('of an ad names the ad', async () => {
    const message = await readMessage(channel, {
      message: {
        mid: 'm_6',
        text: 'hi',
        referral: { ref: REF, ad_id: '120210', source: 'ADS', type: 'OPEN_THREAD', ads_context_data: { ad_title: 'Spring', post_id: '9' } },
      },
    });
    expect(message.referral).toEqual({ ctwaClid: '', sourceId: '120210', sourceType: 'ad', sourceUrl: '', headline: 'Spring' });
    expect(message.codes).toHaveLength(1);
  });

  it.each([
    ['a picture', { attachments: [{ type: 'image', payload: { url: 'https://x.example/1' } }] }, MessageKind.MESSAGE_KIND_IMAGE],
    ['a film', { attachments: [{ type: 'video', payload: {} }] }, MessageKind.MESSAGE_KIND_VIDEO],
    ['a voice message', { attachments: [{ type: 'audio', payload: {} }] }, MessageKind.MESSAGE_KIND_AUDIO],
    ['a file', { attachments: [{ type: 'file', payload: {} }] }, MessageKind.MESSAGE_KIND_DOCUMENT],
    ['a reel', { attachments: [{ type: 'ig_reel', payload: {} }] }, MessageKind.MESSAGE_KIND_VIDEO],
    ['a mention in a story', { attachments: [{ type: 'story_mention', payload: {} }] }, MessageKind.MESSAGE_KIND_IMAGE],
    ['a shared post', { attachments: [{ type: 'share', payload: {} }] }, MessageKind.MESSAGE_KIND_IMAGE],
    ['a place', { attachments: [{ type: 'location', payload: {} }] }, MessageKind.MESSAGE_KIND_LOCATION],
    ['a sticker', { sticker_id: 369239263222822, attachments: [{ type: 'image', payload: {} }] }, MessageKind.MESSAGE_KIND_STICKER],
    ['a sticker since 2026', { attachments: [{ type: 'sticker', payload: { sticker_id: 1 } }] }, MessageKind.MESSAGE_KIND_STICKER],
    [
      'a sticker behind its picture',
      {
        attachments: [
          { type: 'image', payload: {} },
          { type: 'sticker', payload: { sticker_id: 1 } },
        ],
      },
      MessageKind.MESSAGE_KIND_STICKER,
    ],
    ['a picture that is a sticker', { attachments: [{ type: 'image', payload: { sticker_id: 1 } }] }, MessageKind.MESSAGE_KIND_STICKER],
    ['a post of a Page', { attachments: [{ type: 'post', payload: {} }] }, MessageKind.MESSAGE_KIND_IMAGE],
    ['a booking', { attachments: [{ type: 'appointment_booking', payload: {} }] }, MessageKind.MESSAGE_KIND_INTERACTIVE],
    ['a product', { attachments: [{ type: 'template', payload: {} }] }, MessageKind.MESSAGE_KIND_INTERACTIVE],
    ['words about a product', { text: 'this?', attachments: [{ type: 'template', payload: {} }] }, MessageKind.MESSAGE_KIND_TEXT],
    ['a link with its preview', { text: 'https://x.example', attachments: [{ type: 'fallback' }] }, MessageKind.MESSAGE_KIND_TEXT],
    ['something the platform does not pass on', { is_unsupported: true }, MessageKind.MESSAGE_KIND_UNKNOWN],
    ['a new kind of attachment', { attachments: [{ type: 'hologram' }] }, MessageKind.MESSAGE_KIND_UNKNOWN],
    ['nothing', { attachments: [] }, MessageKind.MESSAGE_KIND_UNKNOWN],
    ['a quick reply', { text: 'Yes', quick_reply: { payload: 'YES' } }, MessageKind.MESSAGE_KIND_BUTTON],
  ])('that is %s has its kind', async (_, message, kind) => {
    expect((await readMessage(channel, { message: { mid: 'm_7', ...message } })).kind).toBe(kind);
  });

  it('that answers a story is a text and no reply to a message; one that answers a message names it', async () => {
    expect(await readMessage(channel, { message: { mid: 'm', text: 'nice', reply_to: { story: { id: 's', url: 'u' } } } })).toMatchObject({
      kind: MessageKind.MESSAGE_KIND_TEXT,
      replyToMessageId: '',
    });
    expect((await readMessage(channel, { message: { mid: 'm', text: 'yes', reply_to: { mid: 'm_0' } } })).replyToMessageId).toBe('m_0');
  });

  it('is edited under an id of its own', async () => {
    const { touchpoints } = await read(channel, { message_edit: { mid: 'm_8', text: `no. ${CODE}`, num_edit: 1 } });
    expect(touchpoints).toMatchObject([
      { eventId: expect.stringMatching(/\/m_8\/edit\/\d+$/), kind: { value: { editsMessageId: 'm_8', codes: [{ code: CODE }] } } },
    ]);
  });

  it('has ids as long as the platform likes, and event ids that fit', async () => {
    const mid = `aWdfZAG1faXRlbTox${'Q'.repeat(220)}`;
    const { touchpoints } = await read(channel, { message: { mid, text: 'hi' } });
    expect(touchpoints[0]?.kind).toMatchObject({ value: { messageId: mid } });
    expect(touchpoints[0]?.eventId.length).toBeLessThanOrEqual(200);
  });
});

describe('what is no message of a person', () => {
  it.each([
    ['an echo', 'echo', { message: { mid: 'm', text: 'from us', is_echo: true, app_id: 1 } }],
    ['a message of the page itself', 'outgoing', { sender: { id: PAGE_ID }, message: { mid: 'm', text: 'x' } }],
    ['a message taken back', 'not_a_message', { message: { mid: 'm', is_deleted: true } }],
    ['a read mark without message', 'status_update', { read: { watermark: AT } }],
    ['a delivery without message', 'status_update', { delivery: { watermark: AT } }],
    ['a linked account', 'not_a_message', { account_linking: { status: 'linked' } }],
    ['a thread handed over', 'not_a_message', { pass_thread_control: { new_owner_app_id: '1' } }],
    ['a guest of a plug-in', 'not_a_message', { sender: { user_ref: 'r' }, postback: { payload: 'x' } }],
    ['something new', 'unknown_event', { brand_new: {} }],
  ])('%s is a counted drop', async (_, reason, event) => {
    const { status, touchpoints, deadLetters, drops } = await read('messenger', event);
    expect({ status, touchpoints, deadLetters, drops }).toEqual({ status: 200, touchpoints: [], deadLetters: [], drops: { [reason]: 1 } });
  });

  it('a reaction is kept and starts nothing', async () => {
    expect(await readMessage('instagram', { reaction: { mid: 'm_0', action: 'react', emoji: '❤' } })).toMatchObject({
      kind: MessageKind.MESSAGE_KIND_REACTION,
      replyToMessageId: 'm_0',
    });
  });

  it('statuses name each message they are about', async () => {
    const { touchpoints } = await read('messenger', { delivery: { mids: ['m_a', 'm_b'], watermark: AT } });
    expect(touchpoints).toMatchObject([
      { eventId: `ms/${PAGE_ID}/m_a/delivered`, kind: { $case: 'messageStatus', value: { messageId: 'm_a' } } },
      { eventId: `ms/${PAGE_ID}/m_b/delivered`, kind: { $case: 'messageStatus', value: { messageId: 'm_b' } } },
    ]);
    const seen = await read('instagram', { read: { mid: 'm_c' } });
    expect(seen.touchpoints).toMatchObject([{ eventId: `ig/${INSTAGRAM_ID}/m_c/read`, kind: { $case: 'messageStatus' } }]);
  });

  // Meta, Messenger Platform, webhooks/webhook-events/messaging_optins.
  it('an opt-in of a guest of a page, and one taken back, are no messages', async () => {
    const guest = {
      object: 'page',
      entry: [{ id: PAGE_ID, time: AT, messaging: [{ recipient: { id: PAGE_ID }, timestamp: AT, optin: { ref: 'r', user_ref: 'U' } }] }],
    };
    expect(await outcomeOf(meta('messenger', guest))).toMatchObject({ touchpoints: [], deadLetters: [], drops: { not_a_message: 1 } });
    const stop = { optin: { type: 'notification_messages', payload: 'p', notification_messages_status: 'STOP_NOTIFICATIONS' } };
    expect(await read('messenger', stop)).toMatchObject({ touchpoints: [], deadLetters: [], drops: { not_a_message: 1 } });
  });

  it('an opt-in in a thread carries its payload like a button, and one of a plug-in its ref', async () => {
    expect(
      await readMessage('messenger', { optin: { type: 'one_time_notif_req', payload: `for ${REF}`, one_time_notif_token: 't' } }),
    ).toMatchObject({
      kind: MessageKind.MESSAGE_KIND_BUTTON,
    });
    expect(await readMessage('messenger', { optin: { ref: REF } })).toMatchObject({
      kind: MessageKind.MESSAGE_KIND_WELCOME,
      codes: [{ code: CODE }],
    });
  });

  it.each(CHANNELS)('a message on %s without a time has that of its entry, and what has no id either none', async (channel) => {
    const { touchpoints } = await read(channel, { timestamp: undefined, message: { mid: 'm_1', text: 'hi' } });
    expect(touchpoints).toMatchObject([{ eventTimeMs: AT }]);
    const { deadLetters } = await read(channel, { timestamp: undefined, message: { text: 'hi' } });
    expect(deadLetters).toMatchObject([{ reason: 'timestamp_out_of_range' }]);
  });

  it('comments, posts and other objects are counted', async () => {
    const feed = { object: 'page', entry: [{ id: PAGE_ID, changes: [{ field: 'feed', value: { item: 'comment' } }] }] };
    expect((await outcomeOf(meta('messenger', feed))).drops).toEqual({ not_a_message: 1 });
    expect((await outcomeOf(meta('messenger', { object: 'instagram', entry: [] }))).drops).toEqual({ wrong_object: 1 });
    expect((await outcomeOf(meta('messenger', { object: 'page', entry: [] }))).drops).toEqual({ empty: 1 });
  });
});

describe('entries', () => {
  it('are all read, each for the account it names', async () => {
    const event = { sender: { id: PERSON }, timestamp: AT, message: { mid: 'm', text: 'x' } };
    const many = {
      object: 'page',
      entry: [
        { id: PAGE_ID, messaging: [event, 'broken', { ...event, message: { mid: 'm2', text: 'y' } }] },
        { id: '999999', messaging: [event] },
        { id: PAGE_ID, standby: [{ ...event, message: { mid: 'm3', text: 'z' } }] },
      ],
    };
    const { touchpoints, deadLetters, drops } = await outcomeOf(meta('messenger', many));
    expect(touchpoints.map(({ eventId }) => eventId)).toEqual([`ms/${PAGE_ID}/m`, `ms/${PAGE_ID}/m2`, `ms/${PAGE_ID}/m3`]);
    expect(deadLetters).toHaveLength(1);
    expect(drops).toEqual({ other_account: 1 });
  });

  it.each(CHANNELS)('of %s may come as single fields, in seconds, and in a list', async (channel) => {
    const id = channel === 'messenger' ? PAGE_ID : INSTAGRAM_ID;
    const value = { sender: { id: PERSON }, recipient: { id }, timestamp: String(AT / 1000), message: { mid: 'm', text: 'x' } };
    const whole = { object: channel === 'messenger' ? 'page' : 'instagram', entry: [{ id, changes: [{ field: 'messages', value }] }] };
    const expected = [{ eventId: channel === 'messenger' ? `ms/${PAGE_ID}/m` : `ig/${INSTAGRAM_ID}/m`, eventTimeMs: AT }];
    expect((await outcomeOf(meta(channel, whole))).touchpoints).toMatchObject(expected);
    const { touchpoints, deadLetters } = await outcomeOf(meta(channel, [whole, 7]));
    expect(touchpoints).toMatchObject(expected);
    expect(deadLetters).toMatchObject([{ reason: 'schema_mismatch' }]);
    expect((await outcomeOf(meta(channel, []))).drops).toEqual({ empty: 1 });
  });
});

describe('the proof', () => {
  it('is the signature of any app of the account', async () => {
    const message = body('messenger', { message: { mid: 'm', text: 'x' } });
    for (const [secret, status] of [
      [META_SECRET, 200],
      [SECOND_META_SECRET, 200],
      ['a-secret-of-somebody-else', 401],
    ] as const)
      expect((await outcomeOf(meta('messenger', message, secret))).status).toBe(status);
    // The other app is not one of this account's.
    expect((await outcomeOf(meta('instagram', body('instagram'), SECOND_META_SECRET))).status).toBe(401);
  });

  it('of one channel is none for the other', async () => {
    const gateway = await openGateway([providerWorkspace()]);
    const posted = meta('messenger', body('messenger', { message: { mid: 'm', text: 'x' } }));
    expect(await post(gateway, { ...posted, provider: 'instagram' })).toBe(404);
    expect(await post(gateway, { ...posted, provider: 'whatsapp' })).toBe(404);
    await gateway.app.close();
  });

  it.each(CHANNELS)('of the address of %s is the verify token', async (channel) => {
    const gateway = await openGateway([providerWorkspace()]);
    const account = channel === 'messenger' ? 'page' : 'insta';
    const get = (token: string) =>
      gateway.app.inject(`/hooks/${channel}/acme/${account}?hub.mode=subscribe&hub.challenge=42&hub.verify_token=${token}`);
    expect(await get('verify-token-0123456789').then(({ statusCode, body: text }) => [statusCode, text])).toEqual([200, '42']);
    expect((await get('wrong')).statusCode).toBe(403);
    await gateway.app.close();
  });
});
