import { Delivery, DeliveryStatus } from '@messtrack/proto/gen/messtrack/v1/delivery.ts';
import { Goal } from '@messtrack/proto/gen/messtrack/v1/goal.ts';
import { type Evidence, Lead, LeadState, Method, ResolvedTo } from '@messtrack/proto/gen/messtrack/v1/lead.ts';
import { Channel, Source, type SourceKind } from '@messtrack/proto/gen/messtrack/v1/source.ts';
import { type ModelQuality, ModelRecord } from '@messtrack/proto/gen/messtrack/v1/state.ts';
import { type Click, Touchpoint } from '@messtrack/proto/gen/messtrack/v1/touchpoint.ts';
import { Visit } from '@messtrack/proto/gen/messtrack/v1/visit.ts';
import { encodeHeaders } from '@messtrack/proto/headers.ts';
import type { OutRecord } from '@messtrack/runtime/bus.ts';

const START_MS = 1_764_000_000_000;
const WORKSPACE = 'acme';

function record(topic: string, key: string, eventId: string, type: string, value: Uint8Array): OutRecord {
  return { topic, key, value, headers: encodeHeaders({ eventId, type, producedAtMs: START_MS }) };
}

export function lead(id: number, revision: number, campaign = 'spring', evidence: readonly Evidence[] = []): OutRecord {
  const source = Source.create({ utmSource: 'google', utmCampaign: campaign, placement: 'site-button', clickIds: { gclid: `g-${id}` } });
  const value = Lead.create({
    leadId: `lead-${id}`,
    revision,
    state: revision === 1 ? LeadState.LEAD_STATE_PROVISIONAL : LeadState.LEAD_STATE_FINAL,
    workspace: WORKSPACE,
    account: 'sales-wa',
    channel: Channel.CHANNEL_WHATSAPP,
    contact: `contact-${id}`,
    firstMessageId: `wamid.${id}`,
    startedAtMs: START_MS + id,
    method: Method.METHOD_EXACT_ID,
    resolvedTo: ResolvedTo.RESOLVED_TO_CLICK,
    clickId: `click-${id}`,
    source,
    probability: 1,
    sourceShares: [{ source, share: 1 }],
    decidedAtMs: START_MS + id + revision,
    logPosition: { partition: 0, offset: id },
    workspaceRevision: 'f00d',
    evidence: [...evidence],
  });
  return record('leads.v1', value.leadId, `lead/${id}/${revision}`, 'Lead', Lead.encode(value).finish());
}

/** A lead whose shares come from these kinds of source; undefined stands for "no tracked click". */
export function leadOfKinds(id: number, parts: readonly (readonly [kind: SourceKind | undefined, share: number])[]): OutRecord {
  const sourceOf = (kind: SourceKind) => Source.create({ placement: 'site-button', kind });
  const [first] = parts;
  const value = Lead.create({
    leadId: `lead-${id}`,
    revision: 1,
    state: LeadState.LEAD_STATE_FINAL,
    workspace: WORKSPACE,
    account: 'sales-wa',
    startedAtMs: START_MS + id,
    method: Method.METHOD_PROBABILISTIC,
    resolvedTo: ResolvedTo.RESOLVED_TO_PLACEMENT,
    source: first?.[0] === undefined ? undefined : sourceOf(first[0]),
    sourceShares: parts.map(([kind, share]) => ({ source: kind === undefined ? undefined : sourceOf(kind), share })),
  });
  return record('leads.v1', value.leadId, `lead/${id}/1`, 'Lead', Lead.encode(value).finish());
}

export function visit(id: number, observed = 0): OutRecord {
  const value = Visit.create({
    eventId: `visit/${id}/${observed}`,
    workspace: WORKSPACE,
    visitId: `visit-${id}`,
    startedAtMs: START_MS + id,
    observedAtMs: START_MS + id + observed,
    landingPage: `https://acme.example/${observed}`,
  });
  return record('visits.v1', `${WORKSPACE}/${value.visitId}`, value.eventId, 'Visit', Visit.encode(value).finish());
}

