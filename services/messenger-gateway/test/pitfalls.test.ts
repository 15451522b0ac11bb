/** What implementations of WhatsApp's webhooks are known to get wrong: identity, order, echoes, codes that are somebody else's. Each once, on the real routes. */
import { type Message, MessageKind } from '@messtrack/proto/gen/messtrack/v1/touchpoint.ts';
import { newCode } from '@messtrack/tracking-code/tracking-code.ts';
import { contactKey } from '@messtrack/workspace/contact-key.ts';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { APP_SECRET, hubSignature, NOW, openGateway, type TestGateway, tgText, waBody, waChange, waText } from './gateway.ts';

const CODE = newCode((n) => Uint8Array.from({ length: n }, (_, i) => i * 37 + 5));
const bsuid = (id: string) => contactKey('acme', 'whatsapp', 'bsuid', id);
const number = (digits: string) => contactKey('acme', 'whatsapp', 'wa_id', digits);

let gateway: TestGateway;
beforeAll(async () => {
  gateway = await openGateway();
});
afterAll(async () => {
  await gateway.app.close();
});
beforeEach(() => {
  gateway.log.clear();
  gateway.registry.resetMetrics();
});

async function messages(value: object): Promise<readonly Message[]> {
  expect(await gateway.whatsapp(waBody(value))).toBe(200);
  return gateway.log.touchpoints().flatMap(({ kind }) => (kind?.$case === 'message' ? [kind.value] : []));
}

async function message(extra: object, value: object = {}): Promise<Message> {
  const [first] = await messages({ ...value, messages: [waText('hello', extra)] });
  if (first === undefined) throw new Error('no message came out');
  return first;
}

const drops = (reason: string) => gateway.count('messtrack_gateway_drops_total', reason);

