import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { type ProcessHandle, type Running, runService, type Use } from '../src/lifecycle.ts';
import { memoryLog } from './memory-log.ts';

afterEach(() => {
  vi.useRealTimers();
});

interface FakeProcess extends ProcessHandle {
  signal(name: string): void;
  uncaught(error: unknown): void;
  readonly exits: number[];
}

function fakeProcess(): FakeProcess {
  const exits: number[] = [];
  let onSignal: (signal: string) => void = () => {
    throw new Error('no signal handler yet');
  };
  let onUncaught: (error: unknown) => void = () => {
    throw new Error('no handler for uncaught errors yet');
  };
  return {
    exits,
    onStopSignal: (handler) => {
      onSignal = handler;
    },
    onUncaught: (handler) => {
      onUncaught = handler;
    },
    exit: (code) => void exits.push(code),
    signal: (name) => onSignal(name),
    uncaught: (error) => onUncaught(error),
  };
}

/** Runs a service built by `build` and reports what opened and closed, in order. */
function run(build: (use: Use, story: string[]) => Promise<void>, drainTimeoutMs = 10_000, onStopping?: () => void) {
  const story: string[] = [];
  const memory = memoryLog();
  const proc = fakeProcess();
  const built = Promise.withResolvers<void>();
  const ended = runService(memory.log, { drainTimeoutMs, onStopping }, proc, async (use) => {
    await build(use, story);
    built.resolve();
  });
  return { story, proc, ended, memory, built: built.promise };
}

function part(story: string[], name: string, extra: Partial<Running<string>> = {}): Promise<Running<string>> {
  story.push(`start ${name}`);
  return Promise.resolve({
    value: name,
    close: async () => {
      story.push(`close ${name}`);
    },
    ...extra,
  });
}

