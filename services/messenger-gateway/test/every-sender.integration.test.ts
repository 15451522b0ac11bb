/** Every provider through the durable queue, and what it posts about our own messages afterwards: statuses find them, echoes start nothing. */
import { createHmac } from 'node:crypto';
import { status } from '@grpc/grpc-js';
import type { Touchpoint } from '@messtrack/proto/gen/messtrack/v1/touchpoint.ts';
import type { StrictSendApis } from '@messtrack/testing/strict-send-apis.ts';
import { contactKey } from '@messtrack/workspace/contact-key.ts';
import type { Workspace } from '@messtrack/workspace/workspace.ts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { IdentifierKind } from '../src/domain/inbound.ts';
import { joinsOf, openSendingGateway, refusalOf, type SendingGateway } from './outbound-world.ts';
import { CONNECTION, CREDENTIALS, everySender, HOOK_TOKEN, META_SECRET, SENDING, startSendApis, urlsOf } from './sending-accounts.ts';

const NOW_S = Math.floor(Date.now() / 1_000);
const KINDS: Readonly<
  Record<string, readonly [channel: 'whatsapp' | 'telegram' | 'messenger' | 'instagram' | 'vk' | 'max', kind: IdentifierKind]>
> = {
  telegram: ['telegram', 'tg_user'],
  messenger: ['messenger', 'psid'],
  instagram: ['instagram', 'igsid'],
  vk: ['vk', 'vk_user'],
  max: ['max', 'max_user'],
};

let apis: StrictSendApis;
let workspace: Workspace;
let gateway: SendingGateway;
const sent = new Map<string, string>();

/** Everybody wrote an hour ago. */
function acquaintances() {
  const entries = SENDING.map(([account, provider, recipient]) => {
    const [channel, kind] =
      account === 'wz-tg' ? (['telegram', 'tg_user'] as const) : (KINDS[provider] ?? (['whatsapp', 'wa_id'] as const));
    const key = contactKey('acme', channel, kind, recipient.replace('+', ''));
    const hourAgo = Date.now() - 3_600_000;
    return [`contact/acme/${account}/${key}`, [1, 'contact', key, [], [['lead', hourAgo, hourAgo, '', ['', 0], []]]]] as const;
  });
  return joinsOf(Object.fromEntries(entries));
}

beforeAll(async () => {
  apis = await startSendApis();
  workspace = everySender(apis.url('waha').replace(/\/waha$/, ''));
  gateway = await openSendingGateway({ workspace, joins: acquaintances(), settings: { providerUrls: urlsOf(apis), callTimeoutMs: 2_000 } });
});
afterAll(async () => {
  await gateway.close();
  await apis.close();
});

const text = (account: string, recipient: string, key: string) => ({
  account,
  recipient,
  idempotencyKey: key,
  content: { $case: 'text' as const, value: 'We are here' },
});

describe('Send through every provider', () => {
  it.each(SENDING)('%s sends once, however often it is asked', async (account, _provider, recipient) => {
    const answers = await Promise.all([1, 2, 3].map(() => gateway.send(text(account, recipient, `key-${account}`))));
    const messageId = answers[0]!.messageId;
    expect(messageId).not.toBe('');
    expect(answers.every((answer) => answer.messageId === messageId)).toBe(true);
    expect(apis.violations).toEqual([]);
    expect(
      apis.requests.filter(({ path, body }) => body.includes('are') && `${path} ${body}`.includes(recipient.replace('+', ''))),
    ).toHaveLength(1);
    sent.set(account, messageId);
  });

  it('tells the log of each whom it was written to', async () => {
    // A question is answered by the queue's owner, after it has written what it read before.
    for (const account of sent.keys()) await gateway.getSend(`key-${account}`, account);
    const told = (await gateway.touchpoints()).filter(({ kind }) => kind?.$case === 'sent');
    expect(new Map(told.map(({ account, kind }) => [account, kind?.$case === 'sent' ? kind.value.messageId : '']))).toEqual(sent);
    for (const { kind } of told) expect(kind?.$case === 'sent' ? kind.value.contact?.keys.length : 0).toBeGreaterThan(0);
  });
});

describe('Send refuses before anybody is called', () => {
  it.each([
    ['a linked device writing to a stranger', () => text('waha', '+16505559999', 'stranger-1'), 'not_opted_in'],
    ['text to somebody whose window is closed', () => text('page', '5550009999999', 'window-1'), 'outside_window'],
    ['text over a business connection that nobody has written to', () => text('biz', '99', 'window-2'), 'outside_window'],
    ['an account without a server', () => text('mute-waha', '+16505550006', 'mute-1'), 'not_configured'],
    ['a business account without its connection', () => text('mute-biz', '42', 'mute-2'), 'not_configured'],
  ])('%s', async (_, request, reason) => {
    const before = apis.requests.length;
    expect(await refusalOf(gateway.send(request()))).toMatchObject({ code: status.FAILED_PRECONDITION, reason });
    expect(apis.requests).toHaveLength(before);
  });

  it('a text that Instagram counts as too long: bytes, not characters', async () => {
    const content = { $case: 'text' as const, value: 'я'.repeat(501) };
    expect(await refusalOf(gateway.send({ ...text('insta', '5550001234568', 'long-1'), content }))).toMatchObject({
      reason: 'content_refused',
    });
  });

  it('nobody who agreed: a linked device may write first to them', async () => {
    const optIn = { atMs: Date.now() - 1_000, where: 'site-form' };
    await gateway.send({ ...text('green', '+16505558888', 'agreed-1'), optIn });
    expect(apis.requests.at(-1)!.body).toContain('16505558888@c.us');
  });
});

