/**
 * edna sends through cascades: `POST {base}/api/cascade/schedule`, header `X-API-KEY`. Source: docs-pulse.edna.io/docs/api/messages/sending (April 2025). It answers with the
 * `requestId` that it was given, here the idempotency key, and statuses bring it back beside the id of the message. So a message without an answer is settled by
 * its status, and a reply, which names edna's own id, is joined to the send by the person's number.
 *
 * edna cancels a message that repeats one to the same person within 20 minutes; the status says so. Not verified: codes of refusals (the HTTP status alone
 * counts), `messageMatcherId` of templates and how their variables are written: templates are refused as unsupported. No limit is documented; those of WhatsApp are kept.
 */
import type { EdnaAccount } from '@messtrack/workspace/accounts/edna-account.ts';
import type { SendResult } from '../../domain/outbound.ts';
import { idAt, isObject } from '../json-value.ts';
import type { CallAnswer } from '../provider-call.ts';
import { jsonPost, under } from './api-address.ts';
import { byStatus, isSuccess, resultOf } from './call-result.ts';
import { WHATSAPP_RULES } from './cloud-api-messages.ts';
import { NOT_CONFIGURED, type Sender, type SendRules, UNSUPPORTED } from './sender.ts';
import { digitsOf, numberIdentifiers } from './whatsapp-number.ts';

const RULES: SendRules = { ...WHATSAPP_RULES, hasTemplates: false };

export function ednaSender(base: URL): Sender<EdnaAccount> {
  return {
    provider: 'edna',
    rulesOf: () => RULES,
    identifiersOf: numberIdentifiers,
    canSend: (account) => account.apiKey !== undefined && account.cascadeId !== undefined,
    async send(account, { recipient, content, correlation }, call) {
      if (account.apiKey === undefined || account.cascadeId === undefined) return NOT_CONFIGURED;
      if (content.kind !== 'text') return UNSUPPORTED;
      const body = {
        requestId: correlation,
        cascadeId: account.cascadeId,
        subscriberFilter: { address: digitsOf(recipient), type: 'PHONE' },
        content: { whatsappContent: { contentType: 'TEXT', text: content.text } },
      };
      const headers = { 'x-api-key': account.apiKey.reveal() };
      return readEdnaAnswer(await call(jsonPost(under(base, 'api/cascade/schedule'), headers, body)));
    },
  };
}

export function readEdnaAnswer(answer: CallAnswer): SendResult {
  return resultOf(answer, (answered) => {
    const requestId = isObject(answered.body) ? idAt(answered.body, 'requestId', 128) : undefined;
    return isSuccess(answered) && requestId !== undefined
      ? { kind: 'accepted', messageId: requestId, recipient: [] }
      : byStatus(answered, isObject(answered.body) ? idAt(answered.body, 'code', 64) : undefined);
  });
}
