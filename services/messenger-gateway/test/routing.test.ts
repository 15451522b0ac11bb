import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { OTHER_APP_SECRET, openGateway, type TestGateway, waBody, waChange, waText } from './gateway.ts';

let gateway: TestGateway;
beforeEach(async () => {
  gateway = await openGateway();
});
afterEach(async () => {
  await gateway.app.close();
  await gateway.service.close?.();
});

describe('routing by phone_number_id', () => {
  it('delivers to the account that owns the number when it accepts the same signature', async () => {
    const body = {
      object: 'whatsapp_business_account',
      entry: [{ id: '1', changes: [waChange({ messages: [waText('a')] }), waChange({ messages: [waText('b')] }, '200000000000001')] }],
    };
    expect(await gateway.whatsapp(body)).toBe(200);
    expect(gateway.log.touchpoints().map(({ account, eventId }) => [account, eventId])).toEqual([
      ['sales-wa', 'wa/106540352242922/wamid.A1'],
      ['support-wa', 'wa/200000000000001/wamid.A1'],
    ]);
    expect(
      gateway.log.records
        .filter(({ topic, headers }) => topic === 'touchpoints.v1' && headers['type'] === 'Touchpoint.message')
        .map(({ key }) => key),
    ).toEqual(['acme/sales-wa', 'acme/support-wa']);
  });

  it.each([
    ['nobody here', '999'],
    ['an account with another secret', '300000000000001'],
  ])('drops what belongs to %s, counted', async (_, phoneNumberId) => {
    expect(await gateway.whatsapp(waBody({ messages: [waText('a')], statuses: [{ id: 'x' }] }, phoneNumberId))).toBe(200);
    expect(gateway.log.touchpoints()).toEqual([]);
    expect(await gateway.count('messtrack_gateway_drops_total', 'other_account')).toBe(2);
  });

  it('takes the other account with its own secret at its own address', async () => {
    expect(
      await gateway.whatsapp(waBody({ messages: [waText('a')] }, '300000000000001'), { account: 'foreign-wa', secret: OTHER_APP_SECRET }),
    ).toBe(200);
    expect(gateway.log.touchpoints()).toMatchObject([{ account: 'foreign-wa' }]);
  });
});

describe('start', () => {
  it('announces the settings of every account before traffic', async () => {
    const fresh = await openGateway();
    expect(fresh.log.records.map(({ key, headers }) => [key, headers['type']])).toEqual([
      ['acme/sales-wa', 'Touchpoint.epoch'],
      ['acme/support-wa', 'Touchpoint.epoch'],
      ['acme/foreign-wa', 'Touchpoint.epoch'],
      ['acme/sales-tg', 'Touchpoint.epoch'],
    ]);
    await fresh.app.close();
    await fresh.service.close?.();
  });

  it('leaves the parsers of other routes on the same server alone', async () => {
    const { fastify } = await import('fastify');
    const app = fastify();
    app.post('/echo', async (request) => request.body);
    const { registerHookRoutes, directoryOf } = await import('../src/adapters/http-routes.ts');
    await registerHookRoutes(app, {
      directory: directoryOf(() => new Map()),
      metrics: {
        webhook() {},
        event() {},
        drop() {},
        internalMessage() {},
        codes() {},
        deadLetter() {},
        signatureFailure() {},
        poll() {},
        acknowledged() {},
      },
      receive: async () => ({ status: 200, text: '' }),
      receiveForApp: async () => ({ status: 200, text: '' }),
      onSurprise: () => {},
    });
    expect((await app.inject({ method: 'POST', url: '/echo', payload: { a: 1 } })).json()).toEqual({ a: 1 });
    await app.close();
  });
});
