import { describe, expect, it } from 'vitest';
import { arrival, browserSite, codeIn, hrefOf, installed, SALES } from './browser-site.ts';

const at = browserSite();

describe('a difficult page', () => {
  it('with changed built-ins still gets its link, and no error of ours', async () => {
    const errors: string[] = [];
    const page = await at.context.newPage();
    page.on('pageerror', (error) => errors.push(error.message));
    await page.goto(
      at.site.page('/hostile', {
        head: `<script>
          Array.prototype.toJSON = function () { return 'prototype.js'; };
          Object.prototype.extra = function () {}; Object.prototype.more = 1; Array.prototype.extra = 1; String.prototype.extra = 1;
          window.fetch = () => { throw new Error('no fetch here'); };
          Storage.prototype.getItem = Storage.prototype.setItem = () => { throw new Error('no storage here'); };
          Object.defineProperty(window, 'dataLayer', { value: Object.freeze([]) });
          window.messtrack = 'taken';
        </script>`,
        body: `<a target="_blank" href="${SALES}">WhatsApp</a>`,
      }),
    );
    await page.waitForFunction(() => typeof Reflect.get(window, 'messtrack') === 'object');
    await page.click('a');
    await at.registered(codeIn(await hrefOf(page)));
    // Nobody's answer ends this call early: it reaches every handler, and nothing that only looks like one.
    await page.evaluate(() => Reflect.get(window, 'messtrack').consent(true));
    expect(errors).toEqual([]);
  });

  it('without anything that the script needs still opens its links as they are', async () => {
    const errors: string[] = [];
    const page = await at.context.newPage();
    page.on('pageerror', (error) => errors.push(error.message));
    await page.goto(
      at.site.page('/broken', {
        head: '<script>Object.defineProperty(window,"crypto",{value:undefined})</script>',
        body: `<a href="${SALES}">WhatsApp</a>`,
      }),
    );
    await installed(page);
    await page.click('a');
    await arrival(page);
    expect(page.url()).toBe(SALES);
    expect(errors).toEqual([]);
  });

  it('under a strict policy needs two origins in it and breaks none of its rules', async () => {
    const page = await at.context.newPage();
    await page.addInitScript(() => {
      document.addEventListener('securitypolicyviolation', (event) => {
        Reflect.set(window, 'violation', event.violatedDirective);
      });
    });
    await page.goto(
      at.site.page('/policy', {
        headers: {
          'content-security-policy': `default-src 'none'; script-src ${at.site.ingest}; connect-src ${at.site.ingest}; require-trusted-types-for 'script'`,
        },
        body: `<a target="_blank" href="${SALES}">WhatsApp</a>`,
      }),
    );
    await installed(page);
    await page.click('a');
    await at.registered(codeIn(await hrefOf(page)));
    expect(await page.evaluate(() => Reflect.get(window, 'violation'))).toBeUndefined();
  });

  it('with the tag twice counts once', async () => {
    const page = await at.open({ body: `<a target="_blank" href="${SALES}">WhatsApp</a>${at.site.tag}${at.site.tag}` });
    await page.waitForLoadState('networkidle');
    const before = await at.clicksUpTo(page);
    await page.click('a');
    expect(await at.clicksUpTo(page)).toBe(before + 2);
  });

  it('of an origin that no placement names is left alone', async () => {
    const page = await at.context.newPage();
    await page.goto(`${at.site.page('/elsewhere', { body: `<a href="${SALES}">WhatsApp</a>` }).replace('127.0.0.1', 'localhost')}`);
    await page.waitForLoadState('networkidle');
    await page.dispatchEvent('a', 'pointerdown');
    expect(await hrefOf(page)).toBe(SALES);
  });
});
