import { randomBytes } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { findCodes } from '@messtrack/tracking-code/codes-in-text.ts';
import { newCode } from '@messtrack/tracking-code/tracking-code.ts';
import fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import { FIXED_NOW, IPHONE, startHarness, visitsOf } from './harness.ts';

type Harness = Awaited<ReturnType<typeof startHarness>>;
let harness: Harness;

afterEach(async () => {
  await harness.close();
});

async function start(options: Parameters<typeof startHarness>[0] = {}): Promise<Harness> {
  harness = await startHarness(options);
  return harness;
}

function post(path: string, body: unknown, headers: Record<string, string> = {}) {
  return harness.app.inject({
    method: 'POST',
    url: path,
    headers: { 'user-agent': IPHONE, 'content-type': 'application/json', ...headers },
    payload: typeof body === 'string' || Buffer.isBuffer(body) ? body : JSON.stringify(body),
  });
}

function click(more: Record<string, unknown> = {}) {
  return { workspace: 'acme', placement: 'button', click_id: `c${randomBytes(8).toString('hex')}`, code: newCode(randomBytes), ...more };
}

describe('POST /v1/clicks', () => {
  it('accepts a click once the broker has it', async () => {
    await start();
    const body = click({
      visit_id: 'v1',
      visitor_id: 'p1',
      time: FIXED_NOW - 60_000,
      utm: { utm_source: 'news' },
      click_ids: { fbclid: 'XyZ' },
      referrer: 'https://news.example/a?b=c',
      greeting_variant: 1,
      languages: ['de-DE', 'not a tag', 'en'],
    });
    const response = await post('/v1/clicks', body);
    expect([response.statusCode, response.json()]).toEqual([
      202,
      { accepted: [`click/acme/${body.click_id}`], links: [expect.stringMatching(/^https:\/\/wa\.me\/\d+\?text=/)] },
    ]);
    const text = new URL(response.json().links[0]).searchParams.get('text') ?? '';
    expect(text.startsWith('Привет!')).toBe(true);
    expect(findCodes(text)).toEqual([{ code: body.code, carrier: 'visible', intact: true }]);
    expect(harness.clicks()).toEqual([
      expect.objectContaining({
        key: 'acme/sales-wa',
        clickId: body.click_id,
        code: body.code,
        visitId: 'v1',
        visitorId: 'p1',
        eventTimeMs: FIXED_NOW - 60_000,
        greetingVariant: 1,
        languages: ['de-DE', 'en'],
        origin: 2,
        source: expect.objectContaining({
          utmSource: 'news',
          referrerHost: 'news.example',
          clickIds: { fbclid: 'XyZ' },
          placement: 'button',
        }),
      }),
    ]);
  });

  it('reads the text/plain of sendBeacon', async () => {
    await start();
    const response = await post('/v1/clicks', click(), { 'content-type': 'text/plain;charset=UTF-8' });
    expect(response.statusCode).toBe(202);
  });

  it('gives the same event id to the same click however often it comes', async () => {
    await start();
    const body = click();
    const first = await post('/v1/clicks', body);
    const second = await post('/v1/clicks', [body]);
    expect(second.json()).toEqual(first.json());
    expect(new Set(harness.clicks().map(({ eventId }) => eventId)).size).toBe(1);
  });

  it('takes up to 50 at once, all or none', async () => {
    await start();
    const many = Array.from({ length: 50 }, () => click());
    expect((await post('/v1/clicks', many)).json()).toMatchObject({ accepted: many.map(({ click_id }) => `click/acme/${click_id}`) });
    expect((await post('/v1/clicks', [...many, click()])).statusCode).toBe(400);
    expect((await post('/v1/clicks', [])).statusCode).toBe(400);
    expect((await post('/v1/clicks', [click(), click({ placement: 'gone' })])).statusCode).toBe(404);
    expect(harness.clicks()).toHaveLength(50);
  });

  it('tells what is missing from what is no text', async () => {
    await start();
    const answer = await post('/v1/clicks', { placement: 7 });
    const { problems } = answer.json<{ problems: { path: string; message: string }[] }>();
    expect(problems).toContainEqual({ path: 'workspace', message: 'is missing' });
    expect(problems).toContainEqual({ path: 'placement', message: 'must be text' });
  });

  it('lists every problem at once', async () => {
    await start();
    const response = await post('/v1/clicks', {
      workspace: 'acme',
      click_id: 'no spaces',
      code: 'AAAAAAAAAA',
      time: 'now',
      languages: 'de',
    });
    expect(response.statusCode).toBe(400);
    expect(response.json()).toEqual({
      error: 'invalid_body',
      message: 'the body has problems',
      problems: [
        { path: 'placement', message: 'is missing' },
        { path: 'click_id', message: 'must be 1 to 64 characters of A-Z, a-z, 0-9, "_" and "-"' },
        { path: 'code', message: 'is no tracking code in canonical form with the right checksum' },
        { path: 'time', message: 'must be milliseconds since 1970, UTC' },
        { path: 'languages', message: 'must be a list of language tags' },
      ],
    });
  });

  it.each([[[]], [{}], [{ length: 1e9 }], [['a'.repeat(99)]], [true], [null], [7]])(
    'says one thing of a field that is no text: %j',
    async (wrong) => {
      await start();
      const fields = ['workspace', 'placement', 'account', 'code', 'click_id', 'visit_id', 'query', 'ad_query', 'referrer'];
      const answer = await post('/v1/clicks', click(Object.fromEntries(fields.map((field) => [field, wrong]))));
      expect(answer.statusCode).toBe(400);
      const paths = answer.json<{ problems: { path: string }[] }>().problems.map(({ path }) => path);
      expect(paths.toSorted()).toEqual(fields.toSorted());
    },
  );

  it('says where in a list the problem is', async () => {
    await start();
    const response = await post('/v1/clicks', [click(), click({ code: 'x' })]);
    expect(response.json().problems).toEqual([
      { path: '1.code', message: 'is no tracking code in canonical form with the right checksum' },
    ]);
  });

  it.each([
    ['a day and a second old', -86_401_000, 0],
    ['just under a day old', -86_399_000, -86_399_000],
    ['four minutes ahead', 240_000, 240_000],
    ['six minutes ahead', 360_000, 0],
  ])('believes the browser clock when it can be right: %s', async (_, offset, kept) => {
    await start();
    await post('/v1/clicks', click({ time: FIXED_NOW + offset }));
    expect(harness.clicks()[0]?.eventTimeMs).toBe(FIXED_NOW + kept);
  });

  it('leaves a greeting out that the placement does not have', async () => {
    await start();
    await post('/v1/clicks', click({ greeting_variant: 2 }));
    expect(harness.clicks()[0]?.greetingVariant).toBeUndefined();
  });

  it('marks programs', async () => {
    await start();
    await post('/v1/clicks', click(), { 'user-agent': 'curl/8.5.0' });
    expect(harness.clicks()[0]?.bot).toEqual({ isBot: true, reason: 'user_agent' });
  });

  it('refuses what is too large, no JSON, or of another type', async () => {
    await start();
    expect((await post('/v1/clicks', 'x'.repeat(65_537))).statusCode).toBe(413);
    const notJson = await post('/v1/clicks', '{"a":');
    expect([notJson.statusCode, notJson.json()]).toEqual([400, { error: 'not_json', message: 'the body is not JSON' }]);
    const form = await post('/v1/clicks', 'a=b', { 'content-type': 'application/x-www-form-urlencoded' });
    expect([form.statusCode, form.json()]).toEqual([
      415,
      { error: 'media_type', message: 'content-type must be application/json or text/plain, not "application/x-www-form-urlencoded"' },
    ]);
    const zipped = await post('/v1/clicks', gzipSync(JSON.stringify(click())), { 'content-encoding': 'gzip' });
    expect([zipped.statusCode, zipped.json()]).toEqual([415, { error: 'content_encoding', message: 'content-encoding is not supported' }]);
    expect((await post('/v1/clicks', '{"a":', { 'content-encoding': 'identity' })).statusCode).toBe(400);
    expect(harness.clicks()).toEqual([]);
  });

  it('is durable on disk when the broker is away', async () => {
    await start();
    harness.producer.mode = 'away';
    const body = click();
    expect((await post('/v1/clicks', body)).statusCode).toBe(202);
    harness.producer.mode = 'up';
    await expect.poll(() => harness.clicks().map(({ clickId }) => clickId)).toEqual([body.click_id]);
  });

  it('any JSON is accepted or refused, never an error of ours, and changes no prototype', async () => {
    await start();
    await fc.assert(
      fc.asyncProperty(
        fc.oneof(
          fc.json(),
          fc.string(),
          fc.json().map((json) => `{"__proto__":${json},"workspace":"acme","source":{"__proto__":{"polluted":1}}}`),
        ),
        async (body) => {
          expect([400, 202]).toContain((await post('/v1/clicks', body)).statusCode);
          expect([400, 202]).toContain((await post('/v1/visits', body)).statusCode);
        },
      ),
      { numRuns: 300 },
    );
    expect({}).not.toHaveProperty('polluted');
  });
});