describe('people', () => {
  it.each(['US.13491208655302741918', 'IN.Ab9zK', 'BR.ENT.11815799212886844830'])('are known by %s when no number is there', async (id) => {
    const { contact, phonePlace } = await message({ from: undefined, from_user_id: id }, { contacts: [{ profile: {}, user_id: id }] });
    expect(contact).toMatchObject({ keys: [bsuid(id)], platformUserId: id });
    expect(phonePlace).toBeUndefined();
  });

  it('whose business-scoped id stands in a field of numbers are not taken for a number', async () => {
    const { contact } = await message({ from: 'US.1349', from_user_id: undefined }, { contacts: [{ wa_id: 'US.1349' }] });
    expect(contact).toMatchObject({ keys: [bsuid('US.1349')], platformUserId: 'US.1349' });
  });

  it('who share their number on request are known by it from then on; a card of somebody else tells nothing of them', async () => {
    const card = (origin: string) => ({
      type: 'contacts',
      text: undefined,
      from: undefined,
      from_user_id: 'US.7',
      contacts: [{ origin, name: { formatted_name: 'A' }, phones: [{ phone: '+1 650-555-0199', wa_id: '16505550199' }] }],
    });
    const contacts = { contacts: [{ user_id: 'US.7' }] };
    expect((await message(card('contact_request'), contacts)).contact?.keys).toEqual([bsuid('US.7'), number('16505550199')]);
    gateway.log.clear();
    expect((await message(card('other'), contacts)).contact?.keys).toEqual([bsuid('US.7')]);
  });

  it.each([
    ['Brazil', '5511987654321', '551187654321'],
    ['Mexico', '525512345678', '5215512345678'],
    ['Argentina', '5491112345678', '541112345678'],
  ])('of %s are one person under both spellings of their number, whichever of them comes alone', async (_, dialled, waId) => {
    const known = async (from: string) => (await message({ from, id: `wamid.${from}` }, { contacts: undefined })).contact?.keys ?? [];
    expect(await known(dialled)).toEqual([number(dialled)]);
    gateway.log.clear();
    expect(await known(waId)).toEqual([number(waId), number(dialled)]);
  });

  it('who take a user name that somebody gave up are somebody else', async () => {
    const profile = { name: 'A', username: '@sheena' };
    const write = (id: string) => message({ from: undefined, from_user_id: id }, { contacts: [{ profile, user_id: id }] });
    const first = (await write('US.1')).contact;
    gateway.log.clear();
    expect([first?.keys, (await write('US.2')).contact?.keys]).toEqual([[bsuid('US.1')], [bsuid('US.2')]]);
    gateway.log.clear();
    for (const id of [11, 12])
      await gateway.telegram(tgText('hello', { message_id: id, chat: { id, type: 'private' }, from: { id, username: 'sheena' } }));
    const keys = gateway.log.touchpoints().map(({ kind }) => (kind?.$case === 'message' ? kind.value.contact?.keys : undefined));
    expect(keys).toEqual([11, 12].map((id) => [contactKey('acme', 'telegram', 'tg_user', String(id))]));
  });

  it('in a webhook of several keep their own names and ids', async () => {
    const all = await messages({
      contacts: [
        { wa_id: '5511987654321', user_id: 'BR.1' },
        { wa_id: '16505551234', user_id: 'US.1349' },
      ],
      messages: [waText('a', { from: '16505551234' }), waText('b', { id: 'wamid.B', from: '5511987654321' })],
    });
    expect(all.map(({ contact }) => contact?.platformUserId)).toEqual(['US.1349', 'BR.1']);
  });

  it.each([
    [
      'user_changed_number',
      { wa_id: '16505559999', previous_user_id: 'US.1', user_id: 'US.2' },
      [bsuid('US.1'), number('16505551234')],
      [bsuid('US.2'), number('16505559999')],
    ],
    ['user_changed_user_id', { previous_user_id: 'US.1', user_id: 'US.2' }, [bsuid('US.1')], [bsuid('US.2')]],
  ])('who move by %s are the same people', async (type, system, previousKeys, keys) => {
    const from = type === 'user_changed_number' ? '16505551234' : undefined;
    expect(
      await gateway.whatsapp(
        waBody({ contacts: undefined, messages: [waText('', { type: 'system', from, system: { type, ...system } })] }),
      ),
    ).toBe(200);
    expect(gateway.log.touchpoints()).toMatchObject([{ kind: { $case: 'contactChange', value: { previousKeys, keys } } }]);
  });
});

describe('what the business itself does', () => {
  const echo = {
    from: '14155550100',
    to: '16505551234',
    id: 'wamid.E',
    timestamp: '1764000000',
    type: 'text',
    text: { body: `hi ${CODE}` },
  };

  it.each([
    [
      'in its own field',
      { field: 'smb_message_echoes', value: { metadata: { phone_number_id: '106540352242922' }, message_echoes: [echo] } },
    ],
    ['beside messages', waChange({ message_echoes: [echo] })],
    ['among messages', waChange({ messages: [echo] })],
  ])('in its app is an echo %s and makes no message', async (_, change) => {
    expect(await gateway.whatsapp({ object: 'whatsapp_business_account', entry: [{ id: '1', changes: [change] }] })).toBe(200);
    expect(gateway.log.records).toEqual([]);
    expect(await drops('echo')).toBe(1);
  });

  it.each([
    ['history', { history: [{ threads: [{ messages: [echo] }] }] }],
    ['smb_app_state_sync', { state_sync: [{ type: 'contact' }] }],
    ['user_preferences', { user_preferences: [{ category: 'marketing_messages', value: 'stop' }] }],
  ])('or Meta for it under %s is counted', async (field, value) => {
    expect(await gateway.whatsapp({ object: 'whatsapp_business_account', entry: [{ id: '1', changes: [{ field, value }] }] })).toBe(200);
    expect(gateway.log.records).toEqual([]);
    expect(await drops('not_a_message')).toBe(1);
  });

  it('in groups is ignored like everything there', async () => {
    expect(await messages({ messages: [waText(CODE, { group_id: 'Y2FwaV9ncm91cDox' })] })).toEqual([]);
    expect(await drops('group_chat')).toBe(1);
  });
});

