/**
 * MAX: `POST {base}/messages?user_id=…` with `{text}` and the bot's token in `Authorization`. Sources: dev.max.ru/docs-api/methods/POST/messages (text of at most 4,000 characters), …/docs-api
 * (30 requests a second; codes 400, 401, 404, 429, 503), max-messenger/max-bot-api-client-go (errors as `{code, message}`), bots of others for the words of a refused dialog. dev.max.ru names platform-api2.max.ru, whose
 * certificate is signed by the root of the Russian ministry: give it to Node by NODE_EXTRA_CA_CERTS. A bot writes only to people who have started it.
 */
import type { MaxAccount } from '@messtrack/workspace/accounts/max-account.ts';
import type { SendResult } from '../../domain/outbound.ts';
import type { SendReason } from '../../domain/send-reason.ts';
import { idAt, isObject, objectAt } from '../json-value.ts';
import type { CallAnswer } from '../provider-call.ts';
import { jsonPost, under } from './api-address.ts';
import { byStatus, isSuccess, resultOf } from './call-result.ts';
import { NOT_CONFIGURED, type Sender, type SendRules, UNSUPPORTED } from './sender.ts';

const RULES: SendRules = {
  limits: { account: { intervalMs: 1_000 / 30, burst: 1 }, recipient: { intervalMs: 0, burst: 1 } },
  windowMs: undefined,
  needsConsent: false,
  maxTextLength: 4_000,
  hasTemplates: false,
};

export function maxSender(base: URL): Sender<MaxAccount> {
  return {
    provider: 'max',
    rulesOf: () => RULES,
    identifiersOf: (recipient) => (/^[1-9]\d{0,18}$/.test(recipient) ? [{ kind: 'max_user', value: recipient }] : undefined),
    canSend: (account) => account.accessToken !== undefined,
    async send(account, { recipient, content }, call) {
      if (account.accessToken === undefined) return NOT_CONFIGURED;
      if (content.kind !== 'text') return UNSUPPORTED;
      const url = under(base, `messages?user_id=${recipient}`);
      return readMaxAnswer(await call(jsonPost(url, { authorization: account.accessToken.reveal() }, { text: content.text })));
    },
  };
}

export function readMaxAnswer(answer: CallAnswer): SendResult {
  return resultOf(answer, (answered) => {
    const body = isObject(answered.body) ? answered.body : {};
    const messageId = idAt(objectAt(objectAt(body, 'message') ?? {}, 'body'), 'mid', 100);
    if (isSuccess(answered) && messageId !== undefined) return { kind: 'accepted', messageId, recipient: [] };
    const code = idAt(body, 'code', 64) ?? String(answered.status);
    const known = REASONS[code] ?? REASONS[idAt(body, 'message', 64) ?? ''];
    if (known !== undefined) return { kind: 'refused', reason: known, code };
    if (answered.status === 404) return { kind: 'refused', reason: 'recipient_unknown', code };
    return byStatus(answered, code);
  });
}

/**
 * The chat refuses the bot: blocked, or never started. A refused dialog comes with 403, which elsewhere is the account's own; seen are both its key as `message`
 * beside a code (`chat.denied`, `dialog.not.found`) and the key as the code.
 */
const REASONS: Readonly<Record<string, SendReason>> = {
  'chat.denied': 'not_opted_in',
  'error.dialog.suspended': 'not_opted_in',
  'dialog.not.found': 'recipient_unknown',
  'error.dialog.notfound': 'recipient_unknown',
  'chat.not.found': 'recipient_unknown',
  'user.not.found': 'recipient_unknown',
  'verify.token': 'credentials_refused',
};
