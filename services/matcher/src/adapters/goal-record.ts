import { hash } from 'node:crypto';
import { Goal } from '@messtrack/proto/gen/messtrack/v1/goal.ts';
import { encodeHeaders } from '@messtrack/proto/headers.ts';
import { TOPICS } from '@messtrack/proto/topics.ts';
import type { OutRecord } from '@messtrack/runtime/bus.ts';
import type { DetectedGoal } from '../domain/goal.ts';

const EVENT_ID_LENGTH = 22;

/** The id is of message and name: the same detection is the same goal, however often it is told and whichever lead it is joined to. `meta.` says whose word it is. */
export function goalRecord(goal: DetectedGoal, producedAtMs: number, traceparent: string | undefined): OutRecord {
  const { workspace, account, leadId, messageId, name, atMs, valueMinor, currency } = goal;
  const digest = hash('sha256', `${workspace}\0${account}\0${messageId}\0${name}`, 'base64url').slice(0, EVENT_ID_LENGTH);
  const eventId = `meta/${digest}`;
  const value = Goal.fromPartial({ eventId, workspace, leadId, name: `meta.${name}`, eventTimeMs: atMs, valueMinor, currency });
  return {
    topic: TOPICS.goals.name,
    key: leadId,
    value: Goal.encode(value).finish(),
    headers: encodeHeaders({ eventId, type: 'Goal', producedAtMs, traceparent }),
  };
}
