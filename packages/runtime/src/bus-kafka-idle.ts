/**
 * Connections of kafkajs that rest. After every answer a connection looks when it may send what waits, and arms a timer for that also where nothing waits: with a delay below zero, which Node takes for a
 * millisecond, and whose look arms the next. So every connection that has ever been answered wakes its process a thousand times a second for as long as it stands; a matcher has thirty.
 *
 * Here a timer is armed where something waits. What waits because too much is under way is also looked for with every answer; what waits because the broker asked for a pause is sent when that is over.
 */
import RequestQueue from 'kafkajs/src/network/requestQueue/index.js';

const schedule = RequestQueue.prototype.scheduleCheckPendingRequests;

/** From here on no connection of kafkajs in this process wakes it for nothing. Safe to call again. */
export function installRestingConnections(): void {
  RequestQueue.prototype.scheduleCheckPendingRequests = function (this: RequestQueue) {
    if (this.pending.length > 0) schedule.call(this);
  };
}
