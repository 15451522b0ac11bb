/** Who is believed: every gateway by its own proof, nobody without it, and no secret anywhere it is not needed. */
import { createHmac } from 'node:crypto';
import { RecordTooLargeError } from '@messtrack/runtime/bus.ts';
import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { busAway, openGateway, type TestGateway } from './gateway.ts';
import {
  API_KEY,
  fixturesOf,
  GATEWAYS,
  type Gateway,
  GROUP_ID,
  gatewayWorkspace,
  HMAC_KEY,
  OTHER_TOKEN,
  TOKEN,
  VK_CONFIRMATION,
  VK_SECRET,
  webhook,
} from './gateway-accounts.ts';
import { type Posted, post } from './provider-accounts.ts';

let gateway: TestGateway;
beforeAll(async () => {
  gateway = await openGateway([gatewayWorkspace()]);
});
afterAll(async () => {
  await gateway.app.close();
  await gateway.service.close?.();
});
beforeEach(() => {
  gateway.log.clear();
  gateway.log.failures.length = 0;
});

/** A message that becomes one touchpoint. */
function message(of: Gateway): unknown {
  return (
    fixturesOf(of).find(({ name }) => name.startsWith('a text'))?.body ??
    fixturesOf(of).find(({ name }) => name.startsWith('several messages'))?.body
  );
}

function answer(posted: Posted) {
  return gateway.app.inject({
    method: 'POST',
    url: posted.url ?? `/hooks/${posted.provider}/acme/${posted.account}`,
    headers: posted.headers,
    payload: posted.payload,
  });
}

describe.each(GATEWAYS)('%s', (of) => {
  it('is taken with its proof', async () => {
    expect(await post(gateway, webhook(of, message(of)))).toBe(200);
    expect(gateway.log.touchpoints().length).toBeGreaterThan(0);
  });

  it.each(['wrong', 'none'] as const)('is refused with a proof that is %s, and nothing is written', async (proof) => {
    const failures = await gateway.count('messtrack_gateway_signature_failures_total', of);
    expect(await post(gateway, webhook(of, message(of), proof))).toBe(401);
    expect(gateway.log.records).toEqual([]);
    expect(await gateway.count('messtrack_gateway_signature_failures_total', of)).toBe(failures + 1);
  });

  it('is refused with the proof of every other gateway', async () => {
    for (const other of GATEWAYS) {
      if (other === of) continue;
      const right = webhook(of, message(of), 'none');
      const { headers, url = '' } = webhook(other, {});
      const query = url.includes('?') ? url.slice(url.indexOf('?')) : '';
      // Tests share one token between accounts; here it is that of nobody.
      const strange = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, value.replace(TOKEN, OTHER_TOKEN)]));
      const posted = { ...right, headers: strange, url: `${right.url}${query.replace(TOKEN, OTHER_TOKEN)}` };
      expect(await post(gateway, posted), other).toBe(401);
    }
    expect(gateway.log.records).toEqual([]);
  });

  it('answers 503 while the log is away and nothing but 200 when everything is durable', async () => {
    gateway.log.failures.push(busAway());
    expect((await answer(webhook(of, message(of)))).statusCode).toBe(503);
    expect((await answer(webhook(of, message(of)))).statusCode).toBe(200);
  });

  it('never accepts noise without a proof, and never throws with one', async () => {
    await fc.assert(
      fc.asyncProperty(noise(of), async (body) => {
        const before = gateway.log.records.length;
        // VK asks for the confirmation before there is a secret: it is answered, and nothing is written.
        expect(await post(gateway, webhook(of, body, 'none'))).toBe(of === 'vk' && isConfirmation(body) ? 200 : 401);
        expect(await post(gateway, webhook(of, body, 'wrong'))).toBe(401);
        expect(gateway.log.records.length).toBe(before);
        expect([200, 400, 401]).toContain(await post(gateway, webhook(of, body)));
      }),
      { numRuns: Number(process.env['NUM_RUNS'] ?? 60) },
    );
  });

  it('keeps its secret out of the log, the dead letters, the metrics and the answers', async () => {
    const secrets = [TOKEN, HMAC_KEY, API_KEY, VK_SECRET];
    const seen: string[] = [];
    for (const body of [message(of), deepIn(of), { ...(message(of) as object), type: 7, event: 7, object: 7, data: 7, messages: 7 }]) {
      for (const proof of ['right', 'wrong'] as const) {
        if (proof === 'right') gateway.log.failures.push(new RecordTooLargeError('too large'));
        seen.push((await answer(webhook(of, body, proof))).body);
        gateway.log.failures.length = 0;
      }
    }
    for (const { value, headers } of gateway.log.records) seen.push(Buffer.from(value ?? []).toString('utf8'), JSON.stringify(headers));
    seen.push(await gateway.registry.metrics());
    for (const secret of secrets) expect(seen.filter((text) => text.includes(secret.slice(0, -1)))).toEqual([]);
  });
});