describe('what people do', () => {
  it('before they write may already name the ad', async () => {
    const referral = { source_id: '120', source_type: 'ad', ctwa_clid: 'A' };
    const welcome = await message({ type: 'request_welcome', text: undefined, referral });
    expect(welcome).toMatchObject({ kind: MessageKind.MESSAGE_KIND_WELCOME, referral: { sourceId: '120' } });
  });

  it('with the ad’s greeting is not read from the ad: its words are the business’s', async () => {
    const referral = { source_id: '1', body: CODE, headline: 'x', welcome_message: { text: CODE } };
    expect((await message({ referral })).codes).toEqual([]);
  });

  it.each([
    ['forwarded', { forwarded: true }],
    ['frequently_forwarded', { frequently_forwarded: true }],
  ])('%s brings somebody else’s code', async (_, context) => {
    expect(await message({ text: { body: `no. ${CODE}` }, context })).toMatchObject({ forwarded: true, codes: [] });
  });

  it('from a product page is no forward, and the product’s message is what it answers', async () => {
    const context = { from: '14155550100', id: 'wamid.P', referred_product: { catalog_id: '1', product_retailer_id: 'sku' } };
    expect(await message({ context })).toMatchObject({
      forwarded: false,
      replyToMessageId: 'wamid.P',
      referredProduct: { catalogId: '1', productRetailerId: 'sku' },
    });
  });

  it.each([
    [
      { catalog_id: 5, product_retailer_id: '' },
      { catalogId: '5', productRetailerId: '' },
    ],
    [{ product_retailer_id: 'sku' }, { catalogId: '', productRetailerId: 'sku' }],
    [{ catalog_id: null, product_retailer_id: {} }, undefined],
    ['sku', undefined],
    [null, undefined],
  ])('about a product %j is a message about what of it can be read', async (product, referredProduct) => {
    expect((await message({ context: { id: 'wamid.P', referred_product: product } })).referredProduct).toEqual(referredProduct);
  });

  it('by an edit may bring the code that was missing, under the message it replaces', async () => {
    const edit = { original_message_id: 'wamid.A1', message: { type: 'text', text: { body: `no. ${CODE}` } } };
    expect(await message({ id: 'wamid.X', type: 'edit', text: undefined, edit })).toMatchObject({
      editsMessageId: 'wamid.A1',
      codes: [{ code: CODE }],
    });
  });

  it('by taking back is counted and takes nothing away', async () => {
    expect(await messages({ messages: [waText('', { type: 'revoke', revoke: { original_message_id: 'wamid.A1' } })] })).toEqual([]);
    expect(await drops('not_a_message')).toBe(1);
  });

  it('in the form of a flow may hold the code we put into it', async () => {
    const answers = JSON.stringify({ flow_token: CODE, city: 'Berlin' });
    const interactive = { type: 'nfm_reply', nfm_reply: { name: 'flow', body: 'Sent', response_json: answers } };
    expect(await message({ type: 'interactive', text: undefined, interactive })).toMatchObject({
      kind: MessageKind.MESSAGE_KIND_INTERACTIVE,
      codes: [{ code: CODE }],
      startPayload: '',
    });
  });
});

