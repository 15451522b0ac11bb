/**
 * A broker that was too slow once is not given up for ever. kafkajs opens a connection and asks which versions the broker speaks; an answer that takes longer than its two seconds (a broker that has just
 * been started, or whose machine is busy) fails the attempt and leaves the connection open. From then on "connected" is all that it looks at: the question is never asked again, and every request fails
 * with "Broker not connected" for as long as the connection stands, while whoever waits for the broker waits for ever. So the connection goes with the question.
 */
import Broker from 'kafkajs/src/broker/index.js';

let isInstalled = false;

/** From here on every kafkajs client of this process begins anew where it was not answered. Safe to call again. */
export function installWholeHandshake(): void {
  if (isInstalled) return;
  isInstalled = true;
  const { apiVersions } = Broker.prototype;
  Broker.prototype.apiVersions = async function (this: Broker) {
    try {
      return await apiVersions.call(this);
    } catch (error) {
      // kafkajs asks while it holds the broker's lock: nobody else finds the connection in between. Its own disconnect ends the socket and still listens: the other side's goodbye would end the next connection.
      for (const { socket } of this.connectionPool.pool) socket?.destroy();
      await this.disconnect();
      throw error;
    }
  };
}
