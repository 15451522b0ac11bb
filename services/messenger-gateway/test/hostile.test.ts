/** Authentic bodies that mean harm, or nothing: never a 5xx, never a throw, always accounted for. */
import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { MAX_READINGS } from '../src/bounded-readings.ts';
import { openGateway, type TestGateway, tgText, waBody, waChange, waText } from './gateway.ts';
import { eachFieldPoisoned } from './poison.ts';

let gateway: TestGateway;
beforeAll(async () => {
  gateway = await openGateway();
});
afterAll(async () => {
  await gateway.app.close();
});
beforeEach(() => {
  gateway.log.clear();
});

const anyJson = fc.jsonValue({ depthSize: 'medium', noUnicodeString: false });

/** A WhatsApp body and a Telegram update with every field the readers look at. */
const FULL_WHATSAPP = waBody({
  messages: [
    waText('hello K7QM2-X9PRT', {
      from_user_id: 'US.1',
      from_parent_user_id: 'US.ENT.1',
      context: { id: 'w', forwarded: false },
      referral: { ctwa_clid: 'c', source_id: 's', source_type: 'ad', source_url: 'u', headline: 'h' },
    }),
    waText('', { id: 'w2', type: 'edit', edit: { original_message_id: 'w', message: { type: 'image', image: { caption: 'c' } } } }),
    waText('', { id: 'w3', type: 'system', system: { type: 'user_changed_number', wa_id: '2', previous_user_id: 'p', user_id: 'q' } }),
    waText('', { id: 'w4', type: 'interactive', interactive: { type: 'button_reply', button_reply: { id: 'b' } } }),
    waText('', { id: 'w5', type: 'document', document: { caption: 'c', filename: 'f' } }),
  ],
  statuses: [{}],
  message_echoes: [{}],
});
const FULL_TELEGRAM = tgText('/start x', {
  forward_origin: undefined,
  reply_to_message: { message_id: 3 },
  document: { file_name: 'f' },
  caption: 'c',
});

describe('any JSON', () => {
  it('is answered with 200', async () => {
    await fc.assert(
      fc.asyncProperty(anyJson, async (body) => {
        expect(await gateway.whatsapp(body)).toBe(200);
        expect(await gateway.telegram(body)).toBe(200);
      }),
      { numRuns: 300 },
    );
  });

  it('inside a plausible frame is answered with 200', async () => {
    await fc.assert(
      fc.asyncProperty(
        anyJson,
        fc.constantFrom('text', 'image', 'edit', 'system', 'interactive', 'order', '__proto__'),
        async (value, type) => {
          for (const body of [
            waBody({ messages: [value] }),
            waBody({ messages: [waText('x', { type, [type]: value, timestamp: value, context: value, referral: value })] }),
            waBody({ contacts: value, statuses: value, messages: [waText('x', { from: value })] }),
            { object: 'whatsapp_business_account', entry: [{ changes: [{ field: 'messages', value }] }, value] },
          ])
            expect(await gateway.whatsapp(body)).toBe(200);
          expect(await gateway.telegram({ update_id: 1, message: value })).toBe(200);
          expect(await gateway.telegram(tgText('x', { date: value, chat: value, document: value }))).toBe(200);
          expect(await gateway.telegram({ update_id: 1, chat_member: value })).toBe(200);
        },
      ),
      { numRuns: 150 },
    );
  });
});

describe('every field of a full payload', () => {
  it.each([
    ['WhatsApp', FULL_WHATSAPP, 'whatsapp'],
    ['Telegram', FULL_TELEGRAM, 'telegram'],
  ] as const)('may be poisoned: %s', async (_, full, provider) => {
    for (const poisoned of eachFieldPoisoned(JSON.parse(JSON.stringify(full)))) {
      const sends = gateway.log.sends.length;
      const before = await accounted();
      expect(await gateway[provider](poisoned), JSON.stringify(poisoned)).toBe(200);
      expect(await accounted()).toBeGreaterThan(before);
      expect(gateway.log.sends.length - sends).toBeLessThanOrEqual(1);
    }
    expect(Object.hasOwn(Object.prototype, 'polluted')).toBe(false);
  });
});

