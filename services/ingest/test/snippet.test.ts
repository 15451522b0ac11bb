import { runInNewContext } from 'node:vm';
import { gunzipSync } from 'node:zlib';
import type { SnippetSettings } from '@messtrack/snippet/settings.ts';
import { afterEach, describe, expect, it } from 'vitest';
import { readAnalyticsIds } from '../src/domain/analytics-ids.ts';
import { startHarness, visitsOf } from './harness.ts';

const YAML = `
workspace: acme
accounts:
  one: { channel: whatsapp, provider: whatsapp, phone: "+14155550100", phone_number_id: "106540352242922", app_secret: "\${A:-secret-a}", verify_token: "\${V:-v}" }
  two: { channel: whatsapp, provider: whatsapp, phone: "+14155550101", phone_number_id: "106540352242923", app_secret: "\${A:-secret-a}", verify_token: "\${V:-v}" }
  bot: { channel: telegram, provider: telegram, username: acme_bot, secret_token: "\${S:-s}" }
placements:
  button: { kind: site, account: one, greetings: ["Hello, & welcome?", "Привет </script>"], origins: ["https://acme.example"] }
  quiet: { kind: site, account: two, carrier: invisible, greetings: ["Hello there, a question"], origins: ["https://acme.example"] }
  merry: { kind: site, account: two, carrier: [emoji, visible], greetings: ["Hello there"], origins: ["https://acme.example"] }
  pool: { kind: site, pool: [{ account: one }, { account: two, weight: 3 }], origins: ["https://acme.example"] }
  chat: { kind: site, account: bot, origins: ["https://acme.example"] }
  ad: { kind: redirect, account: one, source: { utm_source: ads } }
snippet: { consent: assumed }
`;

let harness: Awaited<ReturnType<typeof startHarness>>;
afterEach(async () => {
  await harness?.close();
});

const get = (url: string, headers: Record<string, string> = {}) => harness.app.inject({ method: 'GET', url, headers });

const FOR_EVERY_PAGE = {
  'content-type': 'text/javascript; charset=utf-8',
  'access-control-allow-origin': '*',
  'cross-origin-resource-policy': 'cross-origin',
};

/** The settings behind the script, as a page gets them. */
function settingsOf(script: string): SnippetSettings {
  const given = script.slice(script.lastIndexOf(')("') + 2, script.lastIndexOf(')'));
  return JSON.parse(runInNewContext(`JSON.stringify([${given}].slice(0, 4))`));
}

