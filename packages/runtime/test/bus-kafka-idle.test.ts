import RequestQueue from 'kafkajs/src/network/requestQueue/index.js';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { installRestingConnections } from '../src/bus-kafka-idle.ts';

const schedule = RequestQueue.prototype.scheduleCheckPendingRequests;

beforeEach(() => {
  vi.useFakeTimers();
  installRestingConnections();
});
afterEach(() => {
  RequestQueue.prototype.scheduleCheckPendingRequests = schedule;
  vi.useRealTimers();
});

/** A connection that takes two requests at once, and what went out on it. */
function connection() {
  const sent: number[] = [];
  const logger = { debug() {}, warn() {} };
  const queue = new RequestQueue({ maxInFlightRequests: 2, requestTimeout: 30_000, clientId: 'test', broker: 'b:1', logger });
  const push = (correlationId: number) => {
    const entry = { correlationId, apiName: 'Fetch', apiKey: 1, apiVersion: 11, resolve() {}, reject() {} };
    queue.push({ entry, expectResponse: true, sendRequest: () => sent.push(correlationId) });
  };
  const answer = (correlationId: number) => queue.fulfillRequest({ correlationId, payload: Buffer.alloc(0), size: 0 });
  return { queue, sent, push, answer };
}

describe('a connection of kafkajs', () => {
  it('arms no timer where nothing waits', () => {
    const { sent, push, answer } = connection();
    push(1);
    push(2);
    answer(1);
    answer(2);
    expect(sent).toEqual([1, 2]);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('sends what waits with the answer that makes room, and rests', () => {
    const { sent, push, answer } = connection();
    [1, 2, 3].forEach(push);
    expect(sent).toEqual([1, 2]);
    answer(1);
    expect(sent).toEqual([1, 2, 3]);
    vi.advanceTimersByTime(100);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('sends what waits when the pause that the broker asked for is over, and not before', () => {
    const { queue, sent, push, answer } = connection();
    queue.maybeThrottle(500);
    push(1);
    vi.advanceTimersByTime(499);
    expect(sent).toEqual([]);
    vi.advanceTimersByTime(2);
    expect(sent).toEqual([1]);
    answer(1);
    expect(vi.getTimerCount()).toBe(0);
  });
});
