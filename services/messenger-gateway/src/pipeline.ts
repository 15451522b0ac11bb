/** A webhook becomes durable touchpoints: who is it for, is it authentic, what does it say, write it, answer last. */
import { TOPICS } from '@messtrack/proto/topics.ts';
import type { OutRecord } from '@messtrack/runtime/bus.ts';
import { deadLetterRecord } from '@messtrack/runtime/dead-letter.ts';
import type { DeadLetterReason } from '@messtrack/runtime/outcome.ts';
import type { Account } from '@messtrack/workspace/accounts/account-kinds.ts';
import type { Workspace } from '@messtrack/workspace/workspace.ts';
import { languageOf } from './adapters/language-detector.ts';
import { confirmationRecords } from './adapters/outbound-records.ts';
import type { Provider, ReceivedRequest } from './adapters/provider.ts';
import { providerOf, receiverOf } from './adapters/providers.ts';
import { codeWordsOf, greetingsOf } from './adapters/receivers.ts';
import { isHubSignature } from './adapters/signature.ts';
import {
  automaticEventRecord,
  contactStateRecord,
  identityChangeRecord,
  messageRecord,
  statusRecord,
} from './adapters/touchpoint-record.ts';
import { boundedReadings } from './bounded-readings.ts';
import { findFacts } from './domain/facts.ts';
import type { InboundEvent, Reading } from './domain/inbound.ts';
import { evidenceOf, hidesNumber } from './domain/tracking-evidence.ts';
import type { AccountMetrics, GatewayMetrics } from './metrics.ts';
import type { Clock, Conversations, Directory, Outbox } from './ports.ts';

export interface Webhook extends ReceivedRequest {
  readonly provider: string;
  readonly workspace: string;
  readonly account: string;
}

export interface Answer {
  readonly status: 200 | 400 | 401 | 404 | 503;
  readonly text: string;
}

export interface Ports {
  readonly directory: Directory;
  readonly outbox: Outbox;
  readonly metrics: GatewayMetrics;
  readonly clock: Clock;
  /** How tracking does, per account. */
  readonly accounts?: AccountMetrics | undefined;
  /** Set where messages are sent as well. */
  readonly conversations?: Conversations | undefined;
}

export const OK: Answer = { status: 200, text: 'ok\n' };
export const UNAUTHENTIC: Answer = { status: 401, text: 'signature missing or wrong\n' };
const UNREADABLE: Answer = { status: 400, text: 'the body is not what the provider sends\n' };
export const NOT_JSON: Answer = { status: 400, text: 'the body is not JSON\n' };
export const UNAVAILABLE: Answer = { status: 503, text: 'cannot be stored now; send it again\n' };

export function createReceive(ports: Ports): (webhook: Webhook) => Promise<Answer> {
  return async function receive(webhook) {
    const addressee = resolveAddressee(webhook, ports.directory);
    if ('missing' in addressee) return refuseUnknown(addressee.missing, webhook.body);

    const { workspace, account, provider } = addressee;
    if (!provider.isAuthentic(account, webhook)) {
      ports.metrics.signatureFailure(webhook.provider);
      ports.accounts?.signatureFailure(workspace.name, account.name);
      return UNAUTHENTIC;
    }

    const parsed = (provider.parse ?? parseJson)(webhook.body);
    if (parsed === undefined) return provider.parse === undefined ? NOT_JSON : UNREADABLE;

    const observedAtMs = ports.clock();
    const readings = boundedReadings(provider.read(parsed.value, account, observedAtMs), parsed.value);
    const acceptsProof = (other: Account) => provider.isAuthentic(other, webhook);
    const reception = { webhook, workspace, observedAtMs, traceparent: traceparentOf(webhook) };
    const records = readings.flatMap((reading) => {
      const receiver = receiverOf(reading, workspace, account, acceptsProof);
      return toRecords(reading, receiver?.name, account.name, reception, ports);
    });
    const answer = await publish(records, account.name, reception, ports);
    // The platform's own words only where everything is durable: any other answer makes it send again.
    return answer === OK && provider.answer !== undefined ? { status: 200, text: provider.answer(parsed.value, account) } : answer;
  };
}