describe('GET /s/{workspace}.js', () => {
  it('is a script for every origin that caches keep and ask for again by its tag', async () => {
    harness = await startHarness({ yaml: YAML });
    const plain = await get('/s/acme.js');
    expect(plain.statusCode).toBe(200);
    expect(plain.headers).toMatchObject({
      ...FOR_EVERY_PAGE,
      // With a pool in it: who is well changes sooner than words do.
      'cache-control': 'public, max-age=60, stale-while-revalidate=600, stale-if-error=604800',
      'x-content-type-options': 'nosniff',
      vary: 'Accept-Encoding',
    });
    const tag = String(plain.headers.etag);
    expect((await get('/s/acme.js', { 'if-none-match': `"other", W/${tag}` })).statusCode).toBe(304);
    expect((await get('/s/acme.js', { 'if-none-match': '"other"' })).statusCode).toBe(200);
    expect((await harness.app.inject({ method: 'HEAD', url: '/s/acme.js' })).statusCode).toBe(200);

    const zipped = await get('/s/acme.js', { 'accept-encoding': 'br;q=1.0, gzip;q=0.8, *;q=0.1' });
    expect(zipped.headers['content-encoding']).toBe('gzip');
    expect(zipped.headers.etag).not.toBe(tag);
    expect(gunzipSync(zipped.rawPayload).toString()).toBe(plain.body);
    expect((await get('/s/acme.js', { 'accept-encoding': 'gzip;q=0' })).headers['content-encoding']).toBeUndefined();
  });

  it('says that there is no such workspace instead of caching nothing for long', async () => {
    harness = await startHarness({ yaml: YAML });
    for (const path of ['/s/other.js', '/s/acme', '/s/acme.json', '/s/.js', `/s/${'a'.repeat(100)}.js`]) {
      const answer = await get(path);
      expect(answer.statusCode, path).toBe(404);
      expect(answer.json(), path).toMatchObject({ error: 'unknown_workspace' });
      expect(answer.headers['cache-control'], path).toBe('public, max-age=30');
    }
  });

  it('stays below 5 KB with its settings for a workspace of the usual size', async () => {
    harness = await startHarness();
    const { rawPayload, headers } = await get('/s/acme.js', { 'accept-encoding': 'gzip' });
    expect(headers['cache-control']).toBe('public, max-age=300, stale-while-revalidate=86400, stale-if-error=604800');
    expect(rawPayload.length).toBeLessThanOrEqual(5 * 1024);
  });

  it('stays below 5 KB with 64 greetings put together from phrases', async () => {
    const yaml = `
workspace: acme
accounts:
  sales-wa: { channel: whatsapp, provider: whatsapp, phone: "+14155550100", phone_number_id: "106540352242922", app_secret: "\${A:-secret-a}", verify_token: "\${V:-v}" }
greeting_parts:
  - ["Hello!", "Good afternoon!", "Hi there,", "Greetings,"]
  - ["I have seen your offer and", "I would like to know more, so", "a friend told me about you and", "your page looks interesting, so"]
  - ["could you tell me about prices", "please send me the details", "what are the next steps here", "I want to book an appointment"]
  - ["for this week?", "when you have time.", "as soon as possible, please.", "in the coming days."]
placements:
  site-button: { kind: site, account: sales-wa, origins: ["https://acme.example", "https://www.acme.example"] }
`;
    harness = await startHarness({ yaml });
    const { rawPayload } = await get('/s/acme.js', { 'accept-encoding': 'gzip' });
    expect(settingsOf(gunzipSync(rawPayload).toString())[1][0]?.values).toHaveLength(25);
    expect(rawPayload.length).toBeLessThanOrEqual(5 * 1024);
  });

  it('stays below 5 KB with several placements, by fewer greetings of each', async () => {
    const wa = (name: string, last: number) =>
      `  ${name}: { channel: whatsapp, provider: whatsapp, phone: "+1415555010${last}", phone_number_id: "10654035224292${last}", app_secret: "\${A:-secret-a}", verify_token: "\${V:-v}" }`;
    const yaml = `
workspace: acme
accounts:
${wa('north', 1)}
${wa('south', 2)}
greeting_parts:
  - ["Hello!", "Good afternoon!", "Hi there,", "Greetings,"]
  - ["I have seen your offer and", "I would like to know more, so", "a friend told me about you and", "your page looks interesting, so"]
  - ["could you tell me about prices", "please send me the details", "what are the next steps here", "I want to book an appointment"]
  - ["for this week?", "when you have time.", "as soon as possible, please.", "in the coming days."]
origins: ["https://acme.example", "https://www.acme.example"]
placements:
  header: { kind: site, account: north }
  product: { kind: site, account: north, code_template: "{greeting} (request {code})" }
  cart: { kind: site, account: south }
  footer: { kind: site, account: south, code_template: "{greeting} (no. {code})" }
`;
    harness = await startHarness({ yaml });
    const { rawPayload } = await get('/s/acme.js', { 'accept-encoding': 'gzip' });
    const counts = settingsOf(gunzipSync(rawPayload).toString())[1].map(({ values }) => values.length - 1);
    expect(rawPayload.length).toBeLessThanOrEqual(5 * 1024);
    expect(new Set(counts).size).toBe(1);
    expect(counts[0]).toBeGreaterThanOrEqual(4);
    expect(counts[0]).toBeLessThan(24);
  });

  it('holds placements of sites with marks where the code stands, and nothing that a page must not know', async () => {
    harness = await startHarness({ yaml: YAML });
    const { body } = await get('/s/acme.js');
    const [workspace, placements, forms, isStoring] = settingsOf(body);
    expect([workspace, isStoring]).toEqual(['acme', 1]);
    expect(placements.map(({ name, account, to, parameter, values }) => ({ name, account, to, parameter, values }))).toEqual([
      {
        name: 'button',
        account: undefined,
        to: 'wa.me:14155550100',
        parameter: undefined,
        values: ['Hello, & welcome? (request no. \ue001)', 'Привет </script> (request no. \ue001)', '\ue005 (request no. \ue001)'],
      },
      {
        name: 'quiet',
        account: undefined,
        to: 'wa.me:14155550101',
        parameter: undefined,
        values: ['Hello\ue003 there, a\ue003 question', expect.any(String)],
      },
      {
        name: 'merry',
        account: undefined,
        to: 'wa.me:14155550101',
        parameter: undefined,
        values: [expect.stringContaining('\ue001 \ue002'), expect.any(String)],
      },
      { name: 'pool', account: 'one', to: 'wa.me:14155550100', parameter: undefined, values: expect.any(Array) },
      { name: 'pool', account: 'two', to: 'wa.me:14155550101', parameter: undefined, values: expect.any(Array) },
      { name: 'chat', account: undefined, to: 't.me:acme_bot', parameter: 'start', values: ['\ue004_chat'] },
    ]);
    expect(placements.find(({ name }) => name === 'merry')?.base).toBe('https://api.whatsapp.com/send?phone=14155550101');
    expect(Object.values(forms).map(([, , higher, lower]) => higher.length * lower.length)).toEqual([32, 36]);
    expect(body).not.toMatch(/secret-a|106540352242922|<\/script>/);
  });
});

