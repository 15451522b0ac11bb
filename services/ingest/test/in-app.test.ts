import { parseStartCommand } from '@messtrack/tracking-code/start-payload.ts';
import fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import { appLink } from '../src/domain/app-link.ts';
import { botByUserAgent } from '../src/domain/bot.ts';
import { isInAppBrowser } from '../src/domain/in-app.ts';
import { openAppPage } from '../src/domain/open-app-page.ts';
import { IPHONE, startHarness } from './harness.ts';

const ANDROID = 'Mozilla/5.0 (Linux; Android 14; Pixel 8) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Mobile Safari/537.36';
const ANDROID_VIEW =
  'Mozilla/5.0 (Linux; Android 13; SM-A536B Build/TP1A.220624.014; wv) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Chrome/120.0.6099.43 Mobile Safari/537.36';
const INSTAGRAM_IOS =
  'Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148 Instagram 300.0.0.29.110 (iPhone14,5; iOS 17_0; de_DE; de; scale=3.00; 1170x2532)';

describe('browsers inside apps', () => {
  it.each([
    [`${ANDROID_VIEW} [FB_IAB/FB4A;FBAV/442.0.0.44.114;]`, true],
    [`${ANDROID_VIEW} Instagram 312.1.0.34.111 Android`, true],
    [`${ANDROID} musical_ly_2023106030 BytedanceWebview/d8a21c6`, true],
    [`${ANDROID_VIEW} VKAndroidApp/8.50`, true],
    [ANDROID_VIEW, true],
    [INSTAGRAM_IOS, true],
    [
      'Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148 [FBAN/FBIOS;FBAV/467.0]',
      true,
    ],
    [`${IPHONE} Line/13.20.0`, true],
    [IPHONE, false],
    [ANDROID, false],
    [
      'Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) CriOS/126.0 Mobile/15E148 Safari/604.1',
      false,
    ],
    ['Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Safari/537.36', false],
    ['Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.5 Safari/605.1.15', false],
    ['', false],
  ])('%s', (userAgent, isInApp) => {
    expect(isInAppBrowser(userAgent)).toBe(isInApp);
  });
});

describe('a browser inside an app', () => {
  it.each([`${IPHONE} Line/13.20.0`, INSTAGRAM_IOS, `${ANDROID_VIEW} VKAndroidApp/8.50`])('is no program: %s', (userAgent) => {
    expect(botByUserAgent(userAgent)).toBeUndefined();
  });
});

describe('links of apps', () => {
  it.each([
    ['https://wa.me/14155550100?text=Hi%20%F0%9F%98%80', 'ios', 'whatsapp://send?phone=14155550100&text=Hi%20%F0%9F%98%80'],
    ['https://api.whatsapp.com/send?phone=14155550100&text=Hi', 'ios', 'whatsapp://send?phone=14155550100&text=Hi'],
    ['https://t.me/acme_bot?start=bot_K7QM2X9PRT', 'ios', 'tg://resolve?domain=acme_bot&start=bot_K7QM2X9PRT'],
    [
      'https://t.me/acme_bot?start=x',
      'android',
      'intent://resolve?domain=acme_bot&start=x#Intent;scheme=tg;S.browser_fallback_url=https%3A%2F%2Ft.me%2Facme_bot%3Fstart%3Dx;end',
    ],
    [
      'https://wa.me/14155550100?text=a%3Bb',
      'android',
      'intent://send?phone=14155550100&text=a%3Bb#Intent;scheme=whatsapp;S.browser_fallback_url=https%3A%2F%2Fwa.me%2F14155550100%3Ftext%3Da%253Bb;end',
    ],
  ] as const)('%s on %s', (link, device, app) => {
    expect(appLink(link, device)?.app).toBe(app);
  });

  it('are none on computers and for messengers whose apps have no documented scheme', () => {
    expect(appLink('https://wa.me/14155550100?text=Hi', 'desktop')).toBeUndefined();
    expect(appLink('https://m.me/acme?ref=x', 'ios')).toBeUndefined();
    expect(appLink('https://evil.example/https://wa.me/14155550100', 'ios')).toBeUndefined();
  });

  it('end nowhere but in the app, whatever the text', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'grapheme' }).filter((text) => text.isWellFormed()),
        (text) => {
          const link = `https://wa.me/14155550100?text=${encodeURIComponent(text)}`;
          const intent = appLink(link, 'android')!.app;
          expect(intent.split('#')).toHaveLength(2);
          expect(intent.split(';')).toHaveLength(4);
          expect(new URL(appLink(link, 'ios')!.app).searchParams.get('text')).toBe(text);
          const page = openAppPage(appLink(link, 'ios')!, ['de-DE']);
          expect(page.match(/<a /g)).toHaveLength(2);
          expect(page).not.toMatch(/<script|javascript:/i);
        },
      ),
    );
  });
});

