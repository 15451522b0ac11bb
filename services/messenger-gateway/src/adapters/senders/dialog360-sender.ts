import type { Dialog360Account } from '@messtrack/workspace/accounts/dialog360-account.ts';
import type { SendResult } from '../../domain/outbound.ts';
import { isObject, objectAt, stringAt } from '../json-value.ts';
import type { CallAnswer } from '../provider-call.ts';
import { jsonPostText, under } from './api-address.ts';
import { tooMany } from './call-result.ts';
import { cloudApiBody, readCloudApiAnswer, WHATSAPP_RULES, whatsAppIdentifiers } from './cloud-api-messages.ts';
import { NOT_CONFIGURED, type Sender } from './sender.ts';

/** `POST {base}/messages` with the bodies of the Cloud API and the key in `D360-API-KEY`. Source: docs.360dialog.com, "Messaging" of the Cloud API. */
export function dialog360Sender(base: URL): Sender<Dialog360Account> {
  return {
    provider: '360dialog',
    rulesOf: () => WHATSAPP_RULES,
    identifiersOf: whatsAppIdentifiers,
    canSend: (account) => account.apiKey !== undefined,
    async send(account, message, call) {
      if (account.apiKey === undefined) return NOT_CONFIGURED;
      const headers = { 'd360-api-key': account.apiKey.reveal() };
      return readDialog360Answer(await call(jsonPostText(under(base, 'messages'), headers, cloudApiBody(message))));
    },
  };
}

/** "You have exceeded the limit of 1 request every * seconds", "You have exceeded the endpoint rate limit". */
const TOO_MANY = /exceeded the (?:endpoint )?(?:rate )?limit/i;

/**
 * As Meta's, but for what 360dialog says itself: its limit comes with 400 and words, like its refusals, and not with 429.
 * Source: docs.360dialog.com, "Error Code Reference" and its older page "Error Messages", which shows the body `{meta: {httpCode, developerMessage, success}}`.
 */
export function readDialog360Answer(answer: CallAnswer): SendResult {
  const isOwnRefusal = answer.kind === 'answered' && answer.status === 400 && isObject(answer.body);
  const words = isOwnRefusal ? stringAt(objectAt(answer.body, 'meta'), 'developerMessage') : '';
  return isOwnRefusal && TOO_MANY.test(words) ? tooMany('400', answer.retryAfterMs) : readCloudApiAnswer(answer);
}
