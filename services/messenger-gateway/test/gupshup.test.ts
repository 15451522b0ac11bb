/** Gupshup: both of its formats. Shapes as in docs.gupshup.io and partner-docs.gupshup.io. */
import { type Message, MessageKind } from '@messtrack/proto/gen/messtrack/v1/touchpoint.ts';
import { newCode } from '@messtrack/tracking-code/tracking-code.ts';
import { contactKey } from '@messtrack/workspace/contact-key.ts';
import { describe, expect, it } from 'vitest';
import { NOW, waBody, waText } from './gateway.ts';
import { gupshup, outcomeOf } from './provider-accounts.ts';

const CODE = newCode((n) => Uint8Array.from({ length: n }, (_, i) => i * 37 + 5));
const WAMID = 'wamid.HBgMOTE3NTA2MDgwNDgwFQIAEhgUM0FFNTVCQzgxQzNBQUExQzUwMEMA';

/** A message of version 2. */
function message(type: string, payload: unknown, more: object = {}): object {
  return {
    app: 'DemoApp',
    timestamp: NOW - 5_000,
    version: 2,
    type: 'message',
    payload: {
      id: WAMID,
      source: '917506080480',
      type,
      payload,
      sender: { phone: '917506080480', name: 'Ann Example', country_code: '91', dial_code: '7506080480', userId: 'IN.1648738043044942' },
      ...more,
    },
  };
}

async function read(body: object): Promise<Message> {
  const { touchpoints, deadLetters, drops } = await outcomeOf(gupshup(body));
  const kind = touchpoints[0]?.kind;
  if (kind?.$case !== 'message') throw new Error(`no message came out: ${JSON.stringify({ deadLetters, drops })}`);
  return kind.value;
}

