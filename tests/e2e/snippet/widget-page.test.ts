import { join } from 'node:path';
import { contrast } from '@messtrack/snippet/contrast.ts';
import type { Locator, Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { browserSite, codeIn, hrefOf, installed, SALES, SHOTS } from './browser-site.ts';
import { readQrCodes } from './qr-reader.ts';
import { dialogOf, openDialog, PAGE_LINK, widgetSite } from './widget-site.ts';

const at = browserSite(widgetSite().options);
const LINK = `<h1>Shop</h1><p>Ask us: <a target="_blank" href="${SALES}">WhatsApp</a></p>`;
const BAR = `<div id="bar" style="position:fixed;inset:auto 0 0 0;z-index:9999;background:#222;color:#fff;padding:24px 20px">We use cookies. <button id="accept">Accept</button></div>
  <script>document.querySelector('#accept').addEventListener('click', () => document.querySelector('#bar').remove())</script>`;

const focused = (page: Page) =>
  page.evaluate(() => {
    let active = document.activeElement;
    while (active?.shadowRoot?.activeElement) active = active.shadowRoot.activeElement;
    return active?.getAttribute('aria-label') ?? active?.getAttribute('name') ?? active?.textContent ?? '';
  });

interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}
const overlap = (one: Box, other: Box): boolean =>
  one.x < other.x + other.width && other.x < one.x + one.width && one.y < other.y + other.height && other.y < one.y + one.height;

/** Every piece of text with the colours it is drawn in. */
const textColors = (dialog: Locator) =>
  dialog.evaluate((panel) => {
    const hex = (color: string) =>
      `#${(color.match(/\d+(\.\d+)?/g) ?? [])
        .slice(0, 3)
        .map((part) => Math.round(Number(part)).toString(16).padStart(2, '0'))
        .join('')}`;
    const background = (element: Element): string => {
      for (let each: Element | null = element; each; each = each.parentElement) {
        const { backgroundColor } = getComputedStyle(each);
        if (!/, 0\)|transparent/.test(backgroundColor)) return backgroundColor;
      }
      return 'rgb(255, 255, 255)';
    };
    const colors = [...panel.querySelectorAll('*')]
      .filter((each) => !each.closest('svg') && [...each.childNodes].some((node) => node.nodeType === 3 && node.textContent?.trim()))
      .map((each) => ({ text: each.textContent ?? '', color: hex(getComputedStyle(each).color), on: hex(background(each)) }));
    const input = panel.querySelector('input[type=tel]')!;
    colors.push({ text: 'placeholder', color: hex(getComputedStyle(input, '::placeholder').color), on: hex(background(input)) });
    return colors;
  });

