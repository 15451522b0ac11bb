import { randomBytes } from 'node:crypto';
import { newCode } from '@messtrack/tracking-code/tracking-code.ts';
import { afterEach, describe, expect, it } from 'vitest';
import { DEFAULT_RATE_LIMITS, ingestConfig, ingestSettings, type RateLimitSettings } from '../src/config.ts';
import { IPHONE, startHarness } from './harness.ts';

let harness: Awaited<ReturnType<typeof startHarness>>;

afterEach(async () => {
  await harness.close();
});

async function start(limits: Partial<RateLimitSettings>) {
  harness = await startHarness({ trustProxy: ['127.0.0.1'], settings: { limits: { ...DEFAULT_RATE_LIMITS, ...limits } } });
}

const from = (ip: string) => ({ 'user-agent': IPHONE, 'x-forwarded-for': ip });
const get = (url: string, ip: string) => harness.app.inject({ method: 'GET', url, headers: from(ip) });
const click = () => ({ workspace: 'acme', placement: 'button', click_id: randomBytes(8).toString('hex'), code: newCode(randomBytes) });
const post = (ip: string, origin: string | undefined, body: unknown = click(), url = '/v1/clicks') =>
  harness.app.inject({
    method: 'POST',
    url,
    headers: { ...from(ip), 'content-type': 'application/json', ...(origin === undefined ? {} : { origin }) },
    payload: JSON.stringify(body),
  });

describe('requests per minute', () => {
  it('of one address: what is over is 429 with the time to wait, is no click, and others go on', async () => {
    await start({ redirectsPerMinute: 3 });
    const answers = [];
    for (let i = 0; i < 5; i += 1) answers.push(await get(i % 2 === 0 ? '/t/acme/ad' : '/t/acme/button', '203.0.113.7'));
    expect(answers.map(({ statusCode }) => statusCode)).toEqual([302, 302, 302, 429, 429]);
    const refused = answers[4]!;
    const seconds = Number(refused.headers['retry-after']);
    expect(seconds).toBeGreaterThan(0);
    expect(seconds).toBeLessThanOrEqual(60);
    expect(refused.json()).toEqual({
      error: 'too_many_requests',
      message: `more than 3 requests within a minute; try again in ${seconds} s`,
    });
    expect(harness.clicks()).toHaveLength(3);
    expect((await get('/t/acme/ad', '203.0.113.8')).statusCode).toBe(302);
    expect(await harness.registry.metrics()).toContain('messtrack_ingest_refused_total{route="redirect",reason="too_many_requests"} 2');
  });

  it('of one address whose port the balancer writes behind it, which differs with every connection', async () => {
    await start({ redirectsPerMinute: 1 });
    expect((await get('/t/acme/ad', '203.0.113.7:50112')).statusCode).toBe(302);
    expect((await get('/t/acme/ad', '203.0.113.7:50113')).statusCode).toBe(429);
    expect((await get('/t/acme/ad', '[2001:db8:1:2::1]:443')).statusCode).toBe(302);
    expect((await get('/t/acme/ad', '"[2001:db8:1:2::2]:444"')).statusCode).toBe(429);
  });

  it('of one network of IPv6, which is one household', async () => {
    await start({ redirectsPerMinute: 1 });
    expect((await get('/t/acme/ad', '2001:db8:1:2::1')).statusCode).toBe(302);
    expect((await get('/t/acme/ad', '2001:db8:1:2:ffff::9')).statusCode).toBe(429);
    expect((await get('/t/acme/ad', '2001:db8:1:3::1')).statusCode).toBe(302);
  });

  it('count redirects, beacons and pictures apart, and an unknown placement too', async () => {
    await start({ redirectsPerMinute: 1, beaconsPerMinute: 1, qrPerMinute: 1 });
    expect((await get('/t/acme/nothing', '203.0.113.7')).statusCode).toBe(404);
    expect((await get('/t/acme/ad', '203.0.113.7')).statusCode).toBe(429);
    expect((await post('203.0.113.7', undefined)).statusCode).toBe(202);
    expect((await post('203.0.113.7', undefined, { workspace: 'acme', visit_id: 'v' }, '/v1/visits')).statusCode).toBe(429);
    expect((await get('/qr/acme/ad.svg', '203.0.113.7')).statusCode).toBe(200);
    expect((await get('/qr/acme/ad.svg', '203.0.113.7')).statusCode).toBe(429);
  });

  it('of one origin over all addresses', async () => {
    await start({ originPerMinute: 2 });
    const answers = [];
    for (let i = 1; i <= 3; i += 1) answers.push((await post(`203.0.113.${i}`, 'https://acme.example')).statusCode);
    expect(answers).toEqual([202, 202, 429]);
    expect((await post('203.0.113.9', undefined)).statusCode).toBe(202);
  });

  it('leave out private addresses unless told, and whoever is listed', async () => {
    await start({ redirectsPerMinute: 1 });
    for (let i = 0; i < 5; i += 1) expect((await get('/t/acme/ad', '10.0.0.7')).statusCode).toBe(302);
    await harness.close();
    await start({ redirectsPerMinute: 1, exempt: ['203.0.113.0/24', '2001:db8::1'] });
    for (let i = 0; i < 3; i += 1) expect((await get('/t/acme/ad', '203.0.113.7')).statusCode).toBe(302);
    for (let i = 0; i < 3; i += 1) expect((await get('/t/acme/ad', '2001:db8::1')).statusCode).toBe(302);
    expect([(await get('/t/acme/ad', '10.0.0.7')).statusCode, (await get('/t/acme/ad', '10.0.0.7')).statusCode]).toEqual([302, 429]);
  });

  it('of 0 are none', async () => {
    await start({ redirectsPerMinute: 0 });
    for (let i = 0; i < 20; i += 1) expect((await get('/t/acme/ad', '203.0.113.7')).statusCode).toBe(302);
  });

  it('come from the environment, each checked', async () => {
    await start({});
    const env = { KAFKA_BROKERS: 'k:9092', REDIS_URL: 'redis://r', MESSTRACK_WORKSPACES: 'w' };
    const settings = (more: Record<string, string>) => ingestSettings(ingestConfig.parse({ ...env, ...more }));
    expect(settings({})).toMatchObject({ limits: DEFAULT_RATE_LIMITS, publicUrl: '' });
    expect(
      settings({
        RATE_LIMIT_REDIRECTS: '5',
        RATE_LIMIT_ORIGIN: '0',
        RATE_LIMIT_EXEMPT: 'private,198.51.100.0/24',
        PUBLIC_URL: 'https://go.example/',
      }),
    ).toMatchObject({
      limits: { redirectsPerMinute: 5, originPerMinute: 0, exempt: ['private', '198.51.100.0/24'] },
      publicUrl: 'https://go.example',
    });
    for (const bad of [
      { RATE_LIMIT_QR: '-1' },
      { RATE_LIMIT_EXEMPT: 'nobody' },
      { RATE_LIMIT_EXEMPT: '10.0.0.0/99' },
      { PUBLIC_URL: 'go.example' },
    ])
      expect(ingestConfig.safeParse({ ...env, ...bad }).success).toBe(false);
  });
});

