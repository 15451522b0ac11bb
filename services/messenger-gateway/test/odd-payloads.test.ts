/** Payloads that no page shows and gateways were built to send: what must not be lost of them, or not be counted as what it is not. */
import { describe, expect, it } from 'vitest';
import { readEdna } from '../src/adapters/edna.ts';
import { readEvolution } from '../src/adapters/evolution.ts';
import { readGupshup } from '../src/adapters/gupshup.ts';
import { readMax } from '../src/adapters/max.ts';
import { readMetaMessaging } from '../src/adapters/meta-messaging.ts';
import { readVk } from '../src/adapters/vk.ts';
import { readWaha } from '../src/adapters/waha.ts';
import { NOW } from './gateway.ts';

const SECONDS = Math.floor(NOW / 1000);

describe('a message of a linked device', () => {
  const message = {
    conversation: '',
    imageMessage: null,
    extendedTextMessage: { text: 'Hello! I saw your offer', contextInfo: { isForwarded: true } },
  };

  it('has the text that stands behind an empty one (Evolution)', () => {
    const key = { remoteJid: '14155550123@s.whatsapp.net', fromMe: false, id: '3EB0A1' };
    const body = { event: 'messages.upsert', instance: 'acme', data: { key, message, messageTimestamp: SECONDS } };
    expect(readEvolution(body, 'evo', NOW)).toMatchObject([
      { outcome: { kind: 'ok', value: { kind: 'text', text: 'Hello! I saw your offer', forwarded: true } } },
    ]);
  });

  it('has the text that stands behind an empty one (WAHA)', () => {
    const payload = {
      id: 'false_14155550123@c.us_3EB0A1',
      timestamp: SECONDS,
      from: '14155550123@c.us',
      fromMe: 0,
      body: '',
      _data: { message },
    };
    expect(readWaha({ event: 'message', session: 'default', payload }, 'waha', NOW)).toMatchObject([
      { outcome: { kind: 'ok', value: { kind: 'text', text: 'Hello! I saw your offer', forwarded: true } } },
    ]);
  });
});

describe('an answer to a button of a native flow (Evolution)', () => {
  const press = (paramsJson: unknown) => {
    const key = { remoteJid: '14155550123@s.whatsapp.net', fromMe: false, id: '3EB0A2' };
    const interactiveResponseMessage = {
      body: { text: 'Yes, please' },
      nativeFlowResponseMessage: { name: 'quick_reply', paramsJson, version: 1 },
      contextInfo: { stanzaId: '3EB0A1' },
    };
    return readEvolution(
      { event: 'messages.upsert', instance: 'acme', data: { key, message: { interactiveResponseMessage }, messageTimestamp: SECONDS } },
      'evo',
      NOW,
    );
  };

  it.each([
    ['names its button', '{"id":"K7QM2X"}', ['K7QM2X'], 'K7QM2X'],
    ['is a form', '{"flow_token":"K7QM2X","size":"L"}', ['{"flow_token":"K7QM2X","size":"L"}'], ''],
    ['is no JSON', '{"id":', ['{"id":'], ''],
    ['names its button by something else', '{"id":{"a":1}}', ['{"id":{"a":1}}'], ''],
    ['is empty', '', [], ''],
    ['is of another type', { id: 'K7QM2X' }, [], ''],
  ])('that %s', (_, paramsJson, attachments, buttonPayload) => {
    expect(press(paramsJson)).toMatchObject([
      { outcome: { kind: 'ok', value: { kind: 'interactive', text: '', attachments, buttonPayload, replyToMessageId: '3EB0A1' } } },
    ]);
  });
});

describe('a message with everything beside it (Messenger)', () => {
  const events = (...messaging: readonly object[]) =>
    readMetaMessaging(
      {
        object: 'page',
        entry: [{ id: '108', messaging: messaging.map((event) => ({ sender: { id: '555' }, timestamp: NOW, ...event })) }],
      },
      'messenger',
      NOW,
    );

  it('is no status because a mark of reading stands next to it', () => {
    for (const mark of [{ read: false }, { read: { watermark: NOW } }, { delivery: { mids: ['m0'] } }])
      expect(events({ ...mark, message: { mid: 'm1', text: 'Hello' } })).toMatchObject([
        { outcome: { kind: 'ok', value: { type: 'message', text: 'Hello' } } },
      ]);
    expect(events({ read: { watermark: NOW }, message: null })).toMatchObject([{ outcome: { kind: 'drop', reason: 'status_update' } }]);
  });

  it('has the link that stands beside a press instead of in it', () => {
    expect(events({ postback: { payload: 'START' }, referral: { ref: 'spring', source: 'SHORTLINK' } })).toMatchObject([
      { outcome: { kind: 'ok', value: { kind: 'button', linkPayload: 'spring' } } },
    ]);
  });

  it('is a dead letter, not an empty entry, where the list of events is none', () => {
    const messaging = { sender: { id: '555' }, timestamp: NOW, message: { mid: 'm1', text: 'Hello' } };
    const entry = [{ id: '108', messaging }, { id: '108' }];
    expect(readMetaMessaging({ object: 'page', entry }, 'messenger', NOW)).toMatchObject([
      { outcome: { kind: 'dead-letter', reason: 'schema_mismatch' }, receiver: '108' },
      { outcome: { kind: 'drop', reason: 'empty' } },
    ]);
  });
});

