/**
 * Hostile bodies for each adapter of this file's list: with a right proof nothing throws, everything is accounted for and nothing leaks into prototypes; without one nothing is
 * accepted, whatever it says. The gateways of gateway-accounts.ts have the same in gateway-proof.test.ts.
 */
import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { APP_SECRET, hubSignature, openGateway, type TestGateway, waBody, waText, workspaceOf } from './gateway.ts';
import { eachFieldPoisoned } from './poison.ts';
import {
  dialog360,
  gupshup,
  INSTAGRAM_ID,
  meta,
  NUMBER_ID,
  PAGE_ID,
  type Posted,
  post,
  providerWorkspace,
  twilio,
} from './provider-accounts.ts';

interface Adapter {
  readonly name: string;
  /** A body with every field the adapter reads. */
  readonly full: object;
  /** A list of `count` elements where its messages stand. */
  readonly many: (count: number) => object;
  readonly proved: (body: Buffer) => Posted;
}

const EVENT = {
  sender: { id: '1' },
  recipient: { id: '2' },
  timestamp: 1_764_000_000_000,
  message: {
    mid: 'm',
    text: 'hello',
    attachments: [{ type: 'image' }],
    quick_reply: { payload: 'p' },
    reply_to: { mid: 'x' },
    referral: { ref: 'r', ad_id: '1', source: 'ADS', ads_context_data: { ad_title: 't' } },
  },
};
const metaBody = (channel: 'messenger' | 'instagram', events: readonly object[]) => ({
  object: channel === 'messenger' ? 'page' : 'instagram',
  entry: [{ id: channel === 'messenger' ? PAGE_ID : INSTAGRAM_ID, messaging: events, changes: [{ field: 'messages', value: EVENT }] }],
});
const META_EVENTS = [
  EVENT,
  { ...EVENT, message: undefined, postback: { mid: 'm', payload: 'p', referral: { ref: 'r' } } },
  { ...EVENT, message: undefined, referral: { ref: 'r' } },
  { ...EVENT, message: undefined, message_edit: { mid: 'm', text: 'x' } },
  { ...EVENT, message: undefined, reaction: { mid: 'm' } },
  { ...EVENT, message: undefined, delivery: { mids: ['m'], watermark: 1 } },
  { ...EVENT, message: undefined, read: { mid: 'm' } },
];
const GUPSHUP = {
  app: 'DemoApp',
  timestamp: 1_764_000_000_000,
  version: 2,
  type: 'message',
  payload: {
    id: 'w',
    source: '917506080480',
    type: 'text',
    payload: { text: 'x', caption: 'c', postbackText: 'p', name: 'n' },
    sender: { phone: '917506080480', name: 'A', userId: 'IN.1' },
    context: { id: 'g', gsId: 'h', forwarded: false },
    referral: { source_id: '1' },
  },
};
const whatsAppMany = (count: number, numberId?: string) => waBody({ messages: Array.from({ length: count }, () => ({})) }, numberId);
const whatsAppFull = (numberId?: string) =>
  waBody(
    {
      messages: [
        waText('hello', { context: { id: 'w', referred_product: { catalog_id: 'c' } }, referral: { ctwa_clid: 'c', welcome_message: {} } }),
        waText('', { type: 'contacts', contacts: [{ origin: 'contact_request', phones: [{ wa_id: '1', phone: '+1' }] }] }),
        waText('', { type: 'interactive', interactive: { type: 'nfm_reply', nfm_reply: { name: 'flow', response_json: '{}' } } }),
      ],
      statuses: [{ id: 'w', status: 'read', timestamp: '1764000000', recipient_id: '1', errors: [{ code: 1 }] }],
    },
    numberId,
  );

const ADAPTERS: readonly Adapter[] = [
  {
    name: 'whatsapp',
    full: whatsAppFull(),
    many: (count) => whatsAppMany(count),
    proved: (payload) => ({
      provider: 'whatsapp',
      account: 'sales-wa',
      payload,
      headers: { 'content-type': 'application/json', 'x-hub-signature-256': hubSignature(payload, APP_SECRET) },
    }),
  },
  { name: '360dialog', full: whatsAppFull(NUMBER_ID), many: (count) => whatsAppMany(count, NUMBER_ID), proved: (body) => dialog360(body) },
  { name: 'gupshup', full: GUPSHUP, many: (count) => whatsAppMany(count), proved: (body) => gupshup(body) },
  ...(['messenger', 'instagram'] as const).map((channel) => ({
    name: channel,
    full: metaBody(channel, META_EVENTS),
    many: (count: number) =>
      metaBody(
        channel,
        Array.from({ length: count }, () => ({})),
      ),
    proved: (body: Buffer) => meta(channel, body),
  })),
];

let gateway: TestGateway;
beforeAll(async () => {
  // The numbers of the Cloud API live in a workspace of their own name elsewhere; here they stand beside the others.
  const workspace = providerWorkspace();
  gateway = await openGateway([{ ...workspace, accounts: new Map([...workspace.accounts, ...workspaceOf().accounts]) }]);
});
afterAll(async () => {
  await gateway.app.close();
});
beforeEach(() => {
  gateway.log.clear();
});

