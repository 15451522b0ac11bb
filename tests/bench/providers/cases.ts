/** One text message at every provider, in the shape the provider documents, and the least that proves it. */
import { createHash, createHmac, timingSafeEqual } from 'node:crypto';

/** Default of the accounts in workspace.yaml. */
export const SECRET = 'bench-secret-0123456789';
export const BARE_TOPIC = 'bench.providers.bare';
const PUBLIC_URL = 'https://bench.example';

export interface Person {
  /** Digits of a number. */
  readonly phone: string;
  readonly messageId: string;
  readonly text: string;
  /** Unix seconds. */
  readonly at: number;
}

export interface Proof {
  readonly headers: Readonly<Record<string, string>>;
  /** What stands behind the path. */
  readonly query?: string;
}

export interface ProviderCase {
  readonly provider: string;
  readonly path: string;
  readonly contentType: 'application/json' | 'application/x-www-form-urlencoded';
  body(person: Person): string;
  prove(body: string): Proof;
  /** What anybody would write first: the proof, then the body as a value. False refuses it. */
  accept(body: Buffer, header: (name: string) => string | undefined, url: string): boolean;
}

const isEqual = (expected: Buffer, given: Buffer) => expected.length === given.length && timingSafeEqual(expected, given);
const digest = (text: string) => createHash('sha256').update(text).digest();
const isToken = (given: unknown) => typeof given === 'string' && timingSafeEqual(digest(SECRET), digest(given));
const parse = (body: Buffer) => JSON.parse(body.toString('utf8')) as Record<string, unknown>;
const hmac = (algorithm: string, body: string | Buffer) => createHmac(algorithm, SECRET).update(body);

type Rest = Pick<ProviderCase, 'prove' | 'accept'>;

function signed(header: string, algorithm: 'sha256' | 'sha512', prefix = ''): Rest {
  return {
    prove: (body) => ({ headers: { [header]: prefix + hmac(algorithm, body).digest('hex') } }),
    accept(body, read) {
      const isRight = isEqual(hmac(algorithm, body).digest(), Buffer.from((read(header) ?? '').slice(prefix.length), 'hex'));
      return isRight && typeof parse(body) === 'object';
    },
  };
}

function inHeader(header: string, prefix = ''): Rest {
  return {
    prove: () => ({ headers: { [header]: prefix + SECRET } }),
    accept: (body, read) => isToken(read(header)?.slice(prefix.length)) && typeof parse(body) === 'object',
  };
}

const inQuery: Rest = {
  prove: () => ({ headers: {}, query: `?token=${SECRET}` }),
  accept: (body, _read, url) => isToken(new URLSearchParams(url.slice(url.indexOf('?'))).get('token')) && typeof parse(body) === 'object',
};

function inBody(field: string): Rest {
  return { prove: () => ({ headers: {} }), accept: (body) => isToken(parse(body)[field]) };
}

function json(provider: string, account: string, rest: Rest, body: (person: Person) => object): ProviderCase {
  return {
    provider,
    path: `/hooks/${provider}/bench/${account}`,
    contentType: 'application/json',
    body: (person) => JSON.stringify(body(person)),
    ...rest,
  };
}

const bearer = inHeader('authorization', 'Bearer ');
const hub = signed('x-hub-signature-256', 'sha256', 'sha256=');

function cloudApi(phoneNumberId: string, { phone, messageId, text, at }: Person): object {
  const value = {
    messaging_product: 'whatsapp',
    metadata: { display_phone_number: '14155550100', phone_number_id: phoneNumberId },
    contacts: [{ profile: { name: 'Sheena Nelson' }, wa_id: phone, user_id: `US.${phone}99` }],
    messages: [{ from: phone, from_user_id: `US.${phone}99`, id: messageId, timestamp: String(at), type: 'text', text: { body: text } }],
  };
  return { object: 'whatsapp_business_account', entry: [{ id: '102290129340398', changes: [{ value, field: 'messages' }] }] };
}

function metaMessage(object: 'page' | 'instagram', id: string, { phone, messageId, text, at }: Person): object {
  const messaging = [{ sender: { id: phone }, recipient: { id }, timestamp: at * 1000, message: { mid: messageId, text } }];
  return { object, entry: [{ id, time: at * 1000, messaging }] };
}

