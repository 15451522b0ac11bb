/**
 * What became of messages that we sent on Messenger and Instagram. `delivery` lists ids; `read` names one on Instagram and on Messenger only a
 * time up to which everything was read, which tells nothing of a single message.
 */
import { deadLetter, drop, type Outcome, ok } from '@messtrack/runtime/outcome.ts';
import { readEventTime } from '../domain/event-time.ts';
import type { DeliveryStatus, InboundEvent, Reading } from '../domain/inbound.ts';
import { eventIdPart } from './event-id.ts';
import { idAt, type JsonObject, listAt, objectAt } from './json-value.ts';

export function readMetaStatuses(
  event: JsonObject,
  channel: 'messenger' | 'instagram',
  prefix: string,
  receiver: string | undefined,
  observedAtMs: number,
): readonly Reading[] {
  const delivery = objectAt(event, 'delivery');
  const status = delivery === undefined ? 'read' : 'delivered';
  const named = delivery === undefined ? [objectAt(event, 'read')?.['mid']] : (listAt(delivery, 'mids') ?? []);
  const ids = named.flatMap((mid) => idAt({ mid }, 'mid', 512) ?? []);
  if (ids.length === 0) return [reading(drop('status_update'), receiver, event)];
  if (receiver === undefined) return [reading(deadLetter('missing_field', 'an entry has no id'), receiver, event)];
  // Deliveries of older versions say only up to when: their time is the watermark's.
  const written = event['timestamp'] ?? delivery?.['watermark'];
  const eventTimeMs = readEventTime(written, observedAtMs);
  if (eventTimeMs === undefined)
    return [reading(deadLetter('timestamp_out_of_range', 'the timestamp of a status is no unix time'), receiver, event)];
  const person = idAt(objectAt(event, 'sender'), 'id', 64);
  return ids.map((messageId) => {
    const outcome: Outcome<DeliveryStatus> = ok({
      type: 'delivery_status',
      channel,
      eventId: `${prefix}/${receiver}/${eventIdPart(messageId)}/${status}`,
      eventTimeMs,
      messageId,
      status,
      recipient: person === undefined ? [] : [{ kind: channel === 'messenger' ? 'psid' : 'igsid', value: person }],
      errorCode: '',
      pricingType: '',
      correlation: '',
    });
    return reading(outcome, receiver, event);
  });
}

function reading(outcome: Outcome<InboundEvent>, receiver: string | undefined, element: unknown): Reading {
  return { outcome, receiver, element };
}
