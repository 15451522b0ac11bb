import { setImmediate } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { createGoodbye } from '../src/bus-kafka-goodbye.ts';
import { memoryLog } from './memory-log.ts';

const never = () => new Promise<void>(() => undefined);

function goodbyeOf(ping: () => Promise<void>) {
  const { log, lines } = memoryLog();
  return { goodbye: createGoodbye({ log, ping, patienceMs: 2 }), lines };
}

describe('a close of something that speaks with Kafka', () => {
  it.each([
    ['gives no answer', never],
    ['refuses connections', () => Promise.reject(new Error('ECONNREFUSED'))],
  ])('is not waited for when Kafka %s, and one line says so for all of them', async (_, ping) => {
    const { goodbye, lines } = goodbyeOf(ping);
    await goodbye(never);
    await goodbye(never);
    expect(lines()).toMatchObject([{ level: 'warn' }]);
  });

  it('is waited for however long it takes while Kafka answers', async () => {
    let questions = 0;
    const enough = Promise.withResolvers<void>();
    const { goodbye, lines } = goodbyeOf(async () => {
      questions += 1;
      // Two of three unanswered are no silence.
      if (questions % 3 !== 0) throw new Error('not now');
      if (questions > 20) enough.resolve();
    });
    await goodbye(() => enough.promise);
    expect(questions).toBeGreaterThan(20);
    expect(lines()).toEqual([]);
  });

  it('ends with no question under way: asked while the client of the questions is being closed, it would connect it again', async () => {
    let underWay = 0;
    const first = Promise.withResolvers<void>();
    const { goodbye } = goodbyeOf(async () => {
      underWay += 1;
      first.resolve();
      await setImmediate();
      underWay -= 1;
    });
    // One that ends at once, and one that ends while the first question is asked.
    await goodbye(async () => undefined);
    expect(underWay).toBe(0);
    await goodbye(() => first.promise);
    expect(underWay).toBe(0);
  });

  it('that ends or fails by itself is taken as it is', async () => {
    const { goodbye, lines } = goodbyeOf(never);
    await goodbye(async () => undefined);
    await expect(goodbye(() => Promise.reject(new Error('a surprise')))).rejects.toThrow('a surprise');
    expect(lines()).toEqual([]);
  });
});
