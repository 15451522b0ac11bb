import { connect } from 'node:net';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { IPHONE, startHarness } from './harness.ts';

/** Bytes on the wire, past any client that would not send them. */
describe('a socket that sends anything', () => {
  let harness: Awaited<ReturnType<typeof startHarness>>;
  let port: number;

  beforeAll(async () => {
    harness = await startHarness();
    await harness.app.listen({ host: '127.0.0.1', port: 0 });
    const address = harness.app.server.address();
    port = typeof address === 'object' && address !== null ? address.port : 0;
  });
  afterAll(async () => {
    await harness.close();
  });

  function exchange(head: Uint8Array): Promise<string> {
    return new Promise((resolve) => {
      const socket = connect(port, '127.0.0.1');
      let answer = '';
      socket.on('data', (chunk) => {
        answer += chunk.toString('latin1');
      });
      socket.on('error', () => resolve(answer));
      socket.on('close', () => resolve(answer));
      socket.end(head);
    });
  }

  it('is never answered with an error of ours', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 80 }), fc.uint8Array({ maxLength: 80 }), async (query, header) => {
        const head = Buffer.concat([
          Buffer.from('GET /t/acme/ad?utm_source='),
          query,
          Buffer.from(' HTTP/1.1\r\nhost: x\r\nconnection: close\r\nuser-agent: '),
          header,
          Buffer.from('\r\n\r\n'),
        ]);
        expect(await exchange(head)).not.toMatch(/^HTTP\/1\.[01] 5/);
      }),
      { numRuns: 300 },
    );
  });

  it('answers a broken escape in the path as not found or bad, and goes on', async () => {
    for (const path of ['/t/%zz/ad', '/t/acme/%ff', `/t/${'a'.repeat(300)}/ad`, '/t/acme', '/t/acme/ad/more', '/../etc/passwd']) {
      const answer = await exchange(Buffer.from(`GET ${path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\nuser-agent: ${IPHONE}\r\n\r\n`));
      expect(answer).toMatch(/^HTTP\/1\.1 4\d\d/);
    }
    expect(await exchange(Buffer.from(`GET /t/acme/ad HTTP/1.1\r\nhost: x\r\nconnection: close\r\nuser-agent: ${IPHONE}\r\n\r\n`))).toMatch(
      /^HTTP\/1\.1 302/,
    );
  });

  it('refuses a request head over its limit', async () => {
    const answer = await exchange(Buffer.from(`GET /t/acme/ad?x=${'a'.repeat(20_000)} HTTP/1.1\r\nhost: x\r\n\r\n`));
    expect(answer).toMatch(/^HTTP\/1\.1 431/);
  });
});
