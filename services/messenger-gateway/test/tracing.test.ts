import { startTracing } from '@messtrack/runtime/tracing.ts';
import { InMemorySpanExporter } from '@opentelemetry/sdk-trace-base';
import { expect, it } from 'vitest';
import { DEFAULT_GATEWAY_SETTINGS } from '../src/config.ts';
import { openGateway, TG_SECRET, tgText } from './gateway.ts';

/** Spans are read before the exporter forgets them at its shutdown. */
class KeepingExporter extends InMemorySpanExporter {
  override shutdown(): Promise<void> {
    return Promise.resolve();
  }
}

it('makes a span of a webhook, child of the request and parent of the record, where traces are collected', async () => {
  const exporter = new KeepingExporter();
  const tracing = startTracing({ service: 'test', exporter });
  const gateway = await openGateway(undefined, { ...DEFAULT_GATEWAY_SETTINGS, isTracing: true });
  await gateway.app.inject({
    method: 'POST',
    url: '/hooks/telegram/acme/sales-tg',
    headers: { 'x-telegram-bot-api-secret-token': TG_SECRET, traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01' },
    payload: JSON.stringify(tgText('hi')),
  });
  const record = gateway.log.records.find(({ headers }) => headers['type'] === 'Touchpoint.message');
  await gateway.service.close?.();
  await tracing.close?.();

  const [span] = exporter.getFinishedSpans();
  expect(span?.name).toBe('POST /hooks');
  expect(span?.parentSpanContext?.spanId).toBe('b7ad6b7169203331');
  expect(record?.headers['traceparent']).toBe(`00-0af7651916cd43dd8448eb211c80319c-${span?.spanContext().spanId}-01`);
});
