/** One address may serve several accounts: the payload names the receiver, and only who accepts the same proof gets anything. */
import { Carrier, DeviceClass } from '@messtrack/proto/gen/messtrack/v1/source.ts';
import { MessageKind, type Touchpoint } from '@messtrack/proto/gen/messtrack/v1/touchpoint.ts';
import { encodeStartPayload } from '@messtrack/tracking-code/start-payload.ts';
import { newCode } from '@messtrack/tracking-code/tracking-code.ts';
import { contactKey } from '@messtrack/workspace/contact-key.ts';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { openGateway, type TestGateway } from './gateway.ts';
import {
  fixturesOf,
  type Gateway,
  gatewayWorkspace,
  TOKEN,
  WAZZUP_CHANNEL,
  WAZZUP_FOREIGN,
  WAZZUP_TELEGRAM,
  webhook,
} from './gateway-accounts.ts';
import { post } from './provider-accounts.ts';

const CODE = newCode((n) => Uint8Array.from({ length: n }, (_, i) => i * 41 + 3));

let gateway: TestGateway;
beforeAll(async () => {
  gateway = await openGateway([gatewayWorkspace()]);
});
afterAll(async () => {
  await gateway.app.close();
  await gateway.service.close?.();
});
beforeEach(() => {
  gateway.log.clear();
});

function fixture(of: Gateway, name: string): Record<string, unknown> {
  const found = fixturesOf(of).find((each) => each.name === name);
  if (found === undefined) throw new Error(`no payload "${name}" of ${of}`);
  return structuredClone(found.body) as Record<string, unknown>;
}

async function send(of: Gateway, body: unknown, to?: string): Promise<readonly Touchpoint[]> {
  const posted = webhook(of, body);
  const url = to === undefined ? posted.url : `/hooks/${of}/acme/${to}?token=${TOKEN}`;
  expect(await post(gateway, { ...posted, ...(url === undefined ? {} : { url }) })).toBe(200);
  return gateway.log.touchpoints();
}

function messageOf({ kind }: Touchpoint) {
  if (kind?.$case !== 'message') throw new Error('no message');
  return kind.value;
}

describe('Wazzup', () => {
  const one = (channelId: string, chatType: string, chatId: string, messageId: string) => ({
    messageId,
    channelId,
    chatType,
    chatId,
    dateTime: '2026-11-24T11:59:00.000Z',
    type: 'text',
    text: 'hi',
    status: 'inbound',
  });

  it('goes by channelId, over messengers, in one send', async () => {
    const drops = await gateway.count('messtrack_gateway_drops_total', 'other_account');
    const messages = [
      one(WAZZUP_CHANNEL, 'whatsapp', '79001234567', 'm1'),
      one(WAZZUP_TELEGRAM, 'telegram', '5010001', 'm2'),
      one(WAZZUP_FOREIGN, 'whatsapp', '79001234567', 'm3'),
      one('00000000-0000-4000-8000-000000000000', 'whatsapp', '79001234567', 'm4'),
    ];
    const touchpoints = await send('wazzup', { messages });
    expect(touchpoints.map(({ account, eventId }) => [account, eventId])).toEqual([
      ['wz-wa', `wazzup/${WAZZUP_CHANNEL}/m1`],
      ['wz-tg', `wazzup/${WAZZUP_TELEGRAM}/m2`],
    ]);
    expect(gateway.log.sends).toHaveLength(1);
    expect(await gateway.count('messtrack_gateway_drops_total', 'other_account')).toBe(drops + 2);
  });

  it('knows people by what their messenger knows them by', async () => {
    const touchpoints = await send('wazzup', {
      messages: [one(WAZZUP_CHANNEL, 'whatsapp', '79001234567', 'm1'), one(WAZZUP_TELEGRAM, 'telegram', '5010001', 'm2')],
    });
    expect(touchpoints.map((each) => messageOf(each).contact?.keys)).toEqual([
      [contactKey('acme', 'whatsapp', 'wa_id', '+79001234567')],
      [contactKey('acme', 'telegram', 'tg_user', '5010001')],
    ]);
    expect(messageOf(touchpoints[0]!).phonePlace?.country).toBe('RU');
  });
});

