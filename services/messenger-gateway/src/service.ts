/** Wires the gateway from given clients; `main.ts` and the standalone do the same with theirs. */
import type { Bus } from '@messtrack/runtime/bus.ts';
import type { Running } from '@messtrack/runtime/lifecycle.ts';
import { currentTraceparent, inSpan } from '@messtrack/runtime/tracing.ts';
import type { JoinStore } from '@messtrack/sessions/join-store.ts';
import { announceEpochs } from '@messtrack/workspace/epoch-records.ts';
import type { WorkspaceRegistry } from '@messtrack/workspace/workspace.ts';
import type { FastifyInstance } from 'fastify';
import type { Logger } from 'pino';
import type { Registry } from 'prom-client';
import type { MessengerSide } from './adapters/grpc-messenger.ts';
import { directoryOf, registerHookRoutes } from './adapters/http-routes.ts';
import { createLastInbound } from './adapters/last-inbound.ts';
import { busOutbox } from './adapters/outbox.ts';
import { startPollers } from './adapters/telegram-pollers.ts';
import { type AppWebhook, createReceiveForApp } from './app-pipeline.ts';
import type { GatewaySettings } from './config.ts';
import { createAccountMetrics, createGatewayMetrics, createOutboundMetrics } from './metrics.ts';
import { startOutbound } from './outbound.ts';
import { type Answer, createReceive, createTake } from './pipeline.ts';
import type { Clock } from './ports.ts';

export interface GatewayOptions {
  /** Routes are registered in a scope of their own; the caller listens, after this has resolved. */
  readonly app: FastifyInstance;
  /** Topics must exist. */
  readonly bus: Bus;
  readonly workspaces: WorkspaceRegistry;
  /** Knows when people last wrote; without it only messages since the start are known. */
  readonly joins?: Pick<JoinStore, 'read'> | undefined;
  readonly settings: GatewaySettings;
  readonly log: Logger;
  readonly registry: Registry;
  readonly clock?: Clock | undefined;
}

export interface GatewayService {
  /** Resolves when the log answers; for readiness. */
  ping(): Promise<void>;
  /** Sending; undefined when the settings have no `outbound`. */
  readonly messenger: MessengerSide | undefined;
}

/**
 * Starts the gateway. Settings are announced first: a message must not stand in the log before the settings it is judged by.
 * Close the HTTP server before this: requests in flight still write.
 */
export async function startGateway(options: GatewayOptions): Promise<Running<GatewayService>> {
  const { app, bus, workspaces, log, registry } = options;
  const clock = options.clock ?? Date.now;
  const metrics = createGatewayMetrics(registry);
  const producer = await bus.producer();
  const announcer = await announceEpochs(workspaces, producer, clock, log);
  const surprise = Promise.withResolvers<never>();
  // Whoever runs us listens; without a listener a rejection must not end the process a second way.
  surprise.promise.catch(() => undefined);

  const directory = directoryOf(() => workspaces.current());
  const accounts = createAccountMetrics(registry);
  const lastInbound = createLastInbound(options.joins);
  const outbound =
    options.settings.outbound === undefined
      ? undefined
      : startOutbound({
          bus,
          producer,
          workspaces: () => workspaces.current(),
          lastInbound,
          settings: options.settings.outbound,
          metrics: createOutboundMetrics(registry),
          accounts,
          log,
          clock,
          onSurprise: (error) => {
            log.error({ err: error }, 'sending met an error nobody expected');
            surprise.reject(error);
          },
        });
  const ports = {
    directory,
    outbox: busOutbox(producer, metrics.acknowledged),
    metrics,
    clock,
    accounts,
    conversations: outbound === undefined ? undefined : lastInbound,
  };
  const accept = createReceive(ports);
  const receive = options.settings.isTracing ? traced(accept) : accept;
  await registerHookRoutes(app, {
    directory,
    metrics,
    receive,
    receiveForApp: options.settings.isTracing ? traced(createReceiveForApp(ports)) : createReceiveForApp(ports),
    onSurprise: (error) => {
      log.error({ err: error }, 'a webhook met an error nobody expected');
      surprise.reject(error);
    },
  });

  // Last: what is asked for is written under settings that stand in the log.
  const pollers = startPollers({
    workspaces,
    take: createTake(ports),
    apiUrl: options.settings.telegramApiUrl,
    timings: options.settings.pollTimings,
    log,
    onResult: metrics.poll,
    onSurprise: (error) => {
      log.error({ err: error }, 'asking Telegram for updates met an error nobody expected');
      surprise.reject(error);
    },
  });

  return {
    value: { ping: () => bus.ping(), messenger: outbound?.messenger },
    close: async () => {
      await pollers.close();
      await outbound?.close();
      await announcer.close();
      await producer.close();
    },
    failed: surprise.promise,
  };
}

/** A span per webhook; its context goes into the records, so that it is the parent of whatever they cause. */
function traced<W extends AppWebhook>(receive: (webhook: W) => Promise<Answer>): (webhook: W) => Promise<Answer> {
  return (webhook) =>
    inSpan('POST /hooks', 'server', webhook.header('traceparent'), { 'messtrack.provider': webhook.provider }, () =>
      receive({ ...webhook, header: (name) => (name === 'traceparent' ? currentTraceparent() : webhook.header(name)) }),
    );
}
