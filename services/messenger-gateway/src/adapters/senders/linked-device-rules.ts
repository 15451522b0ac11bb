import type { SendRules } from './sender.ts';

/**
 * Linked devices have no documented rate, no window and no templates: what keeps them alive is to write like a person, and to nobody who did not ask. One message a second
 * and, to one person, one in three seconds with five in advance are ours, not WhatsApp's.
 */
export const LINKED_DEVICE_RULES: SendRules = {
  limits: { account: { intervalMs: 1_000, burst: 5 }, recipient: { intervalMs: 3_000, burst: 5 } },
  windowMs: undefined,
  needsConsent: true,
  maxTextLength: 4_096,
  hasTemplates: false,
};