describe('bodies made to hurt', () => {
  it.each([
    ['nested lists', Buffer.from('['.repeat(200_000) + ']'.repeat(200_000))],
    ['nested objects', Buffer.from(`${'{"a":'.repeat(200_000)}1${'}'.repeat(200_000)}`)],
    [
      'nesting inside a message',
      Buffer.from(JSON.stringify(waBody({ messages: ['DEEP'] })).replace('"DEEP"', '['.repeat(200_000) + ']'.repeat(200_000))),
    ],
    ['a long list of bad messages', Buffer.from(JSON.stringify(waBody({ messages: Array.from({ length: 2_000 }, () => ({})) })))],
    ['a text of 1 MB', Buffer.from(JSON.stringify(waBody({ messages: [waText('A2-'.repeat(350_000))] })))],
    ['duplicate keys', Buffer.from('{"object":"page","object":"whatsapp_business_account","entry":[],"entry":[{}]}')],
    ['an enormous number', Buffer.from(`{"object":"whatsapp_business_account","entry":[${'9'.repeat(100_000)}]}`)],
  ])('%s get an answer', async (_, body) => {
    expect([200, 400]).toContain(await gateway.whatsapp(body));
    expect([200, 400]).toContain(await gateway.telegram(body));
  });

  it('truncated anywhere get 400 or, where nothing is cut off, 200', async () => {
    const whole = Buffer.from(JSON.stringify(FULL_WHATSAPP));
    for (let length = 0; length < whole.length; length += 7) expect(await gateway.whatsapp(whole.subarray(0, length))).toBe(400);
    expect(await gateway.whatsapp(whole)).toBe(200);
  });

  it('with bytes that are no UTF-8 get an answer', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 64 }), async (bytes) => {
        expect([200, 400]).toContain(await gateway.whatsapp(Buffer.from(bytes)));
      }),
    );
  });

  it('keep what they promise: a thousand updates in one webhook become a thousand touchpoints in one send', async () => {
    const messages = Array.from({ length: 1_000 }, (_, i) => waText('hi', { id: `wamid.${i}` }));
    const body = { object: 'whatsapp_business_account', entry: [{ changes: [waChange({ messages })] }] };
    expect(await gateway.whatsapp(body)).toBe(200);
    expect(gateway.log.sends).toHaveLength(1);
    expect(new Set(gateway.log.touchpoints().map(({ eventId }) => eventId)).size).toBe(1_000);
  });

  it.each([
    ['entries', (many: readonly object[]) => ({ object: 'whatsapp_business_account', entry: many })],
    ['messages', (many: readonly object[]) => waBody({ messages: many })],
  ])('of more %s than any platform sends are one dead letter, and of as many as may be one each', async (_, bodyOf) => {
    const many = (count: number) => bodyOf(Array.from({ length: count }, () => ({})));
    expect(await gateway.whatsapp(many(MAX_READINGS + 1))).toBe(200);
    expect(gateway.log.deadLetters()).toMatchObject([{ reason: 'too_large', account: 'sales-wa' }]);
    gateway.log.clear();
    expect(await gateway.whatsapp(many(MAX_READINGS))).toBe(200);
    expect(gateway.log.deadLetters()).toHaveLength(MAX_READINGS);
  });

  it('of hundreds of elements nested too deeply to be written do not keep the body hundreds of times', async () => {
    const deep = '['.repeat(10_000) + ']'.repeat(10_000);
    const body = Buffer.from(JSON.stringify(waBody({ messages: ['DEEP'] })).replace('"DEEP"', Array(100).fill(deep).join(',')));
    expect(await gateway.whatsapp(body)).toBe(200);
    const kept = gateway.log.deadLetters().map(({ raw }) => raw.length);
    expect(kept).toHaveLength(100);
    expect(Math.max(...kept)).toBeLessThanOrEqual(65_536);
  });
});

async function accounted(): Promise<number> {
  let sum = 0;
  for (const name of ['messtrack_gateway_events_total', 'messtrack_gateway_drops_total', 'messtrack_gateway_dead_letters_total'])
    for (const { value } of (await gateway.registry.getSingleMetric(name)?.get())?.values ?? []) sum += value;
  return sum;
}
