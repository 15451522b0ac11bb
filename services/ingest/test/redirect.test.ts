import { randomBytes } from 'node:crypto';
import { SourceKind } from '@messtrack/proto/gen/messtrack/v1/source.ts';
import { Touchpoint } from '@messtrack/proto/gen/messtrack/v1/touchpoint.ts';
import { parseStartCommand } from '@messtrack/tracking-code/start-payload.ts';
import { isCode, newCode } from '@messtrack/tracking-code/tracking-code.ts';
import { findVisible } from '@messtrack/tracking-code/visible.ts';
import fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import { FIXED_NOW, IPHONE, startHarness, WORKSPACE_YAML } from './harness.ts';

type Harness = Awaited<ReturnType<typeof startHarness>>;
let harness: Harness;

afterEach(async () => {
  await harness.close();
});

async function start(options: Parameters<typeof startHarness>[0] = {}): Promise<Harness> {
  harness = await startHarness(options);
  return harness;
}

function get(url: string, headers: Record<string, string> = {}) {
  return harness.app.inject({ method: 'GET', url, headers: { 'user-agent': IPHONE, ...headers } });
}

function codeOf(location: unknown): string | undefined {
  return findVisible(new URL(String(location)).searchParams.get('text') ?? '')[0]?.code;
}

describe('GET /t to WhatsApp', () => {
  it('sends the person on with greeting and code, and records the click first', async () => {
    await start();
    const response = await get('/t/acme/button?utm_source=news&utm_campaign=a%20b&gclid=AbC-_1', {
      referer: 'https://Blog.Example:8443/post?secret=1',
      'accept-language': 'de;q=0.5, en-GB, *;q=0.1',
    });

    expect(response.statusCode).toBe(302);
    expect(response.headers['cache-control']).toBe('no-store');
    expect(response.headers['referrer-policy']).toBe('no-referrer');
    const link = new URL(String(response.headers.location));
    expect(`${link.origin}${link.pathname}`).toBe('https://wa.me/14155550100');
    const text = link.searchParams.get('text') ?? '';

    const [click, ...others] = harness.clicks();
    expect(others).toEqual([]);
    expect(isCode(click!.code)).toBe(true);
    expect(findVisible(text)).toEqual([{ code: click!.code, carrier: 'visible', intact: true }]);
    expect(text.startsWith(['Hello, & welcome?', 'Привет!'][click!.greetingVariant!]!)).toBe(true);
    expect(click).toMatchObject({
      key: 'acme/sales-wa',
      eventId: `click/acme/${click!.clickId}`,
      eventTimeMs: FIXED_NOW,
      carriers: [1],
      device: 1,
      userAgent: IPHONE,
      languages: ['en-GB', 'de'],
      bot: undefined,
      ip: '',
      origin: 1,
      source: {
        utmSource: 'news',
        utmMedium: '',
        utmCampaign: 'a b',
        utmTerm: '',
        referrerHost: 'blog.example',
        clickIds: { gclid: 'AbC-_1' },
        placement: 'button',
      },
    });
  });

  it('encodes a space as %20 and leaves no character that ends the parameter', async () => {
    await start();
    const response = await get('/t/acme/button');
    expect(String(response.headers.location)).toMatch(/^https:\/\/wa\.me\/14155550100\?text=[A-Za-z0-9%.!'()*_~-]+$/);
  });

  it('fills what the link leaves empty from the placement', async () => {
    await start();
    await get('/t/acme/ad?utm_source=x');
    expect(harness.clicks()[0]?.source).toMatchObject({ utmSource: 'x', utmTerm: 'shoes', placement: 'ad' });
  });

  it('takes a site of the workspace for no place that anybody comes from, and keeps it as referrer', async () => {
    await start();
    for (const referer of [
      'https://acme.example/',
      'https://www.acme.example/',
      'https://checkout.acme.example/pay',
      'https://notacme.example/',
    ])
      await get('/t/acme/bot', { referer });
    expect(harness.clicks().map(({ source, sourceKind }) => [source?.referrerHost, sourceKind])).toEqual([
      ['acme.example', SourceKind.SOURCE_KIND_DIRECT],
      ['www.acme.example', SourceKind.SOURCE_KIND_DIRECT],
      ['checkout.acme.example', SourceKind.SOURCE_KIND_DIRECT],
      ['notacme.example', SourceKind.SOURCE_KIND_REFERRAL],
    ]);
  });

  it('gives each click its own code and every greeting its turn', async () => {
    await start();
    for (let i = 0; i < 64; i += 1) await get('/t/acme/button');
    const clicks = harness.clicks();
    expect(new Set(clicks.map(({ code }) => code)).size).toBe(64);
    expect(new Set(clicks.map(({ clickId }) => clickId)).size).toBe(64);
    // One greeting 64 times has a chance of 2^-63.
    expect(new Set(clicks.map(({ greetingVariant }) => greetingVariant))).toEqual(new Set([0, 1]));
  });
});

describe('GET /t to Telegram', () => {
  it('puts the code into the start payload', async () => {
    await start();
    const response = await get('/t/acme/bot');
    const link = new URL(String(response.headers.location));
    expect(`${link.origin}${link.pathname}`).toBe('https://t.me/acme_bot');
    const [click] = harness.clicks();
    const payload = link.searchParams.get('start') ?? '';
    expect(payload).toMatch(/^[A-Za-z0-9_-]{1,64}$/);
    expect(parseStartCommand(`/start ${payload}`).code).toEqual({ code: click!.code, carrier: 'start_payload', intact: true });
    expect(click).toMatchObject({ key: 'acme/sales-tg', carriers: [4], greetingVariant: undefined });
  });
});

describe('programs', () => {
  it.each([
    ['link_preview', { 'user-agent': 'WhatsApp/2.24.9.78 A' }],
    ['link_preview', { 'user-agent': 'facebookexternalhit/1.1 (+http://www.facebook.com/externalhit_uatext.php)' }],
    ['link_preview', { 'user-agent': 'TelegramBot (like TwitterBot)' }],
    ['user_agent', { 'user-agent': 'Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)' }],
    ['user_agent', { 'user-agent': '' }],
    ['prefetch', { purpose: 'prefetch' }],
    ['prefetch', { 'sec-purpose': 'prefetch;prerender' }],
    ['prefetch', { 'x-moz': 'prefetch' }],
  ])('are answered and marked: %s %o', async (reason, headers) => {
    await start();
    const response = await get('/t/acme/ad', headers as Record<string, string>);
    expect(response.statusCode).toBe(302);
    expect(harness.clicks()[0]?.bot).toEqual({ isBot: true, reason });
  });

  it('ask with HEAD', async () => {
    await start();
    const response = await harness.app.inject({ method: 'HEAD', url: '/t/acme/ad', headers: { 'user-agent': IPHONE } });
    expect(response.statusCode).toBe(302);
    expect(harness.clicks()[0]?.bot).toEqual({ isBot: true, reason: 'head_request' });
  });

  it('are counted apart from people', async () => {
    await start();
    await get('/t/acme/ad');
    await get('/t/acme/ad', { 'user-agent': 'TelegramBot (like TwitterBot)' });
    const metrics = await harness.registry.metrics();
    expect(metrics).toContain('messtrack_ingest_clicks_total{origin="redirect",by="person"} 1');
    expect(metrics).toContain('messtrack_ingest_clicks_total{origin="redirect",by="bot"} 1');
  });
});

describe('an address with a slash too many or in capitals', () => {
  const yaml = WORKSPACE_YAML.replace(
    'placements:',
    'placements:\n  metro: { kind: qr, account: sales-wa, vanity: [metro], greetings: ["Hi"] }',
  );

  it('leads on all the same, for it was printed, typed or joined by somebody else', async () => {
    await start({ yaml });
    for (const url of [
      '/t/acme/ad/',
      '//t/acme/ad',
      '/t//acme/ad?utm_source=x',
      '/T/acme/ad',
      '/GO/METRO',
      '/Go/Metro/',
      '/go/metro/?utm_source=x',
    ])
      expect([url, (await get(url)).statusCode]).toEqual([url, 302]);
    expect((await get('/qr/acme/metro.svg/')).statusCode).toBe(200);
    expect(harness.clicks().map(({ source }) => source?.placement)).toEqual(['ad', 'ad', 'ad', 'ad', 'metro', 'metro', 'metro']);
  });

  it('knows names in capitals, of which none can be another: printers write addresses so', async () => {
    await start({ yaml });
    expect((await get('/T/ACME/AD')).statusCode).toBe(302);
    expect((await get('/T/ACME/NOTHING')).json()).toMatchObject({ error: 'unknown_placement' });
  });
});

describe('what is not there', () => {
  it('says which of the two', async () => {
    await start();
    const workspace = await get('/t/nobody/ad');
    expect([workspace.statusCode, workspace.json()]).toEqual([
      404,
      { error: 'unknown_workspace', message: 'there is no workspace "nobody"' },
    ]);
    const placement = await get('/t/acme/nothing');
    expect([placement.statusCode, placement.json()]).toEqual([
      404,
      { error: 'unknown_placement', message: 'the workspace "acme" has no placement "nothing"' },
    ]);
    expect(harness.clicks()).toEqual([]);
  });

  it('knows no names of objects', async () => {
    await start();
    for (const name of ['__proto__', 'constructor', 'toString']) {
      expect((await get(`/t/${name}/ad`)).statusCode).toBe(404);
      expect((await get(`/t/acme/${name}`)).statusCode).toBe(404);
    }
  });
});

describe('addresses', () => {
  const geo = { lookup: (ip: string) => ({ country: ip === '203.0.113.7' ? 'DE' : '', region: '', city: '' }) };

  it('place the click and are not kept', async () => {
    await start({ geo, trustProxy: ['127.0.0.1'] });
    await get('/t/acme/ad', { 'x-forwarded-for': '203.0.113.7' });
    expect(harness.clicks()[0]).toMatchObject({ ip: '', place: { country: 'DE' } });
  });

  it('are kept where the workspace asks', async () => {
    await start({ geo, trustProxy: ['127.0.0.1'], yaml: `${WORKSPACE_YAML}privacy: { keep_ip: true }\n` });
    await get('/t/acme/ad', { 'x-forwarded-for': '::ffff:203.0.113.7' });
    expect(harness.clicks()[0]).toMatchObject({ ip: '203.0.113.7', place: { country: 'DE' } });
    await get('/t/acme/ad', { 'x-forwarded-for': '203.0.113.7:51234' });
    expect(harness.clicks()[1]).toMatchObject({ ip: '203.0.113.7', place: { country: 'DE' } });
    // What is no address is none: a proxy may hand on "unknown", or what its client made up.
    for (const made of ['unknown', '<script>', '203.0.113.999', '[::1']) await get('/t/acme/ad', { 'x-forwarded-for': made });
    expect(harness.clicks().slice(2)).toMatchObject(Array.from({ length: 4 }, () => ({ ip: '', place: { country: '' } })));
  });

  it('of a header nobody vouches for are not believed', async () => {
    await start({ geo });
    await get('/t/acme/ad', { 'x-forwarded-for': '203.0.113.7' });
    expect(harness.clicks()[0]).toMatchObject({ place: { country: '' } });
  });
});

describe('hostile requests', () => {
  it('any query and any header value is a click or a refusal, never an error of ours', async () => {
    await start({ trustProxy: ['127.0.0.1'] });
    const bytes = fc.uint8Array({ maxLength: 60 }).map((array) => [...array].map((byte) => String.fromCharCode(byte)).join(''));
    // What node:http lets through in a request target and in a header value.
    const target = bytes.map((text) =>
      [...text].map((unit) => (unit > ' ' && unit < '\x7f' ? unit : `%${unit.charCodeAt(0).toString(16).padStart(2, '0')}`)).join(''),
    );
    const header = bytes.map((text) => [...text].filter((unit) => unit === '\t' || (unit >= ' ' && unit !== '\x7f')).join(''));
    const names = fc.constantFrom(
      'user-agent',
      'referer',
      'accept-language',
      'x-forwarded-for',
      'purpose',
      'sec-purpose',
      'traceparent',
      'origin',
      'cookie',
    );
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(fc.constantFrom('utm_source', 'UTM_CAMPAIGN', 'gclid', '__proto__', 'constructor', '%', ''), target), {
          maxLength: 6,
        }),
        target,
        fc.dictionary(names, header, { maxKeys: 5 }),
        async (pairs, tail, headers) => {
          const query = pairs.map(([name, value]) => `${name}=${value}`).join('&');
          const response = await harness.app.inject({ method: 'GET', url: `/t/acme/ad?${query}${tail}`, headers });
          expect(response.statusCode).toBe(302);
        },
      ),
      { numRuns: 400 },
    );
    expect(harness.clicks().length).toBe(400);
    expect({}).not.toHaveProperty('polluted');
    for (const record of harness.producer.sent)
      expect(Touchpoint.encode(Touchpoint.decode(record.value)).finish()).toEqual(new Uint8Array(record.value));
  });

  it('keeps what is readable of a broken query', async () => {
    await start();
    await get('/t/acme/ad?utm_source=%E4%BD&utm_medium=cpc&utm_campaign=%ZZ&gclid=x%&utm_source=second&broken');
    expect(harness.clicks()[0]?.source).toMatchObject({
      utmSource: '%E4%BD',
      utmMedium: 'cpc',
      utmCampaign: '%ZZ',
      clickIds: { gclid: 'x%' },
    });
  });

  it('cuts texts at their limits and leaves ids out that would be wrong when cut', async () => {
    await start();
    await get(`/t/acme/ad?utm_source=${'s'.repeat(300)}&gclid=${'g'.repeat(1_025)}&fbclid=${'f'.repeat(1_024)}`, {
      'user-agent': `${IPHONE}${'u'.repeat(900)}`,
    });
    const [click] = harness.clicks();
    expect(click?.source?.utmSource).toBe('s'.repeat(256));
    expect(click?.source?.clickIds).toEqual({ fbclid: 'f'.repeat(1_024) });
    expect(click?.userAgent).toHaveLength(512);
  });

  it('logs nothing of the person', async () => {
    await start();
    await get('/t/acme/ad?utm_source=mail-of-jane&email=jane@example.com', {
      referer: 'https://jane.example/',
      'x-forwarded-for': '203.0.113.99',
    });
    const lines = harness.lines.join('');
    expect(lines).not.toMatch(/jane|203\.0\.113\.99|iPhone/);
  });
});

