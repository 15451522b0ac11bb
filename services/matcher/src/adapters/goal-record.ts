import { hash } from 'node:crypto';
import { Goal } from '@messtrack/proto/gen/messtrack/v1/goal.ts';
import { encodeHeaders } from '@messtrack/proto/headers.ts';
import { TOPICS } from '@messtrack/proto/topics.ts';
import type { OutRecord } from '@messtrack/runtime/bus.ts';
import type { DetectedGoal } from '../domain/goal.ts';
import type { ReportedGoal } from '../domain/reported-goal.ts';

const EVENT_ID_LENGTH = 22;

/** The id is of message and name: the same detection is the same goal, however often it is told and whichever lead it is joined to. `meta.` says whose word it is. */
export function goalRecord(goal: DetectedGoal, producedAtMs: number, traceparent: string | undefined): OutRecord {
  const { workspace, account, leadId, messageId, name, atMs, valueMinor, currency } = goal;
  const eventId = `meta/${digest([workspace, account, messageId, name])}`;
  const value = Goal.fromPartial({ eventId, workspace, leadId, name: `meta.${name}`, eventTimeMs: atMs, valueMinor, currency });
  return recordOf(value, producedAtMs, traceparent);
}

/** The reporter's id as it is, so that an order is found by its number. Without one, the same name at the same time of one lead is told twice. */
export function reportedGoalRecord({
  workspace,
  leadId,
  goal,
  nowMs,
  traceparent,
}: {
  readonly workspace: string;
  readonly leadId: string;
  readonly goal: ReportedGoal;
  readonly nowMs: number;
  readonly traceparent?: string | undefined;
}): { readonly eventId: string; readonly record: OutRecord } {
  const { id, name, atMs = nowMs, valueMinor, currency } = goal;
  const eventId = id === undefined ? `goal/${digest([workspace, leadId, name, String(atMs)])}` : `api/${id}`;
  const value = Goal.fromPartial({ eventId, workspace, leadId, name, eventTimeMs: atMs, valueMinor, currency });
  return { eventId, record: recordOf(value, nowMs, traceparent) };
}

function digest(parts: readonly string[]): string {
  return hash('sha256', parts.join('\0'), 'base64url').slice(0, EVENT_ID_LENGTH);
}

function recordOf(goal: Goal, producedAtMs: number, traceparent: string | undefined): OutRecord {
  return {
    topic: TOPICS.goals.name,
    key: goal.leadId,
    value: Goal.encode(goal).finish(),
    headers: encodeHeaders({ eventId: goal.eventId, type: 'Goal', producedAtMs, traceparent }),
  };
}
