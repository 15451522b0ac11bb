import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { arrival, browserSite, codeIn, hrefOf, IPHONE, keptBy, SALES, SHOTS } from './browser-site.ts';
import { readQrCodes } from './qr-reader.ts';
import { dialogOf, openDialog, PAGE_LINK, widgetSite } from './widget-site.ts';

const { options, asked, answer } = widgetSite();
const at = browserSite(options);
const LINK = `<h1>Shop</h1><p>Ask us: <a target="_blank" href="${SALES}">WhatsApp</a></p><p>Below</p>`;

describe('a tap on a computer', () => {
  it('shows three ways that are one click: the QR code off the screen, the app and the web hold its code', async () => {
    const page = await at.open({ body: LINK }, '?utm_source=google');
    const before = await at.clicksUpTo(page);
    const dialog = await openDialog(page);
    const shot = await page.screenshot({ path: join(SHOTS, 'widget.png') });
    const [scanned, ...others] = await readQrCodes(shot);
    expect(others).toEqual([]);
    const code = codeIn(scanned ?? '');
    expect(code).toBe(codeIn(await hrefOf(page, PAGE_LINK)));
    expect(scanned?.startsWith(`${SALES}?text=Hello`)).toBe(true);
    expect(await at.registered(code)).toMatchObject({ source: { placement: 'sales', utmSource: 'google' }, origin: 2, greetingVariant: 0 });

    const phone = await at.newContext({ userAgent: IPHONE, isMobile: true, hasTouch: true });
    try {
      const scan = await phone.newPage();
      await scan.goto(scanned ?? '');
      expect(await scan.title()).toBe('messenger');
    } finally {
      await phone.close();
    }
    const link = (name: string) => dialog.getByRole('link', { name });
    for (const [name, host] of [
      ['Open WhatsApp', 'wa.me'],
      ['Use WhatsApp in the browser', 'web.whatsapp.com'],
    ] as const) {
      const href = (await link(name).getAttribute('href'))!;
      expect(new URL(href).host).toBe(host);
      expect(codeIn(href)).toBe(code);
    }
    const { opened } = at.messengers;
    const count = opened.length;
    await link('Use WhatsApp in the browser').click();
    await expect.poll(() => opened.length).toBe(count + 1);
    expect(codeIn(opened.at(-1)!)).toBe(code);
    // The tap that opened the dialog, and the barrier of the first count.
    expect(await at.clicksUpTo(page)).toBe(before + 2);
  });

  it('moves nothing on the page, stores nothing and sets no cookie', async () => {
    const page = await at.open({
      head: `<script>new PerformanceObserver((list) => { for (const entry of list.getEntries()) window.shifted = (window.shifted ?? 0) + entry.value; }).observe({ type: 'layout-shift', buffered: true });</script>`,
      body: `${LINK}<div style="height:3000px"></div>`,
    });
    const layout = () => page.evaluate(() => [...document.querySelectorAll('body *')].map((each) => each.getBoundingClientRect().toJSON()));
    const before = await layout();
    await openDialog(page);
    expect(await layout()).toEqual(before);
    await page.keyboard.press('Escape');
    expect(await layout()).toEqual(before);
    expect(await page.evaluate(() => Reflect.get(window, 'shifted'))).toBeUndefined();
    expect(await keptBy(page)).toBeNull();
    expect(await at.context.cookies()).toEqual([]);
    expect(await page.evaluate(() => document.documentElement.children.length)).toBe(2);
  });

  it('of a bot has its payload in the code, and no draft to speak of', async () => {
    const page = await at.open({ body: '<a href="tg://resolve?domain=acme_bot">Telegram</a>' });
    const dialog = await openDialog(page);
    const [scanned] = await readQrCodes(await page.screenshot({ path: join(SHOTS, 'widget-telegram.png') }));
    expect(scanned).toMatch(/^https:\/\/t\.me\/Acme_Bot\?start=\w{10}_bot$/i);
    expect(await at.registered(codeIn(scanned ?? ''))).toMatchObject({ source: { placement: 'bot' } });
    expect(await dialog.getByRole('link').allTextContents()).toEqual(['Open Telegram']);
    expect(await dialog.getByRole('link').getAttribute('href')).toMatch(/^tg:\/\/resolve\?domain=acme_bot&start=/);
    expect(await dialog.textContent()).not.toContain('message');
  });

  it('with invisible characters and Cyrillic in its text is still read off the screen, character by character', async () => {
    const page = await at.open({ body: '<button data-messtrack="shop">Спросить</button>', root: 'lang="ru"' });
    await openDialog(page, 'button');
    const [scanned] = await readQrCodes(await page.screenshot({ path: join(SHOTS, 'widget-long-text.png') }));
    const text = new URL(scanned ?? '').searchParams.get('text');
    expect(text?.replace(/\u200c|\u200d|[\u2061-\u2064]/g, '')).toMatch(
      /^Здравствуйте! У меня вопрос про красный велосипед \(заявка № \w{5}-\w{5}\)$/,
    );
    expect(text).toMatch(/(?:\u200c|\u200d|[\u2061-\u2064]){8,}/);
    await at.registered(codeIn(scanned ?? ''));
  });

  it('with more text than a screen code can carry leaves the other ways', async () => {
    const page = await at.open({ body: `<a href="${SALES}?text=${encodeURIComponent('Велосипед '.repeat(40))}">WhatsApp</a>` });
    const dialog = await openDialog(page);
    expect(await dialog.getByRole('img').count()).toBe(0);
    expect(await dialog.getByRole('link', { name: 'Open WhatsApp' }).getAttribute('href')).toBe(await hrefOf(page, PAGE_LINK));
  });

  it.each([
    ['a phone', { userAgent: IPHONE, isMobile: true, hasTouch: true }, `<a href="${SALES}">WhatsApp</a>`],
    ['a tablet that calls itself a computer', { hasTouch: true, isMobile: true }, `<a href="${SALES}">WhatsApp</a>`],
    ['a placement that does not want it', {}, '<a href="https://wa.me/14155550101">WhatsApp</a>'],
  ])('opens the messenger at once on %s', async (_, device, body) => {
    const context = await at.newContext(device);
    try {
      const page = await at.open({ body }, '', context);
      await page.click('a');
      await arrival(page);
      await at.registered(codeIn(page.url()));
    } finally {
      await context.close();
    }
  });

  it('opens a tab at once where one is asked for', async () => {
    const page = await at.open({ body: LINK.replace(' target="_blank"', '') });
    const { opened } = at.messengers;
    const before = opened.length;
    await page.click('a', { modifiers: ['Control'] });
    await expect.poll(() => opened.length).toBe(before + 1);
    expect(await dialogOf(page).count()).toBe(0);
    await at.registered(codeIn(opened.at(-1)!));
  });

  it('opens the messenger where the dialog cannot be loaded', async () => {
    const page = await at.open({ body: LINK.replace(' target="_blank"', '') });
    at.site.isWidgetAway = true;
    await page.click('a');
    await arrival(page);
    await at.registered(codeIn(page.url()));
  });

  it('that the page handles itself is left to the page', async () => {
    const page = await at.open({
      body: `<a href="${SALES}">WhatsApp</a><script>document.querySelector('a').addEventListener('click', (event) => { event.preventDefault(); window.handled = true; })</script>`,
    });
    await page.click('a');
    await at.registered(codeIn(await hrefOf(page, PAGE_LINK)));
    expect(await page.evaluate(() => Reflect.get(window, 'handled'))).toBe(true);
    expect(await dialogOf(page).count()).toBe(0);
    expect(at.site.beacons.length).toBeGreaterThan(0);
  });
});

