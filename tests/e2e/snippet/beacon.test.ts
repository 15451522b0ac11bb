import { describe, expect, it } from 'vitest';
import { arrival, browserSite, CONSENT_GIVEN, codeIn, hrefOf, keptBy, SALES } from './browser-site.ts';

const at = browserSite();

describe('a beacon', () => {
  it('that fails is kept and sent from the next page, once', async () => {
    const page = await at.open({ head: CONSENT_GIVEN, body: `<a href="${SALES}">WhatsApp</a>` });
    at.site.outage = 503;
    await page.click('a');
    await arrival(page);
    const code = codeIn(page.url());
    const sent = () => at.site.beacons.filter(({ path, body }) => path === '/v1/clicks' && JSON.stringify(body).includes(code)).length;
    await expect.poll(sent).toBe(1);
    expect((await at.site.clicks()).some((click) => click.code === code)).toBe(false);
    at.site.outage = undefined;
    await page.goto(at.site.page('/later', { head: CONSENT_GIVEN, body: 'later' }));
    await at.registered(code);
    await expect.poll(async () => JSON.parse((await keptBy(page)) ?? '').queue).toEqual([]);
    await page.reload();
    await at.clicksUpTo(page);
    expect(sent()).toBe(2);
  });

  it('made offline goes out when the line is back', async () => {
    const page = await at.open({ body: `<a target="_blank" href="${SALES}">WhatsApp</a>` });
    await at.context.setOffline(true);
    await page.click('a');
    const code = codeIn(await hrefOf(page));
    await page.waitForTimeout(50);
    expect((await at.site.clicks()).some((click) => click.code === code)).toBe(false);
    await at.context.setOffline(false);
    await at.registered(code);
  });

  it('that ingest refuses for good is not sent again', async () => {
    const page = await at.open({ body: `<a target="_blank" href="${SALES}">WhatsApp</a>` });
    at.site.outage = 400;
    await page.click('a');
    const code = codeIn(await hrefOf(page));
    const sent = () => at.site.beacons.filter(({ body }) => JSON.stringify(body).includes(code)).length;
    await expect.poll(sent).toBe(1);
    at.site.outage = undefined;
    await page.evaluate(() => window.dispatchEvent(new Event('online')));
    await at.clicksUpTo(page);
    expect(sent()).toBe(1);
  });
});
