import { parseWorkspace } from '@messtrack/workspace/parse.ts';
import fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import { IPHONE, startHarness } from './harness.ts';

const ACCOUNTS = `workspace: acme
accounts:
  wa: { channel: whatsapp, provider: whatsapp, phone: "+14155550100", phone_number_id: "106540352242922", app_secret: "\${A:-a}", verify_token: "\${V:-v}" }
  tg: { channel: telegram, provider: telegram, username: acme_bot, secret_token: "\${S:-s}" }
`;
const INSTAGRAM =
  'Mozilla/5.0 (Linux; Android 13; SM-A536B Build/TP1A; wv) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Chrome/120.0 Mobile Safari/537.36 Instagram 312.1.0.34.111 Android';

/** What people have tried against redirectors: other hosts, schemes, line ends, markup, percent-encoding of each. */
const HOSTILE = fc.constantFrom(
  'https://evil.example/',
  '//evil.example',
  '\\\\evil.example',
  '/\\evil.example',
  'javascript:alert(1)',
  'data:text/html,<script>alert(1)</script>',
  '@evil.example/',
  '?url=https://evil.example',
  '#@evil.example',
  '&text=https://evil.example&phone=666',
  '\r\nLocation: https://evil.example',
  '\r\nSet-Cookie: a=b',
  '%0d%0aLocation:%20https://evil.example',
  '"><script>alert(1)</script>',
  "';alert(1)//",
  ';S.browser_fallback_url=https://evil.example;end',
  '#Intent;scheme=evil;end',
  '{code}',
  '$&',
  '\u202egnp.exe',
  '\ud83d\ude00',
);
const text = fc
  .array(fc.oneof(HOSTILE, fc.string({ unit: 'grapheme', maxLength: 8 })), { minLength: 1, maxLength: 4 })
  .map((parts) => parts.join(''));

let harness: Awaited<ReturnType<typeof startHarness>> | undefined;

afterEach(async () => {
  await harness?.close();
});

function isOurs(link: string): boolean {
  const url = new URL(link);
  if (url.protocol !== 'https:' || url.username !== '' || url.password !== '' || url.port !== '' || url.hash !== '') return false;
  if (url.host === 'wa.me') return url.pathname === '/14155550100' && [...url.searchParams.keys()].join() === 'text';
  if (url.host === 'api.whatsapp.com') return url.pathname === '/send' && url.searchParams.getAll('phone').join() === '14155550100';
  return url.host === 't.me' && url.pathname === '/acme_bot' && /^\?start=[A-Za-z0-9_-]{1,64}$/.test(url.search);
}

describe('placeholders that nobody filled in', () => {
  it('are no values; filled in or partly filled in they are', async () => {
    harness = await startHarness();
    const query =
      'utm_source={{site_source_name}}&utm_campaign={campaignid}&utm_content=__CID__&utm_term={{a}}-7&rb_clickid={{clickid}}&gclid=x';
    await harness.app.inject({ method: 'GET', url: `/t/acme/ad?${query}`, headers: { 'user-agent': IPHONE } });
    // utm_source is what the placement is configured with.
    expect(harness.clicks()[0]?.source).toMatchObject({
      utmSource: 'ads',
      utmCampaign: '',
      utmContent: '',
      utmTerm: '{{a}}-7',
      clickIds: { gclid: 'x' },
    });
  });
});