describe('the form of the dialog', () => {
  it('has the number written to under the click of the tap, once, and a corrected number too', async () => {
    const page = await at.open({ body: LINK }, '?utm_source=form');
    const before = await at.clicksUpTo(page);
    const dialog = await openDialog(page);
    const click = await at.registered(codeIn(await hrefOf(page, PAGE_LINK)));
    asked.length = 0;
    answer.next = { kind: 'sent' };
    await dialog.getByLabel('Your number with country code').fill('+1 (415) 555-0123');
    await dialog.getByRole('checkbox').check();
    await dialog.getByRole('button', { name: 'Write to me' }).click();
    await dialog.getByText('Done. Look at your phone').waitFor();
    await page.screenshot({ path: join(SHOTS, 'widget-sent.png') });
    await dialog.getByLabel('Your number with country code').fill('+14155550124');
    await page.keyboard.press('Enter');
    await expect.poll(() => asked.length).toBe(2);
    expect(asked.map(({ recipient, account, template }) => [recipient, account, template.template])).toEqual([
      ['+14155550123', 'sales-wa', 'welcome'],
      ['+14155550124', 'sales-wa', 'welcome'],
    ]);
    expect(new Set(asked.map(({ key }) => key)).size).toBe(2);
    for (const { click: sent } of asked)
      expect(sent).toMatchObject({ clickId: click.clickId, code: click.code, origin: 'beacon', source: { utmSource: 'form' } });
    expect(await at.clicksUpTo(page)).toBe(before + 2);
    expect((await at.site.clicks()).find(({ clickId }) => clickId === click.clickId)).toMatchObject({ code: click.code, origin: 2 });
    expect(JSON.stringify(await at.site.clicks())).not.toContain('4155550123');
  });

  it('says in words what is wrong, where it is, and what else there is', async () => {
    const page = await at.open({ body: LINK });
    const dialog = await openDialog(page);
    const number = dialog.getByRole('textbox');
    const send = async () => {
      await dialog.getByRole('button', { name: 'Write to me' }).click();
      await expect.poll(() => dialog.getByRole('status').textContent()).not.toMatch(/Sending|^$/);
      return dialog.getByRole('status').textContent();
    };
    const isFocused = (selector: string) =>
      dialog.locator(selector).evaluate((each) => (each.getRootNode() as ShadowRoot).activeElement === each);
    asked.length = 0;

    expect(await send()).toBe('This is no complete number. Begin with + and the country code.');
    expect([await number.getAttribute('aria-invalid'), await isFocused('[type=tel]')]).toEqual(['true', true]);
    await number.fill('030 901820');
    expect(await send()).toContain('no complete number');
    await page.screenshot({ path: join(SHOTS, 'widget-bad-number.png') });
    await number.fill('+49 30 901820');
    expect(await send()).toBe('Please tick that we may write to you.');
    expect([await number.getAttribute('aria-invalid'), await isFocused('[type=checkbox]')]).toEqual(['false', true]);
    await dialog.getByRole('checkbox').check();
    await number.fill('+999 1234567890');
    expect(await send()).toContain('no complete number');
    expect(asked).toEqual([]);

    await number.fill('+49 30 901820');
    const refused = (reason: string) => ({ kind: 'refused', reason, retryAfterMs: 0 }) as const;
    for (const [next, words] of [
      [refused('recipient_unknown'), 'Nobody uses this messenger under this number'],
      [refused('not_opted_in'), 'does not want to be written to'],
      [refused('credentials_refused'), 'We cannot write to you just now'],
      [refused('unreachable'), 'Please send it again in a moment'],
      [{ kind: 'queued' }, 'within a few minutes'],
    ] as const) {
      answer.next = next;
      expect(await send()).toContain(words);
    }
    // The sixth time within an hour.
    answer.next = { kind: 'sent' };
    expect(await send()).toContain('asked for too often');
    await at.context.setOffline(true);
    expect(await send()).toBe('There is no connection. Check it and send again.');
    await at.context.setOffline(false);
    at.site.outage = 404;
    expect(await send()).toContain('Please take another way');
  });
});
