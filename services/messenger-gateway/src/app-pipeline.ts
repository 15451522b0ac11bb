/**
 * A webhook at the address of an app, which names neither workspace nor account: `POST /hooks/{provider}`. An app of Meta has one callback for all its numbers, whoever's they are;
 * the id in each element decides, and only for an account whose own secret the signature fits.
 */
import { TOPICS } from '@messtrack/proto/topics.ts';
import type { OutRecord } from '@messtrack/runtime/bus.ts';
import { deadLetterRecord } from '@messtrack/runtime/dead-letter.ts';
import { acceptingProofs, appsOf, type Owner } from './adapters/apps.ts';
import type { ReceivedRequest } from './adapters/provider.ts';
import { providerOf } from './adapters/providers.ts';
import { boundedReadings } from './bounded-readings.ts';
import type { Reading } from './domain/inbound.ts';
import type { GatewayMetrics } from './metrics.ts';
import {
  type Answer,
  NOT_JSON,
  OK,
  type Ports,
  parseJson,
  rawElement,
  refuseUnknown,
  toRecords,
  traceparentOf,
  UNAUTHENTIC,
  UNAVAILABLE,
} from './pipeline.ts';

export interface AppWebhook extends ReceivedRequest {
  readonly provider: string;
}

export function createReceiveForApp(ports: Ports): (webhook: AppWebhook) => Promise<Answer> {
  const { directory, metrics, outbox, clock } = ports;
  return async function receive(webhook) {
    const provider = providerOf(webhook.provider);
    if (provider?.proofKey === undefined) return refuseUnknown('address', webhook.body);
    const apps = appsOf(directory.workspaces(), provider);
    const proofs = acceptingProofs(apps, provider, webhook);
    const [first] = [...proofs].map((key) => apps.byProof.get(key));
    if (first === undefined) {
      metrics.signatureFailure(provider.name);
      return UNAUTHENTIC;
    }

    const parsed = parseJson(webhook.body);
    if (parsed === undefined) return NOT_JSON;
    const arrival = { webhook, observedAtMs: clock(), traceparent: traceparentOf(webhook) };
    const readings = boundedReadings(provider.read(parsed.value, first.account, arrival.observedAtMs), parsed.value);
    const records = readings.flatMap((reading) => {
      const owner = reading.receiver === undefined ? undefined : apps.owners.get(reading.receiver);
      return owner !== undefined && proofs.has(owner.proofKey)
        ? recordsOf(reading, owner, arrival, ports)
        : nobodysRecords(reading, arrival, metrics);
    });
    if (records.length === 0) return OK;
    const outcome = await outbox.publish(records);
    if (outcome !== 'too_large') return outcome === 'durable' ? OK : UNAVAILABLE;
    // The log will never take it as it is: kept as one dead letter, which is cut to size, or the platform would send it for days.
    metrics.deadLetter('too_large');
    const letter = nobodysLetter('too_large', 'the events of the webhook exceed the size of a record', webhook.body, arrival);
    return (await outbox.publish([letter])) === 'durable' ? OK : UNAVAILABLE;
  };
}

interface Arrival {
  readonly webhook: AppWebhook;
  readonly observedAtMs: number;
  readonly traceparent: string | undefined;
}

function recordsOf(reading: Reading, { workspace, account }: Owner, arrival: Arrival, ports: Ports): readonly OutRecord[] {
  const webhook = { ...arrival.webhook, workspace: workspace.name, account: account.name };
  return toRecords(reading, account.name, account.name, { ...arrival, webhook, workspace }, ports);
}

/** What names no account of ours belongs to no workspace: nothing crosses them, not even a dead letter. */
function nobodysRecords({ outcome, receiver, element }: Reading, arrival: Arrival, metrics: GatewayMetrics): readonly OutRecord[] {
  if (outcome.kind !== 'dead-letter' || receiver !== undefined) {
    metrics.drop(outcome.kind === 'drop' && receiver === undefined ? outcome.reason : 'other_account');
    return [];
  }
  metrics.deadLetter(outcome.reason);
  return [nobodysLetter(outcome.reason, outcome.detail, rawElement(element, arrival.webhook), arrival)];
}

function nobodysLetter(
  reason: Parameters<typeof deadLetterRecord>[0]['reason'],
  detail: string,
  raw: Uint8Array,
  arrival: Arrival,
): OutRecord {
  return deadLetterRecord({
    topic: TOPICS.touchpointsDlq.name,
    reason,
    detail,
    raw,
    origin: `hooks/${arrival.webhook.provider}`,
    failedAtMs: arrival.observedAtMs,
    traceparent: arrival.traceparent,
  });
}