describe('pools in the script', () => {
  it('leave out who is unwell as soon as it is known, by another tag, and forget nothing else', async () => {
    harness = await startHarness({ yaml: YAML.replace('workspace: acme', `workspace: acme\napi_tokens: ["\${T:-acme-token}"]`) });
    const members = async () => {
      const { headers, body } = await get('/s/acme.js');
      const [, placements] = settingsOf(body);
      const pool = placements.filter(({ name }) => name === 'pool').map(({ account, weight, open }) => ({ account, weight, open }));
      return { tag: headers.etag, pool, rest: placements.filter(({ name }) => name !== 'pool') };
    };
    const before = await members();
    expect(before.pool).toEqual([
      { account: 'one', weight: 1, open: undefined },
      { account: 'two', weight: 3, open: undefined },
    ]);
    const report = (body: object) =>
      harness.app.inject({
        method: 'PUT',
        url: '/v1/accounts/acme/one/health',
        headers: { authorization: 'Bearer acme-token' },
        payload: body,
      });
    expect((await report({ well: false })).statusCode).toBe(200);
    const unwell = await members();
    expect(unwell.pool).toEqual([
      { account: 'one', weight: 0, open: [] },
      { account: 'two', weight: 3, open: undefined },
    ]);
    expect(unwell.tag).not.toBe(before.tag);
    expect((await report({ well: true })).statusCode).toBe(200);
    expect(await members()).toEqual(before);
    expect(unwell.rest).toEqual(before.rest);
  });
});

describe('GET /s/{workspace}/widget.js', () => {
  it('is the dialog of a workspace that has one, as a module for every origin, and says where there is none', async () => {
    harness = await startHarness({
      yaml: YAML.replace('{ consent: assumed }', '{ widget: { accent: "#ffd60a", business: "A </script>" } }'),
    });
    const answer = await get('/s/acme/widget.js', { 'accept-encoding': 'gzip' });
    expect(answer.statusCode).toBe(200);
    expect(answer.headers).toMatchObject({
      ...FOR_EVERY_PAGE,
      'cache-control': 'public, max-age=300, stale-while-revalidate=86400, stale-if-error=604800',
      'content-encoding': 'gzip',
    });
    const text = gunzipSync(answer.rawPayload).toString();
    expect(text).toMatch(/^\/\*![^*]*Paul Miller[^*]*Permission is hereby granted[^*]*\*\/\nexport default /);
    expect(text).toContain('"accent":"#ffd60a","onAccent":"#000000"');
    expect(text).not.toMatch(/secret-a|<\/script>/);
    expect((await get('/s/acme/widget.js', { 'if-none-match': String(answer.headers.etag), 'accept-encoding': 'gzip' })).statusCode).toBe(
      304,
    );
    const [, placements] = settingsOf((await get('/s/acme.js')).body);
    expect(placements.every(({ widget }) => widget === true)).toBe(true);
    expect((await get('/s/other/widget.js')).json()).toMatchObject({ error: 'unknown_workspace' });
    await harness.close();

    harness = await startHarness({ yaml: YAML });
    const none = await get('/s/acme/widget.js');
    expect([none.statusCode, none.json().error, none.headers['cache-control']]).toEqual([404, 'no_widget', 'public, max-age=30']);
    expect(settingsOf((await get('/s/acme.js')).body)[1].some(({ widget }) => widget)).toBe(false);
  });
});

