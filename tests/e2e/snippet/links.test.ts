import { describe, expect, it } from 'vitest';
import { arrival, browserSite, codeIn, hrefOf, IPHONE, later, SALES } from './browser-site.ts';

const at = browserSite();
const INSTAGRAM = `${IPHONE} Instagram 330.0.0.0.1`;

describe('links', () => {
  it('of two placements carry two codes, in the text that the site gave them', async () => {
    const page = await at.open({
      body: `<a id="sales" target="_blank" href="${SALES}?text=The%20red%20bike%2C%20please">bike</a>
        <a id="support" target="_blank" href="https://api.whatsapp.com/send/?phone=%2B14155550101&text=I+need+help%2C+it%27s+broken">help</a>`,
    });
    await page.click('#sales');
    await page.click('#support');
    const [sales, support] = [new URL(await hrefOf(page, '#sales')), new URL(await hrefOf(page, '#support'))];
    expect(sales.searchParams.get('text')).toMatch(/^The red bike, please \(request no\. \w{5}-\w{5}\)$/);
    expect(support.searchParams.get('text')).toMatch(/^I need help, it's broken \[\w{5}-\w{5}\]$/);
    expect((await at.registered(codeIn(sales.href))).greetingVariant).toBeUndefined();
    expect(await at.registered(codeIn(support.href))).toMatchObject({ greetingVariant: 0, source: { placement: 'support' } });
  });

  it('in every form are recognised, and those of others are left alone', async () => {
    const tracked = {
      scheme: 'whatsapp://send?phone=14155550100&text=Hi',
      bare: 'whatsapp:send?phone=%2B1%20415%20555-0100',
      web: 'https://web.whatsapp.com/send?phone=14155550100',
      intent: `intent://send?phone=14155550100#Intent;scheme=whatsapp;package=com.whatsapp;S.browser_fallback_url=${encodeURIComponent(SALES)};end`,
      bot: 'https://t.me/acme_bot',
      telegramMe: 'https://telegram.me/ACME_BOT/',
      subdomain: 'https://acme_bot.t.me',
      tg: 'tg://resolve?domain=acme_bot',
    };
    const foreign = {
      number: 'https://wa.me/14155559999',
      share: 'https://wa.me/?text=look',
      message: 'https://wa.me/message/ABC123',
      channel: 'https://t.me/acme_bot/12',
      join: 'https://t.me/+abcdef',
      mail: 'mailto:a@wa.me',
      page: '/contact',
      script: 'javascript:void 0',
      off: `${SALES}" data-messtrack="off`,
    };
    const page = await at.open({
      body: Object.entries({ ...tracked, ...foreign })
        .map(([id, href]) => `<a id="${id}" href="${href.replaceAll('&', '&amp;')}">${id}</a> `)
        .join(''),
    });
    for (const id of Object.keys({ ...tracked, ...foreign })) await page.dispatchEvent(`#${id}`, 'pointerdown');
    for (const [id, href] of Object.entries(tracked)) {
      const now = await hrefOf(page, `#${id}`);
      expect(now.split(/[?#]/)[0], id).toBe(href.split(/[?#]/)[0]);
      expect(now, id).toMatch(/(\?|&)(text=[^&#]*[0-9A-Z]{5}-[0-9A-Z]{5}|start=[0-9A-Z]{10}_bot)/);
    }
    const intent = await hrefOf(page, '#intent');
    expect(codeIn(decodeURIComponent(/S\.browser_fallback_url=([^;]+)/.exec(intent)?.[1] ?? ''))).toBe(codeIn(intent));
    for (const [id, href] of Object.entries(foreign)) expect(await hrefOf(page, `#${id}`), id).toBe(href.split('"')[0]);
  });

  it('of a bot that wait for a payload of their own keep it', async () => {
    const page = await at.open({ body: '<a target="_blank" href="https://t.me/acme_bot?start=promo_1">Bot</a>' });
    const before = await at.clicksUpTo(page);
    await page.click('a');
    expect(await hrefOf(page)).toBe('https://t.me/acme_bot?start=promo_1');
    expect(await at.clicksUpTo(page)).toBe(before + 2);
  });

  it('added by an application that changes the address are tracked, in shadow roots too', async () => {
    const page = await at.open({ body: '<div id="app"></div>' });
    await page.evaluate((href) => {
      history.pushState({}, '', '/product/7');
      const app = document.querySelector('#app')!;
      app.innerHTML = `<button><a id="late" target="_blank" href="${href}"><b>late</b></a></button>`;
      const card = document.createElement('x-card');
      card.attachShadow({ mode: 'open' }).innerHTML = `<a id="deep" target="_blank" href="${href}"><i>deep</i></a>`;
      app.append(card);
      app.addEventListener('click', (event) => event.stopImmediatePropagation(), true);
    }, SALES);
    await page.click('#late b');
    await page.click('#deep i');
    const codes = [codeIn(await hrefOf(page, '#late')), codeIn(await hrefOf(page, '#deep'))];
    expect(new Set(codes).size).toBe(2);
    for (const code of codes) await at.registered(code);
  });

  it('rendered anew or cloned with a code in them get a new one instead of a second', async () => {
    const page = await at.open({ body: `<a target="_blank" href="${SALES}?text=Hi%20there">WhatsApp</a>` });
    await page.click('a');
    const first = codeIn(await hrefOf(page));
    await later(page, 3_000);
    await page.evaluate(() => {
      document.querySelector('a')!.outerHTML = `${document.querySelector('a')!.outerHTML}`;
    });
    await page.click('a');
    const text = new URL(await hrefOf(page)).searchParams.get('text');
    expect(text).toMatch(/^Hi there \(request no\. \w{5}-\w{5}\)$/);
    expect(text).not.toContain(first.slice(0, 5));
  });

  it('that scripts open, and marked elements without a link, carry a code and open once', async () => {
    const { opened } = at.messengers;
    const before = opened.length;
    for (const id of ['#script', '#marked', '#hash']) {
      const page = await at.open({
        body: `<button id="script">open</button> <button id="marked" data-messtrack="support">Help</button> <a id="hash" href="#" data-messtrack>Chat</a>`,
      });
      await page.evaluate((href) => {
        document.querySelector('#script')!.addEventListener('click', () => window.open(href));
      }, SALES);
      const count = opened.length;
      await page.click(id);
      await expect.poll(() => opened.length).toBe(count + 1);
    }
    const placements = await Promise.all(opened.slice(before).map(async (href) => (await at.registered(codeIn(href))).source?.placement));
    expect(placements).toEqual(['sales', 'support', 'sales']);
  });

  it('with an app scheme take the web form in the browsers inside other apps', async () => {
    const inside = await at.newContext({ userAgent: INSTAGRAM });
    try {
      const page = await at.open({ body: '<a href="whatsapp://send?phone=14155550100">WhatsApp</a>' }, '', inside);
      await page.click('a');
      await arrival(page);
      expect(page.url().startsWith(`${SALES}?text=`)).toBe(true);
      await at.registered(codeIn(page.url()));
    } finally {
      await inside.close();
    }
  });
});