export function click(id: number, part: Partial<Click> = {}): OutRecord {
  return touchpoint(`click/${WORKSPACE}/click-${id}`, id, {
    $case: 'click',
    value: {
      clickId: `click-${id}`,
      code: `code-${id}`,
      source: Source.create({ utmSource: 'google', placement: 'site-button' }),
      ...part,
    },
  });
}

export function message(id: number): OutRecord {
  return touchpoint(`wa/1/wamid.${id}`, id, {
    $case: 'message',
    value: { messageId: `wamid.${id}`, channel: Channel.CHANNEL_WHATSAPP, contact: { keys: [`contact-${id}`] } },
  });
}

export function tick(id: number): OutRecord {
  return touchpoint(`tick/${id}`, id, { $case: 'tick', value: { atMs: START_MS + id } });
}

function touchpoint(eventId: string, id: number, kind: NonNullable<Parameters<typeof Touchpoint.fromPartial>[0]['kind']>): OutRecord {
  const value = Touchpoint.fromPartial({
    eventId,
    workspace: WORKSPACE,
    account: 'sales-wa',
    eventTimeMs: START_MS + id,
    observedAtMs: START_MS + id,
    kind,
  });
  return record(
    'touchpoints.v1',
    `${WORKSPACE}/sales-wa-${id % 7}`,
    eventId,
    `Touchpoint.${kind.$case}`,
    Touchpoint.encode(value).finish(),
  );
}

export function goal(id: number, name = 'paid'): OutRecord {
  const value = Goal.create({
    eventId: `goal-${id}`,
    workspace: WORKSPACE,
    leadId: `lead-${id}`,
    name,
    eventTimeMs: START_MS + id,
    valueMinor: 1_000 + id,
    currency: 'EUR',
  });
  return record('goals.v1', value.leadId, value.eventId, 'Goal', Goal.encode(value).finish());
}

export function delivery(id: number): OutRecord {
  const value = Delivery.create({
    deliveryId: `delivery-${id}`,
    workspace: WORKSPACE,
    leadId: `lead-${id}`,
    leadRevision: 1,
    destination: 'crm',
    attempt: 1,
    status: DeliveryStatus.DELIVERY_STATUS_DELIVERED,
    httpStatus: 200,
    attemptedAtMs: START_MS + id,
  });
  return record('deliveries.v1', value.leadId, value.deliveryId, 'Delivery', Delivery.encode(value).finish());
}

/** Quality of one account on one day; a later `at` replaces an earlier one. */
export function quality(account: string, at: number, part: Partial<ModelQuality> = {}): OutRecord {
  const day = '2025-11-24';
  const eventId = `quality/${WORKSPACE}/${account}/${day}/${at}`;
  const value = ModelRecord.fromPartial({
    eventId,
    kind: { $case: 'quality', value: { workspace: WORKSPACE, account, day, atMs: START_MS + at, ...part } },
  });
  return record('model.v1', `quality/${WORKSPACE}/${account}/${day}`, eventId, 'ModelRecord.quality', ModelRecord.encode(value).finish());
}

export function statistics(partition: number): OutRecord {
  const eventId = `statistics/${partition}/0`;
  const value = ModelRecord.fromPartial({ eventId, kind: { $case: 'statistics', value: { partition, data: Uint8Array.of(1, 2, 3) } } });
  return record('model.v1', `statistics/${partition}`, eventId, 'ModelRecord.statistics', ModelRecord.encode(value).finish());
}

/** Bytes that are no message of any topic: a field of a wire type that does not exist. */
export function poison(topic: string): OutRecord {
  return { topic, key: 'poison', value: Uint8Array.of(0x0f, 0xff, 0x01), headers: {} };
}
