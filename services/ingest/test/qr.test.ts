import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { Resvg } from '@resvg/resvg-js';
import fc from 'fast-check';
import { PNG } from 'pngjs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { prepareZXingModule, readBarcodes } from 'zxing-wasm/reader';
import { readQrRequest } from '../src/domain/qr-request.ts';
import { startHarness } from './harness.ts';

const YAML = `workspace: acme
accounts:
  wa: { channel: whatsapp, provider: whatsapp, phone: "+14155550100", phone_number_id: "106540352242922", app_secret: "\${A:-a}", verify_token: "\${V:-v}" }
placements:
  metro-sign: { kind: qr, account: wa, vanity: [metro, sub-way] }
  bare: { kind: qr, account: wa }
`;

let harness: Awaited<ReturnType<typeof startHarness>>;

beforeAll(async () => {
  // The library fetches its module from a network of its own unless it is given.
  const file = createRequire(import.meta.url).resolve('zxing-wasm/reader/zxing_reader.wasm');
  await prepareZXingModule({ overrides: { wasmBinary: new Uint8Array(readFileSync(file)).buffer }, fireImmediately: true });
  harness = await startHarness({ yaml: YAML, settings: { publicUrl: 'https://go.acme.example' } });
});

afterAll(async () => {
  await harness.close();
});

const get = (url: string, headers: Record<string, string> = {}) => harness.app.inject({ method: 'GET', url, headers });

/** As a print is photographed: a code of a hundred pixels, drawn at a third of a pixel off, is what no vector is for. */
const PRINT_PX = 640;

/** What an independent decoder (ZXing) reads, with the error correction level it found. */
async function scan(url: string) {
  const response = await get(url);
  expect(response.statusCode).toBe(200);
  const png = url.includes('.svg')
    ? new Resvg(response.body, { fitTo: { mode: 'width', value: PRINT_PX } }).render().asPng()
    : response.rawPayload;
  const { data, width, height } = PNG.sync.read(Buffer.from(png));
  const [found, ...others] = await readBarcodes(
    { data: new Uint8ClampedArray(data), width, height, colorSpace: 'srgb' } as unknown as Parameters<typeof readBarcodes>[0],
    {
      formats: ['QRCode'],
    },
  );
  expect(others).toEqual([]);
  return { text: found?.text, level: found?.ecLevel, width, height };
}

