/**
 * Source: Twilio, Messages resource, "Send WhatsApp messages", Content API and the error dictionary (twilio.com/docs/api/errors). Twilio gives nothing of ours
 * back with a status, so a message without an answer stays unconfirmed. Whether it takes business-scoped ids as `whatsapp:` addresses could not be
 * verified: numbers only.
 */
import type { TwilioAccount } from '@messtrack/workspace/accounts/twilio-account.ts';
import type { OutboundMessage, SendResult } from '../../domain/outbound.ts';
import type { SendReason } from '../../domain/send-reason.ts';
import { idAt, isObject } from '../json-value.ts';
import type { CallAnswer } from '../provider-call.ts';
import { under } from './api-address.ts';
import { byStatus, isSuccess, resultOf, tooMany } from './call-result.ts';
import { WHATSAPP_RULES } from './cloud-api-messages.ts';
import { NOT_CONFIGURED, type Sender, type SendRules } from './sender.ts';
import { numberIdentifiers } from './whatsapp-number.ts';

const RULES: SendRules = { ...WHATSAPP_RULES, maxTextLength: 1_600 };

/** `POST {base}/2010-04-01/Accounts/{SID}/Messages.json`, form-encoded, SID and token as basic credentials. */
export function twilioSender(base: URL): Sender<TwilioAccount> {
  return {
    provider: 'twilio',
    rulesOf: () => RULES,
    identifiersOf: numberIdentifiers,
    canSend: (account) => account.accountSid !== undefined,
    async send(account, message, call) {
      const sid = account.accountSid;
      if (sid === undefined) return NOT_CONFIGURED;
      const url = under(base, `2010-04-01/Accounts/${encodeURIComponent(sid)}/Messages.json`);
      const credentials = Buffer.from(`${sid}:${account.authToken.reveal()}`).toString('base64');
      const headers = { authorization: `Basic ${credentials}`, 'content-type': 'application/x-www-form-urlencoded' };
      return readTwilioAnswer(await call({ url, headers, body: twilioBody(account.phone, message) }));
    },
  };
}

function twilioBody(from: string, { recipient, content }: OutboundMessage): string {
  const to = recipient.startsWith('+') ? recipient : `+${recipient}`;
  const form = new URLSearchParams({ To: `whatsapp:${to}`, From: `whatsapp:${from}` });
  if (content.kind === 'text') form.set('Body', content.text);
  else {
    form.set('ContentSid', content.name);
    if (content.parameters.length > 0)
      form.set(
        'ContentVariables',
        JSON.stringify(Object.fromEntries(content.parameters.map((value, index) => [String(index + 1), value]))),
      );
  }
  return form.toString();
}

export function readTwilioAnswer(answer: CallAnswer): SendResult {
  return resultOf(answer, (answered) => {
    const { body, status, retryAfterMs } = answered;
    const sid = isObject(body) ? idAt(body, 'sid') : undefined;
    if (isSuccess(answered))
      return sid === undefined ? { kind: 'unconfirmed', code: String(status) } : { kind: 'accepted', messageId: sid, recipient: [] };
    const code = (isObject(body) ? idAt(body, 'code', 64) : undefined) ?? String(status);
    if (LATER.has(code)) return tooMany(code, retryAfterMs);
    const known = REASONS[code];
    // Twilio's own 5xx have a code as well and do not say whether the message was queued.
    return known === undefined ? byStatus(answered, code) : { kind: 'refused', reason: known, code };
  });
}

const LATER: ReadonlySet<string> = new Set(['20429', '63018']);
const REASONS: Readonly<Record<string, SendReason>> = {
  '20003': 'credentials_refused',
  '20404': 'credentials_refused',
  '63007': 'credentials_refused',
  '21211': 'recipient_unknown',
  '21614': 'recipient_unknown',
  '63003': 'recipient_unknown',
  '63024': 'recipient_unknown',
  '21610': 'not_opted_in',
  '63014': 'not_opted_in',
  '63016': 'outside_window',
  '63041': 'template_paused',
  '63042': 'template_paused',
  '63027': 'template_refused',
  '63028': 'template_refused',
  '63040': 'template_refused',
  '21655': 'template_refused',
  '21656': 'template_refused',
  '21617': 'content_refused',
  '21602': 'content_refused',
  '21619': 'content_refused',
  '63038': 'rate_limited',
};