describe('a redirect leads to an account of the workspace and nowhere else', () => {
  it('whatever the greetings, templates and short names a placement is written with', async () => {
    const placement = fc.record({ greeting: text, before: text, after: text }).filter(({ greeting, before, after }) => {
      const template = `${before}{greeting}{code}${after}`;
      return (
        greeting === greeting.trim() &&
        greeting.length <= 500 &&
        template.length <= 200 &&
        template.split('{code}').length === 2 &&
        template.split('{greeting}').length === 2
      );
    });
    await fc.assert(
      fc.asyncProperty(placement, async ({ greeting, before, after }) => {
        const yaml = `${ACCOUNTS}placements:
  p: { kind: redirect, account: wa, vanity: [short], greetings: [${JSON.stringify(greeting)}], code_template: ${JSON.stringify(`${before}{greeting}{code}${after}`)} }
`;
        // What the file may not hold is refused before it can lead anywhere.
        fc.pre(!('problems' in parseWorkspace(yaml, { file: 'test.yaml', env: {}, readFile: () => '' })));
        const own = await startHarness({ yaml });
        try {
          for (const url of ['/t/acme/p', '/go/SHORT']) {
            const response = await own.app.inject({ method: 'GET', url, headers: { 'user-agent': IPHONE } });
            expect(response.statusCode).toBe(302);
            expect(isOurs(String(response.headers.location))).toBe(true);
            expect(response.headers['set-cookie']).toBeUndefined();
          }
          const page = await own.app.inject({ method: 'GET', url: '/t/acme/p', headers: { 'user-agent': INSTAGRAM } });
          const hrefs = [...page.body.matchAll(/href="([^"]*)"/g)].map(([, href]) =>
            href!.replaceAll('&amp;', '&').replaceAll('&#39;', "'"),
          );
          expect(hrefs).toHaveLength(2);
          const intent = /^intent:\/\/send\?phone=14155550100&text=[^#;]*#Intent;scheme=whatsapp;S\.browser_fallback_url=([^;]*);end$/.exec(
            hrefs[0]!,
          );
          expect(isOurs(decodeURIComponent(intent![1]!))).toBe(true);
          expect(isOurs(hrefs[1]!)).toBe(true);
          expect(page.body).not.toContain('<script');
        } finally {
          await own.close();
        }
      }),
      { numRuns: 60 },
    );
  });

  it('whatever the query, the path and the headers', async () => {
    harness = await startHarness({
      yaml: `${ACCOUNTS}placements:\n  wa: { kind: redirect, account: wa }\n  tg: { kind: redirect, account: tg }\n`,
    });
    const { app } = harness;
    const name = fc.constantFrom(
      'url',
      'next',
      'redirect',
      'to',
      'phone',
      'text',
      'start',
      'domain',
      'utm_source',
      'gclid',
      'host',
      'location',
    );
    const header = text.map((value) => value.replace(/[^\t\x20-\x7e\x80-\xff]/g, ''));
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom('/t/acme/wa', '/t/acme/tg'),
        fc.array(fc.tuple(name, text), { maxLength: 4 }),
        fc.dictionary(
          fc.constantFrom('host', 'x-forwarded-host', 'x-original-url', 'x-rewrite-url', 'referer', 'origin', 'forwarded'),
          header,
        ),
        fc.constantFrom(IPHONE, INSTAGRAM),
        async (path, pairs, headers, userAgent) => {
          const query = new URLSearchParams(pairs.map(([key, value]): [string, string] => [key, value.toWellFormed()]));
          const response = await app.inject({ method: 'GET', url: `${path}?${query}`, headers: { ...headers, 'user-agent': userAgent } });
          if (response.statusCode === 302) {
            expect(isOurs(String(response.headers.location))).toBe(true);
            return;
          }
          expect(response.statusCode).toBe(200);
          expect(response.body).not.toMatch(/evil|<script/);
        },
      ),
      { numRuns: 300 },
    );
    for (const path of [
      '/t/acme//evil.example',
      '/t//evil.example/wa',
      '/t/acme/..%2f..%2fwa',
      '/t/acme/wa%0d%0aLocation:x',
      '/go/..%2f',
      '/go/%2e%2e',
      '/go/constructor',
    ]) {
      const response = await app.inject({ method: 'GET', url: path, headers: { 'user-agent': IPHONE } });
      expect(response.statusCode).toBe(404);
      expect(response.headers['location']).toBeUndefined();
    }
  });
});
