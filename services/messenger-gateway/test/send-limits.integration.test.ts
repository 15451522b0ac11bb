/** Limits by the ledger of whoever receives: no message arrives before its turn. Lower bounds only, from the moment of asking: a slow machine is late, never early. */
import { expect, it } from 'vitest';
import { openSendingGateway } from './outbound-world.ts';

it('Telegram gets at most 30 messages a second from a bot and one a second in a chat', async () => {
  const gateway = await openSendingGateway();
  try {
    const startMs = Date.now();
    const people = Array.from({ length: 36 }, (_, index) => String(1_000 + index));
    const chats = [...people, '42', '42', '42'];
    await Promise.all(
      chats.map((recipient, index) =>
        gateway.send({
          account: 'sales-tg',
          recipient,
          idempotencyKey: `limit-${index}`,
          content: { $case: 'text', value: `number ${index}` },
        }),
      ),
    );
    const arrivals = gateway.telegram.requests.map(({ atMs, body }) => ({ atMs, chat: (JSON.parse(body) as { chat_id: string }).chat_id }));
    expect(arrivals).toHaveLength(chats.length);
    arrivals.forEach(({ atMs }, index) => {
      // Whole milliseconds on both sides of the wire.
      expect(atMs - startMs, `arrival ${index}`).toBeGreaterThanOrEqual((index * 1_000) / 30 - 2);
    });
    const inOneChat = arrivals.filter(({ chat }) => chat === '42');
    inOneChat.forEach(({ atMs }, index) => {
      expect(atMs - startMs, `message ${index} of one chat`).toBeGreaterThanOrEqual(index * 1_000 - 2);
    });
    expect(inOneChat).toHaveLength(3);
  } finally {
    await gateway.close();
  }
});