describe('runService', () => {
  it('ends a start that waits when it is stopped, closes what there is and exits 0', async () => {
    const { log, lines } = memoryLog();
    const proc = fakeProcess();
    const waiting = Promise.withResolvers<void>();
    const story: string[] = [];
    const ended = runService(log, { drainTimeoutMs: 10_000 }, proc, async (use, stopping) => {
      await use('admin', part(story, 'admin'));
      waiting.resolve();
      await new Promise((_, reject) => stopping.addEventListener('abort', () => reject(stopping.reason as Error)));
    });
    await waiting.promise;
    proc.signal('SIGTERM');
    await ended;
    expect(proc.exits).toEqual([0]);
    expect(story).toEqual(['start admin', 'close admin']);
    expect(lines().map(({ msg }) => msg)).toEqual(['stopping', 'stopped']);
  });

  it.each(['SIGTERM', 'SIGINT'])('starts in order, stops in reverse on %s and exits 0', async (signal) => {
    const service = run(async (use, story) => {
      expect(await use('redis', part(story, 'redis'))).toBe('redis');
      await use('kafka', part(story, 'kafka'));
      await use('http', part(story, 'http'));
    });
    await service.built;
    service.proc.signal(signal);
    await service.ended;
    expect(service.story).toEqual(['start redis', 'start kafka', 'start http', 'close http', 'close kafka', 'close redis']);
    expect(service.proc.exits).toEqual([0]);
  });

  it('waits for each close before the next begins', async () => {
    const service = run(async (use, story) => {
      await use('store', part(story, 'store'));
      await use('consumer', {
        value: 1,
        close: async () => {
          await delay(5);
          story.push('consumer drained');
        },
      });
    });
    await service.built;
    service.proc.signal('SIGTERM');
    await service.ended;
    expect(service.story).toEqual(['start store', 'consumer drained', 'close store']);
  });

  it('rolls back a partial start in reverse and exits 1 with the reason logged', async () => {
    const service = run(async (use, story) => {
      await use('redis', part(story, 'redis'));
      await use('kafka', part(story, 'kafka'));
      await use('http', Promise.reject(new Error('port taken')));
      story.push('never');
    });
    await service.ended;
    expect(service.story).toEqual(['start redis', 'start kafka', 'close kafka', 'close redis']);
    expect(service.proc.exits).toEqual([1]);
    expect(service.memory.text()).toContain('port taken');
  });

  it('stops what is started when the signal comes during the start, starts nothing more and exits 0', async () => {
    const gate = Promise.withResolvers<Running<string>>();
    const kafkaStarts = Promise.withResolvers<void>();
    const story: string[] = [];
    const service = run(async (use) => {
      await use('redis', part(story, 'redis'));
      kafkaStarts.resolve();
      await use('kafka', gate.promise);
      await use('http', part(story, 'http'));
    });
    await kafkaStarts.promise;
    service.proc.signal('SIGTERM');
    gate.resolve(await part(story, 'kafka'));
    await service.ended;
    expect(story).toEqual(['start redis', 'start kafka', 'close kafka', 'close redis']);
    expect(service.proc.exits).toEqual([0]);
  });

  it('drains and exits 1 when a component fails by itself', async () => {
    const crash = Promise.withResolvers<never>();
    const service = run(async (use, story) => {
      await use('store', part(story, 'store'));
      await use('consumer', part(story, 'consumer', { failed: crash.promise }));
    });
    await service.built;
    crash.reject(new Error('consumer crashed'));
    await service.ended;
    expect(service.story.slice(-2)).toEqual(['close consumer', 'close store']);
    expect(service.proc.exits).toEqual([1]);
    expect(service.memory.lines()).toContainEqual(
      expect.objectContaining({ level: 'fatal', msg: 'component failed', component: 'consumer' }),
    );
  });

  it('exits 1 when a component fails while the service drains', async () => {
    const crash = Promise.withResolvers<never>();
    const service = run(async (use, story) => {
      await use('consumer', part(story, 'consumer', { failed: crash.promise }));
      await use('http', {
        value: 1,
        close: async () => {
          crash.reject(new Error('crashed in the drain'));
          await delay(1);
        },
      });
    });
    await service.built;
    service.proc.signal('SIGTERM');
    await service.ended;
    expect(service.proc.exits).toEqual([1]);
  });

  it('exits 1 at the drain deadline and names what is still open', async () => {
    const service = run(async (use, story) => {
      await use('store', part(story, 'store'));
      await use('stuck', { value: 1, close: () => new Promise<void>(() => undefined) });
    }, 20);
    await service.built;
    service.proc.signal('SIGTERM');
    await expect.poll(() => service.proc.exits).toEqual([1]);
    expect(service.memory.lines()).toContainEqual(expect.objectContaining({ msg: 'drain deadline exceeded', open: ['store', 'stuck'] }));
    expect(service.story).toEqual(['start store']);
  });

  it('has one deadline for the whole drain, not one per component', async () => {
    vi.useFakeTimers();
    const service = run(async (use, story) => {
      for (const name of ['a', 'b', 'c']) {
        await use(name, part(story, name, { close: () => delayed(600) }));
      }
    }, 1_000);
    await service.built;
    service.proc.signal('SIGTERM');
    await vi.advanceTimersByTimeAsync(999);
    expect(service.proc.exits).toEqual([]);
    await vi.advanceTimersByTimeAsync(1);
    expect(service.proc.exits).toEqual([1]);
  });

  it('closes the others when one close fails, and exits 1', async () => {
    const service = run(async (use, story) => {
      await use('store', part(story, 'store'));
      await use('http', { value: 1, close: () => Promise.reject(new Error('already gone')) });
    });
    await service.built;
    service.proc.signal('SIGTERM');
    await service.ended;
    expect(service.story).toEqual(['start store', 'close store']);
    expect(service.proc.exits).toEqual([1]);
    expect(service.memory.lines()).toContainEqual(expect.objectContaining({ msg: 'close failed', component: 'http' }));
  });

  it('exits at once with 1 on a second signal, but takes the echo of a forwarded Ctrl-C for the first', async () => {
    vi.useFakeTimers();
    const service = run(async (use) => {
      await use('stuck', { value: 1, close: () => new Promise<void>(() => undefined) });
    });
    await service.built;
    service.proc.signal('SIGINT');
    await vi.advanceTimersByTimeAsync(20);
    service.proc.signal('SIGINT');
    expect(service.proc.exits).toEqual([]);
    await vi.advanceTimersByTimeAsync(600);
    service.proc.signal('SIGINT');
    expect(service.proc.exits).toEqual([1]);
  });

  it('takes a second signal for one although the clock was set back since the first', async () => {
    vi.useFakeTimers();
    const service = run(async (use) => {
      await use('stuck', { value: 1, close: () => new Promise<void>(() => undefined) });
    });
    await service.built;
    service.proc.signal('SIGTERM');
    vi.setSystemTime(Date.now() - 3_600_000);
    await vi.advanceTimersByTimeAsync(600);
    service.proc.signal('SIGTERM');
    expect(service.proc.exits).toEqual([1]);
  });

  it('logs an uncaught error and exits 1 at once, without draining', async () => {
    const service = run(async (use, story) => {
      await use('store', part(story, 'store'));
    });
    await service.built;
    service.proc.uncaught(new TypeError('a defect'));
    expect(service.proc.exits).toEqual([1]);
    expect(service.memory.lines()).toContainEqual(expect.objectContaining({ level: 'fatal', msg: 'uncaught error' }));
    expect(service.story).toEqual(['start store']);
  });

  it('turns readiness red before anything closes', async () => {
    const order: string[] = [];
    const service = run(
      async (use) => {
        await use('http', {
          value: 1,
          close: async () => {
            order.push('close');
          },
        });
      },
      1_000,
      () => order.push('stopping'),
    );
    await service.built;
    service.proc.signal('SIGTERM');
    await service.ended;
    expect(order).toEqual(['stopping', 'close']);
  });
});

function delayed(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