describe('WAHA', () => {
  const body = message('waha');

  it('with a key believes the signature alone: a token in the address is no way around it', async () => {
    const { payload, url } = webhook('waha', body, 'none');
    const posted = {
      provider: 'waha',
      account: 'waha',
      payload,
      headers: { authorization: `Bearer ${HMAC_KEY}` },
      url: `${url}?token=${HMAC_KEY}`,
    };
    expect(await post(gateway, posted)).toBe(401);
  });

  it('signs the bytes: the same JSON written otherwise is refused', async () => {
    const posted = webhook('waha', body);
    const spaced = Buffer.from(JSON.stringify(JSON.parse(posted.payload.toString()), undefined, 1));
    expect(await post(gateway, { ...posted, payload: spaced })).toBe(401);
  });

  it.each([
    ['sha256', 401],
    ['SHA512', 200],
  ])('told another algorithm (%s) in the header answers %i', async (algorithm, status) => {
    const posted = webhook('waha', body);
    expect(await post(gateway, { ...posted, headers: { ...posted.headers, 'x-webhook-hmac-algorithm': algorithm } })).toBe(status);
  });

  it('does not take a SHA-256 of the right key', async () => {
    const posted = webhook('waha', body);
    const hmac = createHmac('sha256', HMAC_KEY).update(posted.payload).digest('hex');
    expect(await post(gateway, { ...posted, headers: { ...posted.headers, 'x-webhook-hmac': hmac } })).toBe(401);
  });
});

describe('a secret in the body', () => {
  const padded = (of: Gateway, bytes: number) => {
    const { payload } = webhook(of, message(of));
    return Buffer.concat([payload, Buffer.alloc(bytes - payload.length, 32)]);
  };

  it.each([
    [API_KEY, 200],
    [OTHER_TOKEN, 401],
  ])('of Evolution GO stands in another field: %s answers %i', async (instanceToken, status) => {
    const body = fixturesOf('evolution').find(({ name }) => name.startsWith('Evolution GO: words'))?.body as object;
    const payload = Buffer.from(JSON.stringify({ ...body, instanceToken }));
    expect(await post(gateway, { ...webhook('evolution', {}), payload })).toBe(status);
    expect(gateway.log.touchpoints()).toHaveLength(status === 200 ? 1 : 0);
  });

  it.each(['vk', 'evolution'] as const)('of %s is looked for in 256 kB and no further: nobody has proved anything yet', async (of) => {
    expect(await post(gateway, { ...webhook(of, message(of)), payload: padded(of, 256_000) })).toBe(200);
    expect(await post(gateway, { ...webhook(of, message(of)), payload: padded(of, 256_001) })).toBe(401);
  });

  it('needs not be looked for where a header proves the webhook', async () => {
    const posted = {
      provider: 'evolution',
      account: 'evo-2',
      payload: padded('evolution', 2_000_000),
      headers: { authorization: `Bearer ${TOKEN}` },
    };
    expect(await post(gateway, posted)).toBe(200);
  });
});

describe('tokens', () => {
  const url = '/hooks/wazzup/acme/wz-wa';
  const payload = Buffer.from('{"test":true}');

  it.each([
    ['in the address', {}, `${url}?token=${TOKEN}`, 200],
    ['given twice', {}, `${url}?token=${TOKEN}&token=${TOKEN}`, 401],
    ['in the address beside a wrong header', { authorization: 'Bearer nobody' }, `${url}?token=${TOKEN}`, 401],
    ['bare in the header', { authorization: TOKEN }, url, 200],
    ['with spaces about it', { authorization: `Bearer ${TOKEN} x` }, url, 401],
    ['empty', {}, `${url}?token=`, 401],
    ['under another name', {}, `${url}?key=${TOKEN}`, 401],
    ['in broken percent encoding', {}, `${url}?token=%`, 401],
  ])('%s', async (_, headers, address, status) => {
    expect(await post(gateway, { provider: 'wazzup', account: 'wz-wa', payload, headers, url: address })).toBe(status);
  });
});

