import { describe, expect, it } from 'vitest';
import { Lane, LaneFullError } from '../src/lane.ts';

describe('Lane', () => {
  it('runs one task at a time, in order', async () => {
    const lane = new Lane(10);
    const events: string[] = [];
    const task = (name: string) => async () => {
      events.push(`${name} begins`);
      await Promise.resolve();
      events.push(`${name} ends`);
    };
    await Promise.all([lane.run(task('a')), lane.run(task('b'))]);
    expect(events).toEqual(['a begins', 'a ends', 'b begins', 'b ends']);
  });

  it('refuses what is over its bound, and takes again once there is room', async () => {
    const lane = new Lane(1);
    const gate = Promise.withResolvers<void>();
    const running = lane.run(() => gate.promise);
    const waiting = lane.run(async () => 'waited');
    await expect(lane.run(async () => 'third')).rejects.toThrow(LaneFullError);
    gate.resolve();
    await running;
    expect(await waiting).toBe('waited');
    expect(await lane.run(async () => 'later')).toBe('later');
  });

  it('goes on after a task that failed', async () => {
    const lane = new Lane(2);
    const failing = lane.run(() => Promise.reject(new Error('no')));
    const next = lane.run(async () => 1);
    await expect(failing).rejects.toThrow('no');
    expect(await next).toBe(1);
    expect(lane.size).toBe(0);
  });
});
