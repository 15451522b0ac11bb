/**
 * The Send API of Messenger and Instagram: one shape under three addresses.
 * Sources: Meta, Messenger Platform, reference/send-api (`recipient`, `messaging_type`, limits of text), error-codes, overview/rate-limiting (300 texts a second for a
 * page, 100 for an Instagram account); Instagram Platform, messaging with Instagram login (`POST graph.instagram.com/{IG_ID}/messages`, text of at most 1,000 bytes).
 * Neither has templates that a business may send after the window of 24 hours, and neither lets anybody write first.
 * Not verified: a limit per person; none is kept beyond the order of messages.
 */
import type { InstagramAccount } from '@messtrack/workspace/accounts/instagram-account.ts';
import type { MessengerAccount } from '@messtrack/workspace/accounts/messenger-account.ts';
import type { SendResult } from '../../domain/outbound.ts';
import type { SendLimits } from '../../domain/pace.ts';
import type { SendReason } from '../../domain/send-reason.ts';
import { idAt, isObject, type JsonObject, objectAt } from '../json-value.ts';
import type { CallAnswer, ProviderCall } from '../provider-call.ts';
import { jsonPost, under } from './api-address.ts';
import { type Answered, byStatus, byUnknownError, isSuccess, resultOf } from './call-result.ts';
import { DAY_WINDOW_MS, isPermission } from './cloud-api-messages.ts';
import { NOT_CONFIGURED, type Sender, type SendRules, UNSUPPORTED } from './sender.ts';

const SCOPED_ID = /^[1-9]\d{4,24}$/;

function limits(aSecond: number): SendLimits {
  return { account: { intervalMs: 1_000 / aSecond, burst: 8 }, recipient: { intervalMs: 0, burst: 1 } };
}

const MESSENGER_RULES: SendRules = {
  limits: limits(300),
  windowMs: DAY_WINDOW_MS,
  needsConsent: false,
  maxTextLength: 2_000,
  hasTemplates: false,
};
const INSTAGRAM_RULES: SendRules = { ...MESSENGER_RULES, limits: limits(100), maxTextLength: 1_000, maxTextBytes: 1_000 };

export function messengerSender(base: URL): Sender<MessengerAccount> {
  return {
    provider: 'messenger',
    rulesOf: () => MESSENGER_RULES,
    identifiersOf: (recipient) => (SCOPED_ID.test(recipient) ? [{ kind: 'psid', value: recipient }] : undefined),
    canSend: (account) => account.accessToken !== undefined,
    async send(account, { recipient, content }, call) {
      if (account.accessToken === undefined) return NOT_CONFIGURED;
      if (content.kind !== 'text') return UNSUPPORTED;
      const body = { recipient: { id: recipient }, messaging_type: 'RESPONSE', message: { text: content.text } };
      return post(under(base, `${encodeURIComponent(account.pageId)}/messages`), account.accessToken.reveal(), body, call);
    },
  };
}

/** `pages`: where the token of a connected Facebook page is taken; `base`: where that of Instagram login is. */
export function instagramSender(base: URL, pages: URL): Sender<InstagramAccount> {
  return {
    provider: 'instagram',
    rulesOf: () => INSTAGRAM_RULES,
    identifiersOf: (recipient) => (SCOPED_ID.test(recipient) ? [{ kind: 'igsid', value: recipient }] : undefined),
    canSend: (account) => account.accessToken !== undefined,
    async send(account, { recipient, content }, call) {
      if (account.accessToken === undefined) return NOT_CONFIGURED;
      if (content.kind !== 'text') return UNSUPPORTED;
      const sender = account.pageId ?? account.instagramId;
      const url = under(account.pageId === undefined ? base : pages, `${encodeURIComponent(sender)}/messages`);
      const body = { recipient: { id: recipient }, message: { text: content.text } };
      return post(url, account.accessToken.reveal(), body, call);
    },
  };
}

async function post(url: URL, token: string, body: unknown, call: ProviderCall): Promise<SendResult> {
  return readMetaAnswer(await call(jsonPost(url, { authorization: `Bearer ${token}` }, body)));
}

export function readMetaAnswer(answer: CallAnswer): SendResult {
  return resultOf(answer, (answered) => {
    const { body } = answered;
    const error = isObject(body) ? objectAt(body, 'error') : undefined;
    if (error !== undefined) return refusal(error, answered);
    // The recipient comes back as it was written.
    const messageId = isObject(body) ? idAt(body, 'message_id', 512) : undefined;
    return isSuccess(answered) && messageId !== undefined ? { kind: 'accepted', messageId, recipient: [] } : byStatus(answered);
  });
}

/** By subcode where there is one that says more, else by code. */
const SUBCODES: Readonly<Record<string, SendReason>> = {
  '2018278': 'outside_window',
  '2534022': 'outside_window',
  '2018065': 'outside_window',
  '2018001': 'recipient_unknown',
  '2534014': 'recipient_unknown',
  '1545041': 'not_opted_in',
  '2018108': 'not_opted_in',
  '2018027': 'not_opted_in',
};
const CODES: Readonly<Record<string, SendReason>> = {
  '3': 'credentials_refused',
  '10': 'credentials_refused',
  '102': 'credentials_refused',
  '190': 'credentials_refused',
  '551': 'not_opted_in',
  '100': 'content_refused',
  '105': 'content_refused',
};
/** Said by Meta itself: not taken for now. */
const LATER: Readonly<Record<string, { readonly reason: 'rate_limited' | 'provider_unavailable'; readonly afterMs: number }>> = {
  '4': { reason: 'rate_limited', afterMs: 60_000 },
  '32': { reason: 'rate_limited', afterMs: 60_000 },
  '613': { reason: 'rate_limited', afterMs: 60_000 },
  '80002': { reason: 'rate_limited', afterMs: 60_000 },
  '80006': { reason: 'rate_limited', afterMs: 60_000 },
  '2': { reason: 'provider_unavailable', afterMs: 10_000 },
  '1200': { reason: 'provider_unavailable', afterMs: 10_000 },
};

function refusal(error: JsonObject, answered: Answered): SendResult {
  const code = idAt(error, 'code', 64) ?? String(answered.status);
  const subcode = idAt(error, 'error_subcode', 64);
  const bySubcode = subcode === undefined ? undefined : SUBCODES[subcode];
  if (bySubcode !== undefined) return { kind: 'refused', reason: bySubcode, code: `${code}/${subcode}` };
  const later = LATER[code];
  if (later !== undefined)
    return { kind: 'later', reason: later.reason, code, afterMs: answered.retryAfterMs ?? later.afterMs, ofAccount: true };
  const reason = CODES[code] ?? (isPermission(code) ? 'credentials_refused' : undefined);
  return reason === undefined ? byUnknownError(answered, code) : { kind: 'refused', reason, code };
}