describe('edna asks the address before it takes it', () => {
  it.each(['GET', 'HEAD'] as const)('by %s, and gets 200 for the token alone', async (method) => {
    const ask = async (account: string, query: string) =>
      (await gateway.app.inject({ method, url: `/hooks/edna/acme/${account}${query}` })).statusCode;
    const account = 'edna';
    expect([
      await ask(account, `?token=${TOKEN}`),
      await ask(account, ''),
      await ask(account, '?token=wrong'),
      await ask('nobody', `?token=${TOKEN}`),
    ]).toEqual([200, 401, 401, 404]);
    expect((await gateway.app.inject({ method, url: `/hooks/wazzup/acme/wz-wa?token=${TOKEN}` })).statusCode).toBe(405);
    expect(gateway.log.records).toEqual([]);
  });
});

describe('VK', () => {
  const confirmation = { type: 'confirmation', group_id: Number(GROUP_ID) };

  it('reads the confirmation string, with the secret and before there is one', async () => {
    for (const proof of ['right', 'none'] as const) {
      const response = await answer(webhook('vk', confirmation, proof));
      expect([response.statusCode, response.body]).toEqual([200, VK_CONFIRMATION]);
    }
    expect(gateway.log.records).toEqual([]);
  });

  it('gets it neither for another community nor with a wrong secret', async () => {
    expect((await answer(webhook('vk', confirmation, 'wrong'))).statusCode).toBe(401);
    expect((await answer(webhook('vk', { ...confirmation, group_id: 5 }, 'none'))).statusCode).toBe(401);
    expect((await answer(webhook('vk', { ...confirmation, group_id: 5 }))).body).toBe('ok');
  });

  it('is answered "ok" and nothing more, once everything is durable', async () => {
    expect((await answer(webhook('vk', message('vk')))).body).toBe('ok');
    gateway.log.failures.push(busAway());
    const away = await answer(webhook('vk', message('vk')));
    expect(away.statusCode).toBe(503);
    expect(away.body).not.toContain(VK_CONFIRMATION);
  });
});

function isConfirmation(body: unknown): boolean {
  const { type, group_id } = (typeof body === 'object' && body !== null ? body : {}) as Record<string, unknown>;
  return type === 'confirmation' && String(group_id) === GROUP_ID;
}

const POISON: readonly unknown[] = [
  null,
  true,
  -1,
  1e308,
  '',
  'x',
  '\ud800',
  [],
  {},
  [[]],
  [null],
  JSON.parse('{"__proto__":{"polluted":true}}'),
];

/** Anything; a documented payload with one field poisoned or gone; bytes that are no JSON. */
function noise(of: Gateway): fc.Arbitrary<unknown> {
  const bodies = fixturesOf(of).map(({ body }) => body);
  const poisoned = fc
    .tuple(fc.constantFrom(...bodies), fc.nat(), fc.constantFrom(...POISON, undefined))
    .map(([body, at, poison]) => poisonedAt(body, at, poison));
  return fc.oneof(
    fc.jsonValue({ depthSize: 'medium' }),
    poisoned,
    poisoned,
    fc.uint8Array({ maxLength: 64 }).map((bytes) => Buffer.from(bytes)),
  );
}

function poisonedAt(body: unknown, at: number, poison: unknown): unknown {
  const copy: unknown = structuredClone(body);
  const places: (readonly [Record<string, unknown>, string])[] = [];
  const walk = (value: unknown) => {
    if (typeof value !== 'object' || value === null) return;
    for (const key of Object.keys(value)) {
      places.push([value as Record<string, unknown>, key]);
      walk((value as Record<string, unknown>)[key]);
    }
  };
  walk(copy);
  const place = places[at % Math.max(places.length, 1)];
  if (place === undefined) return copy;
  if (poison === undefined) delete place[0][place[1]];
  else place[0][place[1]] = poison;
  return copy;
}

/** A payload nested too deeply to be written again, with the proof where the provider keeps it. */
function deepIn(of: Gateway): unknown {
  const posted = webhook(of, { ...(message(of) as object), event: 'messages.upsert', data: 'DEEP', object: 'DEEP', messages: ['DEEP'] });
  return Buffer.from(posted.payload.toString().replaceAll('"DEEP"', `${'['.repeat(20_000)}${']'.repeat(20_000)}`));
}
