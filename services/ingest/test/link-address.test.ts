import fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import { meantAddress } from '../src/domain/link-address.ts';
import { IPHONE, startHarness, WORKSPACE_YAML } from './harness.ts';

let harness: Awaited<ReturnType<typeof startHarness>> | undefined;

afterEach(async () => {
  await harness?.close();
  harness = undefined;
});

describe('the address of a link', () => {
  it('is what was meant', () => {
    const meant: Readonly<Record<string, string>> = {
      '/t/acme/ad.': '/t/acme/ad',
      '/t/acme/ad),': '/t/acme/ad',
      '/t/acme/ad%20': '/t/acme/ad',
      '/t/acme/ad%E2%80%9D?utm_source=a.': '/t/acme/ad?utm_source=a.',
      '/go/METRO!': '/go/metro',
      '/T/ACME/AD?utm_source=A': '/t/acme/ad?utm_source=A',
      '/t/acme/ad&utm_source=a&b=c': '/t/acme/ad?utm_source=a&b=c',
      '/t/acme/ad%3Futm_source%3Da%26utm_term%3Db%2520c': '/t/acme/ad?utm_source=a&utm_term=b%2520c',
      '/t/acme/ad%26utm_source=a': '/t/acme/ad?utm_source=a',
      '//t/acme/ad.#top': '//t/acme/ad#top',
    };
    for (const [target, address] of Object.entries(meant)) expect(meantAddress(target), target).toBe(address);
    for (const target of ['/t/acme/ad?a=b&c=d', '/sql?query=SELECT+1.', '/qr/acme/ad.svg', '/v1/clicks', '*', '', '/'])
      expect(meantAddress(target), target).toBe(target);
  });

  it('stays the same however often it is read, and nothing makes it throw', () => {
    const piece = fc.constantFrom('/t/', '/go/', 'ad', '.', '%20', '%3F', '%26', '%3d', '?', '&', '#', '%', '/', 'é', '”');
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
        const once = meantAddress(pieces.join(''));
        expect(meantAddress(once)).toBe(once);
      }),
    );
  });

  it('leads to the placement with its source where it is a sentence or a tool that spoiled it', async () => {
    harness = await startHarness({ yaml: WORKSPACE_YAML });
    const { app } = harness;
    const get = (url: string) => app.inject({ method: 'GET', url, headers: { 'user-agent': IPHONE } });
    expect((await get('/t/acme/ad.')).statusCode).toBe(302);
    expect((await get('/T/ACME/AD&utm_source=a&gclid=G')).statusCode).toBe(302);
    expect((await get(`/t/acme/ad%3Futm_source%3D${'a'.repeat(200)}`)).statusCode).toBe(302);
    expect(harness.clicks().map(({ source }) => source)).toMatchObject([
      { utmSource: 'ads' },
      { utmSource: 'a', clickIds: { gclid: 'G' } },
      { utmSource: 'a'.repeat(200) },
    ]);
    for (const url of ['/t/acme/ad%00', '/t/acme/ad%0d%0a', '/t/acme/a.d', '/t/acme/.', '/T/ACME/NOTHING'])
      expect((await get(url)).statusCode, url).toBe(404);
  });
});