describe('version 2', () => {
  it('gives a message with its code, its sender and its time', async () => {
    const { status, touchpoints } = await outcomeOf(gupshup(message('text', { text: `Hi (request no. ${CODE})` })));
    expect(status).toBe(200);
    expect(touchpoints).toMatchObject([
      {
        eventId: `gs/DemoApp/${WAMID}`,
        account: 'gupshup',
        eventTimeMs: NOW - 5_000,
        kind: {
          $case: 'message',
          value: {
            messageId: WAMID,
            channel: 1,
            codes: [{ code: CODE, intact: true }],
            contact: {
              platformUserId: 'IN.1648738043044942',
              keys: [
                contactKey('acme', 'whatsapp', 'bsuid', 'IN.1648738043044942'),
                contactKey('acme', 'whatsapp', 'wa_id', '917506080480'),
              ],
            },
            phonePlace: { country: 'IN' },
          },
        },
      },
    ]);
  });

  it.each([
    ['text', { text: 'x' }, MessageKind.MESSAGE_KIND_TEXT],
    ['image', { url: 'u', caption: 'x' }, MessageKind.MESSAGE_KIND_IMAGE],
    ['video', { url: 'u' }, MessageKind.MESSAGE_KIND_VIDEO],
    ['audio', { url: 'u' }, MessageKind.MESSAGE_KIND_AUDIO],
    ['file', { url: 'u', name: 'a.pdf' }, MessageKind.MESSAGE_KIND_DOCUMENT],
    ['sticker', { url: 'u' }, MessageKind.MESSAGE_KIND_STICKER],
    ['location', { longitude: '72', latitude: '19' }, MessageKind.MESSAGE_KIND_LOCATION],
    ['contact', { contacts: [] }, MessageKind.MESSAGE_KIND_CONTACTS],
    ['quick_reply', { text: 'Yes', type: 'button' }, MessageKind.MESSAGE_KIND_BUTTON],
    ['button_reply', { title: 'First', id: 'qr1', reply: 'First 1' }, MessageKind.MESSAGE_KIND_INTERACTIVE],
    ['list_reply', { title: 'Row', id: 'list1', reply: 'Row 1 1' }, MessageKind.MESSAGE_KIND_INTERACTIVE],
    ['reaction', { emoji: '👍' }, MessageKind.MESSAGE_KIND_REACTION],
    ['nfm_reply', { name: 'flow', body: 'Sent', response_json: '{"flow_token":"unused"}' }, MessageKind.MESSAGE_KIND_INTERACTIVE],
    ['hologram', {}, MessageKind.MESSAGE_KIND_UNKNOWN],
    ['text', undefined, MessageKind.MESSAGE_KIND_TEXT],
  ])('knows the kind %s', async (type, payload, kind) => {
    expect((await read(message(type, payload))).kind).toBe(kind);
  });

  it.each([
    ['image', { caption: `see ${CODE}` }],
    ['file', { name: `offer ${CODE}.pdf` }],
    ['quick_reply', { text: 'Yes', postbackText: CODE }],
    ['button_reply', { title: 'x', id: CODE }],
  ])('gives up a code in a %s', async (type, payload) => {
    expect((await read(message(type, payload))).codes).toMatchObject([{ code: CODE }]);
  });

  it('says what was replied to by the id that sending gave, and what was forwarded', async () => {
    expect((await read(message('text', { text: 'x' }, { context: { id: 'gBEG', gsId: '9b71295f' } }))).replyToMessageId).toBe('9b71295f');
    expect((await read(message('text', { text: 'x' }, { context: { id: 'gBEG' } }))).replyToMessageId).toBe('gBEG');
    expect(await read(message('text', { text: CODE }, { context: { forwarded: true } }))).toMatchObject({ forwarded: true, codes: [] });
  });

  it('takes a number with "+" for the same one', async () => {
    const written = message('text', { text: 'hi' }, { source: '+917506080480', sender: { phone: '+917506080480' } });
    expect(await read(written)).toMatchObject({
      contact: { keys: [contactKey('acme', 'whatsapp', 'wa_id', '917506080480')] },
      phonePlace: { country: 'IN' },
    });
  });

  it('takes a person without number, and a referral should there be one', async () => {
    const body = message(
      'text',
      { text: 'x' },
      { source: 'IN.16487', sender: { name: 'A' }, referral: { source_id: '7', source_type: 'ad' } },
    );
    expect(await read(body)).toMatchObject({ contact: { platformUserId: 'IN.16487' }, referral: { sourceId: '7' }, phonePlace: undefined });
  });

  it.each([
    ['sent', 'sent'],
    ['delivered', 'delivered'],
    ['read', 'read'],
    ['failed', 'failed'],
  ])('gives the status %s under the id that sending gave', async (type, word) => {
    const payload = { id: 'wamid.X', gsId: '793df8da', type, destination: '917506080480', payload: { ts: NOW / 1000 - 9, code: 470 } };
    const { touchpoints } = await outcomeOf(gupshup({ app: 'DemoApp', timestamp: NOW, version: 2, type: 'message-event', payload }));
    expect(touchpoints).toMatchObject([
      {
        eventId: `gs/DemoApp/793df8da/${word}`,
        eventTimeMs: NOW - 9_000,
        kind: { $case: 'messageStatus', value: { messageId: '793df8da', errorCode: word === 'failed' ? '470' : '' } },
      },
    ]);
  });

  it('gives statuses the time that stands beside their details', async () => {
    const payload = { id: 'wamid.X', gsId: '793df8da', type: 'read', destination: '917506080480', ts: NOW / 1000 - 9 };
    const { touchpoints } = await outcomeOf(gupshup({ app: 'DemoApp', timestamp: NOW, version: 2, type: 'message-event', payload }));
    expect(touchpoints).toMatchObject([{ eventTimeMs: NOW - 9_000 }]);
  });

  describe('an ad that is named in an event of its own', () => {
    const referral = {
      source_url: 'https://fb.me/x',
      source_type: 'ad',
      source_id: '120212',
      headline: 'Offer',
      body: 'b',
      ctwa_clid: 'ARAk',
    };
    const event = (payload: object) =>
      outcomeOf(
        gupshup({ app: 'DemoApp', timestamp: NOW - 5_000, version: 2, type: 'message-event', payload: { type: 'referral', ...payload } }),
      );

    it('is a welcome of the person it brought, the same at every delivery', async () => {
      const given = { destination: '917506080480', payload: referral };
      const [{ touchpoints }, again] = [await event(given), await event(given)];
      expect(touchpoints).toMatchObject([
        {
          eventTimeMs: NOW - 5_000,
          kind: {
            $case: 'message',
            value: {
              kind: MessageKind.MESSAGE_KIND_WELCOME,
              contact: { keys: [contactKey('acme', 'whatsapp', 'wa_id', '917506080480')] },
              referral: { ctwaClid: 'ARAk', sourceId: '120212', sourceType: 'ad', sourceUrl: 'https://fb.me/x', headline: 'Offer' },
            },
          },
        },
      ]);
      expect(again.touchpoints.map(({ eventId }) => eventId)).toEqual(touchpoints.map(({ eventId }) => eventId));
    });

    it.each([
      ['nobody', { payload: referral }],
      ['no ad', { destination: '917506080480' }],
    ])('and %s is a dead letter', async (_, given) => {
      expect((await event(given)).deadLetters).toMatchObject([{ reason: 'missing_field' }]);
    });
  });

  it.each([
    ['user-event', 'not_a_message'],
    ['onboarding-event', 'not_a_message'],
    ['billing-event', 'not_a_message'],
    ['brand-new-event', 'unknown_event'],
  ])('counts %s as %s', async (type, reason) => {
    expect(await outcomeOf(gupshup({ app: 'DemoApp', timestamp: NOW, version: 2, type, payload: {} }))).toMatchObject({
      touchpoints: [],
      drops: { [reason]: 1 },
    });
  });

  it('of another app is dropped, counted', async () => {
    const body = { ...message('text', { text: 'x' }), app: 'OtherApp' };
    expect(await outcomeOf(gupshup(body))).toMatchObject({ touchpoints: [], drops: { other_account: 1 } });
  });

  it.each([
    ['no sender', message('text', { text: 'x' }, { source: undefined, sender: undefined }), 'missing_field'],
    ['no type', { app: 'DemoApp', payload: {} }, 'missing_field'],
    ['no time', { ...message('text', { text: 'x' }), timestamp: 'yesterday' }, 'timestamp_out_of_range'],
    ['no object', [], 'schema_mismatch'],
  ])('with %s is a dead letter', async (_, body, reason) => {
    expect((await outcomeOf(gupshup(body))).deadLetters).toMatchObject([{ reason }]);
  });
});

