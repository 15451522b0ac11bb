import { Touchpoint } from '@messtrack/proto/gen/messtrack/v1/touchpoint.ts';
import { encodeHeaders } from '@messtrack/proto/headers.ts';
import { TOPICS } from '@messtrack/proto/topics.ts';
import type { OutRecord } from '@messtrack/runtime/bus.ts';
import type { Lead } from '../domain/lead.ts';

/** `traceparent`: of the record that caused this revision, so that a trace goes from the click or the webhook to whoever reads the lead. */
export function leadRecord(lead: Lead, value: Uint8Array, producedAtMs: number, traceparent: string | undefined): OutRecord {
  return {
    topic: TOPICS.leads.name,
    key: lead.leadId,
    value,
    headers: encodeHeaders({ eventId: `lead/${lead.leadId}/${lead.revision}`, type: 'Lead', producedAtMs, traceparent }),
  };
}

/** Time passing on a quiet partition, told to its log so that every replay hears of it. */
export function tickRecord(partition: number, atMs: number): OutRecord {
  const eventId = `tick/${partition}/${atMs}`;
  const tick = Touchpoint.fromPartial({
    eventId,
    eventTimeMs: atMs,
    observedAtMs: atMs,
    kind: { $case: 'tick', value: { atMs } },
  });
  return {
    topic: TOPICS.touchpoints.name,
    partition,
    key: '',
    value: Touchpoint.encode(tick).finish(),
    headers: encodeHeaders({ eventId, type: 'Touchpoint.tick', producedAtMs: atMs }),
  };
}