describe('the dialog for somebody at the keyboard', () => {
  it('takes the focus, keeps Tab inside, closes with Escape and gives the focus back', async () => {
    const page = await at.open({
      body: `${LINK}<button>Elsewhere</button><script>window.keys = []; addEventListener('keydown', ({ key }) => window.keys.push(key))</script>`,
    });
    await page.focus('a');
    await page.keyboard.press('Enter');
    const dialog = dialogOf(page);
    await dialog.waitFor();
    expect(await dialog.getAttribute('aria-modal')).toBe('true');
    expect(await dialog.evaluate((panel) => (panel.getRootNode() as ShadowRoot).activeElement === panel)).toBe(true);
    const order: string[] = [];
    for (let press = 0; press < 8; press += 1) {
      await page.keyboard.press('Tab');
      order.push(await focused(page));
    }
    const round = ['Open WhatsApp', 'Use WhatsApp in the browser', 'phone', 'consent', 'Privacy notice', 'Write to me', 'Close'];
    expect(order).toEqual([...round, round[0]]);
    await page.keyboard.press('Shift+Tab');
    expect(await focused(page)).toBe('Close');
    await page.screenshot({ path: join(SHOTS, 'widget-focus.png') });
    await page.keyboard.press('Shift+Tab');
    await page.keyboard.press('Shift+Tab');
    await page.keyboard.press('Shift+Tab');
    await page.keyboard.press('Shift+Tab');
    expect(await focused(page)).toBe('phone');
    await page.keyboard.type('+49');
    expect(await dialog.getByRole('textbox').inputValue()).toBe('+49');
    expect(await page.evaluate(() => Reflect.get(window, 'keys'))).toEqual(['Enter']);
    await page.keyboard.press('Escape');
    expect(await dialog.count()).toBe(0);
    expect(await focused(page)).toBe('WhatsApp');
  });

  it('has a name for everything, and closes by its button and beside it', async () => {
    const page = await at.open({ body: LINK });
    for (const close of [() => dialogOf(page).getByRole('button', { name: 'Close' }).click(), () => page.mouse.click(5, 5)]) {
      await openDialog(page);
      expect(await dialogOf(page).getAttribute('aria-labelledby')).toBe('title');
      expect(await page.getByRole('dialog', { name: 'Continue in WhatsApp' }).count()).toBe(1);
      expect(await dialogOf(page).getByRole('img', { name: 'QR code that opens WhatsApp on your phone' }).count()).toBe(1);
      await close();
      await expect.poll(() => dialogOf(page).count()).toBe(0);
    }
  });

  it('moves only for people who do not mind', async () => {
    const running = async (reducedMotion: 'reduce' | 'no-preference') => {
      const context = await at.newContext({ reducedMotion });
      try {
        const page = await at.open({ body: LINK }, '', context);
        await page.click('a');
        await dialogOf(page).waitFor();
        return await dialogOf(page).evaluate((panel) => getComputedStyle(panel).animationName);
      } finally {
        await context.close();
      }
    };
    expect([await running('reduce'), await running('no-preference')]).toEqual(['none', 'rise']);
  });
});

describe('the dialog speaks', () => {
  it.each([
    ['en', 'Continue in WhatsApp'],
    ['ru', 'Продолжить в WhatsApp'],
    ['es', 'Continuar en WhatsApp'],
    ['pt', 'Continuar no WhatsApp'],
    ['de', 'Weiter in WhatsApp'],
    ['tr', 'WhatsApp ile devam edin'],
  ])('%s as the page does, to be read and without anything cut off', async (language, title) => {
    const page = await at.open({ body: LINK, root: `lang="${language}-XX"` });
    const dialog = await openDialog(page);
    expect(await dialog.getAttribute('lang')).toBe(language);
    expect(await dialog.getByRole('heading', { level: 2 }).textContent()).toBe(title);
    for (const { text, color, on } of await textColors(dialog))
      expect(contrast(color, on), `${text} ${color} on ${on}`).toBeGreaterThanOrEqual(4.5);
    for (const [name, width, height] of [
      ['desktop', 1280, 800],
      ['narrow', 380, 760],
    ] as const) {
      await page.setViewportSize({ width, height });
      await page.screenshot({ path: join(SHOTS, `widget-${language}-${name}.png`) });
      const cut = await dialog.evaluate((panel) =>
        [panel, ...panel.querySelectorAll('*')]
          .filter((each) => each.scrollWidth > each.clientWidth + 1 && each.clientWidth > 0)
          .map((each) => each.outerHTML.slice(0, 80)),
      );
      expect(cut, name).toEqual([]);
      const box = (await dialog.boundingBox())!;
      expect([box.x >= 16, box.x + box.width <= width - 16, box.y >= 16, box.y + box.height <= height - 16], name).toEqual([
        true,
        true,
        true,
        true,
      ]);
    }
  });

  it('as the browser does on a page in another language, from left to right on any page', async () => {
    const page = await at.open({ body: LINK, root: 'lang="ar" dir="rtl"' });
    const dialog = await openDialog(page);
    await page.screenshot({ path: join(SHOTS, 'widget-rtl-page.png') });
    expect(await dialog.getByRole('heading', { level: 2 }).textContent()).toBe('Weiter in WhatsApp');
    expect(await dialog.evaluate((panel) => getComputedStyle(panel).direction)).toBe('ltr');
    const [panel, close] = [(await dialog.boundingBox())!, (await dialog.getByRole('button', { name: 'Schließen' }).boundingBox())!];
    expect(close.x + close.width / 2).toBeGreaterThan(panel.x + panel.width / 2);
  });
});