describe('version 3', () => {
  it('is the Cloud API’s body, for the account it is addressed to', async () => {
    const body = { gs_app_id: '82ed52f4', ...waBody({ messages: [waText(`hello ${CODE}`)] }, '158072934066266') };
    expect((await outcomeOf(gupshup(body))).touchpoints).toMatchObject([
      { eventId: 'wa/158072934066266/wamid.A1', account: 'gupshup', kind: { value: { codes: [{ code: CODE }] } } },
    ]);
  });

  /** Shapes of partner-docs.gupshup.io, events and passthrough-v3-incoming-events: what never reached Meta has no `metadata`. */
  const unsent = (status: object) => ({
    object: 'whatsapp_business_account',
    gs_app_id: '82ed52f4',
    entry: [{ changes: [{ field: 'messages', value: { messaging_product: 'whatsapp', statuses: [status] } }] }],
  });

  it.each([
    ['the test of the address', { type: 'set-callback' }],
    ['what Gupshup took', { gs_id: '2baff204', id: WAMID, recipient_id: '917506080480', status: 'enqueued', timestamp: NOW - 1_000 }],
  ])('drops %s', async (_, status) => {
    expect(await outcomeOf(gupshup(unsent(status)))).toMatchObject({
      status: 200,
      touchpoints: [],
      deadLetters: [],
      drops: { status_update: 1 },
    });
  });

  it('gives a failure before Meta with its code, its time in milliseconds', async () => {
    const failed = {
      gs_id: '2baff204',
      id: WAMID,
      recipient_id: '917506080480',
      status: 'failed',
      timestamp: NOW - 9_000,
      code: 1002,
      reason: 'x',
    };
    expect(await outcomeOf(gupshup(unsent(failed)))).toMatchObject({
      deadLetters: [],
      touchpoints: [
        {
          eventId: 'gs/82ed52f4/2baff204/failed',
          eventTimeMs: NOW - 9_000,
          kind: { $case: 'messageStatus', value: { messageId: '2baff204', errorCode: '1002' } },
        },
      ],
    });
  });

  it('gives statuses under the id that sending gave, with Meta’s code', async () => {
    const timestamp = String(NOW / 1000 - 9);
    const statuses = [
      { id: WAMID, gs_id: '793df8da', status: 'delivered', timestamp, recipient_id: '917506080480', recipient_user_id: 'IN.1648' },
      { id: WAMID, gs_id: '793df8da', status: 'failed', timestamp, recipient_id: '917506080480', errors: [{ code: 131026 }] },
    ];
    const body = { gs_app_id: '82ed52f4', ...waBody({ statuses }, '158072934066266') };
    const of = (word: string, errorCode: string) => ({
      eventId: `gs/82ed52f4/793df8da/${word}`,
      eventTimeMs: NOW - 9_000,
      account: 'gupshup',
      kind: { $case: 'messageStatus', value: { messageId: '793df8da', errorCode } },
    });
    expect((await outcomeOf(gupshup(body))).touchpoints).toMatchObject([of('delivered', ''), of('failed', '131026')]);
  });

  it('gives the answers of a flow as the Cloud API does, and what they answer by the id that sending gave', async () => {
    const flow = {
      type: 'interactive',
      interactive: { type: 'nfm_reply', nfm_reply: { body: 'Sent', name: 'flow', response_json: JSON.stringify({ flow_token: CODE }) } },
      context: { from: '919917443994', gs_id: '0e74fb92', id: '031AGDymvDNTGOEfndITwW', meta_msg_id: 'wamid.HBgM' },
    };
    const body = { gs_app_id: '82ed52f4', ...waBody({ messages: [waText('', flow)] }, '158072934066266') };
    expect((await outcomeOf(gupshup(body))).touchpoints).toMatchObject([
      { kind: { value: { kind: MessageKind.MESSAGE_KIND_INTERACTIVE, replyToMessageId: '0e74fb92', codes: [{ code: CODE }] } } },
    ]);
  });
});

describe('the proof', () => {
  it('is the token, in the header or the query', async () => {
    const posted = gupshup(message('text', { text: 'x' }));
    expect((await outcomeOf({ ...posted, headers: {} })).status).toBe(401);
    expect((await outcomeOf({ ...posted, headers: { authorization: 'Bearer wrong' } })).status).toBe(401);
    expect((await outcomeOf({ ...posted, headers: {}, url: '/hooks/gupshup/acme/gupshup?token=webhook-token-0123456789ab' })).status).toBe(
      200,
    );
  });
});
