import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { startBrowser } from '@messtrack/testing/browser.ts';
import { isCode } from '@messtrack/tracking-code/tracking-code.ts';
import type { Browser, BrowserContext, BrowserContextOptions, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { startTestSite, type TestPage, type TestSite } from './test-site.ts';

const SHOTS = join(import.meta.dirname, '..', '..', 'artifacts', 'snippet');
const IPHONE =
  'Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.5 Mobile/15E148 Safari/604.1';
const INSTAGRAM = `${IPHONE} Instagram 330.0.0.0.1`;
/** What the messenger's site answers: the person is there, and so is the address it was opened with. */
const MESSENGERS = /^https:\/\/(wa\.me|api\.whatsapp\.com|t\.me|m\.me)\//;
const SALES = 'https://wa.me/14155550100';

let browser: Browser;
let site: TestSite;
let context: BrowserContext;

beforeAll(async () => {
  [browser, site] = await Promise.all([startBrowser(), startTestSite()]);
  await mkdir(SHOTS, { recursive: true });
});
afterAll(async () => {
  await browser?.close();
  await site?.stop();
});
beforeEach(async () => {
  site.outage = undefined;
  context = await newContext();
});
afterEach(async () => {
  await context.close();
});

async function newContext(options: BrowserContextOptions = {}): Promise<BrowserContext> {
  const made = await browser.newContext({ locale: 'de-DE', ...options });
  await made.route(MESSENGERS, (route) => route.fulfill({ contentType: 'text/html', body: '<title>messenger</title>' }));
  return made;
}

let paths = 0;

/** A page of its own for every test, opened and with the script at work. */
async function open(content: TestPage, query = '', within = context): Promise<Page> {
  paths += 1;
  const page = await within.newPage();
  await page.goto(`${site.page(`/p${paths}`, content)}${query}`);
  await installed(page);
  return page;
}

const installed = (page: Page) => page.waitForFunction(() => 'acme' in (Reflect.get(window, 'messtrack')?.handlers ?? {}));
const hrefOf = (page: Page, selector = 'a') => page.locator(selector).evaluate((element) => element.getAttribute('href') ?? '');
const keptBy = (page: Page) => page.evaluate(() => localStorage.getItem('messtrack.acme'));

/** The code a link carries, by its visible form or its payload. */
function codeIn(href: string): string {
  const url = new URL(href);
  const code =
    url.searchParams
      .get('text')
      ?.match(/([0-9A-Z]{5})-([0-9A-Z]{5})/)
      ?.slice(1)
      .join('') ?? (url.searchParams.get('start') ?? url.searchParams.get('ref') ?? '').slice(0, 10);
  if (!isCode(code)) throw new Error(`no code in ${href}`);
  return code;
}

/** The click with this code, when the log has it. */
async function registered(code: string) {
  await expect.poll(async () => (await site.clicks()).some((click) => click.code === code), { interval: 20 }).toBe(true);
  const found = (await site.clicks()).filter((click) => click.code === code);
  expect(found).toHaveLength(1);
  return found[0]!;
}

/** The page's clock goes on without anybody waiting. */
const later = (page: Page, ms: number) =>
  page.evaluate((by) => {
    const { now } = Date;
    Date.now = () => now() + by;
  }, ms);

/** How many clicks the log has once a later one of the same page is in it: nothing still under way is missed. */
async function clicksUpTo(page: Page): Promise<number> {
  const href = await page.evaluate(() => Reflect.get(window, 'messtrack').link('support'));
  await registered(codeIn(href));
  return (await site.clicks()).length - 1;
}

describe('a tap', () => {
  it('opens the messenger with a code that is in the log, without cookie, storage or movement of the page', async () => {
    const page = await open(
      { body: `<h1>Shop</h1><p>Ask us: <a id="wa" href="${SALES}">WhatsApp</a></p><p>Below</p>` },
      '?utm_source=google&utm_campaign=spring&gclid=Cj0K-Q_x&email=ann@example.com',
    );
    const layout = () => page.evaluate(() => [...document.querySelectorAll('body *')].map((each) => each.getBoundingClientRect().toJSON()));
    const before = await layout();
    await page.locator('#wa').dispatchEvent('pointerdown');
    expect(await layout()).toEqual(before);
    await page.screenshot({ path: join(SHOTS, 'plain-click.png') });
    await page.click('#wa');
    await page.waitForURL(MESSENGERS);

    const url = new URL(page.url());
    expect(url.origin + url.pathname).toBe(SALES);
    const click = await registered(codeIn(page.url()));
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
    expect(await context.cookies()).toEqual([]);
    expect(await site.visits()).toEqual([]);
    expect(JSON.stringify(site.beacons)).not.toContain('ann@example.com');
  });

  it('counts once over a double click, back, reload and the way back', async () => {
    const page = await open({ body: `<a target="_blank" href="${SALES}">WhatsApp</a>` });
    const before = await clicksUpTo(page);
    await page.dblclick('a');
    const code = codeIn(await hrefOf(page));
    await registered(code);
    await page.reload();
    await installed(page);
    await page.goto(site.page('/next', { body: 'next' }));
    await page.goBack();
    await installed(page);
    // The barrier of the first count is one of them, and this one's is not counted.
    expect(await clicksUpTo(page)).toBe(before + 2);
  });

  it('with the middle button, with Ctrl and by keyboard carries its code into the tab it opens', async () => {
    const page = await open({
      body: `<a id="one" href="${SALES}">1</a> <a id="two" href="https://wa.me/14155550101">2</a> <a id="three" href="${SALES}">3</a>`,
    });
    // Such tabs load before their requests can be answered for them: what they were opened with is known to the browser alone.
    const session = await browser.newBrowserCDPSession();
    const addresses = async (): Promise<readonly string[]> =>
      (await session.send('Target.getTargets')).targetInfos.map(({ url }) => url).filter((url) => MESSENGERS.test(url));
    const openedBy = async (tap: () => Promise<void>): Promise<string> => {
      const before = await addresses();
      await tap();
      const added = async () => (await addresses()).filter((url) => !before.includes(url));
      await expect.poll(async () => (await added()).length, { interval: 20 }).toBe(1);
      return (await added())[0]!;
    };
    const one = await openedBy(() => page.click('#one', { button: 'middle' }));
    const two = await openedBy(() => page.click('#two', { modifiers: ['Control'] }));
    await page.bringToFront();
    await page.focus('#three');
    await page.keyboard.press('Enter');
    await page.waitForURL(MESSENGERS);
    await session.detach();
    const codes = [one, two, page.url()].map(codeIn);
    expect(new Set(codes).size).toBe(3);
    const placements = await Promise.all(codes.map(async (code) => (await registered(code)).source?.placement));
    expect(placements).toEqual(['sales', 'support', 'sales']);
  });

  it('that opens the menu makes "copy link address" carry a registered code, and a click on it later another', async () => {
    const page = await open({ body: `<a target="_blank" href="${SALES}?app_absent=0">WhatsApp</a>` });
    await page.click('a', { button: 'right' });
    const copied = await hrefOf(page);
    expect(copied.startsWith(`${SALES}?app_absent=0&text=`)).toBe(true);
    await registered(codeIn(copied));
    await later(page, 3_000);
    await page.click('a');
    const clicked = await hrefOf(page);
    expect(codeIn(clicked)).not.toBe(codeIn(copied));
    expect(clicked.match(/text=/g)).toHaveLength(1);
    await registered(codeIn(clicked));
  });

  it('held long on a phone registers the link whose menu iOS shows, and scrolling over it does not', async () => {
    const phone = await newContext({ userAgent: IPHONE, hasTouch: true, isMobile: true, viewport: { width: 390, height: 844 } });
    try {
      const page = await open({ body: `<a id="held" href="${SALES}">held</a><a id="passed" href="${SALES}">passed</a>` }, '', phone);
      await page.dispatchEvent('#passed', 'touchstart');
      await page.dispatchEvent('#passed', 'touchmove');
      await page.dispatchEvent('#held', 'touchstart');
      const held = codeIn(await hrefOf(page, '#held'));
      const passed = codeIn(await hrefOf(page, '#passed'));
      await registered(held);
      await page.dispatchEvent('#held', 'touchend');
      await clicksUpTo(page);
      expect((await site.clicks()).some(({ code }) => code === passed)).toBe(false);
    } finally {
      await phone.close();
    }
  });
});

describe('links', () => {
  it('of two placements carry two codes, in the text that the site gave them', async () => {
    const page = await open({
      body: `<a id="sales" target="_blank" href="${SALES}?text=The%20red%20bike%2C%20please">bike</a>
        <a id="support" target="_blank" href="https://api.whatsapp.com/send/?phone=%2B14155550101&text=I+need+help%2C+it%27s+broken">help</a>`,
    });
    await page.click('#sales');
    await page.click('#support');
    const [sales, support] = [new URL(await hrefOf(page, '#sales')), new URL(await hrefOf(page, '#support'))];
    expect(sales.searchParams.get('text')).toMatch(/^The red bike, please \(request no\. \w{5}-\w{5}\)$/);
    expect(support.searchParams.get('text')).toMatch(/^I need help, it's broken \[\w{5}-\w{5}\]$/);
    expect((await registered(codeIn(sales.href))).greetingVariant).toBeUndefined();
    expect(await registered(codeIn(support.href))).toMatchObject({ greetingVariant: 0, source: { placement: 'support' } });
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
    const page = await open({
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
    const page = await open({ body: '<a target="_blank" href="https://t.me/acme_bot?start=promo_1">Bot</a>' });
    const before = await clicksUpTo(page);
    await page.click('a');
    expect(await hrefOf(page)).toBe('https://t.me/acme_bot?start=promo_1');
    expect(await clicksUpTo(page)).toBe(before + 2);
  });

  it('added by an application that changes the address are tracked, in shadow roots too', async () => {
    const page = await open({ body: '<div id="app"></div>' });
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
    for (const code of codes) await registered(code);
  });

  it('rendered anew or cloned with a code in them get a new one instead of a second', async () => {
    const page = await open({ body: `<a target="_blank" href="${SALES}?text=Hi%20there">WhatsApp</a>` });
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
    const page = await open({
      body: `<button id="script">open</button> <button id="marked" data-messtrack="support">Help</button> <a id="hash" href="#" data-messtrack>Chat</a>`,
    });
    await page.evaluate((href) => {
      document.querySelector('#script')!.addEventListener('click', () => window.open(href));
    }, SALES);
    const opened: string[] = [];
    context.on('page', (tab) => void tab.waitForURL(MESSENGERS).then(() => opened.push(tab.url())));
    for (const id of ['#script', '#marked']) {
      await page.click(id);
      await expect.poll(() => opened.length).toBe(id === '#script' ? 1 : 2);
    }
    await page.click('#hash');
    await page.waitForURL(MESSENGERS);
    const placements = await Promise.all([...opened, page.url()].map(async (href) => (await registered(codeIn(href))).source?.placement));
    expect(placements).toEqual(['sales', 'support', 'sales']);
  });

  it('with an app scheme take the web form in the browsers inside other apps', async () => {
    const inside = await newContext({ userAgent: INSTAGRAM });
    try {
      const page = await open({ body: '<a href="whatsapp://send?phone=14155550100">WhatsApp</a>' }, '', inside);
      await page.click('a');
      await page.waitForURL(MESSENGERS);
      expect(page.url().startsWith(`${SALES}?text=`)).toBe(true);
      await registered(codeIn(page.url()));
    } finally {
      await inside.close();
    }
  });
});

describe('consent', () => {
  const gtag = `<script>window.dataLayer=window.dataLayer||[];function gtag(){dataLayer.push(arguments)}
    gtag('consent','default',{ad_storage:'denied',ad_user_data:'denied',analytics_storage:'denied'})</script>`;

  it('denied keeps nothing; granted keeps the visit with first touch, ids and pages; taken back removes it', async () => {
    await context.addCookies(
      Object.entries({
        _ga: 'GA1.1.1234567890.1746600000',
        _ga_ABC123: 'GS2.1.s1746600000$o3$g1$t1746600123$j60$l0$h0',
        _ym_uid: '1746600000123456789',
        _fbp: 'fb.1.1746600000000.987654321',
        other: 'private',
      }).map(([name, value]) => ({ name, value, url: site.origin })),
    );
    const page = await open({ head: gtag, body: `<a target="_blank" href="${SALES}">WhatsApp</a>` }, '?utm_source=meta&fbclid=IwAR_1');
    await page.click('a');
    const denied = await registered(codeIn(await hrefOf(page)));
    expect(denied).toMatchObject({ visitId: '', visitorId: '', source: { utmSource: 'meta', clickIds: {} } });
    expect(await keptBy(page)).toBeNull();

    const before = (await site.visits()).length;
    await page.evaluate(() =>
      Reflect.get(window, 'gtag')('consent', 'update', { ad_storage: 'granted', ad_user_data: 'granted', analytics_storage: 'granted' }),
    );
    await expect.poll(async () => (await site.visits()).length).toBe(before + 1);
    await page.evaluate(() => history.pushState({}, '', '/checkout?step=2'));
    await expect.poll(async () => (await site.visits()).length).toBe(before + 2);
    const visit = (await site.visits()).at(-1)!;
    expect(visit).toMatchObject({
      source: { utmSource: 'meta', clickIds: { fbclid: 'IwAR_1' } },
      firstTouch: { utmSource: 'meta' },
      lastTouch: { utmSource: 'meta' },
      analyticsIds: {
        ga_client_id: '1234567890.1746600000',
        ga_session_id: '1746600000',
        ym_client_id: '1746600000123456789',
        fbp: 'fb.1.1746600000000.987654321',
      },
      consent: { analytics_storage: 'granted', ad_storage: 'granted' },
    });
    expect(visit.pages.map(({ url }) => new URL(url).pathname)).toEqual([`/p${paths}`, '/checkout']);
    expect(JSON.stringify(site.beacons)).not.toContain('private');

    await later(page, 3_000);
    await page.click('a');
    const granted = await registered(codeIn(await hrefOf(page)));
    expect(granted).toMatchObject({ visitId: visit.visitId, visitorId: visit.visitorId, source: { clickIds: { fbclid: 'IwAR_1' } } });
    expect(visit.visitorId).toMatch(/^[0-9a-f]{32}$/);

    await page.evaluate(() => Reflect.get(window, 'gtag')('consent', 'update', { analytics_storage: 'denied' }));
    expect(await keptBy(page)).toBeNull();
    expect((await context.cookies()).map(({ name }) => name).sort()).toEqual(['_fbp', '_ga', '_ga_ABC123', '_ym_uid', 'other']);
  });

  it('of a TCF banner counts when it is answered: storage without advertising leaves ids of ads out', async () => {
    const page = await open(
      {
        head: `<script>window.__tcfapi=(command,version,callback)=>{window.answer=(consents,eventStatus)=>callback({gdprApplies:true,eventStatus,purpose:{consents}},true);answer({1:true,7:true,8:true},'cmpuishown')}</script>`,
        body: `<a target="_blank" href="${SALES}">WhatsApp</a>`,
      },
      '?utm_source=x&gclid=Cj0KCQ',
    );
    await page.evaluate(() => history.replaceState({}, '', location.href));
    await clicksUpTo(page);
    expect(await keptBy(page)).toBeNull();
    await page.evaluate(() => Reflect.get(window, 'answer')({ 1: true, 8: true }, 'useractioncomplete'));
    await expect.poll(async () => JSON.parse((await keptBy(page)) ?? '{}')).toMatchObject({ visit: { touch: { query: 'utm_source=x' } } });
    expect(await keptBy(page)).not.toContain('Cj0KCQ');
    await page.click('a');
    expect(await registered(codeIn(await hrefOf(page)))).toMatchObject({ source: { utmSource: 'x', clickIds: {} } });
  });

  it('given by the page itself before the script is there counts, and the next visit knows the first touch', async () => {
    const own = `<script>(window.messtrack=window.messtrack||[]).push(['consent',true])</script>`;
    const page = await open({ head: own, body: 'landing' }, '?utm_source=first&yclid=1');
    await expect.poll(async () => (await site.visits()).some(({ source }) => source?.utmSource === 'first')).toBe(true);
    const first = (await site.visits()).find(({ source }) => source?.utmSource === 'first')!;
    await page.goto(`${site.page('/again', { head: own, body: 'again' })}?utm_source=second`);
    await expect.poll(async () => (await site.visits()).some(({ source }) => source?.utmSource === 'second')).toBe(true);
    const second = (await site.visits()).find(({ source }) => source?.utmSource === 'second')!;
    expect(second).toMatchObject({
      visitorId: first.visitorId,
      firstTouch: { utmSource: 'first', clickIds: { yclid: '1' } },
      lastTouch: { utmSource: 'second' },
    });
    expect(second.visitId).not.toBe(first.visitId);
  });
});

describe('a beacon', () => {
  it('that fails is kept and sent from the next page, once', async () => {
    const own = `<script>(window.messtrack=window.messtrack||[]).push(['consent',true])</script>`;
    const page = await open({ head: own, body: `<a href="${SALES}">WhatsApp</a>` });
    site.outage = 503;
    await page.click('a');
    await page.waitForURL(MESSENGERS);
    const code = codeIn(page.url());
    const sent = () => site.beacons.filter(({ path, body }) => path === '/v1/clicks' && JSON.stringify(body).includes(code)).length;
    await expect.poll(sent).toBe(1);
    expect((await site.clicks()).some((click) => click.code === code)).toBe(false);
    site.outage = undefined;
    await page.goto(site.page('/later', { head: own, body: 'later' }));
    await registered(code);
    await expect.poll(async () => JSON.parse((await keptBy(page)) ?? '').queue).toEqual([]);
    await page.reload();
    await clicksUpTo(page);
    expect(sent()).toBe(2);
  });

  it('made offline goes out when the line is back', async () => {
    const page = await open({ body: `<a target="_blank" href="${SALES}">WhatsApp</a>` });
    await context.setOffline(true);
    await page.click('a');
    const code = codeIn(await hrefOf(page));
    await page.waitForTimeout(50);
    expect((await site.clicks()).some((click) => click.code === code)).toBe(false);
    await context.setOffline(false);
    await registered(code);
  });

  it('that ingest refuses for good is not sent again', async () => {
    const page = await open({ body: `<a target="_blank" href="${SALES}">WhatsApp</a>` });
    site.outage = 400;
    await page.click('a');
    const code = codeIn(await hrefOf(page));
    const sent = () => site.beacons.filter(({ body }) => JSON.stringify(body).includes(code)).length;
    await expect.poll(sent).toBe(1);
    site.outage = undefined;
    await page.evaluate(() => window.dispatchEvent(new Event('online')));
    await clicksUpTo(page);
    expect(sent()).toBe(1);
  });
});

describe('a form', () => {
  it('asks to be written to with the visit of the page, under one id however often it is sent, and gets the answer', async () => {
    const page = await open(
      { head: `<script>(window.messtrack=window.messtrack||[]).push(['consent',true])</script>`, body: '' },
      '?utm_source=form',
    );
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
    const bodies = site.beacons.filter(({ path }) => path === '/v1/sendback').map(({ body }) => body as Record<string, unknown>);
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

describe('a difficult page', () => {
  it('with changed built-ins still gets its link, and no error of ours', async () => {
    const errors: string[] = [];
    const page = await context.newPage();
    page.on('pageerror', (error) => errors.push(error.message));
    await page.goto(
      site.page('/hostile', {
        head: `<script>
          Array.prototype.toJSON = function () { return 'prototype.js'; };
          Object.prototype.extra = function () {}; Array.prototype.extra = 1; String.prototype.extra = 1;
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
    await registered(codeIn(await hrefOf(page)));
    expect(errors).toEqual([]);
  });

  it('without anything that the script needs still opens its links as they are', async () => {
    const errors: string[] = [];
    const page = await context.newPage();
    page.on('pageerror', (error) => errors.push(error.message));
    await page.goto(
      site.page('/broken', {
        head: '<script>Object.defineProperty(window,"crypto",{value:undefined})</script>',
        body: `<a href="${SALES}">WhatsApp</a>`,
      }),
    );
    await installed(page);
    await page.click('a');
    await page.waitForURL(MESSENGERS);
    expect(page.url()).toBe(SALES);
    expect(errors).toEqual([]);
  });

  it('under a strict policy needs two origins in it and breaks none of its rules', async () => {
    const page = await context.newPage();
    await page.addInitScript(() => {
      document.addEventListener('securitypolicyviolation', (event) => {
        Reflect.set(window, 'violation', event.violatedDirective);
      });
    });
    await page.goto(
      site.page('/policy', {
        headers: {
          'content-security-policy': `default-src 'none'; script-src ${site.ingest}; connect-src ${site.ingest}; require-trusted-types-for 'script'`,
        },
        body: `<a target="_blank" href="${SALES}">WhatsApp</a>`,
      }),
    );
    await installed(page);
    await page.click('a');
    await registered(codeIn(await hrefOf(page)));
    expect(await page.evaluate(() => Reflect.get(window, 'violation'))).toBeUndefined();
  });

  it('with the tag twice counts once', async () => {
    const page = await open({ body: `<a target="_blank" href="${SALES}">WhatsApp</a>${site.tag}${site.tag}` });
    await page.waitForLoadState('networkidle');
    const before = await clicksUpTo(page);
    await page.click('a');
    expect(await clicksUpTo(page)).toBe(before + 2);
  });

  it('of an origin that no placement names is left alone', async () => {
    const page = await context.newPage();
    await page.goto(`${site.page('/elsewhere', { body: `<a href="${SALES}">WhatsApp</a>` }).replace('127.0.0.1', 'localhost')}`);
    await page.waitForLoadState('networkidle');
    await page.dispatchEvent('a', 'pointerdown');
    expect(await hrefOf(page)).toBe(SALES);
  });
});
