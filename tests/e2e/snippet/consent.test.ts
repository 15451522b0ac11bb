import { describe, expect, it } from 'vitest';
import { browserSite, CONSENT_GIVEN, codeIn, hrefOf, keptBy, later, SALES } from './browser-site.ts';

const at = browserSite();

describe('consent', () => {
  const gtag = `<script>window.dataLayer=window.dataLayer||[];function gtag(){dataLayer.push(arguments)}
    gtag('consent','default',{ad_storage:'denied',ad_user_data:'denied',analytics_storage:'denied'})</script>`;

  it('denied keeps nothing; granted keeps the visit with first touch, ids and pages; taken back removes it', async () => {
    await at.context.addCookies(
      Object.entries({
        _ga: 'GA1.1.1234567890.1746600000',
        _ga_ABC123: 'GS2.1.s1746600000$o3$g1$t1746600123$j60$l0$h0',
        _ym_uid: '1746600000123456789',
        _fbp: 'fb.1.1746600000000.987654321',
        other: 'private',
      }).map(([name, value]) => ({ name, value, url: at.site.origin })),
    );
    const page = await at.open({ head: gtag, body: `<a target="_blank" href="${SALES}">WhatsApp</a>` }, '?utm_source=meta&fbclid=IwAR_1');
    await page.click('a');
    const denied = await at.registered(codeIn(await hrefOf(page)));
    expect(denied).toMatchObject({ visitId: '', visitorId: '', source: { utmSource: 'meta', clickIds: {} } });
    expect(await keptBy(page)).toBeNull();

    const before = (await at.site.visits()).length;
    await page.evaluate(() =>
      Reflect.get(window, 'gtag')('consent', 'update', { ad_storage: 'granted', ad_user_data: 'granted', analytics_storage: 'granted' }),
    );
    await expect.poll(async () => (await at.site.visits()).length).toBe(before + 1);
    await page.evaluate(() => history.pushState({}, '', '/checkout?step=2'));
    await expect.poll(async () => (await at.site.visits()).length).toBe(before + 2);
    const visit = (await at.site.visits()).at(-1)!;
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
    expect(visit.pages.map(({ url }) => new URL(url).pathname)).toEqual([at.path(), '/checkout']);
    expect(JSON.stringify(at.site.beacons)).not.toContain('private');

    await later(page, 3_000);
    await page.click('a');
    const granted = await at.registered(codeIn(await hrefOf(page)));
    expect(granted).toMatchObject({ visitId: visit.visitId, visitorId: visit.visitorId, source: { clickIds: { fbclid: 'IwAR_1' } } });
    expect(visit.visitorId).toMatch(/^[0-9a-f]{32}$/);

    await page.evaluate(() => Reflect.get(window, 'gtag')('consent', 'update', { analytics_storage: 'denied' }));
    expect(await keptBy(page)).toBeNull();
    expect((await at.context.cookies()).map(({ name }) => name).sort()).toEqual(['_fbp', '_ga', '_ga_ABC123', '_ym_uid', 'other']);
  });

  it('of a TCF banner counts when it is answered: storage without advertising leaves ids of ads out', async () => {
    const page = await at.open(
      {
        head: `<script>window.__tcfapi=(command,version,callback)=>{window.answer=(consents,eventStatus)=>callback({gdprApplies:true,eventStatus,purpose:{consents}},true);answer({1:true,7:true,8:true},'cmpuishown')}</script>`,
        body: `<a target="_blank" href="${SALES}">WhatsApp</a>`,
      },
      '?utm_source=x&gclid=Cj0KCQ',
    );
    await page.evaluate(() => history.replaceState({}, '', location.href));
    await at.clicksUpTo(page);
    expect(await keptBy(page)).toBeNull();
    await page.evaluate(() => Reflect.get(window, 'answer')({ 1: true, 8: true }, 'useractioncomplete'));
    await expect.poll(async () => JSON.parse((await keptBy(page)) ?? '{}')).toMatchObject({ visit: { touch: { query: 'utm_source=x' } } });
    expect(await keptBy(page)).not.toContain('Cj0KCQ');
    await page.click('a');
    expect(await at.registered(codeIn(await hrefOf(page)))).toMatchObject({ source: { utmSource: 'x', clickIds: {} } });
  });

  it('given by the page itself before the script is there counts, and the next visit knows the first touch', async () => {
    const page = await at.open({ head: CONSENT_GIVEN, body: 'landing' }, '?utm_source=first&yclid=1');
    await expect.poll(async () => (await at.site.visits()).some(({ source }) => source?.utmSource === 'first')).toBe(true);
    const first = (await at.site.visits()).find(({ source }) => source?.utmSource === 'first')!;
    await page.goto(`${at.site.page('/again', { head: CONSENT_GIVEN, body: 'again' })}?utm_source=second`);
    await expect.poll(async () => (await at.site.visits()).some(({ source }) => source?.utmSource === 'second')).toBe(true);
    const second = (await at.site.visits()).find(({ source }) => source?.utmSource === 'second')!;
    expect(second).toMatchObject({
      visitorId: first.visitorId,
      firstTouch: { utmSource: 'first', clickIds: { yclid: '1' } },
      lastTouch: { utmSource: 'second' },
    });
    expect(second.visitId).not.toBe(first.visitId);
  });
});