interface Posted {
  readonly provider: string;
  readonly body: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

const hub = (body: unknown) => ({
  'x-hub-signature-256': `sha256=${createHmac('sha256', META_SECRET).update(JSON.stringify(body)).digest('hex')}`,
});
const bearer = { authorization: `Bearer ${HOOK_TOKEN}` };

async function post(account: string, { provider, body, headers = {} }: Posted): Promise<void> {
  const payload = Buffer.from(JSON.stringify(body));
  const isInAddress = ['gupshup', 'wazzup', 'edna', 'chatapp', 'z-api', 'waha'].includes(provider);
  const url = `/hooks/${provider}/acme/${account}${isInAddress ? `?token=${HOOK_TOKEN}` : ''}`;
  expect(await gateway.post({ url, payload, headers: { 'content-type': 'application/json', ...headers } })).toBe(200);
}

/** What each provider posts of a message that we sent: the copy of it, and what became of it where it says so. */
function echoesOf(account: string, id: string): { readonly echo: Posted | undefined; readonly status: Posted | undefined } {
  switch (account) {
    case 'biz': {
      const message = {
        message_id: Number(id.split(':').at(-1)),
        business_connection_id: CONNECTION,
        date: NOW_S,
        chat: { id: 42, type: 'private', first_name: 'Ann' },
        from: { id: 1, is_bot: false, first_name: 'Owner' },
        sender_business_bot: { id: 110201543, is_bot: true, first_name: 'acme' },
        text: 'We are here',
      };
      const body = { update_id: 1, business_message: message };
      return { echo: { provider: 'telegram', body, headers: { 'x-telegram-bot-api-secret-token': HOOK_TOKEN } }, status: undefined };
    }
    case 'page':
    case 'insta': {
      const [provider, object, ours, theirs] =
        account === 'page'
          ? (['messenger', 'page', '108340567232421', '5550001234567'] as const)
          : (['instagram', 'instagram', '17841405822304914', '5550001234568'] as const);
      const of = (event: object) => {
        const body = { object, entry: [{ id: ours, time: NOW_S * 1_000, messaging: [{ timestamp: NOW_S * 1_000, ...event }] }] };
        return { provider, body, headers: hub(body) };
      };
      const echo = of({ sender: { id: ours }, recipient: { id: theirs }, message: { mid: id, is_echo: true, text: 'We are here' } });
      const seen = account === 'page' ? { delivery: { mids: [id], watermark: NOW_S * 1_000 } } : { read: { mid: id } };
      return { echo, status: of({ sender: { id: theirs }, recipient: { id: ours }, ...seen }) };
    }
    case 'gs':
      return {
        echo: undefined,
        status: {
          provider: 'gupshup',
          body: {
            app: 'DemoApp',
            timestamp: NOW_S * 1_000,
            version: 2,
            type: 'message-event',
            payload: { id: 'wa-id', gsId: id, type: 'delivered', destination: '16505550001', payload: { ts: NOW_S } },
          },
        },
      };
    case 'wz':
    case 'wz-tg': {
      const [channelId, chatType, chatId] =
        account === 'wz'
          ? ['c8cf90d2-0a1c-4ee9-8ac6-9b6a1d3b5d4e', 'whatsapp', '16505550002']
          : ['11111111-2222-4333-8444-555555555555', 'telegram', '777000'];
      const base = { messageId: id, channelId, chatType, chatId, dateTime: new Date().toISOString(), type: 'text', text: 'We are here' };
      return {
        echo: { provider: 'wazzup', body: { messages: [{ ...base, isEcho: true, status: 'sent' }] } },
        status: {
          provider: 'wazzup',
          body: { statuses: [{ messageId: id, channelId, timestamp: new Date().toISOString(), status: 'delivered' }] },
        },
      };
    }
    case 'edna':
      return {
        echo: undefined,
        status: {
          provider: 'edna',
          body: { requestId: id, messageId: '98765', subjectId: '345', status: 'DELIVERED', statusAt: new Date().toISOString() },
        },
      };
    case 'green': {
      const instanceData = { idInstance: 1101000001, wid: '14155550124@c.us', typeInstance: 'whatsapp' };
      const of = (typeWebhook: string, part: object) => ({
        provider: 'green-api',
        headers: bearer,
        body: { typeWebhook, instanceData, timestamp: NOW_S, idMessage: id, ...part },
      });
      return {
        echo: of('outgoingAPIMessageReceived', { senderData: { chatId: '16505550004@c.us' }, messageData: { typeMessage: 'textMessage' } }),
        status: of('outgoingMessageStatus', { chatId: '16505550004@c.us', status: 'delivered', sendByApi: true }),
      };
    }
    case 'chatapp': {
      const of = (type: string, data: object) => ({
        provider: 'chatapp',
        body: { meta: { type, licenseId: 1229, messengerType: 'caWhatsApp' }, data: [data] },
      });
      return {
        echo: of('message', {
          id,
          fromMe: true,
          side: 'out',
          time: NOW_S,
          type: 'text',
          message: { text: 'We are here' },
          chat: { id: '16505550005', type: 'private' },
        }),
        status: of('messageStatus', { id, status: 'delivered', time: NOW_S }),
      };
    }
    case 'waha': {
      const of = (event: string, payload: object) => ({
        provider: 'waha',
        body: { event, session: 'default', timestamp: NOW_S * 1_000, payload },
      });
      return {
        echo: of('message.any', {
          id: `true_16505550006@c.us_${id}`,
          from: '14155550126@c.us',
          to: '16505550006@c.us',
          fromMe: true,
          body: 'We are here',
          timestamp: NOW_S,
        }),
        status: of('message.ack', {
          id: `true_16505550006@c.us_${id}`,
          from: '14155550126@c.us',
          to: '16505550006@c.us',
          fromMe: true,
          ack: 2,
          ackName: 'DEVICE',
        }),
      };
    }
    case 'evo': {
      const of = (event: string, data: object) => ({
        provider: 'evolution',
        body: { event, instance: 'acme', apikey: CREDENTIALS.evolution, data },
      });
      const key = { remoteJid: '16505550007@s.whatsapp.net', fromMe: true, id };
      return {
        echo: of('messages.upsert', {
          key,
          message: { conversation: 'We are here' },
          messageTimestamp: NOW_S,
          messageType: 'conversation',
        }),
        status: of('messages.update', { keyId: id, remoteJid: key.remoteJid, fromMe: true, status: 'DELIVERY_ACK' }),
      };
    }
    case 'zapi': {
      const of = (type: string, part: object) => ({
        provider: 'z-api',
        body: { type, instanceId: 'A20DA9C0183A2D35A260F53F5D2B9244', phone: '16505550008', momment: NOW_S * 1_000, ...part },
      });
      return {
        echo: of('ReceivedCallback', { messageId: id, fromMe: true, fromApi: true, text: { message: 'We are here' } }),
        status: of('MessageStatusCallback', { ids: [id], status: 'RECEIVED' }),
      };
    }
    case 'vk':
      return {
        echo: {
          provider: 'vk',
          body: {
            type: 'message_reply',
            group_id: 206768104,
            secret: HOOK_TOKEN,
            event_id: 'e1',
            object: { id: Number(id), from_id: -206768104, peer_id: 9001, date: NOW_S, out: 1, text: 'We are here' },
          },
        },
        status: undefined,
      };
    case 'max':
      return {
        echo: {
          provider: 'max',
          headers: { 'x-max-bot-api-secret': HOOK_TOKEN },
          body: {
            update_type: 'message_created',
            timestamp: NOW_S * 1_000,
            message: {
              sender: { user_id: 1, name: 'acme', is_bot: true },
              recipient: { chat_id: 7, chat_type: 'dialog', user_id: 9002 },
              timestamp: NOW_S * 1_000,
              body: { mid: id, seq: 1, text: 'We are here' },
            },
          },
        },
        status: undefined,
      };
    default:
      throw new Error(`no echo of ${account}`);
  }
}

describe('what comes back about our own messages', () => {
  const of = (points: readonly Touchpoint[], kind: string) => points.filter((each) => each.kind?.$case === kind);

  it('an echo is no message of anybody, from no provider', async () => {
    for (const [account, id] of sent) {
      const { echo } = echoesOf(account, id);
      if (echo !== undefined) await post(account === 'biz' ? 'tg' : account, echo);
    }
    expect(of(await gateway.touchpoints(), 'message')).toEqual([]);
  });

  it('a status finds the message by the id that sending returned, or by the key', async () => {
    const expected: string[] = [];
    for (const [account, id] of sent) {
      const { status: posted } = echoesOf(account, id);
      if (posted === undefined) continue;
      await post(account, posted);
      expected.push(`${account} ${account === 'edna' ? `98765 ${id}` : `${id} `}`);
    }
    const statuses = of(await gateway.touchpoints(), 'messageStatus').map(({ account, kind }) =>
      kind?.$case === 'messageStatus' ? `${account} ${kind.value.messageId} ${kind.value.correlation}` : '',
    );
    expect(statuses.sort()).toEqual(expected.sort());
    expect(of(await gateway.touchpoints(), 'message')).toEqual([]);
  });

  it('nothing of a credential stands in a log line', () => {
    const logged = gateway.logged();
    for (const secret of Object.values(CREDENTIALS)) expect(logged).not.toContain(secret);
  });
});
