import { afterEach, describe, expect, it } from 'vitest';
import { FIXED_NOW, IPHONE, startHarness, WORKSPACE_YAML } from './harness.ts';

type Harness = Awaited<ReturnType<typeof startHarness>>;
let harness: Harness;

afterEach(async () => {
  await harness.close();
});

const OWN = `${WORKSPACE_YAML}  try: { kind: redirect, account: sales-wa }
internal: { placements: [ try ], visitors: [ agent-1 ], networks: [ "203.0.113.0/24", "2001:db8::/32" ], parameter: qa }
`;

async function start(options: Parameters<typeof startHarness>[0] = {}): Promise<void> {
  harness = await startHarness({ yaml: OWN, trustProxy: ['127.0.0.1'], ...options });
}

function get(url: string, ip = '198.51.100.7', headers: Record<string, string> = {}) {
  return harness.app.inject({ method: 'GET', url, headers: { 'user-agent': IPHONE, 'x-forwarded-for': ip, ...headers } });
}

function beacon(part: Record<string, unknown>) {
  const click = { workspace: 'acme', placement: 'button', click_id: 'c1', code: '', time: FIXED_NOW, ...part };
  return harness.app.inject({
    method: 'POST',
    url: '/v1/clicks',
    headers: { 'user-agent': IPHONE, 'x-forwarded-for': '198.51.100.7', 'content-type': 'application/json' },
    payload: JSON.stringify(click),
  });
}

describe('a click of the workspace itself', () => {
  it.each([
    ['placement', '/t/acme/try', undefined],
    ['parameter', '/t/acme/ad?utm_source=x&qa', undefined],
    ['parameter', '/t/acme/ad?QA=0', undefined],
    ['network', '/t/acme/ad', '203.0.113.9'],
    ['network', '/t/acme/ad', '2001:db8:7::1'],
    ['network', '/t/acme/ad', '::ffff:203.0.113.9'],
  ])('is marked for its %s: %s', async (reason, url, ip) => {
    await start();
    expect((await get(url, ip)).statusCode).toBe(302);
    expect(harness.clicks()).toMatchObject([{ internal: true, internalReason: reason }]);
    expect(await harness.registry.getSingleMetricAsString('messtrack_ingest_internal_clicks_total')).toContain(`{reason="${reason}"} 1`);
  });

  it('is anybody’s without such a sign', async () => {
    await start();
    await get('/t/acme/ad?qat=1&utm_campaign=qa', '203.0.114.9');
    expect(harness.clicks()).toMatchObject([{ internal: false, internalReason: '' }]);
  });

  it('is marked on beacons by visitor and network', async () => {
    await start();
    const { code } = await codeOf();
    expect((await beacon({ code, visitor_id: 'agent-1' })).statusCode).toBe(202);
    expect((await beacon({ code, click_id: 'c2', visitor_id: 'somebody' })).statusCode).toBe(202);
    expect(harness.clicks().slice(1)).toMatchObject([
      { clickId: 'c1', internal: true, internalReason: 'visitor' },
      { clickId: 'c2', internal: false, internalReason: '' },
    ]);
  });

  async function codeOf() {
    await get('/t/acme/ad');
    return harness.clicks()[0]!;
  }
});

describe('what the request shows', () => {
  it('goes with the click: kind of network, score and signs', async () => {
    await start({ networks: { kindOf: (ip) => (ip === '198.51.100.7' ? 'hosting' : Promise.resolve('mobile')) } });
    await get('/t/acme/ad');
    await get('/t/acme/ad', '192.0.2.1', { accept: 'text/html', 'accept-language': 'de', 'accept-encoding': 'gzip' });
    await get('/t/acme/ad', '192.0.2.1', { 'user-agent': 'python-requests/2.31' });
    expect(harness.clicks()).toMatchObject([
      { network: 3, botScore: 0.86, botSigns: ['no_language', 'no_encoding', 'any_accept', 'data_centre'], bot: undefined },
      { network: 2, botScore: 0, botSigns: [] },
      { network: 2, botScore: 1, bot: { isBot: true, reason: 'user_agent' } },
    ]);
    expect(harness.clicks()[2]!.botSigns[0]).toBe('known_program');
  });

  it('counts a flood, and serves it all the same', async () => {
    await start();
    const asBrowser = { accept: 'text/html', 'accept-language': 'de', 'accept-encoding': 'gzip' };
    for (let index = 0; index < 20; index += 1) expect((await get('/t/acme/ad', '192.0.2.1', asBrowser)).statusCode).toBe(302);
    await get('/t/acme/ad', '192.0.2.2', asBrowser);
    expect(harness.clicks().map(({ botScore }) => botScore)).toEqual([
      ...new Array<number>(4).fill(0),
      ...new Array<number>(11).fill(0.4),
      ...new Array<number>(5).fill(0.9),
      0,
    ]);
  });

  it('counts nobody by the address of a proxy that hides them all', async () => {
    await start();
    const asBrowser = { accept: 'text/html', 'accept-language': 'de', 'accept-encoding': 'gzip' };
    for (let index = 0; index < 20; index += 1) await get('/t/acme/ad', '10.0.0.5', asBrowser);
    expect(harness.clicks().map(({ botScore }) => botScore)).toEqual(new Array<number>(20).fill(0));
  });

  it('takes a visitor who changes address with every click for one', async () => {
    await start();
    await get('/t/acme/ad');
    const { code } = harness.clicks()[0]!;
    for (let index = 0; index < 6; index += 1) {
      await harness.app.inject({
        method: 'POST',
        url: '/v1/clicks',
        headers: {
          'user-agent': `${IPHONE} ${index}`,
          'x-forwarded-for': `192.0.2.${index}`,
          'content-type': 'application/json',
          'accept-language': 'de',
          'accept-encoding': 'gzip',
        },
        payload: JSON.stringify({ workspace: 'acme', placement: 'button', click_id: `c${index}`, code, visitor_id: 'v1' }),
      });
    }
    expect(
      harness
        .clicks()
        .slice(1)
        .map(({ botSigns }) => botSigns),
    ).toEqual([[], [], [], [], ['burst'], ['burst']]);
  });

  it('takes a list of clicks that failed before for one request, however long', async () => {
    await start();
    await get('/t/acme/ad');
    const { code } = harness.clicks()[0]!;
    const list = Array.from({ length: 40 }, (_, index) => ({ workspace: 'acme', placement: 'button', click_id: `c${index}`, code }));
    const answer = await harness.app.inject({
      method: 'POST',
      url: '/v1/clicks',
      headers: {
        'user-agent': IPHONE,
        'x-forwarded-for': '192.0.2.9',
        'content-type': 'application/json',
        'accept-language': 'de',
        'accept-encoding': 'gzip',
      },
      payload: JSON.stringify(list),
    });
    expect(answer.statusCode).toBe(202);
    expect(
      harness
        .clicks()
        .slice(1)
        .map(({ botScore }) => botScore),
    ).toEqual(new Array<number>(40).fill(0));
  });
});