const anyJson = fc.jsonValue({ depthSize: 'medium', noUnicodeString: false });

describe.each(ADAPTERS)('$name', ({ full, many, proved }) => {
  const send = (body: unknown) => post(gateway, proved(bytesOf(body)));

  it('answers any JSON', async () => {
    await fc.assert(
      fc.asyncProperty(anyJson, async (body) => {
        expect(await send(body)).toBe(200);
      }),
      { numRuns: 100 },
    );
  });

  it('accounts for a full payload with any of its fields poisoned, in one send', async () => {
    // Every fourth: there are 18 ways to poison a field, so each field and each way still has its turns.
    const some = [...eachFieldPoisoned(JSON.parse(JSON.stringify(full)))].filter((_, index) => index % 4 === 0);
    for (const poisoned of some) {
      const [before, sends] = [await accounted(), gateway.log.sends.length];
      expect(await send(poisoned), JSON.stringify(poisoned)).toBe(200);
      expect(await accounted(), JSON.stringify(poisoned)).toBeGreaterThan(before);
      expect(gateway.log.sends.length - sends).toBeLessThanOrEqual(1);
    }
    expect(Object.hasOwn(Object.prototype, 'polluted')).toBe(false);
  });

  it('answers a body cut off anywhere, nested without end or of bytes that are no text', async () => {
    const whole = bytesOf(full);
    for (let length = 0; length < whole.length; length += 11) expect([200, 400]).toContain(await send(whole.subarray(0, length)));
    const deep = Buffer.from('['.repeat(100_000) + ']'.repeat(100_000));
    for (const body of [deep, Buffer.from([0xff, 0xfe, 0x00]), Buffer.from('{"a":1,"a":2}'), Buffer.from('9'.repeat(100_000))])
      expect([200, 400]).toContain(await send(body));
  });

  it('takes ten thousand bad elements as ten thousand, in one send', async () => {
    const before = await accounted();
    expect(await send(many(10_000))).toBe(200);
    expect((await accounted()) - before).toBeGreaterThanOrEqual(10_000);
    expect(gateway.log.sends.length).toBeLessThanOrEqual(1);
  });

  it('accepts nothing without a right proof', async () => {
    const right = proved(bytesOf(full));
    await fc.assert(
      fc.asyncProperty(anyJson, fc.string({ maxLength: 100, unit: 'grapheme-ascii' }), async (body, noise) => {
        const payload = bytesOf(body);
        const proofs = Object.keys(right.headers).filter((each) => each !== 'content-type');
        const headers = { ...right.headers, ...Object.fromEntries(proofs.map((each) => [each, noise.replaceAll(/[^ -~]/g, '')])) };
        const isRight = proofs.every((each) => headers[each] === proved(payload).headers[each]);
        if (isRight) return;
        for (const given of [{ 'content-type': 'application/json' }, headers])
          expect(await post(gateway, { ...right, payload, headers: given })).toBe(401);
      }),
      { numRuns: 60 },
    );
    expect(gateway.log.records).toEqual([]);
  });
});

describe('twilio', () => {
  const name = fc.oneof(
    fc.constantFrom(
      'From',
      'To',
      'Body',
      'MessageSid',
      'SmsSid',
      'WaId',
      'MessageStatus',
      'NumMedia',
      'ButtonPayload',
      '__proto__',
      'constructor',
    ),
    fc.string({ minLength: 1, maxLength: 20, unit: 'grapheme' }),
  );
  const value = fc.oneof(
    fc.constantFrom('whatsapp:+16505551234', 'whatsapp:IN.1', 'SM1', 'delivered', '-1', '1e308', '\u0000', 'true'),
    fc.string({ maxLength: 50, unit: 'grapheme' }),
  );
  const form = fc.array(fc.tuple(name, value), { maxLength: 30 });

  it('accounts for any form that is signed, and accepts none that is not', async () => {
    await fc.assert(
      fc.asyncProperty(form, async (pairs) => {
        const before = await accounted();
        const fields = Object.fromEntries(pairs);
        expect(await post(gateway, twilio(fields))).toBe(200);
        expect(await accounted()).toBeGreaterThan(before);
        expect(await post(gateway, twilio(fields, 'another'))).toBe(401);
      }),
      { numRuns: 200 },
    );
    expect(Object.hasOwn(Object.prototype, 'polluted')).toBe(false);
  });
});

async function accounted(): Promise<number> {
  let sum = 0;
  for (const metric of ['messtrack_gateway_events_total', 'messtrack_gateway_drops_total', 'messtrack_gateway_dead_letters_total'])
    for (const { value } of (await gateway.registry.getSingleMetric(metric)?.get())?.values ?? []) sum += value;
  return sum;
}

function bytesOf(body: unknown): Buffer {
  return Buffer.isBuffer(body) ? body : Buffer.from(JSON.stringify(body));
}