describe('the dialog on a page', () => {
  it('leaves bars of the page visible and usable, and takes their room when they are gone', async () => {
    for (const viewport of [
      { width: 1280, height: 720 },
      { width: 400, height: 700 },
    ]) {
      const page = await at.open({ body: LINK + BAR });
      await page.setViewportSize(viewport);
      const dialog = await openDialog(page);
      await page.screenshot({ path: join(SHOTS, `widget-cookie-bar-${viewport.width}.png`) });
      const bar = (await page.locator('#bar').boundingBox())!;
      const withBar = (await dialog.boundingBox())!;
      expect(overlap(withBar, bar)).toBe(false);
      await page.click('#accept');
      await expect
        .poll(async () => (await dialog.boundingBox())!.y + (await dialog.boundingBox())!.height)
        .toBeGreaterThan(withBar.y + withBar.height);
      expect(await dialog.count()).toBe(1);
      await page.close();
    }
  });

  it('looks as the page wants by custom properties, and else like nothing of the page', async () => {
    const page = await at.open({
      head: '<style>:root { --messtrack-accent: #ffd60a; --messtrack-on-accent: #000000; --messtrack-radius: 0px; } * { color: red !important; font: 40px serif; } div { display: none !important; transform: rotate(9deg); } h2, a { text-transform: uppercase; }</style>',
      body: LINK,
    });
    const dialog = await openDialog(page);
    await page.screenshot({ path: join(SHOTS, 'widget-theme.png') });
    const look = await dialog.getByRole('link', { name: 'Open WhatsApp' }).evaluate((link) => {
      const { backgroundColor, color, textTransform, borderRadius } = getComputedStyle(link);
      return { backgroundColor, color, textTransform, borderRadius };
    });
    expect(look).toEqual({ backgroundColor: 'rgb(255, 214, 10)', color: 'rgb(0, 0, 0)', textTransform: 'none', borderRadius: '0px' });
    expect(await readQrCodes(await page.screenshot())).toHaveLength(1);
  });

  it('needs nothing that a strict policy forbids: no style, no inline script, no string that becomes a script', async () => {
    const page = await at.context.newPage();
    await page.addInitScript(() => {
      document.addEventListener('securitypolicyviolation', (event) => Reflect.set(window, 'violation', event.violatedDirective));
    });
    await page.goto(
      at.site.page('/strict', {
        headers: {
          'content-security-policy': `default-src 'none'; base-uri 'none'; form-action 'none'; style-src 'none'; img-src 'none'; script-src ${at.site.ingest}; connect-src ${at.site.ingest}; require-trusted-types-for 'script'; trusted-types 'none'`,
        },
        body: LINK,
      }),
    );
    await installed(page);
    const dialog = await openDialog(page);
    await page.screenshot({ path: join(SHOTS, 'widget-strict-policy.png') });
    const [scanned] = await readQrCodes(await page.screenshot());
    expect(codeIn(scanned ?? '')).toBe(codeIn(await hrefOf(page, PAGE_LINK)));
    await at.registered(codeIn(scanned ?? ''));
    await dialog.getByRole('textbox').fill('+1 415 555 0150');
    await dialog.getByRole('checkbox').check();
    await dialog.getByRole('button', { name: 'Write to me' }).click();
    await dialog.getByText('Done. Look at your phone').waitFor();
    expect(await dialog.evaluate((panel) => getComputedStyle(panel).backgroundColor)).toBe('rgb(255, 255, 255)');
    expect(await page.evaluate(() => Reflect.get(window, 'violation'))).toBeUndefined();
  });
});
