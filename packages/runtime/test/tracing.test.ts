import { SpanStatusCode } from '@opentelemetry/api';
import { InMemorySpanExporter } from '@opentelemetry/sdk-trace-base';
import { afterEach, describe, expect, it } from 'vitest';
import type { Running } from '../src/lifecycle.ts';
import { currentTraceparent, inSpan, startTracing } from '../src/tracing.ts';

const INCOMING = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
const TRACE_ID = '0af7651916cd43dd8448eb211c80319c';

let running: Running<void> | undefined;

afterEach(async () => {
  await running?.close?.();
  running = undefined;
});

/** Spans are read before the exporter forgets them at its shutdown. */
class KeepingExporter extends InMemorySpanExporter {
  override shutdown(): Promise<void> {
    return Promise.resolve();
  }
}

describe('tracing', () => {
  it('passes the trace context on without a collector, also over awaits', async () => {
    running = startTracing({ service: 'test' });
    const seen = await inSpan('work', 'consumer', INCOMING, {}, async () => {
      await new Promise((resolve) => setImmediate(resolve));
      return currentTraceparent();
    });
    expect(seen).toBe(INCOMING);
    expect(currentTraceparent()).toBeUndefined();
  });

  it('has no trace context where nobody sent one and nothing records', async () => {
    running = startTracing({ service: 'test' });
    expect(await inSpan('work', 'server', undefined, {}, async () => currentTraceparent())).toBeUndefined();
    expect(await inSpan('work', 'server', 'garbage', {}, async () => currentTraceparent())).toBeUndefined();
  });

  it('records spans that continue the trace of the caller and nest', async () => {
    const exporter = new KeepingExporter();
    running = startTracing({ service: 'test', exporter });
    const inner = await inSpan('outer', 'server', INCOMING, { 'messtrack.workspace': 'acme' }, () =>
      inSpan('inner', 'producer', undefined, {}, async () => currentTraceparent()),
    );
    expect(inner).toMatch(new RegExp(`^00-${TRACE_ID}-[0-9a-f]{16}-01$`));
    await running.close?.();
    running = undefined;
    const [child, parent] = exporter.getFinishedSpans();
    expect(parent).toMatchObject({ name: 'outer', attributes: { 'messtrack.workspace': 'acme' } });
    expect(parent?.parentSpanContext?.spanId).toBe('b7ad6b7169203331');
    expect(child?.parentSpanContext?.spanId).toBe(parent?.spanContext().spanId);
    expect(parent?.resource.attributes['service.name']).toBe('test');
  });

  it('marks the span of a rejection by the class of its error and passes it on', async () => {
    const exporter = new KeepingExporter();
    running = startTracing({ service: 'test', exporter });
    const error = new TypeError('hunter2');
    await expect(inSpan('work', 'internal', undefined, {}, () => Promise.reject(error))).rejects.toBe(error);
    await running.close?.();
    running = undefined;
    expect(exporter.getFinishedSpans()[0]?.status).toEqual({ code: SpanStatusCode.ERROR, message: 'TypeError' });
  });
});