it('edna goes by subjectId', async () => {
  const touchpoints = await send('edna', fixture('edna', 'a question about a product'));
  expect(touchpoints.map(({ account }) => account)).toEqual(['edna-2']);
});

it('GREEN-API goes by idInstance', async () => {
  const touchpoints = await send('green-api', fixture('green-api', 'a Telegram instance'));
  expect(touchpoints.map(({ account }) => account)).toEqual(['green-tg']);
});

it('ChatApp goes by licence and messenger, and by the address where the payload names none', async () => {
  await send('chatapp', fixture('chatapp', 'Instagram of the same licence'));
  const touchpoints = await send('chatapp', fixture('chatapp', 'a text; the payload names no licence'));
  expect(touchpoints.map(({ account }) => account)).toEqual(['chatapp-ig', 'chatapp']);
});

it('WAHA goes by session among accounts that name theirs, with the proof of each', async () => {
  const body = { ...fixture('waha', 'a text'), session: 'third' };
  expect((await send('waha', body, 'waha-2')).map(({ account }) => account)).toEqual(['waha-3']);
  gateway.log.clear();
  expect(await send('waha', { ...body, session: 'fourth' }, 'waha-2')).toEqual([]);
});

it('one WhatsApp message under two addresses is one event', async () => {
  const body = fixture('waha', 'a text');
  const hidden = {
    ...body,
    payload: { ...(body['payload'] as object), id: 'false_176369157804064@lid_AAAAAAAAAAAAAAAAAAAA', from: '176369157804064@lid' },
  };
  await send('waha', body);
  const touchpoints = await send('waha', hidden);
  expect(new Set(touchpoints.map(({ eventId }) => eventId)).size).toBe(1);
});

describe('people whose number is hidden', () => {
  it('are known by their lid', async () => {
    const [touchpoint] = await send('evolution', fixture('evolution', 'a hidden number without the number'));
    expect(messageOf(touchpoint!).contact).toMatchObject({
      keys: [contactKey('acme', 'whatsapp', 'lid', '13718')],
      platformUserId: '13718',
    });
    expect(messageOf(touchpoint!).phonePlace).toBeUndefined();
    expect(messageOf(touchpoint!).device).toBe(DeviceClass.DEVICE_CLASS_ANDROID);
  });

  it('keep both keys where the number stands beside it, the number first', async () => {
    const [touchpoint] = await send('evolution', fixture('evolution', 'a hidden number with the number beside it'));
    expect(messageOf(touchpoint!).contact?.keys).toEqual([
      contactKey('acme', 'whatsapp', 'wa_id', '551190000000'),
      // The same number as it is dialled today.
      contactKey('acme', 'whatsapp', 'wa_id', '5511990000000'),
      contactKey('acme', 'whatsapp', 'lid', '13718'),
    ]);
  });
});

describe('links with a payload', () => {
  it('VK gives the code back with the first message', async () => {
    const body = fixture('vk', 'the first message behind a link of ours');
    (body['object'] as { message: { ref: string } }).message.ref = encodeStartPayload(CODE, 'site-button');
    const [touchpoint] = await send('vk', body);
    expect(messageOf(touchpoint!)).toMatchObject({
      codes: [{ code: CODE, carrier: Carrier.CARRIER_START_PAYLOAD, intact: true }],
      startPayload: '',
      uiLanguage: 'ru',
    });
  });

  it('MAX gives the code back with the start, and a foreign payload as it is', async () => {
    const start = fixture('max', 'the button Start behind a link of ours');
    await send('max', { ...start, payload: encodeStartPayload(CODE, 'site-button') });
    const touchpoints = await send('max', { ...start, timestamp: 1763969600999 });
    expect(touchpoints.map(messageOf)).toMatchObject([
      { kind: MessageKind.MESSAGE_KIND_WELCOME, codes: [{ code: CODE, intact: true }], startPayload: '' },
      { kind: MessageKind.MESSAGE_KIND_WELCOME, codes: [], startPayload: 'site-button' },
    ]);
  });
});

it('a thousand receipts of one callback are a thousand records in one send', async () => {
  const body = { ...fixture('z-api', 'a receipt of several messages'), ids: Array.from({ length: 1_000 }, (_, i) => `id-${i}`) };
  expect(await send('z-api', body)).toHaveLength(1_000);
  expect(gateway.log.sends).toHaveLength(1);
});
