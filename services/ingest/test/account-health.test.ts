import { afterEach, describe, expect, it } from 'vitest';
import { createAccountHealth } from '../src/adapters/account-health.ts';
import { FIXED_NOW, fakeVisits, IPHONE, startHarness } from './harness.ts';

const YAML = `workspace: acme
api_tokens: ["\${T:-acme-token}"]
accounts:
  one: { channel: whatsapp, provider: whatsapp, phone: "+14155550100", phone_number_id: "106540352242922", app_secret: "\${A:-a}", verify_token: "\${V:-v}" }
  two: { channel: whatsapp, provider: whatsapp, phone: "+14155550101", phone_number_id: "106540352242923", app_secret: "\${A:-a}", verify_token: "\${V:-v}" }
placements:
  ad: { kind: redirect, pool: [{ account: one }, { account: two }] }
`;

describe('what is known of an account', () => {
  function started() {
    const store = fakeVisits();
    const clock = { now: FIXED_NOW };
    const failures: string[] = [];
    const open = () => createAccountHealth(store, { now: () => clock.now, onFailure: (operation) => failures.push(operation) });
    return { store, clock, failures, open };
  }

  it('reaches other instances within two seconds, and ends by itself', async () => {
    const { clock, open } = started();
    const [here, there] = [open(), open()];
    expect(there.isWell('acme', 'one')).toBe(true);
    expect(await here.report('acme', 'one', FIXED_NOW + 60_000)).toBe('kept');
    expect(here.isWell('acme', 'one')).toBe(false);
    clock.now += 2_000;
    // The click that finds its answer too old still takes it; those after it have the new one.
    there.isWell('acme', 'one');
    await expect.poll(() => there.isWell('acme', 'one')).toBe(false);
    expect(there.isWell('acme', 'two')).toBe(true);
    expect(there.isWell('other', 'one')).toBe(true);
    expect(await there.unwellUntil('acme', 'one')).toBe(FIXED_NOW + 60_000);
    clock.now = FIXED_NOW + 60_000;
    expect([here.isWell('acme', 'one'), there.isWell('acme', 'one')]).toEqual([true, true]);
    expect(await there.unwellUntil('acme', 'one')).toBeUndefined();
  });

  it('ends when somebody says so', async () => {
    const { clock, open } = started();
    const [here, there] = [open(), open()];
    await here.report('acme', 'one', FIXED_NOW + 600_000);
    expect(await there.unwellUntil('acme', 'one')).toBe(FIXED_NOW + 600_000);
    await here.report('acme', 'one', undefined);
    clock.now += 2_000;
    there.isWell('acme', 'one');
    await expect.poll(() => there.isWell('acme', 'one')).toBe(true);
  });

  it('stays as it was while the store is away, and a report is refused', async () => {
    const { store, clock, failures, open } = started();
    const health = open();
    await health.report('acme', 'one', FIXED_NOW + 600_000);
    store.mode = 'away';
    clock.now += 5_000;
    health.isWell('acme', 'one');
    await expect.poll(() => failures).toEqual(['get']);
    expect(health.isWell('acme', 'one')).toBe(false);
    expect(await health.report('acme', 'one', undefined)).toBe('unavailable');
    expect(health.isWell('acme', 'one')).toBe(false);
  });
});

describe('PUT /v1/accounts/{workspace}/{account}/health', () => {
  let harness: Awaited<ReturnType<typeof startHarness>>;

  afterEach(async () => {
    await harness.close();
  });

  const send = (method: 'GET' | 'PUT', account: string, body?: unknown, token: string | undefined = 'acme-token', workspace = 'acme') =>
    harness.app.inject({
      method,
      url: `/v1/accounts/${workspace}/${account}/health`,
      headers: { 'content-type': 'application/json', ...(token === '' ? {} : { authorization: `Bearer ${token}` }) },
      ...(body === undefined ? {} : { payload: JSON.stringify(body) }),
    });
  const phones = async (clicks: number) => {
    const found = new Set<string>();
    for (let i = 0; i < clicks; i += 1) {
      const response = await harness.app.inject({ method: 'GET', url: '/t/acme/ad', headers: { 'user-agent': IPHONE } });
      found.add(new URL(String(response.headers.location)).pathname);
    }
    return found;
  };

  it('takes an account out of its pools and puts it back', async () => {
    harness = await startHarness({ yaml: YAML });
    expect((await phones(60)).size).toBe(2);
    const put = await send('PUT', 'one', { well: false, for: '2h' });
    expect([put.statusCode, put.json()]).toEqual([200, { well: false, until: new Date(FIXED_NOW + 7_200_000).toISOString() }]);
    expect(await phones(30)).toEqual(new Set(['/14155550101']));
    expect((await send('GET', 'one')).json()).toEqual(put.json());
    await send('PUT', 'two', { well: false });
    expect((await phones(60)).size).toBe(2);
    await send('PUT', 'two', { well: true });
    expect(await phones(30)).toEqual(new Set(['/14155550101']));
    expect((await send('PUT', 'one', { well: true })).json()).toEqual({ well: true });
    expect((await phones(60)).size).toBe(2);
  });

  it('is for holders of a token of the workspace', async () => {
    harness = await startHarness({ yaml: YAML });
    const answers = [
      await send('PUT', 'one', { well: false }, ''),
      await send('PUT', 'one', { well: false }, 'wrong'),
      await send('PUT', 'one', { well: false }, 'acme-token', 'nobody'),
      await send('PUT', 'nobody', { well: false }),
      await send('PUT', 'constructor', { well: false }),
    ];
    expect(answers.map((answer) => [answer.statusCode, answer.json().error])).toEqual([
      [401, 'unauthorized'],
      [403, 'forbidden'],
      [403, 'forbidden'],
      [404, 'unknown_account'],
      [404, 'unknown_account'],
    ]);
    expect((await phones(60)).size).toBe(2);
  });

  it('says what is wrong with a body, and when nothing could be kept', async () => {
    harness = await startHarness({ yaml: YAML });
    const bad = await send('PUT', 'one', { well: 'no', for: '8d' });
    expect([bad.statusCode, bad.json().problems]).toEqual([
      400,
      [
        { path: 'well', message: 'must be true or false' },
        { path: 'for', message: 'must be a duration of 1m to 7d, such as 30m, 2h or 1d' },
      ],
    ]);
    expect((await send('PUT', 'one', [])).statusCode).toBe(400);
    harness.visits.mode = 'away';
    const away = await send('PUT', 'one', { well: false });
    expect([away.statusCode, away.json().error, away.headers['retry-after']]).toEqual([503, 'store_away', '5']);
  });
});
