import { Delivery, DeliveryStatus } from '@messtrack/proto/gen/messtrack/v1/delivery.ts';
import type { Decoded } from './decoded.ts';
import { enumWords } from './words.ts';

const statusWord = enumWords(DeliveryStatus, 'DELIVERY_STATUS_');

export function decodeDelivery(value: Uint8Array): Decoded {
  const delivery = Delivery.decode(value);
  return {
    kind: 'row',
    table: 'delivery_records',
    required: { workspace: delivery.workspace, lead_id: delivery.leadId, delivery_id: delivery.deliveryId, attempt: delivery.attempt },
    times: [delivery.attemptedAtMs],
    columns: {
      workspace: delivery.workspace,
      delivery_id: delivery.deliveryId,
      lead_id: delivery.leadId,
      lead_revision: delivery.leadRevision,
      goal_event_id: delivery.goalEventId,
      destination: delivery.destination,
      attempt: delivery.attempt,
      status: statusWord(delivery.status),
      reason: delivery.reason,
      http_status: delivery.httpStatus,
      attempted_at: delivery.attemptedAtMs,
    },
  };
}
