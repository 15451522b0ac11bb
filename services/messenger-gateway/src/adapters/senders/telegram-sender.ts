/** Source: Telegram Bot API, sendMessage and "Making requests"; limits from the Bots FAQ, "My bot is hitting limits". */
import type { TelegramAccount } from '@messtrack/workspace/accounts/telegram-account.ts';
import type { SendResult } from '../../domain/outbound.ts';
import type { SendReason } from '../../domain/send-reason.ts';
import { idAt, isObject, type JsonObject, objectAt, stringAt } from '../json-value.ts';
import type { CallAnswer } from '../provider-call.ts';
import type { Sender } from './sender.ts';

/** `POST {base}/bot{token}/sendMessage`. A bot writes only to people who have started it, and to them at any time. */
export function telegramSender(base: URL): Sender<TelegramAccount> {
  return {
    provider: 'telegram',
    // 30 messages a second over all chats, one a second to the same chat.
    limits: { account: { intervalMs: 1_000 / 30, burst: 1 }, recipient: { intervalMs: 1_000, burst: 1 } },
    windowMs: undefined,
    maxTextLength: 4_096,
    hasTemplates: false,
    identifiersOf: (recipient) => (/^[1-9]\d{0,18}$/.test(recipient) ? [{ kind: 'tg_user', value: recipient }] : undefined),
    canSend: (account) => account.botToken !== undefined,
    async send(account, { recipient, content }, call) {
      const token = account.botToken;
      if (token === undefined) return { kind: 'refused', reason: 'not_configured', code: '' };
      if (content.kind !== 'text') return { kind: 'refused', reason: 'unsupported', code: '' };
      const url = new URL(`${base.pathname.replace(/\/$/, '')}/bot${token.reveal()}/sendMessage`, base);
      // As text: a number beyond 53 bits would be another chat.
      const body = JSON.stringify({ chat_id: recipient, text: content.text });
      return readTelegramAnswer(await call({ url, headers: { 'content-type': 'application/json' }, body }));
    },
  };
}

export function readTelegramAnswer(answer: CallAnswer): SendResult {
  if (answer.kind === 'not_sent')
    return { kind: 'later', reason: 'provider_unavailable', code: answer.code, afterMs: 5_000, ofAccount: true };
  if (answer.kind === 'unanswered') return { kind: 'unconfirmed', code: answer.code };
  const { status, body, retryAfterMs } = answer;
  // An answer of Telegram itself always says `ok`; anything else is a proxy's, and whatever stands behind it may have the message.
  if (!isObject(body) || typeof body['ok'] !== 'boolean')
    return status >= 400 && status < 500
      ? { kind: 'refused', reason: 'provider_refused', code: String(status) }
      : { kind: 'unconfirmed', code: String(status) };
  if (body['ok']) {
    const result = objectAt(body, 'result');
    const chat = idAt(result === undefined ? undefined : objectAt(result, 'chat'), 'id');
    const message = idAt(result, 'message_id');
    if (chat === undefined || message === undefined) return { kind: 'unconfirmed', code: String(status) };
    return { kind: 'accepted', messageId: `${chat}:${message}`, recipient: [{ kind: 'tg_user', value: chat }] };
  }
  return refusal(body, status, retryAfterMs);
}

/** Errors of the Bot API have an HTTP code each and differ by their text alone, which has been the same for years and is compared without case. */
const TEXTS: readonly (readonly [RegExp, SendReason])[] = [
  [/chat not found|user not found|peer_id_invalid|user is deactivated/i, 'recipient_unknown'],
  [/bot was blocked|can't initiate conversation|bots can't send messages to bots|bot was kicked/i, 'not_opted_in'],
  [/message is too long|message text is empty|text must be/i, 'content_refused'],
];

function refusal(body: JsonObject, status: number, headerMs: number | undefined): SendResult {
  const code = idAt(body, 'error_code', 64) ?? String(status);
  const text = stringAt(body, 'description', 1_024);
  if (code === '429') {
    const seconds = Number(idAt(objectAt(body, 'parameters'), 'retry_after', 8) ?? Number.NaN);
    const afterMs = Number.isFinite(seconds) ? seconds * 1_000 : (headerMs ?? 5_000);
    return { kind: 'later', reason: 'rate_limited', code, afterMs, ofAccount: true };
  }
  const known = TEXTS.find(([pattern]) => pattern.test(text));
  if (known !== undefined) return { kind: 'refused', reason: known[1], code };
  if (code === '401' || code === '404') return { kind: 'refused', reason: 'credentials_refused', code };
  if (Number(code) >= 500) return { kind: 'unconfirmed', code };
  return { kind: 'refused', reason: 'provider_refused', code };
}
