/** Twilio's forms. Field names as in twilio.com/docs/messaging/guides/webhook-request and in the payloads of tests/corpus/twilio_whatsapp.jsonl. */
import { type Message, MessageKind } from '@messtrack/proto/gen/messtrack/v1/touchpoint.ts';
import { newCode } from '@messtrack/tracking-code/tracking-code.ts';
import { contactKey } from '@messtrack/workspace/contact-key.ts';
import { describe, expect, it } from 'vitest';
import { NOW } from './gateway.ts';
import { outcomeOf, TWILIO_INBOUND, TWILIO_SID, twilio } from './provider-accounts.ts';

const CODE = newCode((n) => Uint8Array.from({ length: n }, (_, i) => i * 29 + 11));
const SID = TWILIO_SID;
const INBOUND = { ...TWILIO_INBOUND, Body: `Hello! (request no. ${CODE})` };

async function readMessage(fields: Readonly<Record<string, string>>): Promise<Message> {
  const { touchpoints, deadLetters, drops } = await outcomeOf(twilio({ ...INBOUND, ...fields }));
  const kind = touchpoints[0]?.kind;
  if (kind?.$case !== 'message') throw new Error(`no message came out: ${JSON.stringify({ deadLetters, drops })}`);
  return kind.value;
}

describe('a message', () => {
  it('is known by its SID, dated by its receipt, and gives up its code', async () => {
    const { status, touchpoints } = await outcomeOf(twilio(INBOUND));
    expect(status).toBe(200);
    expect(touchpoints).toMatchObject([
      {
        eventId: `twilio/+14155550112/${SID}`,
        account: 'twilio',
        eventTimeMs: NOW,
        kind: {
          $case: 'message',
          value: {
            messageId: SID,
            channel: 1,
            kind: MessageKind.MESSAGE_KIND_TEXT,
            codes: [{ code: CODE, intact: true }],
            contact: { keys: [contactKey('acme', 'whatsapp', 'wa_id', '16505551234')], phone: '', name: '' },
            phonePlace: { country: 'US' },
          },
        },
      },
    ]);
  });

  it('of a person without number is known by the business-scoped id', async () => {
    const message = await readMessage({
      From: 'whatsapp:IN.2081978709342942',
      WaId: '',
      ExternalUserId: 'IN.2081978709342942',
      ParentExternalUserId: 'IN.ENT.9081726354',
    });
    expect(message.contact).toMatchObject({
      platformUserId: 'IN.2081978709342942',
      keys: [
        contactKey('acme', 'whatsapp', 'bsuid', 'IN.2081978709342942'),
        contactKey('acme', 'whatsapp', 'parent_bsuid', 'IN.ENT.9081726354'),
      ],
    });
  });

  it('of an ad has its referral, with or without click id', async () => {
    const ad = {
      ReferralSourceId: '120237244350960485',
      ReferralSourceUrl: 'https://fb.me/x',
      ReferralSourceType: 'AD',
      ReferralHeadline: 'H',
    };
    expect((await readMessage({ ...ad, ReferralCtwaClid: 'Afjy' })).referral).toEqual({
      ctwaClid: 'Afjy',
      sourceId: '120237244350960485',
      sourceType: 'ad',
      sourceUrl: 'https://fb.me/x',
      headline: 'H',
    });
    expect((await readMessage(ad)).referral).toMatchObject({ ctwaClid: '', sourceId: '120237244350960485' });
    expect((await readMessage({})).referral).toBeUndefined();
  });

  it.each([
    ['a picture', { Body: 'see', NumMedia: '1', MediaUrl0: 'https://x', MediaContentType0: 'image/jpeg' }, MessageKind.MESSAGE_KIND_IMAGE],
    ['a sticker', { NumMedia: '1', MediaUrl0: 'https://x', MediaContentType0: 'image/webp' }, MessageKind.MESSAGE_KIND_STICKER],
    ['a voice message', { NumMedia: '1', MediaUrl0: 'https://x', MediaContentType0: 'audio/ogg' }, MessageKind.MESSAGE_KIND_AUDIO],
    ['a film', { NumMedia: '1', MediaUrl0: 'https://x', MediaContentType0: 'video/mp4' }, MessageKind.MESSAGE_KIND_VIDEO],
    ['a file', { NumMedia: '1', MediaUrl0: 'https://x', MediaContentType0: 'application/pdf' }, MessageKind.MESSAGE_KIND_DOCUMENT],
    ['an address card', { NumMedia: '1', MediaUrl0: 'https://x', MediaContentType0: 'text/vcard' }, MessageKind.MESSAGE_KIND_CONTACTS],
    ['a place', { Body: '', Latitude: '12.16', Longitude: '75.26' }, MessageKind.MESSAGE_KIND_LOCATION],
    ['a button', { Body: 'Yes', ButtonText: 'Yes', ButtonPayload: 'YES' }, MessageKind.MESSAGE_KIND_BUTTON],
    ['a list', { Body: 'Row', ListTitle: 'Row', ListId: 'row-1' }, MessageKind.MESSAGE_KIND_INTERACTIVE],
    ['named by its type', { Body: '', MessageType: 'sticker' }, MessageKind.MESSAGE_KIND_STICKER],
    ['of a new type', { Body: '', MessageType: 'hologram' }, MessageKind.MESSAGE_KIND_UNKNOWN],
    ['empty', { Body: '' }, MessageKind.MESSAGE_KIND_UNKNOWN],
  ])('that is %s has its kind', async (_, fields, kind) => {
    expect((await readMessage(fields)).kind).toBe(kind);
  });

  it('gives up a code in a caption and in a button, whose words are not the person’s', async () => {
    const medium = { NumMedia: '1', MediaUrl0: 'https://x', MediaContentType0: 'image/jpeg' };
    expect((await readMessage(medium)).codes).toMatchObject([{ code: CODE }]);
    const pressed = await readMessage({ Body: `take ${CODE}`, ButtonText: 'x', ButtonPayload: CODE });
    expect(pressed).toMatchObject({ codes: [{ code: CODE }], textLength: 0, startPayload: '' });
  });

  it.each(['InteractiveData', 'FlowData'])('gives up a code among the answers of a form (%s)', async (name) => {
    const answered = await readMessage({
      Body: 'Form sent',
      MessageType: 'interactive',
      [name]: JSON.stringify({ name: 'Ann', promo: CODE }),
    });
    expect(answered).toMatchObject({ kind: MessageKind.MESSAGE_KIND_INTERACTIVE, codes: [{ code: CODE }] });
  });

  it('that replies or is forwarded says so; a forwarded code is somebody else’s', async () => {
    expect((await readMessage({ OriginalRepliedMessageSid: 'SM9' })).replyToMessageId).toBe('SM9');
    expect(await readMessage({ Forwarded: 'true' })).toMatchObject({ forwarded: true, codes: [] });
    expect((await readMessage({ FrequentlyForwarded: 'true' })).forwarded).toBe(true);
  });

  it.each([
    ['an SMS', { From: '+16505551234', To: '+14155550112', WaId: '' }],
    ['RCS', { From: 'rcs:acme', To: '+14155550112', WaId: '16505551234' }],
  ])('that is %s is none of ours', async (_, fields) => {
    expect(await outcomeOf(twilio({ ...INBOUND, ...fields }))).toMatchObject({ touchpoints: [], drops: { unsupported_channel: 1 } });
  });

  it('to another sender of the same service is dropped, counted', async () => {
    expect(await outcomeOf(twilio({ ...INBOUND, To: 'whatsapp:+14155559999' }))).toMatchObject({
      touchpoints: [],
      drops: { other_account: 1 },
    });
  });

  it('without SID is a dead letter', async () => {
    const { deadLetters } = await outcomeOf(twilio({ Body: 'x', From: 'whatsapp:+16505551234' }));
    expect(deadLetters).toMatchObject([{ reason: 'missing_field' }]);
    expect(JSON.parse(Buffer.from(deadLetters[0]!.raw).toString('utf8'))).toEqual({ Body: ['x'], From: ['whatsapp:+16505551234'] });
  });
});

