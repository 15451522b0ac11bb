import { Counter } from 'prom-client';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type AdminServer, startAdmin } from '../src/admin.ts';
import { createHealth, type Health } from '../src/health.ts';
import type { Running } from '../src/lifecycle.ts';
import { createMetrics } from '../src/metrics.ts';
import { memoryLog } from './memory-log.ts';

let running: Running<AdminServer>;
let health: Health;
let base: string;
const registry = createMetrics();
const counter = new Counter({ name: 'messtrack_test_things_total', help: 'Things counted by this test.', registers: [registry] });

beforeEach(async () => {
  health = createHealth({ checkTimeoutMs: 20 });
  health.setStarted();
  running = await startAdmin({ port: 0, host: '127.0.0.1', health, registry, log: memoryLog().log });
  base = `http://127.0.0.1:${running.value.port}`;
});

afterEach(() => running.close?.());

describe('the admin server', () => {
  it('answers liveness and readiness with their findings', async () => {
    health.addCheck('kafka', async () => undefined);
    const ready = await fetch(`${base}/readyz`);
    expect(ready.status).toBe(200);
    expect(await ready.json()).toEqual({ ok: true, checks: [{ name: 'kafka', ok: true, detail: '' }] });
    expect((await fetch(`${base}/healthz?probe=1`)).status).toBe(200);
  });

  it('turns readiness red, not liveness, when a dependency is away or the service stops', async () => {
    health.addCheck('redis', () => Promise.reject(new Error('away')));
    expect((await fetch(`${base}/readyz`)).status).toBe(503);
    expect((await fetch(`${base}/healthz`)).status).toBe(200);
    health.setStopping();
    expect(await (await fetch(`${base}/readyz`)).json()).toMatchObject({
      checks: [{ name: 'redis' }, { name: 'lifecycle', detail: 'stopping' }],
    });
  });

  it('turns liveness red when a loop is stuck', async () => {
    health.addProgress('consumer', () => performance.now() - 1_001, 1_000);
    expect((await fetch(`${base}/healthz`)).status).toBe(503);
  });

  it('serves the metrics of its registry, the process among them', async () => {
    counter.inc(3);
    const response = await fetch(`${base}/metrics`);
    expect(response.headers.get('content-type')).toContain('text/plain');
    const text = await response.text();
    expect(text).toContain('messtrack_test_things_total 3');
    expect(text).toContain('process_resident_memory_bytes');
    expect(text).toContain('nodejs_eventloop_lag_seconds');
  });

  it('answers HEAD without a body, other methods with 405 and other paths with 404', async () => {
    const head = await fetch(`${base}/healthz`, { method: 'HEAD' });
    expect([head.status, await head.text()]).toEqual([200, '']);
    const post = await fetch(`${base}/healthz`, { method: 'POST' });
    expect([post.status, post.headers.get('allow')]).toEqual([405, 'GET, HEAD']);
    expect((await fetch(`${base}/heap`)).status).toBe(404);
  });

  it('answers 500 without detail when metrics cannot be collected, and goes on', async () => {
    const broken = createMetrics();
    new Counter({
      name: 'messtrack_broken_total',
      help: 'Cannot be collected.',
      registers: [broken],
      collect() {
        throw new Error('hunter2');
      },
    });
    const memory = memoryLog();
    const other = await startAdmin({ port: 0, host: '127.0.0.1', health, registry: broken, log: memory.log });
    const response = await fetch(`http://127.0.0.1:${other.value.port}/metrics`);
    expect([response.status, await response.text()]).toEqual([500, 'internal error\n']);
    expect(memory.lines()).toContainEqual(expect.objectContaining({ msg: 'admin request failed' }));
    expect((await fetch(`http://127.0.0.1:${other.value.port}/healthz`)).status).toBe(200);
    await other.close?.();
  });

  it('rejects when its port is taken', async () => {
    const second = startAdmin({ port: running.value.port, host: '127.0.0.1', health, registry, log: memoryLog().log });
    await expect(second).rejects.toMatchObject({ code: 'EADDRINUSE' });
  });

  it('closes although a scraper keeps its connection open', async () => {
    await (await fetch(`${base}/healthz`)).text();
    await running.close?.();
    await expect(fetch(`${base}/healthz`)).rejects.toThrow();
    running = { value: running.value };
  });
});

describe('metrics', () => {
  it('are separate per registry', async () => {
    const [one, two] = [createMetrics(), createMetrics()];
    new Counter({ name: 'messtrack_same_total', help: 'Same name.', registers: [one] }).inc();
    new Counter({ name: 'messtrack_same_total', help: 'Same name.', registers: [two] });
    expect(await one.metrics()).toContain('messtrack_same_total 1');
    expect(await two.metrics()).toContain('messtrack_same_total 0');
  });
});
