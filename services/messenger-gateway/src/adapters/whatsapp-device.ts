/**
 * The kind of device a WhatsApp message was written on, by the form its client gives to the id of a message (WhiskeySockets/Baileys, Utils/messages.ts, getDevice). Linked devices see
 * these ids; the official API has ids of its own that say nothing. What has no known form gives no answer.
 */
import type { DeviceKind } from '../domain/inbound.ts';

const FORMS: readonly (readonly [RegExp, DeviceKind])[] = [
  [/^3A.{18}$/, 'ios'],
  [/^3E.{20}$/, 'desktop'],
  [/^(?:.{21}|.{32})$/, 'android'],
  [/^(?:3F|.{18}$)/, 'desktop'],
];

export function deviceOfMessageId(id: string): DeviceKind | undefined {
  return FORMS.find(([form]) => form.test(id))?.[1];
}
