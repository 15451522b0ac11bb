/**
 * ChatApp: `POST {base}/v1/licenses/{licence}/messengers/{type}/chats/{chat}/messages/text` with `{text}` and the token in `Authorization`; tokens of a day from
 * `POST {base}/v1/tokens` with e-mail, password and application. Sources: api.chatapp.online (tokens, messages), and open-source clients that call both.
 * Not verified: codes of errors (the HTTP status alone counts; 401 asks for a new token once), where the id of the message stands (`data.id`, `data.messageId`),
 * templates of caWhatsApp: refused as unsupported. No limit is documented; one message a second is ours.
 */
import type { ChatAppAccount } from '@messtrack/workspace/accounts/chatapp-account.ts';
import type { SendResult } from '../../domain/outbound.ts';
import { idAt, isObject, objectAt, stringAt } from '../json-value.ts';
import type { CallAnswer, ProviderCall } from '../provider-call.ts';
import { jsonPost, under } from './api-address.ts';
import { byStatus, isSuccess, resultOf } from './call-result.ts';
import { DAY_WINDOW_MS } from './cloud-api-messages.ts';
import { gatewayChatId, gatewayIdentifiers } from './gateway-recipient.ts';
import { LINKED_DEVICE_RULES } from './linked-device-rules.ts';
import { NOT_CONFIGURED, type Sender, type SendRules, UNSUPPORTED } from './sender.ts';

const OFFICIAL_RULES: SendRules = { ...LINKED_DEVICE_RULES, windowMs: DAY_WINDOW_MS, needsConsent: false };

/** Tokens live for 24 hours; a new one is asked for well before. Milliseconds. */
const TOKEN_KEPT_MS = 12 * 3_600_000;

type Login = NonNullable<ChatAppAccount['login']>;

export function chatAppSender(base: URL, clock: () => number): Sender<ChatAppAccount> {
  const tokens = new Map<string, { readonly value: string; readonly atMs: number }>();

  /** The token, or why there is none: without one nothing has been sent. */
  async function tokenOf({ email, password, appId }: Login, call: ProviderCall): Promise<string | SendResult> {
    const key = `${email} ${appId} ${password.reveal()}`;
    const known = tokens.get(key);
    if (known !== undefined && Math.abs(clock() - known.atMs) < TOKEN_KEPT_MS) return known.value;
    const answer = await call(jsonPost(under(base, 'v1/tokens'), {}, { email, password: password.reveal(), appId }));
    const data = answer.kind === 'answered' && isObject(answer.body) ? objectAt(answer.body, 'data') : undefined;
    const value = stringAt(data, 'accessToken', 1_024);
    if (value !== '') {
      tokens.set(key, { value, atMs: clock() });
      return value;
    }
    if (answer.kind === 'answered' && answer.status >= 400 && answer.status < 500 && answer.status !== 429)
      return { kind: 'refused', reason: 'credentials_refused', code: String(answer.status) };
    const code = answer.kind === 'answered' ? String(answer.status) : answer.code;
    return { kind: 'later', reason: 'provider_unavailable', code, afterMs: 10_000, ofAccount: true };
  }

  return {
    provider: 'chatapp',
    rulesOf: (account) => (account.messengerType === 'caWhatsApp' ? OFFICIAL_RULES : LINKED_DEVICE_RULES),
    identifiersOf: (recipient, { channel }) => gatewayIdentifiers(channel, recipient),
    canSend: (account) => account.login !== undefined && account.messengerType !== undefined,
    async send(account, { recipient, content }, call) {
      const { login, messengerType } = account;
      if (login === undefined || messengerType === undefined) return NOT_CONFIGURED;
      if (content.kind !== 'text') return UNSUPPORTED;
      const chat = encodeURIComponent(gatewayChatId(account.channel, recipient));
      const url = under(base, `v1/licenses/${account.licenseId}/messengers/${messengerType}/chats/${chat}/messages/text`);
      for (let isSecond = false; ; isSecond = true) {
        const token = await tokenOf(login, call);
        if (typeof token !== 'string') return token;
        const answer = await call(jsonPost(url, { authorization: token }, { text: content.text }));
        const isStale = answer.kind === 'answered' && answer.status === 401;
        if (!isStale || isSecond) return readChatAppAnswer(answer);
        for (const [key, { value }] of tokens) if (value === token) tokens.delete(key);
      }
    },
  };
}

export function readChatAppAnswer(answer: CallAnswer): SendResult {
  return resultOf(answer, (answered) => {
    const { body } = answered;
    const data = isObject(body) ? objectAt(body, 'data') : undefined;
    const messageId = idAt(data, 'id') ?? idAt(data, 'messageId');
    if (isSuccess(answered) && messageId !== undefined) return { kind: 'accepted', messageId, recipient: [] };
    const error = isObject(body) ? objectAt(body, 'error') : undefined;
    return byStatus(answered, idAt(error, 'code', 64));
  });
}