/** Updates that we asked for. They need no proof of origin: the platform answered over the account's own token. */
export interface Polled {
  readonly provider: string;
  readonly workspace: string;
  readonly account: string;
  readonly updates: readonly unknown[];
}

/** `gone`: the account is not, or no longer, one of the workspace. */
export type Taken = 'durable' | 'unavailable' | 'gone';

/** All updates of one answer in one send, in their order; `durable` only when every one is. */
export function createTake(ports: Ports): (polled: Polled) => Promise<Taken> {
  return async function take({ updates, ...address }) {
    const addressee = resolveAddressee(address, ports.directory);
    if ('missing' in addressee) return 'gone';
    const { workspace, account, provider } = addressee;
    const observedAtMs = ports.clock();
    const written = updates.map((update) => {
      const reception = { webhook: asWebhook(address, update), workspace, observedAtMs, traceparent: undefined };
      const records = provider.read(update, account, observedAtMs).flatMap((reading) => {
        const receiver = receiverOf(reading, workspace, account, () => false);
        return toRecords(reading, receiver?.name, account.name, reception, ports);
      });
      return { reception, records };
    });
    const all = written.flatMap(({ records }) => records);
    const outcome = all.length === 0 ? 'durable' : await ports.outbox.publish(all);
    if (outcome !== 'too_large') return outcome;
    // One by one, so that the letter for the large one does not hold its neighbours.
    for (const { records, reception } of written) if ((await publish(records, account.name, reception, ports)) !== OK) return 'unavailable';
    return 'durable';
  };
}

function asWebhook(address: Omit<Polled, 'updates'>, update: unknown): Webhook {
  return {
    ...address,
    url: '',
    header: () => undefined,
    get body() {
      return Buffer.from(JSON.stringify(update) ?? '');
    },
  };
}

interface Addressee {
  readonly workspace: Workspace;
  readonly account: Account;
  readonly provider: Provider;
}

function resolveAddressee(webhook: Omit<Polled, 'updates'>, directory: Directory): Addressee | { readonly missing: string } {
  const provider = providerOf(webhook.provider);
  if (provider === undefined) return { missing: 'provider' };
  const workspace = directory.workspace(webhook.workspace);
  if (workspace === undefined) return { missing: 'workspace' };
  const account = workspace.accounts.get(webhook.account);
  if (account === undefined || account.provider !== provider.name) return { missing: 'account' };
  return { workspace, account, provider };
}

/** Takes as long as a refused signature: the time of an answer is not to tell which workspaces exist before the answer does. */
export function refuseUnknown(what: string, body: Buffer): Answer {
  isHubSignature(body, 'nobody', undefined);
  return { status: 404, text: `unknown ${what}\n` };
}

export function parseJson(body: Buffer): { readonly value: unknown } | undefined {
  try {
    return { value: JSON.parse(body.toString('utf8')) };
  } catch {
    return undefined;
  }
}

export interface Reception {
  readonly webhook: Webhook;
  readonly workspace: Workspace;
  readonly observedAtMs: number;
  readonly traceparent: string | undefined;
}

/** The whole body for a dead letter; nothing of it where it holds a secret. */
function wholeBody(webhook: Pick<Webhook, 'provider' | 'body'>): Uint8Array {
  return providerOf(webhook.provider)?.hasSecretInBody === true ? new Uint8Array() : webhook.body;
}

export function toRecords(
  reading: Reading,
  receiver: string | undefined,
  addressed: string,
  reception: Reception,
  ports: Ports,
): readonly OutRecord[] {
  const { outcome } = reading;
  const { metrics } = ports;
  switch (outcome.kind) {
    case 'ok':
      if (receiver !== undefined) {
        metrics.event(outcome.value.type === 'message' ? outcome.value.kind : outcome.value.type);
        return toTouchpoints(outcome.value, receiver, reception, ports);
      }
      metrics.drop('other_account');
      return [];
    case 'drop':
      metrics.drop(receiver === undefined ? 'other_account' : outcome.reason);
      return [];
    case 'dead-letter':
      metrics.deadLetter(outcome.reason);
      return [
        toDeadLetter(outcome.reason, outcome.detail, rawElement(reading.element, reception.webhook), receiver ?? addressed, reception),
      ];
    case 'retry':
      throw new Error(`reading a webhook cannot end in a retry: ${outcome.reason}`);
  }
}