const twilioPath = '/hooks/twilio/bench/twilio';

const TWILIO: ProviderCase = {
  provider: 'twilio',
  path: twilioPath,
  contentType: 'application/x-www-form-urlencoded',
  body: ({ phone, messageId, text }) =>
    new URLSearchParams({
      SmsMessageSid: messageId,
      NumMedia: '0',
      ProfileName: 'Sheena Nelson',
      MessageType: 'text',
      SmsSid: messageId,
      WaId: phone,
      SmsStatus: 'received',
      Body: text,
      To: 'whatsapp:+14155550102',
      NumSegments: '1',
      MessageSid: messageId,
      AccountSid: 'AC00000000000000000000000000000000',
      From: `whatsapp:+${phone}`,
      ApiVersion: '2010-04-01',
    }).toString(),
  prove: (body) => ({ headers: { 'x-twilio-signature': twilioSignature(body).toString('base64') } }),
  accept: (body, header) => isEqual(twilioSignature(body.toString('utf8')), Buffer.from(header('x-twilio-signature') ?? '', 'base64')),
};

function twilioSignature(body: string): Buffer {
  const fields = [...new URLSearchParams(body)].sort(([a], [b]) => (a < b ? -1 : 1));
  return hmac('sha1', PUBLIC_URL + twilioPath + fields.map(([name, value]) => name + value).join('')).digest();
}