describe('goals that Meta detects', () => {
  const event = {
    id: 'wamid.A',
    event_name: 'Purchase',
    timestamp: 1_764_000_000,
    ctwa_clid: 'ARA',
    custom_data: { currency: 'usd', value: 150.5 },
  };

  async function told(field: string, value: object) {
    const change = waChange(value) as { field: string; value: object };
    expect(await gateway.whatsapp({ object: 'whatsapp_business_account', entry: [{ id: '1', changes: [{ ...change, field }] }] })).toBe(
      200,
    );
    return gateway.log.touchpoints();
  }

  it.each(['automatic_events', 'messages'])('come under %s as facts of the conversation, and start no lead', async (field) => {
    expect(
      await told(field, { automatic_events: [event, { ...event, event_name: 'LeadSubmitted', custom_data: undefined }] }),
    ).toMatchObject([
      {
        eventId: 'wa/106540352242922/wamid.A/Purchase',
        account: 'sales-wa',
        eventTimeMs: 1_764_000_000_000,
        kind: {
          $case: 'automaticEvent',
          value: {
            messageId: 'wamid.A',
            name: 'Purchase',
            ctwaClid: 'ARA',
            valueMinor: 15_050,
            currency: 'USD',
            contact: { keys: [bsuid('US.1349'), number('16505551234')] },
          },
        },
      },
      { eventId: 'wa/106540352242922/wamid.A/LeadSubmitted', kind: { $case: 'automaticEvent', value: { valueMinor: 0, currency: '' } } },
    ]);
  });

  it('of one of several people name nobody, and without metadata go to the account that was addressed', async () => {
    const contacts = [{ wa_id: '16505551234' }, { wa_id: '16505551235' }];
    const [first] = await told('automatic_events', { metadata: undefined, contacts, automatic_events: [event] });
    expect(first).toMatchObject({ account: 'sales-wa', kind: { $case: 'automaticEvent', value: { contact: undefined } } });
  });

  it.each([
    ['no object', 'Purchase'],
    ['without id', { ...event, id: undefined }],
    ['without name', { ...event, event_name: 7 }],
    ['without time', { ...event, timestamp: 'yesterday' }],
  ])('%s are a dead letter each, and cost their neighbours nothing', async (_, broken) => {
    expect(await told('automatic_events', { automatic_events: [broken, event] })).toHaveLength(1);
    expect(gateway.log.deadLetters()).toHaveLength(1);
  });

  it('are told once, however often they come', async () => {
    const [first, again] = await told('automatic_events', { automatic_events: [event, event] });
    expect(again).toEqual(first);
  });
});

describe('deliveries', () => {
  it('twice, and in any order, are the same records', async () => {
    const body = waBody({
      statuses: [{ id: 'wamid.S', status: 'read', timestamp: '1764000000', recipient_id: '16505551234' }],
      messages: [waText('second', { id: 'wamid.2' }), waText('first')],
    });
    expect(await gateway.whatsapp(body)).toBe(200);
    const first = gateway.log.records.map(({ value }) => Buffer.from(value).toString('hex'));
    expect(await gateway.whatsapp(body)).toBe(200);
    expect(gateway.log.records.slice(first.length).map(({ value }) => Buffer.from(value).toString('hex'))).toEqual(first);
  });

  it('late by days keep the time of the message', async () => {
    const late = NOW - 6 * 86_400_000;
    expect(await gateway.whatsapp(waBody({ messages: [waText('x', { timestamp: String(late / 1000) })] }))).toBe(200);
    expect(gateway.log.touchpoints()).toMatchObject([{ eventTimeMs: late, observedAtMs: NOW }]);
  });

  it('escaped as Meta escapes are signed as they come', async () => {
    const payload = Buffer.from(JSON.stringify(waBody({ messages: [waText('\u0416')] })).replace('\u0416', '\\u0416'));
    expect(await gateway.whatsapp(payload)).toBe(200);
    const again = Buffer.from(JSON.stringify(JSON.parse(payload.toString())));
    const response = await gateway.app.inject({
      method: 'POST',
      url: '/hooks/whatsapp/acme/sales-wa',
      headers: { 'x-hub-signature-256': hubSignature(payload, APP_SECRET) },
      payload: again,
    });
    expect(response.statusCode).toBe(401);
  });

  it('of 87 changes, some empty, are read to the end', async () => {
    const changes = Array.from({ length: 87 }, (_, i) => waChange(i % 3 === 0 ? {} : { messages: [waText('x', { id: `wamid.${i}` })] }));
    expect(await gateway.whatsapp({ object: 'whatsapp_business_account', entry: [{ id: '1', changes }] })).toBe(200);
    expect(gateway.log.touchpoints()).toHaveLength(58);
    expect(await drops('empty')).toBe(29);
  });
});
