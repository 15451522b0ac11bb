/**
 * Source: wazzup24.com/help/api-en/sending-messages (`POST /v3/message`, bearer key, `crmMessageId`, `templateId` with `templateValues`, limits of text, codes of errors);
 * …/api-en/general-information (1,000 requests a minute). A `crmMessageId` that Wazzup has seen within a minute is refused as repeated: then the first call arrived
 * and its answer was lost, so nobody knows the id.
 * Codes are written in two ways there (`REPEATED_CRM_MESSAGE_ID`, `repeatedCrmMessageId`) and are compared without case and "_". Not verified: a limit of text on VK.
 */
import type { WazzupAccount } from '@messtrack/workspace/accounts/wazzup-account.ts';
import type { OutboundMessage, SendResult } from '../../domain/outbound.ts';
import type { SendLimits } from '../../domain/pace.ts';
import type { SendReason } from '../../domain/send-reason.ts';
import { idAt, isObject, stringAt } from '../json-value.ts';
import type { CallAnswer } from '../provider-call.ts';
import { jsonPost, under } from './api-address.ts';
import { byStatus, isSuccess, resultOf } from './call-result.ts';
import { WHATSAPP_RULES } from './cloud-api-messages.ts';
import { gatewayChatId, gatewayIdentifiers } from './gateway-recipient.ts';
import { LINKED_DEVICE_RULES } from './linked-device-rules.ts';
import { NOT_CONFIGURED, type Sender, type SendRules } from './sender.ts';

/** 1,000 requests a minute for the whole account of Wazzup; half for one of its channels. */
const LIMITS: SendLimits = { account: { intervalMs: 120, burst: 10 }, recipient: LINKED_DEVICE_RULES.limits.recipient };

const RULES: Readonly<Record<WazzupAccount['channel'], SendRules>> = {
  whatsapp: { ...LINKED_DEVICE_RULES, maxTextLength: 10_000 },
  telegram: { ...LINKED_DEVICE_RULES, limits: LIMITS },
  instagram: { ...LINKED_DEVICE_RULES, limits: LIMITS, maxTextLength: 1_000 },
  vk: { ...LINKED_DEVICE_RULES, limits: LIMITS },
};
const OFFICIAL_RULES: SendRules = { ...WHATSAPP_RULES, limits: { ...WHATSAPP_RULES.limits, account: LIMITS.account } };

export function wazzupSender(base: URL): Sender<WazzupAccount> {
  return {
    provider: 'wazzup',
    rulesOf: (account) => (account.isOfficial ? OFFICIAL_RULES : RULES[account.channel]),
    identifiersOf: (recipient, { channel }) => gatewayIdentifiers(channel, recipient),
    canSend: (account) => account.apiKey !== undefined,
    async send(account, message, call) {
      if (account.apiKey === undefined) return NOT_CONFIGURED;
      const headers = { authorization: `Bearer ${account.apiKey.reveal()}` };
      return readWazzupAnswer(await call(jsonPost(under(base, 'v3/message'), headers, wazzupBody(account, message))));
    },
  };
}

function wazzupBody({ channelId, channel }: WazzupAccount, { recipient, content, correlation }: OutboundMessage): object {
  const envelope = { channelId, chatType: channel, chatId: gatewayChatId(channel, recipient), crmMessageId: correlation };
  return content.kind === 'text'
    ? { ...envelope, text: content.text }
    : { ...envelope, templateId: content.name, templateValues: content.parameters };
}

export function readWazzupAnswer(answer: CallAnswer): SendResult {
  return resultOf(answer, (answered) => {
    const { body, retryAfterMs } = answered;
    const messageId = isObject(body) ? idAt(body, 'messageId', 80) : undefined;
    if (isSuccess(answered) && messageId !== undefined) return { kind: 'accepted', messageId, recipient: [] };
    const code = isObject(body) ? stringAt(body, 'error', 64) : '';
    const word = code.replaceAll('_', '').toLowerCase();
    if (word === 'repeatedcrmmessageid') return { kind: 'unconfirmed', code };
    if (word === 'messagechannelunavailable')
      return { kind: 'later', reason: 'provider_unavailable', code, afterMs: retryAfterMs ?? 30_000, ofAccount: true };
    const known = REASONS.get(word) ?? (word.startsWith('messagestoolong') ? 'content_refused' : undefined);
    return known === undefined ? byStatus(answered, code === '' ? undefined : code) : { kind: 'refused', reason: known, code };
  });
}

const REASONS: ReadonlyMap<string, SendReason> = new Map<string, SendReason>([
  ['badcontact', 'recipient_unknown'],
  ['chatnotfound', 'recipient_unknown'],
  ['chatnoaccess', 'recipient_unknown'],
  ['24hoursexceeded', 'outside_window'],
  // The tariff lets nobody be written to who has not written.
  ['messagesnottextfirst', 'not_opted_in'],
  ['channellimitexceeded', 'rate_limited'],
  ['messagesisspam', 'content_refused'],
  ['messagetexttoolong', 'content_refused'],
  ['messagestextcannotbeblank', 'content_refused'],
  ['messagenothingtosend', 'content_refused'],
  ['invalidmessagedata', 'content_refused'],
  ['validationerror', 'content_refused'],
  ['templaterejected', 'template_refused'],
  ['channelnotfound', 'credentials_refused'],
  ['channelblocked', 'credentials_refused'],
  ['channelwapirejected', 'credentials_refused'],
  ['wrongtransport', 'credentials_refused'],
]);
