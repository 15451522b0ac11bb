/**
 * What Gupshup writes into the Cloud API's body (version 3 of its webhooks): the id that sending answered with, as `gs_id` of a status and of `context`, where Meta's
 * own id stands as `id`; and statuses of messages that never reached Meta, without `metadata`, in seconds or milliseconds, their error as `code`.
 * Sources: partner-docs.gupshup.io (events, passthrough-v3-incoming-events); `context.gs_id`: bodies kept in the tests of glific/glific, and what that reads.
 */
import { drop, type Outcome, ok } from '@messtrack/runtime/outcome.ts';
import type { InboundEvent, Reading } from '../domain/inbound.ts';
import { eventIdPart } from './event-id.ts';
import { idAt, isObject, type JsonObject, objectAt } from './json-value.ts';
import { readWhatsApp } from './whatsapp.ts';
import { readContacts } from './whatsapp-contacts.ts';
import { readStatus } from './whatsapp-status.ts';

/** Nobody stands beside a status here whom its own ids would not name. */
const NO_CONTACTS = readContacts({});

/** Readings of one body; an app is one number and has an address of its own, and the id of Meta's that names the number is in no setting. */
export function readVersion3(body: JsonObject, observedAtMs: number): readonly Reading[] {
  const app = idAt(body, 'gs_app_id', 64) ?? '';
  return readWhatsApp(body, observedAtMs).map(({ outcome, element }) => ({
    outcome: isObject(element) ? withOwnIds(outcome, element, app, observedAtMs) : outcome,
    receiver: undefined,
    element,
  }));
}

function withOwnIds(outcome: Outcome<InboundEvent>, element: JsonObject, app: string, observedAtMs: number): Outcome<InboundEvent> {
  const sent = idAt(element, 'gs_id', 256);
  if (sent !== undefined && typeof element['status'] === 'string') return readOwnStatus(element, sent, app, observedAtMs);
  const repliedTo = idAt(objectAt(element, 'context'), 'gs_id', 256);
  if (repliedTo === undefined || outcome.kind !== 'ok' || outcome.value.type !== 'message' || outcome.value.editsMessageId !== '')
    return outcome;
  return ok({ ...outcome.value, replyToMessageId: repliedTo });
}

function readOwnStatus(element: JsonObject, sent: string, app: string, observedAtMs: number): Outcome<InboundEvent> {
  // It was taken by Gupshup, which the answer to sending said.
  if (element['status'] === 'enqueued') return drop('status_update');
  const status = { ...element, id: eventIdPart(sent), timestamp: inSeconds(element['timestamp']) };
  const read = readStatus(status, NO_CONTACTS, app, observedAtMs);
  if (read.kind !== 'ok') return read;
  const { status: word, errorCode } = read.value;
  return ok({
    ...read.value,
    eventId: `gs/${app}/${eventIdPart(sent)}/${word}`,
    messageId: sent,
    errorCode: word === 'failed' && errorCode === '' ? (idAt(element, 'code', 64) ?? '') : errorCode,
  });
}

function inSeconds(value: unknown): unknown {
  const written = typeof value === 'string' && /^\d{1,16}$/.test(value) ? Number(value) : value;
  return typeof written === 'number' && written >= 1e11 ? written / 1000 : value;
}
