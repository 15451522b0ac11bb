import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { arrival, browserSite, codeIn, hrefOf, IPHONE, installed, keptBy, later, SALES, SHOTS } from './browser-site.ts';

const at = browserSite();

describe('a tap', () => {
  it('opens the messenger with a code that is in the log, without cookie, storage or movement of the page', async () => {
    const page = await at.open(
      { body: `<h1>Shop</h1><p>Ask us: <a id="wa" href="${SALES}">WhatsApp</a></p><p>Below</p>` },
      '?utm_source=google&utm_campaign=spring&gclid=Cj0K-Q_x&email=ann@example.com',
    );
    const layout = () => page.evaluate(() => [...document.querySelectorAll('body *')].map((each) => each.getBoundingClientRect().toJSON()));
    const before = await layout();
    await page.locator('#wa').dispatchEvent('pointerdown');
    expect(await layout()).toEqual(before);
    await page.screenshot({ path: join(SHOTS, 'plain-click.png') });
    await page.click('#wa');
    await arrival(page);

    const url = new URL(page.url());
    expect(url.origin + url.pathname).toBe(SALES);
    const click = await at.registered(codeIn(page.url()));
    expect(click).toMatchObject({
      visitId: '',
      visitorId: '',
      carriers: [1],
      languages: ['de-DE'],
      source: { placement: 'sales', utmSource: 'google', utmCampaign: 'spring', clickIds: {} },
    });
    expect(url.searchParams.get('text')).toContain(['Hello! I have a question', 'Good day, tell me more'][click.greetingVariant ?? 9]);

    await page.goBack();
    expect(await keptBy(page)).toBeNull();
    expect(await at.context.cookies()).toEqual([]);
    expect(await at.site.visits()).toEqual([]);
    expect(JSON.stringify(at.site.beacons)).not.toContain('ann@example.com');
  });

  it('counts once over a double click, back, reload and the way back', async () => {
    const page = await at.open({ body: `<a target="_blank" href="${SALES}">WhatsApp</a>` });
    const before = await at.clicksUpTo(page);
    await page.dblclick('a');
    const code = codeIn(await hrefOf(page));
    await at.registered(code);
    await page.reload();
    await installed(page);
    await page.goto(at.site.page('/next', { body: 'next' }));
    await page.goBack();
    await installed(page);
    // The barrier of the first count is one of them, and this one's is not counted.
    expect(await at.clicksUpTo(page)).toBe(before + 2);
  });

  it('with the middle button, with Ctrl and by keyboard carries its code to where it leads', async () => {
    const { opened } = at.messengers;
    const openedBy = async (href: string, tap: (page: Page) => Promise<void>): Promise<string> => {
      const page = await at.open({ body: `<a href="${href}">WhatsApp</a>` });
      const before = opened.length;
      await tap(page);
      await expect.poll(() => opened.length, { interval: 20 }).toBe(before + 1);
      return opened.at(-1)!;
    };
    const addresses = [
      await openedBy(SALES, (page) => page.click('a', { button: 'middle' })),
      await openedBy('https://wa.me/14155550101', (page) => page.click('a', { modifiers: ['Control'] })),
      await openedBy(SALES, async (page) => {
        await page.focus('a');
        await page.keyboard.press('Enter');
      }),
    ];
    const codes = addresses.map(codeIn);
    expect(new Set(codes).size).toBe(3);
    const placements = await Promise.all(codes.map(async (code) => (await at.registered(code)).source?.placement));
    expect(placements).toEqual(['sales', 'support', 'sales']);
  });

  it('that opens the menu makes "copy link address" carry a registered code, and a click on it later another', async () => {
    const page = await at.open({ body: `<a target="_blank" href="${SALES}?app_absent=0">WhatsApp</a>` });
    await page.click('a', { button: 'right' });
    const copied = await hrefOf(page);
    expect(copied.startsWith(`${SALES}?app_absent=0&text=`)).toBe(true);
    await at.registered(codeIn(copied));
    await later(page, 3_000);
    await page.click('a');
    const clicked = await hrefOf(page);
    expect(codeIn(clicked)).not.toBe(codeIn(copied));
    expect(clicked.match(/text=/g)).toHaveLength(1);
    await at.registered(codeIn(clicked));
  });

  it('held long on a phone registers the link whose menu iOS shows, and scrolling over it does not', async () => {
    const phone = await at.newContext({ userAgent: IPHONE, hasTouch: true, isMobile: true, viewport: { width: 390, height: 844 } });
    try {
      const page = await at.open({ body: `<a id="held" href="${SALES}">held</a><a id="passed" href="${SALES}">passed</a>` }, '', phone);
      await page.dispatchEvent('#passed', 'touchstart');
      await page.dispatchEvent('#passed', 'touchmove');
      await page.dispatchEvent('#held', 'touchstart');
      const held = codeIn(await hrefOf(page, '#held'));
      const passed = codeIn(await hrefOf(page, '#passed'));
      await at.registered(held);
      await page.dispatchEvent('#held', 'touchend');
      await at.clicksUpTo(page);
      expect((await at.site.clicks()).some(({ code }) => code === passed)).toBe(false);
    } finally {
      await phone.close();
    }
  });
});