function toTouchpoints(
  event: InboundEvent,
  account: string,
  reception: Reception,
  { metrics, accounts, conversations }: Ports,
): readonly OutRecord[] {
  const where = { workspace: reception.workspace, account, observedAtMs: reception.observedAtMs, traceparent: reception.traceparent };
  switch (event.type) {
    case 'identity_change':
      return [identityChangeRecord(event, where)];
    case 'delivery_status':
      return conversations === undefined
        ? [statusRecord(event, where)]
        : [statusRecord(event, where), ...confirmationRecords(event, where)];
    case 'contact_state':
      return [contactStateRecord(event, where)];
    case 'automatic_event':
      return [automaticEventRecord(event, where)];
    case 'message': {
      const facts = findFacts(event, languageOf, greetingsOf(reception.workspace, account), codeWordsOf(reception.workspace, account));
      const { record, own, contactKeys } = messageRecord(event, facts, where);
      for (const { carrier, intact } of facts.codes) metrics.codes(carrier, intact ? 'intact' : 'damaged', 1);
      if (facts.codeWord !== undefined) metrics.codes('word', 'intact', 1);
      if (facts.fragments > 0) metrics.codes('invisible', 'fragment', facts.fragments);
      const evidence = evidenceOf(event, facts);
      if (own !== undefined) metrics.internalMessage(own);
      else if (evidence !== undefined) accounts?.message(reception.workspace.name, account, evidence, hidesNumber(event));
      conversations?.note(reception.workspace.name, account, contactKeys, event.eventTimeMs);
      return [record];
    }
  }
}

/**
 * The element alone, so that a thousand bad ones in one webhook do not keep its bytes a thousand times; where it is nested too deeply to be written, the beginning of
 * the body, because hundreds of such elements fit into one.
 */
export function rawElement(element: unknown, webhook: Pick<Webhook, 'provider' | 'body'>): Uint8Array {
  try {
    return Buffer.from(JSON.stringify(element));
  } catch {
    return wholeBody(webhook).subarray(0, MAX_DEEP_BYTES);
  }
}
const MAX_DEEP_BYTES = 65_536;

function toDeadLetter(reason: DeadLetterReason, detail: string, raw: Uint8Array, account: string, reception: Reception): OutRecord {
  return deadLetterRecord({
    topic: TOPICS.touchpointsDlq.name,
    reason,
    detail,
    raw,
    origin: `hooks/${reception.webhook.provider}`,
    workspace: reception.workspace.name,
    account,
    failedAtMs: reception.observedAtMs,
    traceparent: reception.traceparent,
  });
}

/** All records of a webhook in one send; 200 only when every one is durable. */
async function publish(records: readonly OutRecord[], account: string, reception: Reception, { outbox, metrics }: Ports): Promise<Answer> {
  if (records.length === 0) return OK;
  switch (await outbox.publish(records)) {
    case 'durable':
      return OK;
    case 'unavailable':
      return UNAVAILABLE;
    case 'too_large': {
      // The log will never take it as it is: kept as one dead letter, which is cut to size, or the platform would send it for days.
      metrics.deadLetter('too_large');
      const letter = toDeadLetter(
        'too_large',
        'the events of the webhook exceed the size of a record',
        wholeBody(reception.webhook),
        account,
        reception,
      );
      return (await outbox.publish([letter])) === 'durable' ? OK : UNAVAILABLE;
    }
  }
}

const TRACEPARENT = /^[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$/;

export function traceparentOf(webhook: Pick<Webhook, 'header'>): string | undefined {
  const value = webhook.header('traceparent');
  return value !== undefined && TRACEPARENT.test(value) ? value : undefined;
}
