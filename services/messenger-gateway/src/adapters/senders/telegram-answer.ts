/** Answers of the Bot API to sendMessage. Source: Telegram Bot API, "Making requests"; for business connections core.telegram.org/method/messages.sendMessage, errors. */
import type { SendResult } from '../../domain/outbound.ts';
import type { SendReason } from '../../domain/send-reason.ts';
import { idAt, isObject, type JsonObject, objectAt, stringAt } from '../json-value.ts';
import type { CallAnswer } from '../provider-call.ts';
import { messageIdIn } from '../telegram-chat.ts';
import { resultOf, tooMany } from './call-result.ts';

/** `connection`: the business connection it was sent over; undefined for the bot itself. */
export function readTelegramAnswer(answer: CallAnswer, connection?: string): SendResult {
  return resultOf(answer, ({ status, body, retryAfterMs }) => {
    // An answer of Telegram itself always says `ok`; anything else is a proxy's, and whatever stands behind it may have the message.
    if (!isObject(body) || typeof body['ok'] !== 'boolean')
      return status >= 400 && status < 500
        ? { kind: 'refused', reason: 'provider_refused', code: String(status) }
        : { kind: 'unconfirmed', code: String(status) };
    if (!body['ok']) return refusal(body, status, retryAfterMs);
    const result = objectAt(body, 'result');
    const chat = idAt(result === undefined ? undefined : objectAt(result, 'chat'), 'id');
    const message = idAt(result, 'message_id');
    if (chat === undefined || message === undefined) return { kind: 'unconfirmed', code: String(status) };
    return { kind: 'accepted', messageId: messageIdIn({ chat, connection }, message), recipient: [{ kind: 'tg_user', value: chat }] };
  });
}

/** Errors of the Bot API have an HTTP code each and differ by their text alone, which has been the same for years and is compared without case. */
const TEXTS: readonly (readonly [RegExp, SendReason])[] = [
  [/chat not found|user not found|peer_id_invalid|user is deactivated|business_peer_invalid/i, 'recipient_unknown'],
  [/bot was blocked|can't initiate conversation|can't send messages to (?:the )?bots?\b|bot was kicked/i, 'not_opted_in'],
  // Over a connection the person refuses the owner.
  [/user_is_blocked|you_blocked_user|user_privacy_restricted|privacy_premium_required/i, 'not_opted_in'],
  [/message is too long|message text is empty|text must be/i, 'content_refused'],
  [/business_peer_usage_missing/i, 'outside_window'],
  [/business_connection_(?:invalid|not_allowed)|business connection not found|not enough rights/i, 'credentials_refused'],
];

function refusal(body: JsonObject, status: number, headerMs: number | undefined): SendResult {
  const code = idAt(body, 'error_code', 64) ?? String(status);
  if (code === '429') {
    const seconds = Number(idAt(objectAt(body, 'parameters'), 'retry_after', 8) ?? Number.NaN);
    return tooMany(code, Number.isFinite(seconds) ? seconds * 1_000 : headerMs);
  }
  const text = stringAt(body, 'description', 1_024);
  const known = TEXTS.find(([pattern]) => pattern.test(text));
  if (known !== undefined) return { kind: 'refused', reason: known[1], code };
  if (code === '401' || code === '404') return { kind: 'refused', reason: 'credentials_refused', code };
  if (Number(code) >= 500) return { kind: 'unconfirmed', code };
  return { kind: 'refused', reason: 'provider_refused', code };
}
