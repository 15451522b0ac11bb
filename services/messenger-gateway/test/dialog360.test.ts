/** 360dialog: the Cloud API's bodies, two proofs of its own. */
import { createHmac } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { openGateway, waBody, waText } from './gateway.ts';
import { dialog360, NUMBER_ID, outcomeOf, PLATFORM_SECRET, type Posted, post, providerWorkspace, TOKEN } from './provider-accounts.ts';

const REFERRAL = { source_url: 'https://fb.me/x', source_id: '120212', source_type: 'ad', headline: 'Offer', ctwa_clid: 'ARAk' };
const BODY = waBody(
  {
    messages: [waText('hello', { referral: REFERRAL, from_user_id: 'US.1' })],
    statuses: [{ id: 'w', status: 'read', timestamp: '1764000000' }],
  },
  NUMBER_ID,
);
const PARTNER_BODY = Buffer.from(JSON.stringify(waBody({ messages: [waText('привет 👋')] }, '206540352242922')));

function partner(headers: Readonly<Record<string, string>>): Posted {
  return {
    provider: '360dialog',
    account: 'd360-partner',
    payload: PARTNER_BODY,
    headers: { 'content-type': 'application/json', ...headers },
  };
}

function signature(encoding: 'hex' | 'base64', secret = PLATFORM_SECRET): string {
  return createHmac('sha256', secret).update(PARTNER_BODY).digest(encoding);
}

describe('a webhook of 360dialog', () => {
  it('is read as the Cloud API’s: message, referral and status under the same ids', async () => {
    const { status, touchpoints } = await outcomeOf(dialog360(BODY));
    expect(status).toBe(200);
    expect(touchpoints).toMatchObject([
      { eventId: `wa/${NUMBER_ID}/wamid.A1`, account: 'd360', kind: { $case: 'message', value: { referral: { ctwaClid: 'ARAk' } } } },
      { eventId: `wa/${NUMBER_ID}/w/read`, account: 'd360', kind: { $case: 'messageStatus' } },
    ]);
  });

  it.each([
    ['no header', {}],
    ['another token', { authorization: 'Bearer another-token' }],
    ['Meta’s kind of signature', { 'x-hub-signature-256': `sha256=${signature('hex')}` }],
  ])('with %s is refused', async (_, headers) => {
    expect((await outcomeOf({ ...dialog360(BODY), headers: { 'content-type': 'application/json', ...headers } })).status).toBe(401);
  });

  it('brings its token as the scheme Bearer, bare, or in the query; a wrong header is not made good by the query', async () => {
    const url = `/hooks/360dialog/acme/d360?token=${TOKEN}`;
    const status = async (more: Partial<Posted>) => (await outcomeOf({ ...dialog360(BODY), ...more })).status;
    expect(await status({ headers: { authorization: TOKEN } })).toBe(200);
    expect(await status({ headers: {}, url })).toBe(200);
    expect(await status({ headers: { authorization: 'wrong' }, url })).toBe(401);
    expect(await status({ headers: {}, url: `${url}&token=${TOKEN}` })).toBe(401);
  });

  it('of a partner is signed with the platform secret, in any spelling', async () => {
    for (const header of [signature('hex'), signature('base64'), `sha256=${signature('hex')}`, signature('hex').toUpperCase()])
      expect((await outcomeOf(partner({ 'x-360dialog-signature': header }))).touchpoints).toMatchObject([{ account: 'd360-partner' }]);
    for (const header of [signature('hex', 'another'), signature('hex').slice(1), '', 'ü'])
      expect((await outcomeOf(partner({ 'x-360dialog-signature': header }))).status).toBe(401);
    expect((await outcomeOf(partner({ authorization: `Bearer ${TOKEN}` }))).status).toBe(401);
  });

  it('answers no handshake: there is none', async () => {
    const gateway = await openGateway([providerWorkspace()]);
    const { statusCode, headers } = await gateway.app.inject('/hooks/360dialog/acme/d360?hub.mode=subscribe');
    expect([statusCode, headers['allow']]).toEqual([405, 'POST']);
    expect(await post(gateway, { ...dialog360(BODY), provider: 'whatsapp' })).toBe(404);
    await gateway.app.close();
  });
});
