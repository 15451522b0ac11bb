/**
 * The messages endpoint of the WhatsApp Cloud API, which other providers expose under their own host: request, answer, errors.
 * Sources: Meta, WhatsApp Business Platform, messages/send-messages, business-scoped-user-ids (sending) and support/error-codes.
 */
import type { Identifier } from '../../domain/inbound.ts';
import type { OutboundMessage, SendResult } from '../../domain/outbound.ts';
import type { SendLimits } from '../../domain/pace.ts';
import type { SendReason } from '../../domain/send-reason.ts';
import { idAt, isObject, type JsonObject, listAt, objectAt } from '../json-value.ts';
import type { CallAnswer } from '../provider-call.ts';
import { type Answered, byStatus, byUnknownError, isSuccess, resultOf } from './call-result.ts';
import type { SendRules } from './sender.ts';
import { numberIdentifiers } from './whatsapp-number.ts';

/** Free text goes for 24 hours after the person's last message (customer service window). */
export const DAY_WINDOW_MS = 24 * 3_600_000;

/**
 * 80 messages a second per number until Meta raises it; to one person one every 6 s, of which 45 may be borrowed and are paid back (error 131056).
 * Source: Meta, messaging limits and throughput, pair rate limits.
 */
export const WHATSAPP_LIMITS: SendLimits = { account: { intervalMs: 1_000 / 80, burst: 8 }, recipient: { intervalMs: 6_000, burst: 45 } };

export const WHATSAPP_RULES: SendRules = {
  limits: WHATSAPP_LIMITS,
  windowMs: DAY_WINDOW_MS,
  needsConsent: false,
  maxTextLength: 4_096,
  hasTemplates: true,
};

/** Country code, a dot, at most 128 letters and digits; ids of a parent portfolio have "ENT." in between. */
const BSUID = /^[A-Z]{2}\.(?:ENT\.)?[A-Za-z0-9]{1,128}$/;

/** Numbers and business-scoped ids. */
export function whatsAppIdentifiers(recipient: string): readonly Identifier[] | undefined {
  if (BSUID.test(recipient)) return [{ kind: recipient.includes('.ENT.') ? 'parent_bsuid' : 'bsuid', value: recipient }];
  return numberIdentifiers(recipient);
}

/** A business-scoped id goes into `recipient`: in `to` it is answered with 200 and never delivered. */
export function cloudApiBody({ recipient, content, correlation }: OutboundMessage): string {
  const address = BSUID.test(recipient) ? { recipient } : { to: recipient.replace('+', '') };
  const envelope = { messaging_product: 'whatsapp', recipient_type: 'individual', ...address, biz_opaque_callback_data: correlation };
  if (content.kind === 'text') return JSON.stringify({ ...envelope, type: 'text', text: { preview_url: false, body: content.text } });
  const parameters = content.parameters.map((text) => ({ type: 'text', text }));
  const components = parameters.length === 0 ? {} : { components: [{ type: 'body', parameters }] };
  return JSON.stringify({
    ...envelope,
    type: 'template',
    template: { name: content.name, language: { code: content.language }, ...components },
  });
}

export function readCloudApiAnswer(answer: CallAnswer): SendResult {
  return resultOf(answer, (answered) => {
    const { body } = answered;
    const error = isObject(body) ? objectAt(body, 'error') : undefined;
    if (error !== undefined) return refusal(error, answered);
    const messageId = isObject(body) ? idAt((listAt(body, 'messages') ?? []).find(isObject), 'id') : undefined;
    if (isSuccess(answered) && messageId !== undefined && isObject(body))
      return { kind: 'accepted', messageId, recipient: recipientOf(body) };
    return byStatus(answered);
  });
}

function recipientOf(body: JsonObject): readonly Identifier[] {
  const contact = (listAt(body, 'contacts') ?? []).find(isObject);
  const found: Identifier[] = [];
  const user = idAt(contact, 'user_id');
  const number = idAt(contact, 'wa_id');
  if (user !== undefined) found.push({ kind: 'bsuid', value: user });
  if (number !== undefined) found.push({ kind: 'wa_id', value: number });
  return found;
}

/** Error codes of Meta's list by what they mean for whoever asked. */
const REASONS: Readonly<Record<string, SendReason>> = {
  '0': 'credentials_refused',
  '3': 'credentials_refused',
  '10': 'credentials_refused',
  '190': 'credentials_refused',
  '131005': 'credentials_refused',
  '131026': 'recipient_unknown',
  '131030': 'recipient_unknown',
  '131021': 'recipient_unknown',
  '131062': 'recipient_unknown',
  '131047': 'outside_window',
  '131050': 'not_opted_in',
  // Meta lets a person get only so many marketing messages from everybody; trying again at once makes it worse.
  '131049': 'rate_limited',
  '131048': 'rate_limited',
  '131064': 'rate_limited',
  '132015': 'template_paused',
  '132016': 'template_paused',
  '132068': 'template_paused',
  '132069': 'template_paused',
  '132000': 'template_refused',
  '132001': 'template_refused',
  '132005': 'template_refused',
  '132007': 'template_refused',
  '132008': 'template_refused',
  '132012': 'template_refused',
  '132018': 'template_refused',
  '131063': 'template_refused',
  '134101': 'template_refused',
  '134102': 'template_refused',
  '131008': 'content_refused',
  '131009': 'content_refused',
  '131051': 'content_refused',
  '100': 'content_refused',
};

/** Not taken for now, said by Meta itself: `ofAccount` false means this person only. */
const LATER: Readonly<
  Record<string, { readonly ofAccount: boolean; readonly afterMs: number; readonly reason: 'rate_limited' | 'provider_unavailable' }>
> = {
  '4': { ofAccount: true, afterMs: 60_000, reason: 'rate_limited' },
  '80007': { ofAccount: true, afterMs: 60_000, reason: 'rate_limited' },
  '130429': { ofAccount: true, afterMs: 5_000, reason: 'rate_limited' },
  '131056': { ofAccount: false, afterMs: 6_000, reason: 'rate_limited' },
  '131057': { ofAccount: true, afterMs: 60_000, reason: 'provider_unavailable' },
  '131016': { ofAccount: true, afterMs: 10_000, reason: 'provider_unavailable' },
  '133004': { ofAccount: true, afterMs: 10_000, reason: 'provider_unavailable' },
  '2': { ofAccount: true, afterMs: 10_000, reason: 'provider_unavailable' },
};

/** 200 to 299: a right that the token has not, or no longer (Graph API, "Handling errors"). */
export function isPermission(code: string): boolean {
  return /^2\d\d$/.test(code);
}

function refusal(error: JsonObject, answered: Answered): SendResult {
  const code = idAt(error, 'code', 64) ?? String(answered.status);
  const later = LATER[code];
  if (later !== undefined)
    return { kind: 'later', reason: later.reason, code, afterMs: answered.retryAfterMs ?? later.afterMs, ofAccount: later.ofAccount };
  const reason = REASONS[code] ?? (isPermission(code) ? 'credentials_refused' : undefined);
  // 131000 and 1 come as server errors: a status may still tell that the message went out.
  return reason === undefined ? byUnknownError(answered, code) : { kind: 'refused', reason, code };
}
