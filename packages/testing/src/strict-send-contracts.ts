/** What each provider documents of sending a text: the pages are named in the headers of services/messenger-gateway/src/adapters/senders. */
import type { IncomingMessage } from 'node:http';

export type StrictProvider =
  | 'telegram'
  | 'messenger'
  | 'instagram'
  | 'gupshup'
  | 'wazzup'
  | 'edna'
  | 'green-api'
  | 'chatapp'
  | 'waha'
  | 'evolution'
  | 'z-api'
  | 'vk'
  | 'max';

export interface StrictRequest {
  readonly provider: StrictProvider;
  readonly method: string;
  /** Behind the provider's own prefix, query included. */
  readonly path: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

export interface StrictAnswer {
  readonly status: number;
  readonly body: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

/** What the provider knows of the account: everything else is refused. */
export type StrictCredentials = Readonly<Record<string, string>>;

/** One method of an API, as its page describes it. */
export interface SendContract {
  readonly method: string;
  readonly path: string | RegExp;
  readonly headers: Readonly<Record<string, string>>;
  /** Undefined: right; otherwise what is wrong. */
  readonly body: (text: string) => string | undefined;
  readonly answer: (text: string, number: number, path: string) => StrictAnswer;
  readonly refusal: StrictAnswer;
}

const JSON_TYPE = { 'content-type': 'application/json' };
const FORM_TYPE = { 'content-type': 'application/x-www-form-urlencoded' };

/** Every key of the form is there with a value of its form, and no other key. */
function json(form: Readonly<Record<string, RegExp | ((value: unknown) => boolean)>>): (text: string) => string | undefined {
  return (text) => {
    const value = JSON.parse(text) as Record<string, unknown>;
    const unknown = Object.keys(value).filter((key) => !(key in form));
    if (unknown.length > 0) return `unknown keys ${unknown.join(', ')}`;
    for (const [key, rule] of Object.entries(form)) {
      const found = value[key];
      const fits = rule instanceof RegExp ? typeof found === 'string' && rule.test(found) : rule(found);
      if (!fits) return `${key} is not as documented`;
    }
    return undefined;
  };
}

function form(keys: Readonly<Record<string, RegExp>>): (text: string) => string | undefined {
  const check = json(keys);
  return (text) => check(JSON.stringify(Object.fromEntries(new URLSearchParams(text))));
}

const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null;
const bodyOf = (text: string) => JSON.parse(text) as Record<string, string>;

export function sendContracts(c: StrictCredentials): Readonly<Record<StrictProvider, readonly SendContract[]>> {
  const credential = (key: string): string => {
    const value = c[key];
    if (value === undefined) throw new Error(`the stand-in needs the credential ${key}`);
    return value;
  };
  const metaSend = (path: string, token: string, withType: boolean): SendContract => ({
    method: 'POST',
    path,
    headers: { ...JSON_TYPE, authorization: `Bearer ${token}` },
    body: json({
      recipient: (value) => isRecord(value) && typeof value['id'] === 'string' && Object.keys(value).length === 1,
      message: (value) => isRecord(value) && typeof value['text'] === 'string' && Object.keys(value).length === 1,
      ...(withType ? { messaging_type: /^RESPONSE$/ } : {}),
    }),
    answer: (text, number) => ({
      status: 200,
      body: { recipient_id: (JSON.parse(text) as { recipient: { id: string } }).recipient.id, message_id: `m_${number}` },
    }),
    refusal: { status: 400, body: { error: { message: 'scripted', type: 'OAuthException', code: 190, fbtrace_id: 'A' } } },
  });
  return {
    telegram: [
      {
        method: 'POST',
        path: `/bot${credential('telegram')}/getBusinessConnection`,
        headers: JSON_TYPE,
        body: json({ business_connection_id: /^[A-Za-z0-9_-]+$/ }),
        answer: (text) => ({
          status: 200,
          body: {
            ok: true,
            result: {
              id: bodyOf(text)['business_connection_id'],
              user: { id: 1, is_bot: false, first_name: 'Owner' },
              user_chat_id: 1,
              date: 1,
              rights: { can_reply: true },
              is_enabled: true,
            },
          },
        }),
        refusal: { status: 401, body: { ok: false, error_code: 401, description: 'Unauthorized' } },
      },
      {
        method: 'POST',
        path: `/bot${credential('telegram')}/sendMessage`,
        headers: JSON_TYPE,
        body: json({ business_connection_id: /^[A-Za-z0-9_-]+$/, chat_id: /^\d+$/, text: /^[\s\S]{1,4096}$/ }),
        answer: (text, number) => ({
          status: 200,
          body: {
            ok: true,
            result: {
              message_id: number,
              date: 1,
              chat: { id: Number(bodyOf(text)['chat_id']), type: 'private' },
              text: bodyOf(text)['text'],
            },
          },
        }),
        refusal: { status: 401, body: { ok: false, error_code: 401, description: 'Unauthorized' } },
      },
    ],
    messenger: [metaSend('/v24.0/108340567232421/messages', credential('messenger'), true)],
    instagram: [metaSend('/v24.0/17841405822304914/messages', credential('instagram'), false)],
    gupshup: [
      {
        method: 'POST',
        path: '/wa/api/v1/msg',
        headers: { ...FORM_TYPE, apikey: credential('gupshup') },
        body: form({
          channel: /^whatsapp$/,
          source: /^\d{7,15}$/,
          destination: /^\d{7,15}$/,
          'src.name': /^\w+$/,
          message: /^\{"type":"text","text":".+"\}$/s,
        }),
        answer: (_text, number) => ({ status: 202, body: { status: 'submitted', messageId: `gs-${number}` } }),
        refusal: { status: 401, body: { status: 'error', message: 'Portal User Not Found With APIKey' } },
      },
      {
        method: 'POST',
        path: '/wa/api/v1/template/msg',
        headers: { ...FORM_TYPE, apikey: credential('gupshup') },
        body: form({
          source: /^\d{7,15}$/,
          destination: /^\d{7,15}$/,
          'src.name': /^\w+$/,
          template: /^\{"id":"[\w-]+","params":\[.*\]\}$/s,
        }),
        answer: (_text, number) => ({ status: 202, body: { status: 'submitted', messageId: `gs-${number}` } }),
        refusal: { status: 401, body: { status: 'error', message: 'Portal User Not Found With APIKey' } },
      },
    ],
    wazzup: [
      {
        method: 'POST',
        path: '/v3/message',
        headers: { ...JSON_TYPE, authorization: `Bearer ${credential('wazzup')}` },
        body: json({
          channelId: /^[0-9a-f-]{36}$/,
          chatType: /^(whatsapp|telegram|instagram|vk)$/,
          chatId: /^[^+@ ]+$/,
          crmMessageId: /^.{1,128}$/,
          text: (value) => value === undefined || typeof value === 'string',
          templateId: (value) => value === undefined || typeof value === 'string',
          templateValues: (value) => value === undefined || Array.isArray(value),
        }),
        answer: (text, number) => ({ status: 201, body: { messageId: `wz-${number}`, chatId: bodyOf(text)['chatId'] } }),
        refusal: { status: 401, body: { error: 'unauthorized', description: 'Unauthorized' } },
      },
    ],
    edna: [
      {
        method: 'POST',
        path: '/api/cascade/schedule',
        headers: { ...JSON_TYPE, 'x-api-key': credential('edna') },
        body: json({
          requestId: /^.{1,128}$/,
          cascadeId: /^\d+$/,
          subscriberFilter: (value) => isRecord(value) && /^\d{7,15}$/.test(String(value['address'])) && value['type'] === 'PHONE',
          content: (value) => isRecord(value) && isRecord(value['whatsappContent']) && value['whatsappContent']['contentType'] === 'TEXT',
        }),
        answer: (text) => ({ status: 200, body: { requestId: bodyOf(text)['requestId'] } }),
        refusal: { status: 401, body: { title: 'Unauthorized', status: 401 } },
      },
    ],
    'green-api': [
      {
        method: 'POST',
        path: `/waInstance1101000001/sendMessage/${credential('green-api')}`,
        headers: JSON_TYPE,
        body: json({ chatId: /^(\d{7,15}@c\.us|\d+)$/, message: /^[\s\S]{1,20000}$/ }),
        answer: (_text, number) => ({ status: 200, body: { idMessage: `3EB0GREEN${number}` } }),
        refusal: { status: 401, body: '' },
      },
    ],
    chatapp: [
      {
        method: 'POST',
        path: '/v1/tokens',
        headers: JSON_TYPE,
        body: json({
          email: new RegExp(`^${credential('chatapp-email')}$`),
          password: new RegExp(`^${credential('chatapp-password')}$`),
          appId: /^app_1$/,
        }),
        answer: (_text, number) => ({
          status: 200,
          body: {
            success: true,
            data: { accessToken: `chatapp-token-${number}`, accessTokenEndTime: 1, refreshToken: 'r', refreshTokenEndTime: 1 },
          },
        }),
        refusal: { status: 400, body: { success: false, error: { code: 'ApiInvalidCredentialsError', message: 'scripted' } } },
      },
      {
        method: 'POST',
        path: /^\/v1\/licenses\/1229\/messengers\/(caWhatsApp|grWhatsApp|telegram)\/chats\/\d+\/messages\/text$/,
        headers: { ...JSON_TYPE, authorization: 'chatapp-token-' },
        body: json({ text: /^[\s\S]+$/ }),
        answer: (_text, number) => ({ status: 200, body: { success: true, data: { id: `CHATAPP${number}`, chatId: '1' } } }),
        refusal: { status: 401, body: { success: false, error: { code: 'ApiInvalidTokenError', message: 'scripted' } } },
      },
    ],
    waha: [
      {
        method: 'POST',
        path: '/api/sendText',
        headers: { ...JSON_TYPE, 'x-api-key': credential('waha') },
        body: json({ session: /^default$/, chatId: /^\d+@(c\.us|lid)$/, text: /^[\s\S]+$/ }),
        answer: (text, number) => ({
          status: 201,
          body: {
            id: {
              fromMe: true,
              remote: bodyOf(text)['chatId'],
              id: `3EB0WAHA${number}`,
              _serialized: `true_${bodyOf(text)['chatId']}_3EB0WAHA${number}`,
            },
          },
        }),
        refusal: { status: 401, body: { message: 'Unauthorized', statusCode: 401 } },
      },
    ],
    evolution: [
      {
        method: 'POST',
        path: '/message/sendText/acme',
        headers: { ...JSON_TYPE, apikey: credential('evolution') },
        body: json({ number: /^\d{7,15}$/, text: /^[\s\S]+$/ }),
        answer: (text, number) => ({
          status: 201,
          body: {
            key: { remoteJid: `${bodyOf(text)['number']}@s.whatsapp.net`, fromMe: true, id: `3EB0EVO${number}` },
            message: { conversation: bodyOf(text)['text'] },
            messageTimestamp: '1790000000',
            status: 'PENDING',
          },
        }),
        refusal: { status: 401, body: { status: 401, error: 'Unauthorized', response: { message: 'Unauthorized' } } },
      },
    ],
    'z-api': [
      {
        method: 'POST',
        path: `/instances/A20DA9C0183A2D35A260F53F5D2B9244/token/${credential('z-api')}/send-text`,
        headers: { ...JSON_TYPE, 'client-token': credential('z-api-client') },
        body: json({ phone: /^\d{7,15}$/, message: /^[\s\S]+$/ }),
        answer: (_text, number) => ({
          status: 200,
          body: { zaapId: `Z${number}`, messageId: `3EB0ZAPI${number}`, id: `3EB0ZAPI${number}` },
        }),
        refusal: { status: 403, body: { error: 'null not allowed' } },
      },
    ],
    vk: [
      {
        method: 'POST',
        path: '/method/messages.send',
        headers: FORM_TYPE,
        body: form({
          peer_id: /^[1-9]\d*$/,
          random_id: /^[1-9]\d{0,9}$/,
          message: /^[\s\S]{1,4096}$/,
          group_id: /^206768104$/,
          access_token: new RegExp(`^${credential('vk')}$`),
          v: /^5\.\d+$/,
        }),
        answer: (_text, number) => ({ status: 200, body: { response: 1_000 + number } }),
        refusal: { status: 200, body: { error: { error_code: 5, error_msg: 'User authorization failed' } } },
      },
    ],
    max: [
      {
        method: 'POST',
        path: /^\/messages\?user_id=[1-9]\d*$/,
        headers: { ...JSON_TYPE, authorization: credential('max') },
        body: json({ text: /^[\s\S]{1,4000}$/ }),
        answer: (_text, number, path) => ({
          status: 200,
          body: {
            message: {
              recipient: { chat_id: 7, chat_type: 'dialog', user_id: Number(path.split('=')[1]) },
              timestamp: 1,
              body: { mid: `mid.${number}`, seq: number, text: 'x' },
            },
          },
        }),
        refusal: { status: 401, body: { code: 'verify.token', message: 'Invalid access_token' } },
      },
    ],
  };
}
