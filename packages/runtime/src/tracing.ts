import {
  type Attributes,
  type Context,
  context,
  propagation,
  ROOT_CONTEXT,
  type Span,
  SpanKind,
  SpanStatusCode,
  trace,
} from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { W3CTraceContextPropagator } from '@opentelemetry/core';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { BasicTracerProvider, BatchSpanProcessor, type SpanExporter } from '@opentelemetry/sdk-trace-base';
import type { Running } from './lifecycle.ts';

export interface TracingOptions {
  /** `service.name` of the spans. */
  readonly service: string;
  /** Base URL of an OTLP/HTTP collector (OTEL_EXPORTER_OTLP_ENDPOINT), e.g. http://collector:4318. Without one no span is recorded. */
  readonly endpoint?: string | undefined;
  /** Takes the spans instead of the collector; for tests. */
  readonly exporter?: SpanExporter | undefined;
}

const TRACER = 'messtrack';

/**
 * Turns trace context on for the process. Context is carried from request to record to record in any case: a caller's `traceparent` reaches
 * leads.v1 even where no collector is configured. Spans are recorded and exported only with an endpoint.
 * Call it once per process, before anything that makes spans.
 */
export function startTracing(options: TracingOptions): Running<void> {
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  propagation.setGlobalPropagator(new W3CTraceContextPropagator());
  const exporter =
    options.exporter ?? (options.endpoint === undefined ? undefined : new OTLPTraceExporter({ url: tracesUrl(options.endpoint) }));
  const provider =
    exporter === undefined
      ? undefined
      : new BasicTracerProvider({
          resource: resourceFromAttributes({ 'service.name': options.service }),
          // Drops spans when its queue of 2,048 is full: a slow collector must not slow the data path.
          spanProcessors: [new BatchSpanProcessor(exporter)],
        });
  if (provider !== undefined) trace.setGlobalTracerProvider(provider);
  return {
    value: undefined,
    async close() {
      await provider?.shutdown();
      trace.disable();
      propagation.disable();
      context.disable();
    },
  };
}

/** The `traceparent` header of the span now active; undefined when there is none. Goes into `encodeHeaders`. */
export function currentTraceparent(): string | undefined {
  const carrier: Record<string, string> = {};
  propagation.inject(context.active(), carrier);
  return carrier['traceparent'];
}

/**
 * Runs `work` in a span that continues `traceparent` (of an HTTP request or a record); a missing or malformed one starts a new trace.
 * A rejection marks the span as failed, by the error's class only, and is passed on. Attributes: ids and counts, no personal data.
 */
export async function inSpan<T>(
  name: string,
  kind: 'server' | 'consumer' | 'producer' | 'internal',
  traceparent: string | undefined,
  attributes: Attributes,
  work: (span: Span) => Promise<T>,
): Promise<T> {
  const parent = traceparent === undefined ? context.active() : fromTraceparent(traceparent);
  const span = trace.getTracer(TRACER).startSpan(name, { kind: SPAN_KINDS[kind], attributes }, parent);
  try {
    return await context.with(trace.setSpan(parent, span), () => work(span));
  } catch (error) {
    span.setStatus({ code: SpanStatusCode.ERROR, message: error instanceof Error ? error.name : 'unknown' });
    throw error;
  } finally {
    span.end();
  }
}

const SPAN_KINDS = {
  server: SpanKind.SERVER,
  consumer: SpanKind.CONSUMER,
  producer: SpanKind.PRODUCER,
  internal: SpanKind.INTERNAL,
} as const;

function fromTraceparent(traceparent: string): Context {
  return propagation.extract(ROOT_CONTEXT, { traceparent });
}

function tracesUrl(endpoint: string): string {
  return `${endpoint.replace(/\/+$/, '')}/v1/traces`;
}