describe('origins', () => {
  it('of the placement may register clicks and read the answer', async () => {
    await start();
    const response = await post('/v1/clicks', click(), { origin: 'https://acme.example' });
    expect(response.statusCode).toBe(202);
    expect(response.headers['access-control-allow-origin']).toBe('https://acme.example');
    expect(response.headers.vary).toBe('Origin');
  });

  it.each(['https://evil.example', 'null', 'https://acme.example.evil.example', 'http://acme.example'])(
    'others may not: %s',
    async (origin) => {
      await start();
      const response = await post('/v1/clicks', click(), { origin });
      expect([response.statusCode, response.json().error]).toEqual([403, 'origin_not_allowed']);
      expect(response.headers['access-control-allow-origin']).toBeUndefined();
      expect(harness.clicks()).toEqual([]);
    },
  );

  it('of one placement may not write to another', async () => {
    await start();
    expect((await post('/v1/clicks', click({ placement: 'ad' }), { origin: 'https://acme.example' })).statusCode).toBe(403);
  });

  it('ask first', async () => {
    await start();
    const preflight = (origin: string) =>
      harness.app.inject({ method: 'OPTIONS', url: '/v1/clicks', headers: { origin, 'access-control-request-method': 'POST' } });
    const allowed = await preflight('https://acme.example');
    expect(allowed.statusCode).toBe(204);
    expect(allowed.headers).toMatchObject({
      'access-control-allow-origin': 'https://acme.example',
      'access-control-allow-methods': 'POST',
      'access-control-allow-headers': 'content-type, traceparent',
    });
    expect((await preflight('https://evil.example')).headers['access-control-allow-origin']).toBeUndefined();
  });
});

