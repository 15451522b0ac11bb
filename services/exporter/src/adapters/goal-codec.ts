import { Goal } from '@messtrack/proto/gen/messtrack/v1/goal.ts';
import type { Decoded } from './decoded.ts';

export function decodeGoal(value: Uint8Array): Decoded {
  const goal = Goal.decode(value);
  return {
    kind: 'row',
    table: 'goal_records',
    required: { workspace: goal.workspace, lead_id: goal.leadId, event_id: goal.eventId },
    times: [goal.eventTimeMs],
    columns: {
      workspace: goal.workspace,
      event_id: goal.eventId,
      lead_id: goal.leadId,
      name: goal.name,
      happened_at: goal.eventTimeMs,
      value_minor: goal.valueMinor,
      currency: goal.currency,
    },
  };
}