describe('a message at Gupshup', () => {
  it('of version 2 is read although "object" is there and null', () => {
    const payload = { id: 'A1', source: '16505551234', type: 'text', payload: { text: 'Hello' }, sender: { phone: '16505551234' } };
    expect(readGupshup({ app: 'DemoApp', object: null, timestamp: NOW, type: 'message', payload }, 'DemoApp', NOW)).toMatchObject([
      { outcome: { kind: 'ok', value: { text: 'Hello' } } },
    ]);
  });
});

describe('a message at VK', () => {
  it('is what the person wrote, not the HTML that VK makes of it', () => {
    const message = { id: 1, from_id: 5, peer_id: 5, date: SECONDS, text: '&quot;BLUE&quot; &amp; co &lt;3<br>&amp;lt;' };
    expect(readVk({ type: 'message_new', group_id: 1, object: { message } }, NOW)).toMatchObject([
      { outcome: { kind: 'ok', value: { text: '"BLUE" & co <3\n&lt;' } } },
    ]);
  });
});

describe('a person at edna', () => {
  const read = (identifier: unknown) =>
    readEdna(
      {
        id: 1,
        subjectId: 345,
        subscriber: { id: 2, identifier },
        messageContent: { type: 'TEXT', text: 'hi' },
        receivedAt: '2026-04-29T15:30:08Z',
      },
      NOW,
    );

  it.each([
    ['35700000000', { kind: 'wa_id', value: '35700000000' }],
    ['+35700000000', { kind: 'wa_id', value: '35700000000' }],
    ['CY.13491208655302741918', { kind: 'bsuid', value: 'CY.13491208655302741918' }],
  ])('is known by %s', (identifier, expected) => {
    expect(read(identifier)).toMatchObject([{ outcome: { kind: 'ok', value: { sender: { identifiers: [expected] } } } }]);
  });

  it('by nothing readable is a dead letter', () => {
    for (const identifier of [null, '', '+', 'ann', '+CY.1349'])
      expect(read(identifier)).toMatchObject([{ outcome: { kind: 'dead-letter', reason: 'missing_field' } }]);
  });
});

describe('a press on a callback button at VK', () => {
  const press = {
    user_id: 210_700_286,
    peer_id: 210_700_286,
    event_id: 'c9f1b8f4c4ab',
    payload: { item: 'A2' },
    conversation_message_id: 5,
  };
  const read = (object: object, observedAtMs = NOW) =>
    readVk({ type: 'message_event', event_id: 'bcd0ab2c', group_id: 206_768_104, object }, observedAtMs);

  it('is what the person did, with the payload of the button, under the same id at every delivery', () => {
    const value = {
      eventId: 'vk/206768104/press/c9f1b8f4c4ab',
      messageId: 'press:c9f1b8f4c4ab',
      kind: 'button',
      text: '',
      buttonPayload: '{"item":"A2"}',
      attachments: ['{"item":"A2"}'],
      sender: { identifiers: [{ kind: 'vk_user', value: '210700286' }] },
    };
    for (const observedAtMs of [NOW, NOW + 60_000])
      expect(read(press, observedAtMs)).toMatchObject([{ receiver: '206768104', outcome: { kind: 'ok', value } }]);
    expect(read({ ...press, payload: null })).toMatchObject([{ outcome: { value: { buttonPayload: '', attachments: [] } } }]);
    expect(read({ ...press, payload: 'A2' })).toMatchObject([{ outcome: { value: { buttonPayload: 'A2' } } }]);
  });

  it('in a chat of several people is a group’s, and of nobody a dead letter', () => {
    expect(read({ ...press, peer_id: 2_000_000_005 })).toMatchObject([{ outcome: { kind: 'drop', reason: 'group_chat' } }]);
    expect(read({ ...press, user_id: null })).toMatchObject([{ outcome: { kind: 'dead-letter', reason: 'missing_field' } }]);
  });
});

describe('a message at MAX', () => {
  const update = (recipient: unknown) => ({
    update_type: 'message_created',
    timestamp: NOW,
    message: { recipient, timestamp: NOW, body: { mid: 'mid.1', seq: 1, text: 'Hello' }, sender: { user_id: 54_321, first_name: 'Ada' } },
  });

  it.each([
    ['says nothing of its chat', { chat_id: 1, user_id: 12_345 }],
    ['has no recipient', null],
  ])('that %s is kept as a dead letter, and no message of a group', (_, recipient) => {
    expect(readMax(update(recipient), 'max', NOW)).toMatchObject([{ outcome: { kind: 'dead-letter', reason: 'missing_field' } }]);
  });

  it('is the words written above what is forwarded, and somebody else’s without any', () => {
    const forward = (text: string) => {
      const { message, ...rest } = update({ chat_id: 1, chat_type: 'dialog' });
      const link = { type: 'forward', message: { mid: 'mid.0', text: 'an old greeting' } };
      return readMax({ ...rest, message: { ...message, link, body: { ...message.body, text } } }, 'max', NOW);
    };
    expect(forward('request no. K7QM2X')).toMatchObject([
      { outcome: { kind: 'ok', value: { text: 'request no. K7QM2X', forwarded: false } } },
    ]);
    expect(forward('')).toMatchObject([{ outcome: { kind: 'ok', value: { text: 'an old greeting', forwarded: true } } }]);
  });

  it('of a group and of a channel is dropped as one', () => {
    for (const chat_type of ['chat', 'channel'])
      expect(readMax(update({ chat_id: 1, chat_type }), 'max', NOW)).toMatchObject([{ outcome: { kind: 'drop', reason: 'group_chat' } }]);
  });
});