describe('POST /v1/visits', () => {
  const visit = {
    workspace: 'acme',
    visit_id: 'v1',
    visitor_id: 'p1',
    time: FIXED_NOW - 5_000,
    utm: { utm_source: 'google', utm_medium: 'cpc' },
    click_ids: { gclid: 'G1', gclsrc: 'unknown names are left out' },
    referrer: 'https://www.google.com/',
    first_touch: { utm: { utm_source: 'mail' } },
    landing_page: 'https://acme.example/landing?email=jane@example.com#top',
    pages: [{ url: 'https://acme.example/price?x=1', time: FIXED_NOW - 4_000 }, { url: 'javascript:alert(1)' }],
    analytics_ids: { ga_client_id: '123.456', ym_client_id: '' },
  };

  it('keeps the visit in the log and in the store', async () => {
    await start();
    const response = await post('/v1/visits', visit);
    expect(response.statusCode).toBe(202);
    const [record, ...others] = visitsOf(harness.producer.sent);
    expect(others).toEqual([]);
    expect(response.json()).toEqual({ accepted: [record!.eventId] });
    expect(record).toMatchObject({
      visitId: 'v1',
      visitorId: 'p1',
      startedAtMs: FIXED_NOW - 5_000,
      observedAtMs: FIXED_NOW,
      source: { utmSource: 'google', utmMedium: 'cpc', clickIds: { gclid: 'G1' }, referrerHost: 'www.google.com' },
      firstTouch: { utmSource: 'mail' },
      landingPage: 'https://acme.example/landing',
      pages: [{ url: 'https://acme.example/price', seenAtMs: FIXED_NOW - 4_000 }],
      analyticsIds: { ga_client_id: '123.456' },
      device: 1,
    });
    expect([...harness.visits.kept.keys()]).toEqual(['acme/v1']);
    expect((await post('/v1/visits', visit)).json()).toEqual(response.json());
  });

  it('gives clicks of the visit its source, unless they bring their own', async () => {
    await start();
    await post('/v1/visits', visit);
    await post('/v1/clicks', click({ visit_id: 'v1', referrer: 'https://acme.example/price' }));
    await post('/v1/clicks', click({ visit_id: 'v1', utm: { utm_campaign: 'own' }, click_ids: { yclid: 'Y1' } }));
    await post('/v1/clicks', click({ visit_id: 'other' }));
    expect(harness.clicks().map(({ source }) => source)).toEqual([
      expect.objectContaining({
        utmSource: 'google',
        utmMedium: 'cpc',
        referrerHost: 'www.google.com',
        clickIds: { gclid: 'G1' },
        placement: 'button',
      }),
      expect.objectContaining({ utmSource: '', utmMedium: '', utmCampaign: 'own', clickIds: { gclid: 'G1', yclid: 'Y1' } }),
      expect.objectContaining({ utmSource: '', clickIds: {} }),
    ]);
  });

  it.each(['away', 'hanging'] as const)('store %s: clicks and visits are accepted without, and it is counted', async (mode) => {
    await start({ settings: { visitTimeoutMs: 10 } });
    await post('/v1/visits', visit);
    harness.visits.mode = mode;
    expect((await post('/v1/clicks', click({ visit_id: 'v1' }))).statusCode).toBe(202);
    expect((await post('/v1/visits', visit)).statusCode).toBe(202);
    expect(harness.clicks()[0]?.source?.utmSource).toBe('');
    const metrics = await harness.registry.metrics();
    expect(metrics).toContain('messtrack_ingest_visit_store_failures_total{operation="get"} 1');
    expect(metrics).toContain('messtrack_ingest_visit_store_failures_total{operation="put"} 1');
  });
});