export const CASES: readonly ProviderCase[] = [
  json('whatsapp', 'whatsapp', hub, (person) => cloudApi('106540352242922', person)),
  json('telegram', 'telegram', inHeader('x-telegram-bot-api-secret-token'), ({ phone, messageId, text, at }) => ({
    update_id: at,
    message: {
      message_id: Number(messageId.replace(/\D/g, '').slice(-9)),
      date: at,
      chat: { id: Number(phone), type: 'private', first_name: 'Sheena' },
      from: { id: Number(phone), is_bot: false, first_name: 'Sheena', language_code: 'en' },
      text,
    },
  })),
  json('messenger', 'messenger', hub, (person) => metaMessage('page', '108340567232421', person)),
  json('instagram', 'instagram', hub, (person) => metaMessage('instagram', '17841405822304914', person)),
  json('360dialog', 'dialog360', bearer, (person) => cloudApi('206540352242922', person)),
  TWILIO,
  json('gupshup', 'gupshup', bearer, ({ phone, messageId, text, at }) => ({
    app: 'BenchApp',
    timestamp: at * 1000,
    version: 2,
    type: 'message',
    payload: {
      id: messageId,
      source: phone,
      type: 'text',
      payload: { text },
      sender: { phone, name: 'Sheena Nelson', country_code: '1', dial_code: phone.slice(1) },
    },
  })),
  json('wazzup', 'wazzup', bearer, ({ phone, messageId, text, at }) => ({
    messages: [
      {
        messageId,
        channelId: 'c8cf90d2-0a1c-4ee9-8ac6-9b6a1d3b5d4e',
        chatType: 'whatsapp',
        chatId: phone,
        dateTime: new Date(at * 1000).toISOString(),
        type: 'text',
        isEcho: false,
        contact: { name: 'Sheena Nelson', avatarUri: 'https://store.wazzup24.com/a.jpg' },
        text,
        status: 'inbound',
      },
    ],
  })),
  json('edna', 'edna', inQuery, ({ phone, messageId, text, at }) => ({
    id: Number(messageId.replace(/\D/g, '').slice(-12)),
    subject: 'bench',
    subjectId: 345,
    subscriber: { id: 202, identifier: phone },
    userInfo: { userName: 'sheena', firstName: null, lastName: null, avatarUrl: null },
    messageContent: { type: 'TEXT', attachment: null, location: null, caption: null, text, payload: null, story: null, items: null },
    receivedAt: new Date(at * 1000).toISOString(),
    replyOutMessageId: null,
    replyInMessageId: null,
  })),
  json('green-api', 'green-api', bearer, ({ phone, messageId, text, at }) => ({
    typeWebhook: 'incomingMessageReceived',
    instanceData: { idInstance: 7103000000, wid: '14155550106@c.us', typeInstance: 'whatsapp' },
    timestamp: at,
    idMessage: messageId,
    senderData: { chatId: `${phone}@c.us`, sender: `${phone}@c.us`, chatName: 'Sheena', senderName: 'Sheena', senderContactName: '' },
    messageData: { typeMessage: 'textMessage', textMessageData: { textMessage: text, isTemplateMessage: false } },
  })),
  json('chatapp', 'chatapp', inQuery, ({ phone, messageId, text, at }) => ({
    data: [
      {
        id: messageId,
        internalId: 6041,
        fromApi: false,
        fromMe: false,
        side: 'in',
        time: at,
        type: 'text',
        subtype: null,
        message: { text, textLang: null, caption: '', file: null, location: null, template: null, html: '' },
        quotedMessage: null,
        fromUser: { id: `${phone}@c.us`, username: null, name: 'Sheena', phone, email: null },
        chat: { id: `${phone}@c.us`, internalId: 296, type: 'private', phone, username: null, email: null, name: 'Sheena', lastTime: at },
      },
    ],
  })),
  json('waha', 'waha', signed('x-webhook-hmac', 'sha512'), ({ phone, messageId, text, at }) => ({
    id: `evt_${messageId}`,
    timestamp: at * 1000,
    session: 'default',
    engine: 'NOWEB',
    event: 'message',
    payload: {
      id: `false_${phone}@c.us_${messageId}`,
      timestamp: at,
      from: `${phone}@c.us`,
      fromMe: false,
      source: 'app',
      body: text,
      hasMedia: false,
      _data: {
        key: { remoteJid: `${phone}@s.whatsapp.net`, fromMe: false, id: messageId },
        pushName: 'Sheena',
        message: { conversation: text },
      },
    },
    me: { id: '14155550108@c.us', pushName: 'Bench' },
  })),
  json('evolution', 'evolution', inBody('apikey'), ({ phone, messageId, text, at }) => ({
    event: 'messages.upsert',
    instance: 'bench',
    data: {
      key: { remoteJid: `${phone}@s.whatsapp.net`, fromMe: false, id: messageId },
      pushName: 'Sheena',
      message: { conversation: text, messageContextInfo: { deviceListMetadataVersion: 2 } },
      messageType: 'conversation',
      messageTimestamp: at,
      source: 'android',
    },
    destination: 'https://bench.example/hooks',
    sender: '14155550109@s.whatsapp.net',
    server_url: 'http://localhost:8080',
    apikey: SECRET,
  })),
  json('z-api', 'z-api', inQuery, ({ phone, messageId, text, at }) => ({
    isStatusReply: false,
    senderLid: `${phone}77@lid`,
    connectedPhone: '14155550110',
    waitingMessage: false,
    isEdit: false,
    isGroup: false,
    isNewsletter: false,
    instanceId: 'A20DA9C0183A2D35A260F53F5D2B9244',
    messageId,
    phone,
    fromMe: false,
    momment: at * 1000,
    status: 'RECEIVED',
    chatName: 'Sheena',
    senderName: 'Sheena',
    broadcast: false,
    type: 'ReceivedCallback',
    text: { message: text },
  })),
  json('vk', 'vk', inBody('secret'), ({ phone, messageId, text, at }) => ({
    type: 'message_new',
    event_id: messageId,
    v: '5.199',
    object: {
      message: {
        date: at,
        from_id: Number(phone),
        id: Number(messageId.replace(/\D/g, '').slice(-12)),
        out: 0,
        attachments: [],
        conversation_message_id: 5,
        fwd_messages: [],
        important: false,
        peer_id: Number(phone) % 1_999_999_999,
        random_id: 0,
        text,
      },
      client_info: { button_actions: ['text'], keyboard: true, inline_keyboard: true, carousel: true, lang_id: 3 },
    },
    group_id: 206768104,
    secret: SECRET,
  })),
  json('max', 'max', inHeader('x-max-bot-api-secret'), ({ phone, messageId, text, at }) => ({
    update_type: 'message_created',
    timestamp: at * 1000,
    message: {
      recipient: { chat_id: 1, chat_type: 'dialog', user_id: 12345 },
      timestamp: at * 1000,
      body: { mid: messageId, seq: 1, text },
      sender: { user_id: Number(phone), first_name: 'Sheena', last_name: '', is_bot: false, name: 'Sheena' },
    },
    user_locale: 'en',
  })),
];
