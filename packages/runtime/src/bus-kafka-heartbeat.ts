/**
 * Heartbeats of kafkajs by the time that passes, not by the clock on the wall. It remembers when it last sent one as `Date.now()` and sends the next when that is an interval ago: after the clock has
 * been set back by an hour no consumer of the process says a word for an hour, the broker gives its partitions to nobody, and what it works on is fenced. The consumer group keeps that moment in
 * one property, which is answered here as if the clock had never been set.
 *
 * Nothing else of kafkajs changes. Requests whose answer is awaited when the clock is set forward count as timed out and are repeated, once.
 */
import ConsumerGroup from 'kafkajs/src/consumer/consumerGroup.js';

/** `performance.now()` when it was last set, per group member. */
const lastRequests = new WeakMap<object, number>();

/** From here on every kafkajs consumer of this process keeps its rhythm. Safe to call again. */
export function installMonotonicHeartbeat(): void {
  Object.defineProperty(ConsumerGroup.prototype, 'lastRequest', {
    configurable: true,
    get(this: object) {
      return Date.now() - (performance.now() - (lastRequests.get(this) ?? performance.now()));
    },
    set(this: object, _atMs: number) {
      lastRequests.set(this, performance.now());
    },
  });
}
