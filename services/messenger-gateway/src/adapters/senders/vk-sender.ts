/**
 * VK: `POST {base}/method/messages.send`, form-encoded, the token in `access_token`. Sources: dev.vk.com/en/method/messages.send (`peer_id`, `random_id`, `message` of at most
 * 4,096 characters; errors 900–945), dev.vk.com/en/reference/errors, …/api/api-requests (20 requests a second for a community). Errors come with HTTP 200. `random_id` is made of the
 * idempotency key: VK itself sends one message for the same one within an hour. A community may write to who has written to it or allowed it.
 */
import { createHash } from 'node:crypto';
import type { VkAccount } from '@messtrack/workspace/accounts/vk-account.ts';
import type { SendResult } from '../../domain/outbound.ts';
import type { SendReason } from '../../domain/send-reason.ts';
import { idAt, isObject, objectAt } from '../json-value.ts';
import type { CallAnswer } from '../provider-call.ts';
import { under } from './api-address.ts';
import { byStatus, isSuccess, resultOf, tooMany } from './call-result.ts';
import { NOT_CONFIGURED, type Sender, type SendRules, UNSUPPORTED } from './sender.ts';

const API_VERSION = '5.199';

const RULES: SendRules = {
  limits: { account: { intervalMs: 50, burst: 1 }, recipient: { intervalMs: 0, burst: 1 } },
  windowMs: undefined,
  needsConsent: false,
  maxTextLength: 4_096,
  hasTemplates: false,
};

export function vkSender(base: URL): Sender<VkAccount> {
  return {
    provider: 'vk',
    rulesOf: () => RULES,
    identifiersOf: (recipient) => (/^[1-9]\d{0,9}$/.test(recipient) ? [{ kind: 'vk_user', value: recipient }] : undefined),
    canSend: (account) => account.accessToken !== undefined,
    async send(account, { recipient, content, correlation }, call) {
      if (account.accessToken === undefined) return NOT_CONFIGURED;
      if (content.kind !== 'text') return UNSUPPORTED;
      const form = new URLSearchParams({
        peer_id: recipient,
        random_id: String(randomIdOf(correlation)),
        message: content.text,
        group_id: account.groupId,
        access_token: account.accessToken.reveal(),
        v: API_VERSION,
      });
      const headers = { 'content-type': 'application/x-www-form-urlencoded' };
      return readVkAnswer(await call({ url: under(base, 'method/messages.send'), headers, body: form.toString() }));
    },
  };
}

/** 1 to 2^31 − 1; 0 would say that nothing is to be told apart. */
function randomIdOf(key: string): number {
  return createHash('sha256').update(key).digest().readUInt32BE(0) >>> 1 || 1;
}

export function readVkAnswer(answer: CallAnswer): SendResult {
  return resultOf(answer, (answered) => {
    const body = isObject(answered.body) ? answered.body : {};
    const error = objectAt(body, 'error');
    const messageId = idAt(body, 'response', 20);
    if (error === undefined)
      return isSuccess(answered) && messageId !== undefined && messageId !== '0'
        ? { kind: 'accepted', messageId, recipient: [] }
        : byStatus(answered);
    const code = idAt(error, 'error_code', 64) ?? String(answered.status);
    const afterMs = LATER[code];
    if (afterMs !== undefined) return tooMany(code, answered.retryAfterMs ?? afterMs);
    // "Unknown error" and "internal server error" do not say whether the message went out.
    if (code === '1' || code === '10') return { kind: 'unconfirmed', code };
    return { kind: 'refused', reason: REASONS[code] ?? 'provider_refused', code };
  });
}

/** Too many requests a second; flood control. Milliseconds. */
const LATER: Readonly<Record<string, number>> = { '6': 1_000, '9': 60_000 };
const REASONS: Readonly<Record<string, SendReason>> = {
  '5': 'credentials_refused',
  '7': 'credentials_refused',
  '15': 'credentials_refused',
  '27': 'credentials_refused',
  '18': 'recipient_unknown',
  '29': 'rate_limited',
  '113': 'recipient_unknown',
  '900': 'not_opted_in',
  '901': 'not_opted_in',
  '902': 'not_opted_in',
  '914': 'content_refused',
  '936': 'recipient_unknown',
};
