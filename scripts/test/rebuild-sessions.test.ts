import { once } from 'node:events';
import { createServer } from 'node:net';
import { startGuarded } from '@messtrack/testing/guarded-process.ts';
import { describe, expect, it } from 'vitest';

/** First byte of a TLS handshake (RFC 8446 §5.1). */
const HANDSHAKE = 22;

function run(env: Readonly<Record<string, string>>) {
  return startGuarded({ command: process.execPath, args: ['scripts/rebuild-sessions.ts'], env });
}

describe('npm run rebuild-sessions', () => {
  it('speaks to brokers as the services do', async () => {
    const first = Promise.withResolvers<number>();
    const broker = createServer((socket) => {
      socket.on('error', () => undefined);
      socket.once('data', (bytes) => {
        first.resolve(bytes[0]!);
        socket.destroy();
      });
    });
    broker.listen(0, '127.0.0.1');
    await once(broker, 'listening');
    const address = broker.address();
    if (address === null || typeof address === 'string') throw new Error('no TCP port');
    const rebuild = await run({ KAFKA_BROKERS: `127.0.0.1:${address.port}`, KAFKA_SSL: 'true', REDIS_URL: 'redis://127.0.0.1:1' });
    try {
      expect(await first.promise).toBe(HANDSHAKE);
    } finally {
      await rebuild.kill();
      broker.close();
    }
  });

  it('says every problem of its environment at once, and no secret', async () => {
    const rebuild = await run({ KAFKA_BROKERS: 'kafka', KAFKA_SASL_PASSWORD: 'hunter2', REDIS_URL: '' });
    expect((await rebuild.exited).code).toBe(1);
    const output = rebuild.output();
    for (const name of ['KAFKA_BROKERS', 'KAFKA_SASL_MECHANISM', 'KAFKA_SASL_USERNAME', 'REDIS_URL']) expect(output).toContain(`${name}: `);
    expect(output).not.toContain('hunter2');
  });
});
