/**
 * Sources: docs.gupshup.io/reference/msg (`POST /wa/api/v1/msg`, form with `channel`, `source`, `destination`, `src.name`, `message`; answer `{status, messageId}`),
 * …/docs/template-messages (`/wa/api/v1/template/msg` with `template` = id and params), header `apikey`. What Gupshup takes it sends later: errors of WhatsApp
 * come as statuses (`failed` with its code). No limit is documented; those of WhatsApp are kept.
 * Not verified: business-scoped ids as `destination`; numbers only.
 */
import type { GupshupAccount } from '@messtrack/workspace/accounts/gupshup-account.ts';
import type { OutboundMessage, SendResult } from '../../domain/outbound.ts';
import type { SendReason } from '../../domain/send-reason.ts';
import { idAt, isObject, stringAt } from '../json-value.ts';
import type { CallAnswer } from '../provider-call.ts';
import { under } from './api-address.ts';
import { byStatus, isSuccess, resultOf } from './call-result.ts';
import { WHATSAPP_RULES } from './cloud-api-messages.ts';
import { NOT_CONFIGURED, type Sender } from './sender.ts';
import { digitsOf, numberIdentifiers } from './whatsapp-number.ts';

export function gupshupSender(base: URL): Sender<GupshupAccount> {
  return {
    provider: 'gupshup',
    rulesOf: () => WHATSAPP_RULES,
    identifiersOf: numberIdentifiers,
    canSend: (account) => account.apiKey !== undefined,
    async send(account, message, call) {
      if (account.apiKey === undefined) return NOT_CONFIGURED;
      const path = message.content.kind === 'text' ? 'wa/api/v1/msg' : 'wa/api/v1/template/msg';
      const headers = { apikey: account.apiKey.reveal(), 'content-type': 'application/x-www-form-urlencoded' };
      return readGupshupAnswer(await call({ url: under(base, path), headers, body: gupshupBody(account, message) }));
    },
  };
}

function gupshupBody({ phone, app }: GupshupAccount, { recipient, content }: OutboundMessage): string {
  const form = new URLSearchParams({ source: digitsOf(phone), destination: digitsOf(recipient), 'src.name': app });
  if (content.kind === 'text') {
    form.set('channel', 'whatsapp');
    form.set('message', JSON.stringify({ type: 'text', text: content.text }));
  } else form.set('template', JSON.stringify({ id: content.name, params: content.parameters }));
  return form.toString();
}

export function readGupshupAnswer(answer: CallAnswer): SendResult {
  return resultOf(answer, (answered) => {
    const { body } = answered;
    if (!isObject(body)) return byStatus(answered);
    const messageId = idAt(body, 'messageId', 256);
    if (isSuccess(answered) && stringAt(body, 'status') === 'submitted' && messageId !== undefined)
      return { kind: 'accepted', messageId, recipient: [] };
    // An error may come with 200.
    const text = stringAt(body, 'message', 512);
    const known = stringAt(body, 'status') === 'error' ? TEXTS.find(([pattern]) => pattern.test(text)) : undefined;
    if (known !== undefined) return { kind: 'refused', reason: known[1], code: String(answered.status) };
    return byStatus(answered);
  });
}

/** Gupshup's errors have no codes of their own. */
const TEXTS: readonly (readonly [RegExp, SendReason])[] = [
  [/invalid destination/i, 'recipient_unknown'],
  [/apikey|api key|authentication failed|unauthorized|invalid app details/i, 'credentials_refused'],
  [/template did not match|template not found|invalid template/i, 'template_refused'],
  [/invalid message|message is required|callback billing/i, 'content_refused'],
];
