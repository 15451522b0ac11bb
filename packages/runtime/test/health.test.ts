import { describe, expect, it, vi } from 'vitest';
import { createHealth, judgeLive, judgeReady } from '../src/health.ts';

describe('the judgement', () => {
  it('is alive while every loop is within its bound, the bound included', () => {
    expect(judgeLive([])).toEqual({ isOk: true, findings: [] });
    expect(judgeLive([{ name: 'consumer', ageMs: 1_000, maxAgeMs: 1_000 }]).isOk).toBe(true);
    expect(
      judgeLive([
        { name: 'consumer', ageMs: 1_001, maxAgeMs: 1_000 },
        { name: 'spool', ageMs: 0, maxAgeMs: 1_000 },
      ]),
    ).toEqual({
      isOk: false,
      findings: [
        { name: 'consumer', isOk: false, detail: 'has not moved for 1001 ms, bound 1000 ms' },
        { name: 'spool', isOk: true, detail: '' },
      ],
    });
  });

  it('is ready only when all checks are fine and nothing is stopping', () => {
    const fine = [{ name: 'kafka', isOk: true, detail: '' }];
    expect(judgeReady(fine, 'started').isOk).toBe(true);
    expect(judgeReady([...fine, { name: 'redis', isOk: false, detail: 'failed' }], 'started').isOk).toBe(false);
    expect(judgeReady(fine, 'stopping')).toEqual({
      isOk: false,
      findings: [...fine, { name: 'lifecycle', isOk: false, detail: 'stopping' }],
    });
  });
});

describe('health', () => {
  it('is ready when its checks resolve, and not when one rejects or throws', async () => {
    const health = createHealth();
    health.setStarted();
    health.addCheck('kafka', async () => undefined);
    expect((await health.ready()).isOk).toBe(true);
    health.addCheck('redis', () => Promise.reject(Object.assign(new Error('redis://:hunter2@host refused'), { code: 'ECONNREFUSED' })));
    health.addCheck('clickhouse', () => {
      throw new TypeError('defect');
    });
    const report = await health.ready();
    expect(report).toEqual({
      isOk: false,
      findings: [
        { name: 'kafka', isOk: true, detail: '' },
        { name: 'redis', isOk: false, detail: 'Error ECONNREFUSED' },
        { name: 'clickhouse', isOk: false, detail: 'TypeError' },
      ],
    });
  });

  it('does not wait for a check that hangs', async () => {
    const health = createHealth({ checkTimeoutMs: 10 });
    health.setStarted();
    health.addCheck('kafka', () => new Promise<void>(() => undefined));
    expect(await health.ready()).toEqual({ isOk: false, findings: [{ name: 'kafka', isOk: false, detail: 'no answer within 10 ms' }] });
  });

  it('is not ready while it starts, whatever its checks say, and alive', async () => {
    const health = createHealth();
    expect(await health.ready()).toEqual({ isOk: false, findings: [{ name: 'lifecycle', isOk: false, detail: 'starting' }] });
    expect(health.live().isOk).toBe(true);
    health.setStarted();
    expect((await health.ready()).isOk).toBe(true);
  });

  it('is not ready from the moment it stops, and still alive; a start that ends late changes nothing', async () => {
    const health = createHealth();
    health.setStarted();
    health.setStopping();
    health.setStarted();
    expect((await health.ready()).isOk).toBe(false);
    expect(health.live().isOk).toBe(true);
  });

  it('takes no loop for stuck because the clock was set', () => {
    const turnedAt = performance.now();
    const health = createHealth();
    health.addProgress('consumer', () => turnedAt, 60_000);
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 3_600_000 });
    try {
      expect(health.live().isOk).toBe(true);
    } finally {
      vi.useRealTimers();
    }
  });

  it('measures the age of a loop by its own clock', () => {
    let now = 5_000;
    const health = createHealth({ now: () => now });
    health.addProgress('consumer', () => 4_000, 1_500);
    expect(health.live().isOk).toBe(true);
    now = 5_501;
    expect(health.live().isOk).toBe(false);
  });
});
