import { createDurations, createLabelledTally } from '@messtrack/runtime/tally.ts';
import { Counter, Gauge, type Registry } from 'prom-client';
import type { CheckResult } from './adapters/account-check-record.ts';
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

/** How tracking does, per account: what the alerts of deploy/prometheus/tracking-health.rules.yaml ask for. */
export interface AccountMetrics {
  message(workspace: string, account: string, evidence: string, isNumberHidden: boolean): void;
  signatureFailure(workspace: string, account: string): void;
  /** What the provider said when asked. */
  check(workspace: string, account: string, result: CheckResult): void;
}

export function createAccountMetrics(registry: Registry): AccountMetrics {
  const registers = [registry];
  const labelNames = ['workspace', 'account'];
  const messages = createLabelledTally({
    name: 'messtrack_gateway_account_messages_total',
    help: 'Messages of people per account, by the best evidence in them: code, identifier (referral, reply, start payload), damaged_code, greeting (ours, its code gone), none.',
    labelNames: ['workspace', 'account', 'evidence'],
    registers,
  });
  const hidden = new Counter({
    name: 'messtrack_gateway_account_hidden_numbers_total',
    help: 'Of these messages, those whose sender hides the phone number (WhatsApp).',
    labelNames,
    registers,
  });
  const failures = new Counter({
    name: 'messtrack_gateway_account_signature_failures_total',
    help: 'Webhooks to a known account whose proof of origin was missing or wrong.',
    labelNames,
    registers,
  });
  const checks = new Gauge({
    name: 'messtrack_gateway_account_check',
    help: 'What the provider says of an account when asked, every 15 minutes: 1 good, 0 bad. check: token (accepted), token_expiry (more than a week away), quality (WhatsApp rating is not red), number (WhatsApp lets it work), webhook (the provider posts to an address of ours, with the events and the secret that it takes; Telegram: without errors), subscription (WhatsApp, Messenger, Instagram: our app gets the webhooks), connection (Telegram Business: connected, with the right to answer), device (the number, session or instance behind the account works).',
    labelNames: [...labelNames, 'check'],
    registers,
  });
  const expiry = new Gauge({
    name: 'messtrack_gateway_account_token_expiry_seconds',
    help: 'When the access token of an account ends, unix time; 0 when it never does. Only where the provider says so (WhatsApp with app_id).',
    labelNames,
    registers,
  });
  const limit = new Gauge({
    name: 'messtrack_gateway_account_messaging_limit_people',
    help: 'People whom the portfolio of a WhatsApp number may write to first within 24 hours; -1 without limit.',
    labelNames,
    registers,
  });
  return {
    message(workspace, account, evidence, isNumberHidden) {
      messages.add(1, workspace, account, evidence);
      if (isNumberHidden) hidden.inc({ workspace, account });
    },
    signatureFailure: (workspace, account) => failures.inc({ workspace, account }),
    check(workspace, account, { check, isGood, value }) {
      if (check === 'messaging_limit') limit.set({ workspace, account }, value);
      else checks.set({ workspace, account, check }, isGood ? 1 : 0);
      if (check === 'token_expiry') expiry.set({ workspace, account }, value / 1_000);
    },
  };
}

export interface OutboundMetrics {
  /** An attempt, or a Send, is over. */
  ended(workspace: string, account: string, provider: string, outcome: string): void;
}

export function createOutboundMetrics(registry: Registry): OutboundMetrics {
  const sends = new Counter({
    name: 'messtrack_gateway_sends_total',
    help: 'Ends of attempts to send a message, by account, provider and outcome: sent, deferred (tried again later), unconfirmed, or the reason of the refusal.',
    labelNames: ['workspace', 'account', 'provider', 'outcome'],
    registers: [registry],
  });
  return { ended: (workspace, account, provider, outcome) => sends.inc({ workspace, account, provider, outcome }) };
}

export function createGatewayMetrics(registry: Registry): GatewayMetrics {
  const registers = [registry];
  const webhooks = createLabelledTally({
    name: 'messtrack_gateway_webhooks_total',
    help: 'Webhook requests by provider (whatsapp, telegram, other) and HTTP status of our answer.',
    labelNames: ['provider', 'status'],
    registers,
  });
  const events = createLabelledTally({
    name: 'messtrack_gateway_events_total',
    help: 'Touchpoints published, by kind of message, or identity_change, delivery_status, contact_state.',
    labelNames: ['kind'],
    registers,
  });
  const drops = createLabelledTally({
    name: 'messtrack_gateway_drops_total',
    help: 'Elements of authenticated webhooks that are nothing to attribute, by closed reason code.',
    labelNames: ['reason'],
    registers,
  });
  const internalMessages = createLabelledTally({
    name: 'messtrack_gateway_internal_messages_total',
    help: "Messages marked as the workspace's own, by reason (staff, bot): recorded like any other, and no lead starts with them.",
    labelNames: ['reason'],
    registers,
  });
  const codes = createLabelledTally({
    name: 'messtrack_gateway_codes_total',
    help: 'Codes found in messages, by carrier and state: intact, damaged (one slip away from a code, or put right), fragment (an invisible code of which too much is gone). Printed code words count as carrier word.',
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
  const ack = createDurations({
    name: 'messtrack_gateway_ack_seconds',
    help: 'Time from handing the records of a webhook to the log until all were durable. Seconds.',
    buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
    registers,
  });
  return {
    webhook: (provider, status) => webhooks.add(1, provider, String(status)),
    event: (kind) => events.add(1, kind),
    drop: (reason) => drops.add(1, reason),
    internalMessage: (reason) => internalMessages.add(1, reason),
    codes: (carrier, state, count) => codes.add(count, carrier, state),
    deadLetter: (reason) => deadLetters.inc({ reason }),
    signatureFailure: (provider) => signatureFailures.inc({ provider }),
    poll: (workspace, account, result) => polls.inc({ workspace, account, result }),
    acknowledged: (seconds) => ack.observe(seconds),
  };
}
