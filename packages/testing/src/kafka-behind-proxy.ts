import { type FaultProxy, startFaultProxy } from './fault-proxy.ts';
import { freePort } from './free-port.ts';
import { type KafkaInstance, startNativeKafka } from './kafka.ts';

export interface KafkaBehindProxy {
  readonly kafka: KafkaInstance;
  readonly proxy: FaultProxy;
  stop(): Promise<void>;
}

/** A broker that names the proxy's port as its own: clients that follow what it says of itself stay behind the proxy, too. */
export async function startKafkaBehindProxy(): Promise<KafkaBehindProxy> {
  const port = await freePort();
  const kafka = await startNativeKafka({ advertisedPort: port });
  const proxy = await startFaultProxy({ targetPort: kafka.port, port }).catch(async (error: unknown) => {
    await kafka.stop();
    throw error;
  });
  return {
    kafka,
    proxy,
    async stop() {
      await proxy.close();
      await kafka.stop();
    },
  };
}