describe('GET /t from a browser inside an app', () => {
  let harness: Awaited<ReturnType<typeof startHarness>>;

  afterEach(async () => {
    await harness.close();
  });

  const get = (url: string, userAgent: string, headers: Record<string, string> = {}) =>
    harness.app.inject({ method: 'GET', url, headers: { 'user-agent': userAgent, 'accept-language': 'pt-BR,pt;q=0.9', ...headers } });

  it('answers a page with a link that opens the app, and records one click', async () => {
    harness = await startHarness();
    const response = await get('/t/acme/ad?utm_source=ig', INSTAGRAM_IOS);
    expect(response.statusCode).toBe(200);
    expect(response.headers).toMatchObject({
      'content-type': 'text/html; charset=utf-8',
      'cache-control': 'no-store',
      'x-robots-tag': 'noindex',
    });
    expect(response.headers['content-security-policy']).toMatch(/^default-src 'none'; style-src 'sha256-[A-Za-z0-9+/]{43}='; /);
    const [click, ...others] = harness.clicks();
    expect(others).toEqual([]);
    expect(click).toMatchObject({ bot: undefined, source: { utmSource: 'ig' } });
    const hrefs = [...response.body.matchAll(/href="([^"]*)"/g)].map(([, href]) => href!.replaceAll('&amp;', '&'));
    expect(hrefs.map((href) => href.slice(0, href.indexOf('?')))).toEqual(['whatsapp://send', 'https://wa.me/14155550100']);
    expect(response.body).toContain('>Abrir o WhatsApp</a>');
    expect(response.body).toContain('<html lang="pt">');
  });

  it('carries the code in both links to a bot', async () => {
    harness = await startHarness();
    const response = await get('/t/acme/bot', `${ANDROID_VIEW} Instagram 312.1.0.34.111 Android`);
    const code = harness.clicks()[0]!.code;
    const payloads = [...response.body.matchAll(/start(?:=|%3D)([A-Za-z0-9_-]+)/g)].map(([, payload]) => payload!);
    expect(payloads).toHaveLength(3);
    for (const payload of payloads)
      expect(parseStartCommand(`/start ${payload}`).code).toEqual({ code, carrier: 'start_payload', intact: true });
  });

  it('answers programs, computers and full browsers with a redirect', async () => {
    harness = await startHarness();
    for (const userAgent of [IPHONE, ANDROID, 'facebookexternalhit/1.1', 'facebookexternalhit/1.1;line-poker/1.0', 'WhatsApp/2.24.9.78 A'])
      expect((await get('/t/acme/ad', userAgent)).statusCode).toBe(302);
    expect((await get('/t/acme/ad', INSTAGRAM_IOS, { 'sec-purpose': 'prefetch' })).statusCode).toBe(302);
    expect(harness.clicks().map(({ bot }) => bot?.reason)).toEqual([
      undefined,
      undefined,
      'link_preview',
      'link_preview',
      'link_preview',
      'prefetch',
    ]);
  });

  it('HEAD gets the head of the page', async () => {
    harness = await startHarness();
    const response = await harness.app.inject({ method: 'HEAD', url: '/t/acme/ad', headers: { 'user-agent': INSTAGRAM_IOS } });
    expect([response.statusCode, response.body]).toEqual([302, '']);
    expect(harness.clicks()[0]?.bot).toEqual({ isBot: true, reason: 'head_request' });
  });
});