describe('PUBLIC_URL', () => {
  it.each([
    'https://go.example/track',
    'https://go.example/track/',
    'https://go.example/?a=b',
    'https://go.example/#a',
    'https://me:secret@go.example',
    'ftp://go.example',
    'go.example:8080',
  ])('is refused with a path or anything else behind the host, beside all other problems: %s', (value) => {
    const { error } = ingestConfig.safeParse({ MESSTRACK_WORKSPACES: 'w', REDIS_URL: 'redis://r', RATE_LIMIT_QR: '-1', PUBLIC_URL: value });
    expect(error?.issues.map(({ path }) => path.join())).toEqual(expect.arrayContaining(['KAFKA_BROKERS', 'RATE_LIMIT_QR', 'PUBLIC_URL']));
    const said = error?.issues.filter(({ path }) => path.join() === 'PUBLIC_URL').map(({ message }) => message);
    expect(said).toEqual([expect.stringContaining('must be scheme and host without path')]);
    expect(said?.join()).not.toContain('secret');
  });

  it('is taken with a port, and with a slash at its end', () => {
    const env = { KAFKA_BROKERS: 'k:9092', REDIS_URL: 'redis://r', MESSTRACK_WORKSPACES: 'w' };
    const urls = ['https://go.example/', 'http://localhost:8080'].map(
      (PUBLIC_URL) => ingestSettings(ingestConfig.parse({ ...env, PUBLIC_URL })).publicUrl,
    );
    expect(urls).toEqual(['https://go.example', 'http://localhost:8080']);
  });
});

describe('bodies', () => {
  it('are taken up to 16 KB and not beyond', async () => {
    await start({});
    const padded = (bytes: number) => {
      const body = { ...click(), padding: '' };
      return { ...body, padding: 'x'.repeat(bytes - JSON.stringify(body).length) };
    };
    expect((await post('203.0.113.7', undefined, padded(16_384))).statusCode).toBe(202);
    const refused = await post('203.0.113.7', undefined, padded(16_385));
    expect([refused.statusCode, refused.json()]).toEqual([413, { error: 'too_large', message: 'the body is larger than 16384 bytes' }]);
  });

  it('with wrong types are 400 with the path of every field; what is not known is passed over', async () => {
    await start({});
    const response = await post('203.0.113.7', undefined, {
      ...click(),
      time: 'now',
      utm: { utm_source: 7 },
      greeting_variant: 1.5,
      unknown: { a: [] },
    });
    expect(response.statusCode).toBe(400);
    expect(
      response
        .json()
        .problems.map(({ path }: { path: string }) => path)
        .sort(),
    ).toEqual(['greeting_variant', 'time', 'utm.utm_source']);
    expect((await post('203.0.113.7', undefined, { ...click(), unknown: { a: [] } })).statusCode).toBe(202);
  });
});