describe('GET /qr', () => {
  it.each(['svg', 'png'])('is read by a decoder as the redirect of the placement: %s', async (format) => {
    expect(await scan(`/qr/acme/metro-sign.${format}`)).toMatchObject({ text: 'https://go.acme.example/t/acme/metro-sign', level: 'Q' });
  });

  it('says what it is', async () => {
    const svg = await get('/qr/acme/metro-sign.svg');
    expect(svg.headers).toMatchObject({
      'content-type': 'image/svg+xml',
      'content-disposition': 'inline; filename="acme-metro-sign.svg"',
      'cache-control': 'public, max-age=300',
    });
    expect((await get('/qr/acme/metro-sign.png')).headers).toMatchObject({ 'content-type': 'image/png' });
  });

  it('is the same picture every time, whoever asks', async () => {
    for (const url of ['/qr/acme/metro-sign.svg', '/qr/acme/metro-sign.png?size=300&color=123']) {
      const [first, second] = [await get(url), await get(url, { host: 'evil.example', 'x-forwarded-host': 'evil.example' })];
      expect(second.rawPayload.equals(first.rawPayload)).toBe(true);
    }
  });

  it('keeps four empty modules around, more when asked', async () => {
    const sides = await Promise.all(
      ['', '?quiet=10'].map(async (query) => Number(/viewBox="0 0 (\d+)/.exec((await get(`/qr/acme/metro-sign.svg${query}`)).body)?.[1])),
    );
    expect(sides[1]! - sides[0]!).toBe(12);
    const { body } = await get('/qr/acme/metro-sign.svg');
    for (const [, x, y] of body.matchAll(/M(\d+) (\d+)h/g)) {
      expect(Number(x)).toBeGreaterThanOrEqual(4);
      expect(Number(y)).toBeGreaterThanOrEqual(4);
    }
  });

  it('takes the first short name when asked, and never by itself', async () => {
    expect((await scan('/qr/acme/metro-sign.svg?via=vanity')).text).toBe('https://go.acme.example/go/metro');
    expect((await scan('/qr/acme/bare.svg?via=vanity')).text).toBe('https://go.acme.example/t/acme/bare');
  });

  it('hands utm_* of one print on, in one order', async () => {
    const text = 'https://go.acme.example/t/acme/bare?utm_source=a%26b&utm_content=stand%207';
    expect((await scan('/qr/acme/bare.png?utm_content=stand+7&utm_source=a%26b&other=1')).text).toBe(text);
    expect((await scan('/qr/acme/bare.png?utm_source=a%26b&utm_content=stand+7')).text).toBe(text);
  });

  it('is read with any size, level, colours, quiet zone and logo that is accepted', async () => {
    const colours = fc.constantFrom(['000', 'fff'], ['1a2b3c', 'f0f0f0'], ['8b0000', 'ffffff'], ['000080', 'ffff66']);
    const utm = fc.string({ unit: fc.constantFrom('a', 'é', ' ', '7', '&'), maxLength: 16 });
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom('svg', 'png'),
        fc.integer({ min: 180, max: 500 }),
        fc.constantFrom('L', 'M', 'Q', 'H'),
        colours,
        fc.integer({ min: 4, max: 12 }),
        fc.constantFrom(0, 8, 15, 22),
        utm,
        async (format, size, level, [color, background], quiet, logo, content) => {
          const query = new URLSearchParams({
            size: String(size),
            level: logo > 0 ? 'H' : level,
            color: color!,
            background: background!,
            quiet: String(quiet),
            logo: String(logo),
            utm_content: content,
          });
          const { text, width, height } = await scan(`/qr/acme/metro-sign.${format}?${query}`);
          const rest = content === '' ? '' : `?utm_content=${encodeURIComponent(content)}`;
          expect(text).toBe(`https://go.acme.example/t/acme/metro-sign${rest}`);
          expect(width).toBe(height);
          if (format === 'png') expect(width).toBeLessThanOrEqual(size);
        },
      ),
      { numRuns: 20 },
    );
  });

  it('leaves the square for a logo empty', async () => {
    const { body } = await get('/qr/acme/metro-sign.svg?logo=22');
    const side = Number(/viewBox="0 0 (\d+)/.exec(body)?.[1]);
    for (const [, x, y, length] of body.matchAll(/M(\d+) (\d+)h(\d+)/g)) {
      if (Math.abs(Number(y) + 0.5 - side / 2) > 3) continue;
      expect(Number(x) > side / 2 + 3 || Number(x) + Number(length) < side / 2 - 3).toBe(true);
    }
  });

  it('lists everything that is wrong with a wish', async () => {
    const response = await get(
      `/qr/acme/bare.png?size=9999&level=Z&quiet=1&color=red&background=12345&logo=90&utm_source=${'x'.repeat(300)}`,
    );
    expect(response.statusCode).toBe(400);
    expect(response.json().problems.map(({ path }: { path: string }) => path)).toEqual([
      'logo',
      'level',
      'quiet',
      'size',
      'color',
      'background',
      'utm',
    ]);
    const light = await get('/qr/acme/bare.svg?color=ffffff&background=000000');
    expect([light.statusCode, light.json().problems[0].path]).toEqual([400, 'color']);
    const weak = await get('/qr/acme/bare.svg?logo=10&level=L');
    expect([weak.statusCode, weak.json().problems[0].path]).toEqual([400, 'level']);
    const nowhere = await get('/qr/acme/metro-sign.svg?via=metro');
    expect([nowhere.statusCode, nowhere.json().problems[0].path]).toEqual([400, 'via']);
    expect((await get('/qr/acme/metro-sign.svg?via=')).statusCode).toBe(200);
  });

  it.each([
    ['/qr/nobody/bare.svg', 'unknown_workspace'],
    ['/qr/acme/nothing.svg', 'unknown_placement'],
    ['/qr/acme/bare.gif', 'unknown_format'],
    ['/qr/acme/bare', 'unknown_format'],
  ])('%s is 404, %s', async (url, error) => {
    const response = await get(url);
    expect([response.statusCode, response.json().error]).toEqual([404, error]);
  });

  it('any query is read or refused, never an error', () => {
    const name = fc.constantFrom('size', 'level', 'quiet', 'color', 'colour', 'background', 'logo', 'via', 'utm_source', 'x');
    fc.assert(
      fc.property(fc.array(fc.tuple(name, fc.string({ unit: 'binary' }))), (pairs) => {
        const read = readQrRequest(new Map(pairs));
        if (read.kind === 'problems') expect(read.problems.length).toBeGreaterThan(0);
        else expect(read.request.color).toMatch(/^#[0-9a-f]{6}$/);
      }),
    );
  });
});

describe('without an address in the settings', () => {
  it('holds that of the request, and refuses what is no host', async () => {
    const plain = await startHarness({ yaml: YAML });
    const { body, headers } = await plain.app.inject({ method: 'GET', url: '/qr/acme/bare.svg', headers: { host: 'Localhost:8080' } });
    // A shared cache would hand the next person a code of whatever host the first one named.
    expect(headers['cache-control']).toBe('private, max-age=300');
    expect(body).toContain('<title>http://localhost:8080/t/acme/bare</title>');
    const hostile = await plain.app.inject({ method: 'GET', url: '/qr/acme/bare.svg', headers: { host: 'a.example/@evil.example?' } });
    expect([hostile.statusCode, hostile.json().error]).toEqual([400, 'no_public_url']);
    await plain.close();
    const proxied = await startHarness({ yaml: YAML, trustProxy: ['127.0.0.1'] });
    const odd = await proxied.app.inject({ method: 'GET', url: '/qr/acme/bare.svg', headers: { 'x-forwarded-proto': 'javascript' } });
    expect([odd.statusCode, odd.json().error]).toEqual([400, 'no_public_url']);
    await proxied.close();
  });

  it('the workspace comes before the environment', async () => {
    const own = await startHarness({ yaml: `${YAML}public_url: https://own.example\n`, settings: { publicUrl: 'https://all.example' } });
    expect((await own.app.inject({ method: 'GET', url: '/qr/acme/bare.svg' })).body).toContain(
      '<title>https://own.example/t/acme/bare</title>',
    );
    await own.close();
  });
});