describe('a status', () => {
  const STATUS = { MessageSid: SID, SmsSid: SID, AccountSid: 'AC0', From: 'whatsapp:+14155550112', To: 'whatsapp:+16505551234' };

  it.each([
    ['sent', 'sent'],
    ['delivered', 'delivered'],
    ['read', 'read'],
    ['undelivered', 'failed'],
    ['failed', 'failed'],
  ])('%s is one of the message that was sent', async (word, expected) => {
    const { touchpoints } = await outcomeOf(twilio({ ...STATUS, MessageStatus: word, SmsStatus: word, ErrorCode: '63016' }));
    expect(touchpoints).toMatchObject([
      {
        eventId: `twilio/+14155550112/${SID}/${expected}`,
        kind: {
          $case: 'messageStatus',
          value: {
            messageId: SID,
            errorCode: expected === 'failed' ? '63016' : '',
            contact: { keys: [contactKey('acme', 'whatsapp', 'wa_id', '16505551234')] },
          },
        },
      },
    ]);
  });

  it('in a word of tomorrow is one all the same, and no message of our own number', async () => {
    const { touchpoints } = await outcomeOf(twilio({ ...STATUS, MessageStatus: 'partially_delivered', SmsStatus: 'partially_delivered' }));
    expect(touchpoints).toMatchObject([
      { eventId: `twilio/+14155550112/${SID}/unknown`, kind: { $case: 'messageStatus', value: { messageId: SID, errorCode: '' } } },
    ]);
  });

  it('that says "received" is the message', async () => {
    expect((await readMessage({ MessageStatus: 'received' })).messageId).toBe(SID);
  });

  it.each(['queued', 'accepted', 'sending'])('%s says nothing of its arrival', async (word) => {
    expect(await outcomeOf(twilio({ ...STATUS, MessageStatus: word }))).toMatchObject({ touchpoints: [], drops: { status_update: 1 } });
  });
});