describe('the broker', () => {
  it('slower than the deadline sends the click to disk, and later to the broker under the same id', async () => {
    await start({ settings: { redirectDeadlineMs: 20 } });
    harness.producer.mode = 'slow';
    const response = await get('/t/acme/ad');
    expect(response.statusCode).toBe(302);
    expect(harness.service.spoolBytes()).toBeGreaterThan(0);

    harness.producer.mode = 'up';
    harness.producer.release();
    await expect.poll(() => harness.service.spoolBytes()).toBe(0);
    const ids = harness.clicks().map(({ eventId }) => eventId);
    expect(ids).toHaveLength(2);
    expect(new Set(ids).size).toBe(1);
    expect(harness.service.isBusAway()).toBe(false);
  });

  it('away: every click is kept in order and none is sent before it is back', async () => {
    await start();
    harness.producer.mode = 'away';
    for (let i = 0; i < 30; i += 1) expect((await get(`/t/acme/ad?utm_content=${i}`)).statusCode).toBe(302);
    expect(harness.clicks()).toEqual([]);
    harness.producer.mode = 'up';
    await expect.poll(() => harness.clicks().length).toBe(30);
    expect(harness.clicks().map(({ source }) => source?.utmContent)).toEqual(Array.from({ length: 30 }, (_, i) => String(i)));
  });

  it('away and the spool full: people are sent on without a code, beacons get 503 that says so, and nothing of it is accepted', async () => {
    await start({ settings: { spoolMaxBytes: 1_500 } });
    harness.producer.mode = 'away';
    const answers = [];
    for (let i = 0; i < 12; i += 1) answers.push(await get('/t/acme/ad'));
    expect(answers.map(({ statusCode }) => statusCode)).toEqual(Array.from({ length: 12 }, () => 302));
    const taken = answers.filter(({ headers }) => headers['messtrack-click'] === undefined);
    const untaken = answers.filter(({ headers }) => headers['messtrack-click'] === 'not-recorded');
    expect(taken.length).toBeGreaterThan(0);
    expect(taken.length + untaken.length).toBe(12);
    for (const { headers } of taken) expect(codeOf(headers.location)).toBeDefined();
    for (const { headers } of untaken) {
      expect(codeOf(headers.location)).toBeUndefined();
      expect(headers.location).toMatch(/^https:\/\/wa\.me\/[0-9]+\?text=/);
      expect(headers['cache-control']).toBe('no-store');
    }

    const beacon = await harness.app.inject({
      method: 'POST',
      url: '/v1/clicks',
      payload: { workspace: 'acme', placement: 'ad', click_id: 'c0123456789abcdef', code: newCode(randomBytes) },
    });
    expect(beacon.statusCode).toBe(503);
    expect(beacon.json()).toMatchObject({ error: 'spool_full' });
    expect(beacon.headers['retry-after']).toBe('5');
    // One line for all of it.
    expect(harness.lines.filter((line) => line.includes('kept nowhere'))).toHaveLength(1);

    harness.producer.mode = 'up';
    await expect.poll(() => harness.clicks().length).toBe(taken.length);
    expect((await get('/t/acme/ad')).headers['messtrack-click']).toBeUndefined();
  });

  it('away at the start: clicks wait on disk behind the announcement of the settings', async () => {
    const { fakeProducer } = await import('./harness.ts');
    const producer = fakeProducer();
    producer.mode = 'away';
    await start({ producer });
    expect((await get('/t/acme/ad')).statusCode).toBe(302);
    producer.mode = 'up';
    await expect.poll(() => harness.clicks().length).toBe(1);
    expect(producer.sent.map(({ headers }) => headers['type'])).toEqual(['Touchpoint.epoch', 'Touchpoint.epoch', 'Touchpoint.click']);
  });
});
