/** Why a message was not sent: the closed list of messenger_service.proto. */
export const SEND_REASONS = [
  'not_opted_in',
  'outside_window',
  'template_paused',
  'template_refused',
  'not_configured',
  'credentials_refused',
  'rate_limited',
  'recipient_unknown',
  'unsupported',
  'content_refused',
  'key_reused',
  'provider_unavailable',
  'provider_refused',
  'unconfirmed',
] as const;

export type SendReason = (typeof SEND_REASONS)[number];

const KNOWN: ReadonlySet<string> = new Set(SEND_REASONS);

/** A reason as a later version may write it reads as the least that is certain: it was refused. */
export function readReason(value: string): SendReason {
  return KNOWN.has(value) ? (value as SendReason) : 'provider_refused';
}
