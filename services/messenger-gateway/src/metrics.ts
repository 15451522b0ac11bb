import { Counter, Histogram, type Registry } from 'prom-client';
import type { PollResult } from './adapters/telegram-poller.ts';

export interface GatewayMetrics {
  webhook(provider: string, status: number): void;
  event(kind: string): void;
  drop(reason: string): void;
  /** A message of own people or of a program: recorded, and no lead. */
  internalMessage(reason: string): void;
  /** Codes of a message by carrier and by how whole they were: intact, damaged, fragment. */
  codes(carrier: string, state: 'intact' | 'damaged' | 'fragment', count: number): void;
  deadLetter(reason: string): void;
  signatureFailure(provider: string): void;
  /** A question for updates, by what came of it. */
  poll(workspace: string, account: string, result: PollResult): void;
  /** Seconds from handing the records to the log until they were durable. */
  acknowledged(seconds: number): void;
}

export interface OutboundMetrics {
  /** An attempt, or a Send, is over. */
  ended(provider: string, outcome: string): void;
}

export function createOutboundMetrics(registry: Registry): OutboundMetrics {
  const sends = new Counter({
    name: 'messtrack_gateway_sends_total',
    help: 'Ends of attempts to send a message, by provider and outcome: sent, deferred (tried again later), unconfirmed, or the reason of the refusal.',
    labelNames: ['provider', 'outcome'],
    registers: [registry],
  });
  return { ended: (provider, outcome) => sends.inc({ provider, outcome }) };
}

export function createGatewayMetrics(registry: Registry): GatewayMetrics {
  const registers = [registry];
  const webhooks = new Counter({
    name: 'messtrack_gateway_webhooks_total',
    help: 'Webhook requests by provider (whatsapp, telegram, other) and HTTP status of our answer.',
    labelNames: ['provider', 'status'],
    registers,
  });
  const events = new Counter({
    name: 'messtrack_gateway_events_total',
    help: 'Touchpoints published, by kind of message, or identity_change, delivery_status, contact_state.',
    labelNames: ['kind'],
    registers,
  });
  const drops = new Counter({
    name: 'messtrack_gateway_drops_total',
    help: 'Elements of authenticated webhooks that are nothing to attribute, by closed reason code.',
    labelNames: ['reason'],
    registers,
  });
  const internalMessages = new Counter({
    name: 'messtrack_gateway_internal_messages_total',
    help: "Messages marked as the workspace's own, by reason (staff, bot): recorded like any other, and no lead starts with them.",
    labelNames: ['reason'],
    registers,
  });
  const codes = new Counter({
    name: 'messtrack_gateway_codes_total',
    help: 'Codes found in messages, by carrier and state: intact, damaged (one slip away from a code, or put right), fragment (an invisible code of which too much is gone).',
    labelNames: ['carrier', 'state'],
    registers,
  });
  const deadLetters = new Counter({
    name: 'messtrack_gateway_dead_letters_total',
    help: 'Elements of authenticated webhooks that could not be read and went to touchpoints.v1.dlq, by closed reason code.',
    labelNames: ['reason'],
    registers,
  });
  const signatureFailures = new Counter({
    name: 'messtrack_gateway_signature_failures_total',
    help: 'Webhook requests whose signature, secret token or verify token was missing or wrong, by provider.',
    labelNames: ['provider'],
    registers,
  });
  const polls = new Counter({
    name: 'messtrack_gateway_polls_total',
    help: 'Questions to Telegram for updates (accounts with updates: polling), by result: updates, empty, not_stored, webhook_set, other_poller, unauthorized, rate_limited, unavailable.',
    labelNames: ['workspace', 'account', 'result'],
    registers,
  });
  const ack = new Histogram({
    name: 'messtrack_gateway_ack_seconds',
    help: 'Time from handing the records of a webhook to the log until all were durable. Seconds.',
    buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
    registers,
  });
  return {
    webhook: (provider, status) => webhooks.inc({ provider, status: String(status) }),
    event: (kind) => events.inc({ kind }),
    drop: (reason) => drops.inc({ reason }),
    internalMessage: (reason) => internalMessages.inc({ reason }),
    codes: (carrier, state, count) => codes.inc({ carrier, state }, count),
    deadLetter: (reason) => deadLetters.inc({ reason }),
    signatureFailure: (provider) => signatureFailures.inc({ provider }),
    poll: (workspace, account, result) => polls.inc({ workspace, account, result }),
    acknowledged: (seconds) => ack.observe(seconds),
  };
}
