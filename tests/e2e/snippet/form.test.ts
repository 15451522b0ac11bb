import { describe, expect, it } from 'vitest';
import { browserSite, CONSENT_GIVEN, keptBy } from './browser-site.ts';

const at = browserSite();

describe('a form', () => {
  it('asks to be written to with the visit of the page, under one id however often it is sent, and gets the answer', async () => {
    const page = await at.open({ head: CONSENT_GIVEN, body: '' }, '?utm_source=form');
    await expect.poll(() => keptBy(page)).toContain('visitor');
    const send = (phone: string) =>
      page.evaluate(async (number) => {
        const answer = await Reflect.get(window, 'messtrack').sendback({ placement: 'support', phone: number, consent: true });
        return { status: answer.status, ...(await answer.json()) };
      }, phone);
    // The placement is not set up to write first: the answer says so, and the page can show another way.
    expect(await send('+1 415 555 0123')).toMatchObject({ status: 404, error: 'no_sendback' });
    await send('+1 415 555 0123');
    await send('+1 415 555 0124');
    const bodies = at.site.beacons.filter(({ path }) => path === '/v1/sendback').map(({ body }) => body as Record<string, unknown>);
    const [first, again, other] = bodies;
    expect(first).toMatchObject({
      workspace: 'acme',
      placement: 'support',
      phone: '+1 415 555 0123',
      consent: true,
      query: 'utm_source=form',
    });
    expect(first?.['visitor_id']).toMatch(/^[0-9a-f]{32}$/);
    expect(again).toEqual(first);
    expect(other?.['click_id']).not.toBe(first?.['click_id']);
    expect(await page.evaluate(() => Reflect.get(window, 'messtrack').sendback({ placement: 'nowhere' }))).toBeUndefined();
  });
});