describe('what the snippet sends', () => {
  it('is read like the address it came from: pairs of the query, and cookies of analytics', async () => {
    harness = await startHarness();
    const answer = await harness.app.inject({
      method: 'POST',
      url: '/v1/visits',
      headers: { origin: 'https://acme.example', 'content-type': 'text/plain' },
      payload: JSON.stringify({
        workspace: 'acme',
        visit_id: 'v1',
        visitor_id: 'b1',
        query: 'utm_source=google&UTM_Campaign=spring%20sale',
        ad_query: 'gclid=Cj0K-Q_x&unknown_clid=1',
        referrer: 'https://www.google.com/search',
        first_touch: { query: 'utm_source=first' },
        last_touch: { ad_query: 'yclid=7' },
        cookies: '_ga=GA1.1.12.34; _fbp=fb.1.1746600000000.9',
        ads: false,
      }),
    });
    expect(answer.statusCode).toBe(202);
    expect(visitsOf(harness.producer.sent)).toMatchObject([
      {
        source: { utmSource: 'google', utmCampaign: 'spring sale', clickIds: { gclid: 'Cj0K-Q_x' }, referrerHost: 'www.google.com' },
        firstTouch: { utmSource: 'first' },
        lastTouch: { clickIds: { yclid: '7' } },
        analyticsIds: { ga_client_id: '12.34', fbp: 'fb.1.1746600000000.9' },
        consent: { analytics_storage: 'granted', ad_storage: 'denied' },
      },
    ]);
  });

  it('can be read by the page whatever the answer is', async () => {
    harness = await startHarness();
    const origin = 'https://acme.example';
    const post = (payload: string) =>
      harness.app.inject({ method: 'POST', url: '/v1/clicks', headers: { origin, 'content-type': 'text/plain' }, payload });
    for (const [payload, status] of [
      ['{', 400],
      ['{}', 400],
      [`"${'x'.repeat(20_000)}"`, 413],
    ] as const) {
      const answer = await post(payload);
      expect(answer.statusCode).toBe(status);
      expect(answer.headers['access-control-allow-origin']).toBe(origin);
    }
  });
});

describe('ids of analytics in cookies', () => {
  it('are those of GA in both of its formats, of Metrica and of Meta; anything else is left out', () => {
    expect(
      readAnalyticsIds(
        '_ga=GA1.2.1234567890.1746600000; _ga_ABC=GS2.1.s1746600001$o3$g1$t1746600123$j60$l0$h0; _ym_uid=1746600000123456789',
      ),
    ).toEqual({
      ga_client_id: '1234567890.1746600000',
      ga_session_id: '1746600001',
      ym_client_id: '1746600000123456789',
    });
    expect(readAnalyticsIds('_ga_ABC=GS1.1.1746600002.3.1.1746600123.60.0.0; _ga_DEF=GS1.1.9.1')).toEqual({ ga_session_id: '1746600002' });
    expect(readAnalyticsIds('_fbp=fb.1.1746600000000.987; _fbc=fb.1.1746600000000.IwAR_x-Y')).toEqual({
      fbp: 'fb.1.1746600000000.987',
      fbc: 'fb.1.1746600000000.IwAR_x-Y',
    });
    expect(readAnalyticsIds(`_ga=hello; _ym_uid=<b>; _fbp=${'fb.1.1.'.padEnd(300, '9')}; session=secret; __ga=GA1.1.1.1; `)).toEqual({});
  });
});
